// Rows brought to expectation 0 and variance 1, or, where they are not CENTRED, to a mean square of 1: mean and variance of a row, and
// the elements written by them; store.eps is added to the variance. Both are found in double precision, as on the CPU, so that equal elements have no distance from their mean.
namespace tensh {

struct Added {
    typedef double Acc;
    __device__ double join(double a, double b) const { return a + b; }
};

struct Both {
    typedef complex<double> Acc;
    __device__ Acc join(Acc a, Acc b) const { return a + b; }
};

// What elements are multiplied with.
template <typename A>
__device__ __forceinline__ A scale_of(double squares, uint64_t length, double eps) {
    return 1 / sqrt(A(squares / double(length)) + A(eps));
}

// The distance from a mean of double precision, without another number of that.
template <typename A>
struct Distance {
    A mean, rest;
    __device__ explicit Distance(double m) : mean(A(m)), rest(A(m - mean)) {}
    __device__ __forceinline__ A of(A x) const { return (x - mean) - rest; }
};

// Rows that the registers hold, ITEMS elements a thread: read once.
template <int ITEMS, bool CENTRED, typename A, typename Load, typename Store>
__device__ void norm_kept(const Load& load, const Store& store, uint64_t outer, uint64_t length, uint64_t inner, uint32_t lanes,
                          bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const bool there = at.row < outer;
    const uint32_t n = uint32_t(length);
    A x[ITEMS];
    read_kept(load, at, there, n, lanes, A(0), x);
    double mean = 0;
    if (CENTRED) {
#pragma unroll
        for (int i = 0; i < ITEMS; i++) mean += x[i];
        mean = together(Added(), mean, at, lanes) / double(n);
    }
    const Distance<A> distance(mean);
    A squares = 0;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const A far = distance.of(x[i]);
        if (kept_at<Load::PACK>(at, lanes, i) < n) squares += far * far;
    }
    const A scale = scale_of<A>(together(Added(), double(squares), at, lanes), length, store.eps), middle = A(mean);
    if (!there) return;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) x[i] = (x[i] - middle) * scale;
    write_kept<Load::PACK>(store, at, n, inner, lanes, x);
}

// Mean and spread of each part of each row. A thread takes four elements at a time.
template <bool CENTRED, typename A, typename Load>
__device__ void norm_parts(const Load& load, Spread<double>* partial, uint64_t outer, uint64_t length, uint32_t lanes, bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const Moments<A, double> op = Moments<A, double>();
    const Part part(length);
    Spread<double> a = op.none();
    if (at.row < outer) {
        const auto place = load.row(at.row);
        for (uint64_t r = part.start + at.lane; r < part.end; r += 4 * lanes) {
            A x[4];
            double sum = 0, squares = 0, count = 0;
#pragma unroll
            for (int i = 0; i < 4; i++) x[i] = r + i * lanes < part.end ? load(place, r + i * lanes) : A(0);
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sum += x[i];
                count += r + i * lanes < part.end ? 1 : 0;
            }
            const double mean = CENTRED ? sum / count : 0;
#pragma unroll
            for (int i = 0; i < 4; i++) squares += r + i * lanes < part.end ? (x[i] - mean) * (x[i] - mean) : 0;
            const Spread<double> four = {mean, squares, count};
            a = op.join(a, four);
        }
    }
    a = together(op, a, at, lanes);
    if (at.row < outer && at.lane == 0) partial[at.row * gridDim.y + blockIdx.y] = a;
}

// Rows of any length, given their parts.
template <bool CENTRED, typename A, typename Load, typename Store>
__device__ void norm_written(const Load& load, const Store& store, const Spread<double>* partial, uint64_t outer, uint64_t length,
                             uint64_t inner, uint32_t lanes, bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const Moments<A, double> op = Moments<A, double>();
    Spread<double> a = op.none();
    if (at.row < outer) {
        for (uint32_t p = at.lane; p < gridDim.y; p += lanes) a = op.join(a, partial[at.row * gridDim.y + p]);
    }
    a = together(op, a, at, lanes);
    if (at.row >= outer) return;
    const A scale = scale_of<A>(a.squares, length, store.eps), middle = A(a.mean);
    write_part<A>(load, store, at, lanes, length, inner, [=](A x) { return (x - middle) * scale; });
}

