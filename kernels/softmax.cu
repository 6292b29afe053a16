// Exponentials along rows divided by their sum, and the logarithm of that.
namespace tensh {

// What is made of rows; SAFE has zeros in a row of negative infinities.
enum Softmax { PLAIN, LOG, SAFE };

// The largest; nan is.
template <typename A>
struct Most {
    typedef A Acc;
    __device__ A join(A a, A b) const { return a > b || a != a ? a : b; }
};

template <typename A>
struct Total {
    typedef A Acc;
    __device__ A join(A a, A b) const { return a + b; }
};

// Rows that the registers hold, ITEMS elements a thread: read once.
template <int ITEMS, Softmax KIND, typename A, typename Load, typename Store>
__device__ void softmax_kept(const Load& load, const Store& store, uint64_t outer, uint64_t length, uint64_t inner, uint32_t lanes,
                             bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const bool there = at.row < outer;
    const uint32_t n = uint32_t(length);
    A x[ITEMS];
    read_kept(load, at, there, n, lanes, -infinity<A>(), x);
    A most = -infinity<A>();
#pragma unroll
    for (int i = 0; i < ITEMS; i++) most = x[i] > most || x[i] != x[i] ? x[i] : most;
    most = together(Most<A>(), most, at, lanes);
    A sum = 0;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        x[i] = x[i] - most;
        const A term = exp(x[i]);
        if (kept_at<Load::PACK>(at, lanes, i) < n) sum += term;
        if (KIND != LOG) x[i] = term;
    }
    sum = together(Total<A>(), sum, at, lanes);
    if (!there) return;
    const A shift = KIND == LOG ? log(sum) : 1 / sum;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) x[i] = KIND == LOG ? x[i] - shift : x[i] * shift;
    if (KIND == SAFE && most == -infinity<A>()) {
#pragma unroll
        for (int i = 0; i < ITEMS; i++) x[i] = 0;
    }
    write_kept<Load::PACK>(store, at, n, inner, lanes, x);
}

// A thread's share of a longer row: from `first` on, every `step`-th element, four at a time.
template <typename A, typename Load, typename Place>
__device__ Scaled<A> exponentials(const Load& load, const Place& place, uint64_t first, uint64_t end, uint64_t step) {
    Scaled<A> a = {-infinity<A>(), A(0)};
    for (uint64_t r = first; r < end; r += 4 * step) {
        A x[4], most = a.most;
#pragma unroll
        for (int i = 0; i < 4; i++) x[i] = r + i * step < end ? load(place, r + i * step) : -infinity<A>();
#pragma unroll
        for (int i = 0; i < 4; i++) most = x[i] > most || x[i] != x[i] ? x[i] : most;
        if (most == -infinity<A>()) continue;
        if (most != a.most) a.sum = a.sum == A(0) ? A(0) : a.sum * exp(a.most - most);
        a.most = most;
#pragma unroll
        for (int i = 0; i < 4; i++) a.sum += exp(x[i] - most);
    }
    return a;
}

// The largest exponent and the sum of each part of each row.
template <typename A, typename Load>
__device__ void softmax_parts(const Load& load, Scaled<A>* partial, uint64_t outer, uint64_t length, uint32_t lanes, bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const Part part(length);
    Scaled<A> a = {-infinity<A>(), A(0)};
    if (at.row < outer) a = exponentials<A>(load, load.row(at.row), part.start + at.lane, part.end, lanes);
    a = together(Exponentials<A, A>(), a, at, lanes);
    if (at.row < outer && at.lane == 0) partial[at.row * gridDim.y + blockIdx.y] = a;
}

// Rows of any length, given their parts.
template <Softmax KIND, typename A, typename Load, typename Store>
__device__ void softmax_written(const Load& load, const Store& store, const Scaled<A>* partial, uint64_t outer, uint64_t length,
                                uint64_t inner, uint32_t lanes, bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const Exponentials<A, A> op = Exponentials<A, A>();
    Scaled<A> a = op.none();
    if (at.row < outer) {
        for (uint32_t p = at.lane; p < gridDim.y; p += lanes) a = op.join(a, partial[at.row * gridDim.y + p]);
    }
    a = together(op, a, at, lanes);
    if (at.row >= outer) return;
    const A shift = KIND == LOG ? log(a.sum) : 1 / a.sum;
    const A most = a.most;
    const bool none = KIND == SAFE && most == -infinity<A>();
    write_part<A>(load, store, at, lanes, length, inner,
                  [=](A x) { return KIND == LOG ? x - most - shift : none ? A(0) : exp(x - most) * shift; });
}

// The way back, of pairs: the gradient of an element and what softmax made of it, or of its logarithm.
template <Softmax KIND, typename A>
__device__ __forceinline__ A softmax_share(complex<A> x) {
    return KIND == LOG ? x.re : x.re * x.im;
}

template <Softmax KIND, typename A>
__device__ __forceinline__ A softmax_slope(complex<A> x, A sum) {
    return KIND == LOG ? x.re - exp(x.im) * sum : x.re * x.im - x.im * sum;
}

template <int ITEMS, Softmax KIND, typename A, typename Load, typename Store>
__device__ void softmax_back_kept(const Load& load, const Store& store, uint64_t outer, uint64_t length, uint64_t inner,
                                  uint32_t lanes, bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const bool there = at.row < outer;
    const uint32_t n = uint32_t(length);
    complex<A> x[ITEMS];
    read_kept(load, at, there, n, lanes, complex<A>(A(0)), x);
    A sum = 0;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) sum += softmax_share<KIND>(x[i]);
    sum = together(Total<A>(), sum, at, lanes);
    if (!there) return;
    A out[ITEMS];
#pragma unroll
    for (int i = 0; i < ITEMS; i++) out[i] = softmax_slope<KIND>(x[i], sum);
    write_kept<Load::PACK>(store, at, n, inner, lanes, out);
}

template <Softmax KIND, typename A, typename Load>
__device__ void softmax_back_parts(const Load& load, A* partial, uint64_t outer, uint64_t length, uint32_t lanes, bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const Part part(length);
    A sum = 0;
    if (at.row < outer) {
        const auto place = load.row(at.row);
        for (uint64_t r = part.start + at.lane; r < part.end; r += 4 * lanes) {
            complex<A> x[4];
#pragma unroll
            for (int i = 0; i < 4; i++) x[i] = r + i * lanes < part.end ? load(place, r + i * lanes) : complex<A>(A(0));
#pragma unroll
            for (int i = 0; i < 4; i++) sum += softmax_share<KIND>(x[i]);
        }
    }
    sum = together(Total<A>(), sum, at, lanes);
    if (at.row < outer && at.lane == 0) partial[at.row * gridDim.y + blockIdx.y] = sum;
}

template <Softmax KIND, typename A, typename Load, typename Store>
__device__ void softmax_back_written(const Load& load, const Store& store, const A* partial, uint64_t outer, uint64_t length,
                                     uint64_t inner, uint32_t lanes, bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    A sum = 0;
    if (at.row < outer) {
        for (uint32_t p = at.lane; p < gridDim.y; p += lanes) sum += partial[at.row * gridDim.y + p];
    }
    sum = together(Total<A>(), sum, at, lanes);
    if (at.row >= outer) return;
    write_part<complex<A>>(load, store, at, lanes, length, inner, [=](complex<A> x) { return softmax_slope<KIND>(x, sum); });
}

}  // namespace tensh
