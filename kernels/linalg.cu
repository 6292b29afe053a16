// Factorizations of square matrices, row after row in memory and one after the other, in panels of at most PANEL columns; between the
// panels stand products of matrices.
namespace tensh {

const int PANEL = 32;

template <typename F>
__device__ __forceinline__ F taxicab(F x) {
    return abs(x);
}
template <typename F>
__device__ __forceinline__ F taxicab(complex<F> x) {
    return abs(x.re) + abs(x.im);
}
template <typename F>
__device__ __forceinline__ F real_part(F x) {
    return x;
}
template <typename F>
__device__ __forceinline__ F real_part(complex<F> x) {
    return x.re;
}

// Columns first.. of so many of a matrix with partial pivoting: a block does one matrix. Rows are exchanged whole.
template <typename S, typename F>
__device__ void lu_panel(S* a, int32_t* pivots, int32_t* info, int64_t n, int64_t first, int64_t count) {
    __shared__ F sizes[256];
    __shared__ int64_t places[256];
    const int t = threadIdx.x;
    a += int64_t(blockIdx.x) * n * n;
    pivots += int64_t(blockIdx.x) * n;
    const int64_t end = first + count;
    for (int64_t k = first; k < end; k++) {
        // The largest of the column, the first of equals.
        F most = F(-1);
        int64_t at = k;
        for (int64_t i = k + t; i < n; i += 256) {
            const F size = taxicab(a[i * n + k]);
            if (size > most) {
                most = size;
                at = i;
            }
        }
        sizes[t] = most;
        places[t] = at;
        __syncthreads();
        for (int half = 128; half > 0; half /= 2) {
            if (t < half) {
                const F other = sizes[t + half];
                if (other > sizes[t] || (other == sizes[t] && places[t + half] < places[t])) {
                    sizes[t] = other;
                    places[t] = places[t + half];
                }
            }
            __syncthreads();
        }
        at = places[0];
        const bool zero = a[at * n + k] == S(0);
        __syncthreads();
        if (t == 0) {
            pivots[k] = int32_t(at + 1);
            if (zero && info[blockIdx.x] == 0) info[blockIdx.x] = int32_t(k + 1);
        }
        if (zero) continue;
        if (at != k) {
            for (int64_t j = t; j < n; j += 256) {
                const S x = a[k * n + j];
                a[k * n + j] = a[at * n + j];
                a[at * n + j] = x;
            }
        }
        __syncthreads();
        const S inverse = S(1) / a[k * n + k];
        for (int64_t i = k + 1 + t; i < n; i += 256) a[i * n + k] = a[i * n + k] * inverse;
        __syncthreads();
        const int64_t wide = end - k - 1;
        for (int64_t e = t; e < (n - k - 1) * wide; e += 256) {
            const int64_t i = k + 1 + e / wide, j = k + 1 + e % wide;
            a[i * n + j] = a[i * n + j] - a[i * n + k] * a[k * n + j];
        }
        __syncthreads();
    }
}

// Rows of b exchanged as those of a matrix were: a thread does a column.
template <typename S>
__device__ void exchange(S* b, const int32_t* pivots, uint64_t total, int64_t n, int64_t columns) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= total) return;
    const int64_t batch = int64_t(i / uint64_t(columns));
    b += batch * n * columns + int64_t(i % uint64_t(columns));
    pivots += batch * n;
    for (int64_t k = 0; k < n; k++) {
        // Those of scripts may be anything.
        const int64_t pivot = pivots[k] - 1, at = pivot < 0 ? 0 : pivot >= n ? n - 1 : pivot;
        if (at == k) continue;
        const S x = b[k * columns];
        b[k * columns] = b[at * columns];
        b[at * columns] = x;
    }
}