// The way back, of pairs: the gradient of what was made of an element, and the element. Where a place is given, a row's mean and what
// its elements were multiplied with are written there.
template <typename A, typename Store>
__device__ __forceinline__ void note_row(const Store& store, const Lane& at, double mean, A scale) {
    if (at.lane != 0 || !store.means) return;
    store.means[at.row] = A(mean);
    store.scales[at.row] = scale;
}

template <int ITEMS, bool CENTRED, typename A, typename Load, typename Store>
__device__ void norm_back_kept(const Load& load, const Store& store, uint64_t outer, uint64_t length, uint64_t inner, uint32_t lanes,
                               bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const bool there = at.row < outer;
    const uint32_t n = uint32_t(length);
    complex<A> x[ITEMS];
    read_kept(load, at, there, n, lanes, complex<A>(A(0)), x);
    complex<double> sums(0);
    if (CENTRED) {
        A grads = 0;
#pragma unroll
        for (int i = 0; i < ITEMS; i++) {
            grads += x[i].re;
            sums.im += x[i].im;
        }
        sums.re = grads;
        sums = together(Both(), sums, at, lanes);
    }
    const double mean = sums.im / double(n);
    const Distance<A> distance(mean);
    A squares = 0, along = 0;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        x[i].im = distance.of(x[i].im);
        if (kept_at<Load::PACK>(at, lanes, i) < n) squares += x[i].im * x[i].im;
        along += x[i].re * x[i].im;
    }
    const complex<double> spread = together(Both(), complex<double>(squares, along), at, lanes);
    if (!there) return;
    const A scale = scale_of<A>(spread.re, length, store.eps);
    const A middle = A(sums.re / double(n)), slope = A(spread.im / double(n)) * scale * scale;
    note_row(store, at, mean, scale);
    A out[ITEMS];
#pragma unroll
    for (int i = 0; i < ITEMS; i++) out[i] = scale * (x[i].re - middle - x[i].im * slope);
    write_kept<Load::PACK>(store, at, n, inner, lanes, out);
}

template <bool CENTRED, typename A, typename Load>
__device__ void norm_back_parts(const Load& load, Along<double>* partial, uint64_t outer, uint64_t length, uint32_t lanes,
                                bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const Slopes<complex<A>, double> op = Slopes<complex<A>, double>();
    const Part part(length);
    Along<double> a = op.none();
    if (at.row < outer) {
        const auto place = load.row(at.row);
        for (uint64_t r = part.start + at.lane; r < part.end; r += 4 * lanes) {
            complex<A> x[4];
            const uint64_t left = (part.end - r + lanes - 1) / lanes;
            const int count = left < 4 ? int(left) : 4;
#pragma unroll
            for (int i = 0; i < 4; i++) x[i] = i < count ? load(place, r + i * lanes) : complex<A>(A(0));
            a = op.join(a, along_of<CENTRED, double>(x, count));
        }
    }
    a = together(op, a, at, lanes);
    if (at.row < outer && at.lane == 0) partial[at.row * gridDim.y + blockIdx.y] = a;
}

template <bool CENTRED, typename A, typename Load, typename Store>
__device__ void norm_back_written(const Load& load, const Store& store, const Along<double>* partial, uint64_t outer, uint64_t length,
                                  uint64_t inner, uint32_t lanes, bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const Slopes<complex<A>, double> op = Slopes<complex<A>, double>();
    Along<double> a = op.none();
    if (at.row < outer) {
        for (uint32_t p = at.lane; p < gridDim.y; p += lanes) a = op.join(a, partial[at.row * gridDim.y + p]);
    }
    a = together(op, a, at, lanes);
    if (at.row >= outer) return;
    const A scale = scale_of<A>(a.squares, length, store.eps), mean = A(a.mean);
    const A middle = CENTRED ? A(a.grads / double(length)) : A(0), slope = A(a.along / double(length)) * scale * scale;
    if (blockIdx.y == 0) note_row(store, at, a.mean, scale);
    write_part<complex<A>>(load, store, at, lanes, length, inner,
                           [=](complex<A> x) { return scale * (x.re - middle - (x.im - mean) * slope); });
}

}  // namespace tensh
