// What linear algebra needs beside the routines of libraries, for matrices that lie one after the other.
namespace tensh {

// Rows of matrices of `n` rows exchanged as `count` pivots say, first to last, or back: a thread does a column.
template <typename S>
__device__ void exchange(S* b, const int32_t* pivots, uint64_t total, int64_t n, int64_t count, int64_t columns, int64_t down,
                         int64_t right, bool back) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= total) return;
    const int64_t batch = int64_t(i / uint64_t(columns));
    b += batch * n * columns + int64_t(i % uint64_t(columns)) * right;
    pivots += batch * count;
    for (int64_t s = 0; s < count; s++) {
        const int64_t k = back ? count - 1 - s : s;
        // Those of scripts may be anything.
        const int64_t pivot = pivots[k] - 1, at = pivot < 0 ? 0 : pivot >= n ? n - 1 : pivot;
        if (at == k) continue;
        const S x = b[k * down];
        b[k * down] = b[at * down];
        b[at * down] = x;
    }
}

template <typename S>
__device__ void identity(S* a, uint64_t total, int64_t rows, int64_t columns) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i < total) a[i] = i % uint64_t(columns) == i / uint64_t(columns) % uint64_t(rows) ? S(1) : S(0);
}

// Eigenvectors of real matrices, from real columns: those of a pair of conjugate values are one column plus and minus i times the next.
template <typename F>
__device__ void eigenvectors(const complex<F>* values, const F* v, complex<F>* out, uint64_t total, uint64_t n) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= total) return;
    const uint64_t column = i / n;
    const F turn = values[column].im;
    if (turn == F(0) || turn != turn) {
        out[i] = complex<F>(v[i], F(0));
    } else {
        // The first of the pair turns to the left.
        const uint64_t re = turn > F(0) ? i : i - n;
        out[i] = complex<F>(v[re], turn > F(0) ? v[re + n] : -v[re + n]);
    }
}

template <typename F>
__device__ __forceinline__ F unit_of(F x, F size) {
    return size == F(0) || x != x ? F(0) : x < F(0) ? F(-1) : F(1);
}
template <typename F>
__device__ __forceinline__ complex<F> unit_of(complex<F> x, F size) {
    return size == F(0) ? complex<F>(F(0)) : complex<F>(x.re / size, x.im / size);
}
template <typename F>
__device__ __forceinline__ F modulus(F x) {
    return abs(x);
}
template <typename F>
__device__ __forceinline__ F modulus(complex<F> x) {
    return hypot(x.re, x.im);
}

// The product of the diagonal, with a sign for each exchange of rows; or the product of the signs and the sum of the logarithms.
template <typename S, typename F>
__device__ void determinants(const S* a, const int32_t* pivots, S* product, F* logs, uint64_t count, int64_t n) {
    const uint64_t batch = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (batch >= count) return;
    bool odd = false;
    for (int64_t k = 0; k < n; k++) odd = odd != (pivots[int64_t(batch) * n + k] != int32_t(k + 1));
    // Signs of zeros tell which side of a cut a phase is on.
    S out = S(odd && logs ? -1 : 1);
    F sum = F(0);
    for (int64_t k = 0; k < n; k++) {
        const S d = a[(int64_t(batch) * n + k) * n + k];
        if (logs) {
            const F size = modulus(d);
            out = out * unit_of(d, size);
            sum = sum + log(size);
        } else {
            out = out * d;
        }
    }
    product[batch] = odd && !logs ? -out : out;
    if (logs) logs[batch] = sum;
}

}  // namespace tensh
