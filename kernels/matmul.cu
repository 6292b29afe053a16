// Products of matrices where there is no library of them, distances between rows, and products of vectors of three. Io reads an
// element S of memory into a register R, and back.
namespace tensh {

// Matrices of a batch: the first element, and how far it is to the next matrix, row and column.
template <typename S>
struct Matrices {
    const S* first;
    int64_t apart, down, right;
};

// Products of matrices of any strides, of `sizes` rows, inner elements and columns: a block does 64 by 64 elements of each, a thread 4 by
// 4 of these.
template <typename Io, typename S, typename R>
__device__ void multiply_tiles(const Matrices<S>& a, const Matrices<S>& b, S* out, int64_t rows, int64_t inner, int64_t columns,
                               int64_t count, int64_t lead, int64_t apart, R alpha, R beta, bool add) {
    __shared__ R left[16][65], right[16][65];
    const int64_t tiles = (columns + 63) / 64, top = blockIdx.x / tiles * 64, first = blockIdx.x % tiles * 64;
    const int t = threadIdx.x, down = t / 16, across = t % 16;
    for (int64_t batch = blockIdx.y; batch < count; batch += gridDim.y) {
        R sums[4][4];
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) sums[i][j] = R(0);
        }
        for (int64_t at = 0; at < inner; at += 16) {
            // Neighbouring threads read what lies together.
            for (int e = t; e < 1024; e += 256) {
                const int k = a.right == 1 ? e % 16 : e / 64, i = a.right == 1 ? e / 16 : e % 64;
                const int l = b.down == 1 ? e % 16 : e / 64, j = b.down == 1 ? e / 16 : e % 64;
                const bool has_left = at + k < inner && top + i < rows, has_right = at + l < inner && first + j < columns;
                left[k][i] = has_left ? Io::read(a.first[batch * a.apart + (top + i) * a.down + (at + k) * a.right]) : R(0);
                right[l][j] = has_right ? Io::read(b.first[batch * b.apart + (at + l) * b.down + (first + j) * b.right]) : R(0);
            }
            __syncthreads();
            const int length = inner - at < 16 ? int(inner - at) : 16;
            for (int k = 0; k < length; k++) {
                R x[4], y[4];
                for (int i = 0; i < 4; i++) {
                    x[i] = left[k][down + 16 * i];
                    y[i] = right[k][across + 16 * i];
                }
                for (int i = 0; i < 4; i++) {
                    for (int j = 0; j < 4; j++) sums[i][j] = sums[i][j] + x[i] * y[j];
                }
            }
            __syncthreads();
        }
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                const int64_t row = top + down + 16 * i, column = first + across + 16 * j;
                if (row >= rows || column >= columns) continue;
                S* to = out + batch * apart + row * lead + column;
                const R product = alpha * sums[i][j];
                *to = Io::write(add ? beta * Io::read(*to) + product : product);
            }
        }
    }
}

// How differences add up to a distance, by the order of the norm: 0, 1, 2, 3 for infinity, 4 for any other.
template <typename R, int P>
struct Norm {
    R order;
    __device__ R step(R sum, R a, R b) const {
        const R d = abs(a - b);
        if (P == 0) return sum + (d != d ? d : d == R(0) ? R(0) : R(1));
        if (P == 1) return sum + d;
        if (P == 2) return sum + d * d;
        if (P == 3) return d > sum ? d : sum;
        return sum + pow(d, order);
    }
    __device__ R end(R sum) const {
        if (P == 2) return sqrt(sum);
        if (P == 4) return pow(sum, R(1) / order);
        return sum;
    }
};

// Distances between the rows of x [batch, n, k] and of y [batch, m, k]: a block does 16 by 16 of them, whose rows it reads in pieces of
// 16. Where the distances are those within one matrix, the pairs above the diagonal stand one after the other.
template <typename R, int P>
__device__ void distances(const R* x, const R* y, R* out, int64_t n, int64_t m, int64_t k, R order, bool pairs) {
    __shared__ R left[16][17], right[16][17];
    const int64_t tiles = (m + 15) / 16, all = (n + 15) / 16 * tiles;
    const int64_t batch = blockIdx.x / all, tile = blockIdx.x % all;
    const int64_t top = tile / tiles * 16, first = tile % tiles * 16;
    if (pairs && first + 15 <= top) return;
    const int down = threadIdx.x / 16, right_of = threadIdx.x % 16;
    const int64_t i = top + down, j = first + right_of;
    const Norm<R, P> norm = {order};
    x += batch * n * k;
    y += batch * m * k;
    R sum = R(0);
    for (int64_t at = 0; at < k; at += 16) {
        const int64_t column = at + right_of;
        left[down][right_of] = i < n && column < k ? x[i * k + column] : R(0);
        right[down][right_of] = first + down < m && column < k ? y[(first + down) * k + column] : R(0);
        __syncthreads();
        const int length = k - at < 16 ? int(k - at) : 16;
        for (int c = 0; c < length; c++) sum = norm.step(sum, left[down][c], right[right_of][c]);
        __syncthreads();
    }
    if (i >= n || j >= m || (pairs && j <= i)) return;
    out[pairs ? i * (2 * n - i - 1) / 2 + j - i - 1 : (batch * n + i) * m + j] = norm.end(sum);
}

// Vector products of a and b [outer, 3, inner]; products and differences are rounded one by one.
template <typename Io, typename S>
__device__ void cross_products(const S* a, const S* b, S* out, uint64_t n, uint64_t inner) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const uint64_t at = i / inner * 3 * inner + i % inner;
    for (int c = 0; c < 3; c++) {
        const uint64_t d = at + (c + 1) % 3 * inner, e = at + (c + 2) % 3 * inner;
        const S plus = Io::write(mul(Io::read(a[d]), Io::read(b[e])));
        const S minus = Io::write(mul(Io::read(a[e]), Io::read(b[d])));
        out[at + c * inner] = Io::write(sub(Io::read(plus), Io::read(minus)));
    }
}

}  // namespace tensh
