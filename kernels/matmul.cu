// What is no product of matrices: distances between rows, and products of vectors of three. Io reads an element S of memory into a
// register R, and back.
namespace tensh {

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
