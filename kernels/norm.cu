// Rows brought to expectation 0 and variance 1: mean and variance of a row, and the elements written by them; store.eps is added to
// the variance. Both are found in double precision, as on the CPU, so that equal elements have no distance from their mean.
namespace tensh {

struct Added {
    typedef double Acc;
    __device__ double join(double a, double b) const { return a + b; }
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
template <int ITEMS, typename A, typename Load, typename Store>
__device__ void norm_kept(const Load& load, const Store& store, uint64_t outer, uint64_t length, uint64_t inner, uint32_t lanes,
                          bool side_by_side) {
    const Lane at(blockIdx.x, lanes, side_by_side);
    const bool there = at.row < outer;
    const uint32_t n = uint32_t(length);
    A x[ITEMS];
    read_kept(load, at, there, n, lanes, A(0), x);
    double sum = 0;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) sum += x[i];
    const double mean = together(Added(), sum, at, lanes) / double(n);
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
template <typename A, typename Load>
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
            const double mean = sum / count;
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
template <typename A, typename Load, typename Store>
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

}  // namespace tensh
