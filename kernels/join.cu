// Several copies in one launch: rows of a contiguous piece, one after the other into rows that lie further apart.
namespace tensh {

template <typename W>
struct Piece {
    const W* from;
    W* to;
    uint64_t rows, width, pitch;
};

template <typename W, int N>
struct Pieces {
    Piece<W> at[N];
};

template <typename W, int N>
__device__ void join_pieces(const Pieces<W, N>& pieces) {
    const Piece<W> p = pieces.at[blockIdx.y];
    const uint64_t n = p.rows * p.width, step = uint64_t(gridDim.x) * blockDim.x;
    const W* __restrict__ from = p.from;
    W* __restrict__ to = p.to;
#pragma unroll 4
    for (uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step) {
        // Divisions of 32 bits take a fraction of the time.
        const uint64_t row = p.rows == 1 ? 0 : n >> 32 ? i / p.width : uint32_t(i) / uint32_t(p.width);
        to[row * p.pitch + (i - row * p.width)] = from[i];
    }
}

}  // namespace tensh
