// Reductions of rows: `outer` results, each of `inner` elements that a loader gives. A row is shared out to `lanes` threads of a
// block, and where there are few rows to `parts` blocks, whose partial results a second kernel joins.
namespace tensh {

// How elements are lifted into accumulators, and accumulators joined. E: element, A: accumulator.

template <typename E, typename A>
struct Sum {
    typedef A Acc;
    __device__ A none() const { return A(0); }
    __device__ A lift(E x, uint64_t) const { return cast<A>(x); }
    __device__ A join(A a, A b) const { return a + b; }
};

// Nan counts as zero.
template <typename E, typename A>
struct NanSum {
    typedef A Acc;
    __device__ A none() const { return A(0); }
    __device__ A lift(E x, uint64_t) const { return x != x ? A(0) : cast<A>(x); }
    __device__ A join(A a, A b) const { return a + b; }
};

// The sum of numbers and how many there are, nan left out.
template <typename A>
struct Counted {
    A sum;
    int64_t count;
};

template <typename E, typename A>
struct NanMean {
    typedef Counted<A> Acc;
    __device__ Acc none() const {
        Acc a = {A(0), 0};
        return a;
    }
    __device__ Acc lift(E x, uint64_t) const {
        Acc a = {x != x ? A(0) : cast<A>(x), x == x};
        return a;
    }
    __device__ Acc join(Acc a, Acc b) const {
        Acc out = {a.sum + b.sum, a.count + b.count};
        return out;
    }
};

template <typename E, typename A>
struct Product {
    typedef A Acc;
    __device__ A none() const { return A(1); }
    __device__ A lift(E x, uint64_t) const { return cast<A>(x); }
    __device__ A join(A a, A b) const { return a * b; }
};

template <typename E, typename A>
struct Count {
    typedef A Acc;
    __device__ A none() const { return 0; }
    __device__ A lift(E x, uint64_t) const { return cast<bool>(x); }
    __device__ A join(A a, A b) const { return a + b; }
};

template <typename E, typename A>
struct Any {
    typedef A Acc;
    __device__ A none() const { return 0; }
    __device__ A lift(E x, uint64_t) const { return cast<bool>(x); }
    __device__ A join(A a, A b) const { return a | b; }
};

template <typename E, typename A>
struct All {
    typedef A Acc;
    __device__ A none() const { return 1; }
    __device__ A lift(E x, uint64_t) const { return cast<bool>(x); }
    __device__ A join(A a, A b) const { return a & b; }
};

// An element and where in its row it stands; the first of equals.
template <typename E>
struct Found {
    E value;
    int64_t at;
};

// What comes behind all numbers of a type.
template <typename E, bool LARGEST>
__device__ __forceinline__ E furthest() {
    if constexpr (E(2) == E(1)) {
        return !LARGEST;
    } else if constexpr (E(1) / E(2) != E(0)) {
        return LARGEST ? -infinity<E>() : infinity<E>();
    } else if constexpr (E(-1) < E(0)) {
        const E most = E((uint64_t(1) << (8 * sizeof(E) - 1)) - 1);
        return LARGEST ? E(-most - 1) : most;
    } else {
        return LARGEST ? E(0) : E(~uint64_t(0));
    }
}

// The largest or smallest element, wherever it is; nan before all else.
template <typename E, bool LARGEST>
struct Bound {
    typedef E Acc;
    __device__ E none() const { return furthest<E, LARGEST>(); }
    __device__ E lift(E x, uint64_t) const { return x; }
    __device__ E join(E a, E b) const { return b != b || (LARGEST ? b > a : b < a) ? b : a; }
};

template <typename E, bool LARGEST>
struct Extreme {
    typedef Found<E> Acc;
    __device__ Acc none() const {
        Acc a = {E(0), -1};
        return a;
    }
    __device__ Acc lift(E x, uint64_t at) const {
        Acc a = {x, int64_t(at)};
        return a;
    }
    // Whether a comes before b: nan before all else.
    __device__ bool before(E a, E b) const {
        if (a != a) return !(b != b);
        if (b != b) return false;
        return LARGEST ? a > b : a < b;
    }
    __device__ Acc join(Acc a, Acc b) const {
        if (a.at < 0) return b;
        if (b.at < 0) return a;
        if (before(a.value, b.value)) return a;
        if (before(b.value, a.value)) return b;
        return a.at < b.at ? a : b;
    }
};

// Mean and sum of squared distances from it, joined as Chan, Golub and LeVeque do.
template <typename A>
struct Spread {
    A mean, squares, count;
};

template <typename E, typename A>
struct Moments {
    typedef Spread<A> Acc;
    __device__ Acc none() const {
        Acc a = {A(0), A(0), A(0)};
        return a;
    }
    __device__ Acc lift(E x, uint64_t) const {
        Acc a = {cast<A>(x), A(0), A(1)};
        return a;
    }
    __device__ Acc join(Acc a, Acc b) const {
        if (a.count == A(0)) return b;
        if (b.count == A(0)) return a;
        A n = a.count + b.count, delta = b.mean - a.mean, share = b.count / n;
        Acc out = {a.mean + delta * share, a.squares + b.squares + delta * delta * a.count * share, n};
        return out;
    }
};

// Moments of pairs: those of the second numbers, the sum of the first, and that of their products with the second's distances from
// the mean.
template <typename A>
struct Along {
    A mean, squares, count, grads, along;
};

template <typename E, typename A>
struct Slopes {
    typedef Along<A> Acc;
    __device__ Acc none() const {
        Acc a = {A(0), A(0), A(0), A(0), A(0)};
        return a;
    }
    __device__ Acc lift(E x, uint64_t) const {
        Acc a = {A(x.im), A(0), A(1), A(x.re), A(0)};
        return a;
    }
    __device__ Acc join(Acc a, Acc b) const {
        if (a.count == A(0)) return b;
        if (b.count == A(0)) return a;
        A n = a.count + b.count, delta = b.mean - a.mean, share = b.count / n, near = delta * share;
        Acc out = {a.mean + near, a.squares + b.squares + delta * near * a.count, n, a.grads + b.grads,
                   a.along - a.grads * near + (b.along + b.grads * (delta - near))};
        return out;
    }
};

// The first `count` of N pairs; where they are not CENTRED their distances are from 0.
template <bool CENTRED, typename A, int N, typename E>
__device__ __forceinline__ Along<A> along_of(const E (&x)[N], int count) {
    Along<A> a = {A(0), A(0), A(count), A(0), A(0)};
    if (CENTRED) {
#pragma unroll
        for (int i = 0; i < N; i++) a.mean += i < count ? A(x[i].im) : A(0);
        a.mean = a.mean / A(count);
    }
#pragma unroll
    for (int i = 0; i < N; i++) {
        const A far = A(x[i].im) - a.mean;
        if (i >= count) continue;
        a.squares += far * far;
        a.grads += A(x[i].re);
        a.along += A(x[i].re) * far;
    }
    return a;
}

template <typename F>
__device__ __forceinline__ F magnitude(F x) {
    return abs(x);
}
template <typename F>
__device__ __forceinline__ F magnitude(complex<F> x) {
    return hypot(x.re, x.im);
}

// An accumulator with one element more.
template <typename Op, typename E>
__device__ typename Op::Acc added(const Op& op, typename Op::Acc a, E x, uint64_t at) {
    return op.join(a, op.lift(x, at));
}
// Elements come in order: of equals the first stays.
template <typename E, bool LARGEST>
__device__ Found<E> added(const Extreme<E, LARGEST>& op, Found<E> a, E x, uint64_t at) {
    const bool wins = a.at < 0 || op.before(x, a.value);
    Found<E> out = {wins ? x : a.value, wins ? int64_t(at) : a.at};
    return out;
}
// By one, as Welford does: fewer roundings than joining.
template <typename E, typename A>
__device__ Spread<A> added(const Moments<E, A>&, Spread<A> a, E x, uint64_t) {
    A value = cast<A>(x), n = a.count + A(1), delta = value - a.mean, mean = a.mean + delta / n;
    Spread<A> out = {mean, a.squares + delta * (value - mean), n};
    return out;
}

// Four accumulators with N elements more, whose places in the row `at` says.
template <int N, typename Op, typename E, typename At>
__device__ __forceinline__ void absorb(const Op& op, typename Op::Acc (&a)[4], const E (&x)[N], const At& at) {
#pragma unroll
    for (int i = 0; i < N; i++) a[i % 4] = added(op, a[i % 4], x[i], at(i));
}
// Their own mean first, so that they take a division together.
template <int N, typename E, typename A, typename At>
__device__ __forceinline__ void absorb(const Moments<E, A>& op, Spread<A> (&a)[4], const E (&x)[N], const At&) {
    A sum = 0, squares = 0;
#pragma unroll
    for (int i = 0; i < N; i++) sum += cast<A>(x[i]);
    const A mean = sum / A(N);
#pragma unroll
    for (int i = 0; i < N; i++) squares += (cast<A>(x[i]) - mean) * (cast<A>(x[i]) - mean);
    const Spread<A> all = {mean, squares, A(N)};
    a[0] = op.join(a[0], all);
}
template <int N, typename E, typename A, typename At>
__device__ __forceinline__ void absorb(const Slopes<E, A>& op, Along<A> (&a)[4], const E (&x)[N], const At&) {
    a[0] = op.join(a[0], along_of<true, A>(x, N));
}
// Small integers fit 32 bits for a while.
template <int N, typename E, typename At>
__device__ __forceinline__ void absorb(const Sum<E, int64_t>& op, int64_t (&a)[4], const E (&x)[N], const At& at) {
    if constexpr (sizeof(E) <= 2) {
        int32_t sum = 0;
#pragma unroll
        for (int i = 0; i < N; i++) sum += int32_t(x[i]);
        a[0] += sum;
    } else {
#pragma unroll
        for (int i = 0; i < N; i++) a[i % 4] = added(op, a[i % 4], x[i], at(i));
    }
}
template <int N, typename E, typename At>
__device__ __forceinline__ void absorb(const Count<E, int64_t>&, int64_t (&a)[4], const E (&x)[N], const At&) {
    int32_t count = 0;
#pragma unroll
    for (int i = 0; i < N; i++) count += cast<bool>(x[i]);
    a[0] += count;
}

// Sums of powers of magnitudes, of which the common ones are known when compiled: P is 0, 1, 2, or 3 for any.
template <typename E, typename A, int P>
struct Powers {
    typedef A Acc;
    A order;
    __device__ A none() const { return A(0); }
    __device__ A lift(E x, uint64_t) const {
        A size = cast<A>(magnitude(x));
        return P == 0 ? A(size != A(0)) : P == 1 ? size : P == 2 ? size * size : pow(size, order);
    }
    __device__ A join(A a, A b) const { return a + b; }
};

template <typename E, typename A, bool LARGEST>
struct Magnitudes {
    typedef A Acc;
    __device__ A none() const { return LARGEST ? A(0) : infinity<A>(); }
    __device__ A lift(E x, uint64_t) const { return cast<A>(magnitude(x)); }
    __device__ A join(A a, A b) const { return a != a ? a : b != b ? b : LARGEST == (a > b) ? a : b; }
};

// The sum of exponentials, kept with the largest exponent met so far.
template <typename A>
struct Scaled {
    A most, sum;
};

template <typename E, typename A>
struct Exponentials {
    typedef Scaled<A> Acc;
    __device__ Acc none() const {
        Acc a = {-infinity<A>(), A(0)};
        return a;
    }
    __device__ Acc lift(E x, uint64_t) const {
        Acc a = {cast<A>(x), A(1)};
        return a;
    }
    __device__ Acc join(Acc a, Acc b) const {
        A most = a.most != a.most || a.most > b.most ? a.most : b.most;
        if (most == -infinity<A>()) return a;
        A left = a.sum == A(0) ? A(0) : a.most == most ? a.sum : a.sum * exp(a.most - most);
        A right = b.sum == A(0) ? A(0) : b.most == most ? b.sum : b.sum * exp(b.most - most);
        Acc out = {most, left + right};
        return out;
    }
};

// N more, scaled to their own largest together.
template <int N, typename E, typename A, typename At>
__device__ __forceinline__ void absorb(const Exponentials<E, A>&, Scaled<A> (&a)[4], const E (&x)[N], const At&) {
    A most = a[0].most;
#pragma unroll
    for (int i = 0; i < N; i++) most = x[i] > most || x[i] != x[i] ? cast<A>(x[i]) : most;
    if (most == -infinity<A>()) return;
    A sum = a[0].sum == A(0) ? A(0) : a[0].most == most ? a[0].sum : a[0].sum * exp(a[0].most - most);
#pragma unroll
    for (int i = 0; i < N; i++) sum += x[i] == most ? A(1) : exp(cast<A>(x[i]) - most);
    a[0].most = most;
    a[0].sum = sum;
}

// Anything as 32-bit words.
template <typename T>
union Words {
    static constexpr uint32_t count = (sizeof(T) + 3) / 4;
    uint32_t words[count];
    T value;
    __device__ Words() : words() {}
};

// The value that another thread of the warp has.
template <typename T>
__device__ __forceinline__ T shuffle(T value, uint32_t from) {
    Words<T> own, other;
    own.value = value;
#pragma unroll
    for (uint32_t w = 0; w < Words<T>::count; w++) other.words[w] = __shfl_sync(0xffffffffu, own.words[w], from);
    return other.value;
}

template <typename T>
__device__ __forceinline__ T shuffle_xor(T value, uint32_t distance) {
    return shuffle(value, threadIdx.x % 32 ^ distance);
}

// Joins the accumulators of a row's lanes, which stand `stride` threads apart; the first lane has the result.
template <typename Op>
__device__ typename Op::Acc joined(const Op& op, typename Op::Acc a, uint32_t lane, uint32_t lanes, uint32_t stride) {
    __shared__ typename Op::Acc shared[256];
    if (lanes == 1) return a;
    // Lanes of a warp need no memory.
    const uint32_t near = stride > 1 ? 1 : lanes < 32 ? lanes : 32;
    if (lanes > near) {
        shared[threadIdx.x] = a;
        __syncthreads();
        for (uint32_t half = lanes / 2; half >= near; half /= 2) {
            if (lane < half) shared[threadIdx.x] = op.join(shared[threadIdx.x], shared[threadIdx.x + half * stride]);
            __syncthreads();
        }
        a = shared[threadIdx.x];
    }
    for (uint32_t half = near / 2; half > 0; half /= 2) {
        const typename Op::Acc b = shuffle_xor(a, half);
        a = lane & half ? op.join(b, a) : op.join(a, b);
    }
    return a;
}

// Where a thread works: which row, and which lane of it; lanes are a power of two. Neighbouring threads take neighbouring elements of a
// row, or, where rows lie side by side, of neighbouring rows.
struct Seat {
    uint64_t row;
    uint32_t lane, stride;
    __device__ Seat(uint32_t lanes, bool side_by_side) {
        const uint32_t by_lanes = __ffs(lanes) - 1, by_rows = __ffs(blockDim.x) - 1 - by_lanes, rows = 1u << by_rows;
        row = uint64_t(blockIdx.x) * rows + (side_by_side ? threadIdx.x & (rows - 1) : threadIdx.x >> by_lanes);
        lane = side_by_side ? threadIdx.x >> by_rows : threadIdx.x & (lanes - 1);
        stride = side_by_side ? rows : 1;
    }
};

// AHEAD packs of elements `step` packs apart, joined to four accumulators: as many loads are under way, before anything is written.
template <int AHEAD, typename Op, typename Load, typename Row>
__device__ __forceinline__ void take(const Op& op, const Load& load, const Row& row, typename Op::Acc (&a)[4], uint64_t r, uint64_t step) {
    constexpr int PACK = Load::PACK;
    decltype(load.packs(row, r)) x[AHEAD];
#pragma unroll
    for (int i = 0; i < AHEAD; i++) x[i] = load.packs(row, r + i * step);
    const auto at = [=](int i) { return (r + i / PACK * step) * PACK + i % PACK; };
    decltype(load(row, r)) all[AHEAD * PACK];
#pragma unroll
    for (int i = 0; i < AHEAD * PACK; i++) all[i] = load.made(load.at(row, at(i)), load.one(x[i / PACK], i % PACK));
    absorb<AHEAD * PACK>(op, a, all, at);
}

// The same, of packs up to `end`.
template <int AHEAD, typename Op, typename Load, typename Row>
__device__ __forceinline__ void take_some(const Op& op, const Load& load, const Row& row, typename Op::Acc (&a)[4], uint64_t r, uint64_t step,
                                          uint64_t end) {
    constexpr int PACK = Load::PACK;
    decltype(load.packs(row, r)) x[AHEAD];
#pragma unroll
    for (int i = 0; i < AHEAD; i++) {
        if (r + i * step < end) x[i] = load.packs(row, r + i * step);
    }
#pragma unroll
    for (int i = 0; i < AHEAD; i++) {
        if (r + i * step >= end) continue;
#pragma unroll
        for (int k = 0; k < PACK; k++) {
            const uint64_t at = (r + i * step) * PACK + k;
            typename Op::Acc& own = a[(i * PACK + k) % 4];
            own = added(op, own, load.made(load.at(row, at), load.one(x[i], k)), at);
        }
    }
}

template <int AHEAD, typename Op, typename Load, typename Finish>
__device__ void reduce_rows(const Op& op, const Load& load, const Finish& finish, uint64_t outer, uint64_t inner, uint32_t lanes,
                            bool side_by_side, typename Op::Acc* partial) {
    typedef typename Op::Acc Acc;
    const Seat seat(lanes, side_by_side);
    const uint32_t parts = gridDim.y;
    const uint64_t step = lanes, packs = inner / Load::PACK;
    const uint64_t length = parts > 1 ? (packs + parts - 1) / parts : packs, start = length * blockIdx.y;
    const uint64_t end = start + length < packs ? start + length : packs;
    Acc a[4] = {op.none(), op.none(), op.none(), op.none()};
    if (seat.row < outer) {
        const auto row = load.row(seat.row);
        uint64_t r = start + seat.lane;
        for (; r + (AHEAD - 1) * step < end; r += AHEAD * step) take<AHEAD>(op, load, row, a, r, step);
        if (AHEAD > 1 && r < end) take_some<AHEAD>(op, load, row, a, r, step, end);
        if (Load::PACK > 1 && blockIdx.y + 1 == parts) {
            for (r = packs * Load::PACK + seat.lane; r < inner; r += step) a[0] = added(op, a[0], load(row, r), r);
        }
    }
    const Acc all = joined(op, op.join(op.join(a[0], a[1]), op.join(a[2], a[3])), seat.lane, lanes, seat.stride);
    if (seat.lane != 0 || seat.row >= outer) return;
    if (parts > 1) {
        partial[seat.row * parts + blockIdx.y] = all;
    } else {
        finish(seat.row, all);
    }
}

// Joins what the blocks of each row left, in order.
template <typename Op, typename Finish>
__device__ void join_parts(const Op& op, const Finish& finish, uint64_t outer, uint32_t parts, uint32_t lanes,
                           const typename Op::Acc* partial) {
    const Seat seat(lanes, false);
    typename Op::Acc a = op.none();
    if (seat.row < outer) {
        for (uint32_t p = seat.lane; p < parts; p += lanes) a = op.join(a, partial[seat.row * parts + p]);
    }
    a = joined(op, a, seat.lane, lanes, 1);
    if (seat.lane == 0 && seat.row < outer) finish(seat.row, a);
}

}  // namespace tensh