// A triangle, of any strides, of at most PANEL rows: t x = b in place, a thread for each column of b.
template <typename S>
__device__ void substitute(const S* t, int64_t t_apart, int64_t down, int64_t right, S* b, int64_t b_apart, int64_t lead, int64_t rows,
                           int64_t columns, int64_t count, bool upper, bool unit) {
    __shared__ S triangle[PANEL][PANEL + 1];
    const int64_t column = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    for (int64_t batch = blockIdx.y; batch < count; batch += gridDim.y) {
        __syncthreads();
        for (int e = threadIdx.x; e < rows * rows; e += blockDim.x) {
            const int i = e / int(rows), j = e % int(rows);
            triangle[i][j] = t[batch * t_apart + i * down + j * right];
        }
        __syncthreads();
        if (column >= columns) continue;
        S* to = b + batch * b_apart + column;
        // All indices into what is known are so when this is compiled: it stays in registers.
        S x[PANEL];
#pragma unroll
        for (int s = 0; s < PANEL; s++) {
            if (s >= rows) continue;
            const int i = upper ? int(rows) - 1 - s : s;
            S v = to[i * lead];
#pragma unroll
            for (int r = 0; r < s; r++) {
                const int j = upper ? int(rows) - 1 - r : r;
                v = v - triangle[i][j] * x[r];
            }
            x[s] = unit ? v : v / triangle[i][i];
            to[i * lead] = x[s];
        }
    }
}

// Columns first.. of so many of Cholesky's factor, of matrices whose lower triangle is read: a block does one.
template <typename S, typename F>
__device__ void cholesky_panel(S* a, int32_t* info, int64_t n, int64_t first, int64_t count) {
    __shared__ S l[PANEL][PANEL + 1];
    __shared__ int failed;
    const int t = threadIdx.x, size = int(count);
    a += int64_t(blockIdx.x) * n * n + first * n + first;
    if (info[blockIdx.x] != 0) return;
    if (t == 0) failed = 0;
    for (int e = t; e < size * size; e += 256) l[e / size][e % size] = a[int64_t(e / size) * n + e % size];
    __syncthreads();
    for (int j = 0; j < size; j++) {
        const F d = real_part(l[j][j]);
        const bool fails = !(d > F(0));
        __syncthreads();
        if (fails) {
            if (t == 0) {
                info[blockIdx.x] = int32_t(first + j + 1);
                failed = 1;
            }
            break;
        }
        const F root = sqrt(d);
        if (t == 0) l[j][j] = S(root);
        for (int i = j + 1 + t; i < size; i += 256) l[i][j] = l[i][j] / root;
        __syncthreads();
        const int wide = size - j - 1;
        for (int e = t; e < wide * wide; e += 256) {
            const int i = j + 1 + e / wide, k = j + 1 + e % wide;
            if (k <= i) l[i][k] = l[i][k] - l[i][j] * conj(l[k][j]);
        }
        __syncthreads();
    }
    __syncthreads();
    for (int e = t; e < size * size; e += 256) a[int64_t(e / size) * n + e % size] = l[e / size][e % size];
    if (failed) return;
    // The rows below: x l^H = a.
    for (int64_t i = size + t; i < n - first; i += 256) {
        S x[PANEL];
#pragma unroll
        for (int j = 0; j < PANEL; j++) {
            if (j >= size) continue;
            S v = a[i * n + j];
#pragma unroll
            for (int k = 0; k < j; k++) v = v - x[k] * conj(l[j][k]);
            x[j] = v / real_part(l[j][j]);
            a[i * n + j] = x[j];
        }
    }
}

// Zeros above the diagonal.
template <typename S>
__device__ void lower(S* a, uint64_t total, int64_t n) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i < total && int64_t(i % uint64_t(n)) > int64_t(i / uint64_t(n) % uint64_t(n))) a[i] = S(0);
}

template <typename S>
__device__ void identity(S* a, uint64_t total, int64_t n) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i < total) a[i] = i % uint64_t(n) == i / uint64_t(n) % uint64_t(n) ? S(1) : S(0);
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
