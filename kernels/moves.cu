// Elements moved between two layouts.
namespace tensh {

// The walk's operands: from, to. Elements are read from a start on, by strides that may go back: unsigned offsets go around. U elements a
// thread, so that as many loads are under way.
template <int U, typename I, int R, typename S>
__device__ void move_all(const Walk<I, R, 2>& walk, const S* __restrict__ from, uint64_t start, S* __restrict__ to,
                         uint64_t n) {
    const uint64_t first = uint64_t(blockIdx.x) * (U * blockDim.x) + threadIdx.x;
    S got[U];
    I place[U];
#pragma unroll
    for (int k = 0; k < U; ++k) {
        const uint64_t i = first + k * blockDim.x;
        got[k] = S();
        if (i >= n) continue;
        I at[2];
        walk(I(i), at);
        got[k] = from[I(I(start) + at[0])];
        place[k] = at[1];
    }
#pragma unroll
    for (int k = 0; k < U; ++k) {
        if (first + k * blockDim.x < n) to[place[k]] = got[k];
    }
}

// Two dimensions that change places: one lies close where elements come from, the other where they go. Blocks of 256 threads take
// squares by way of shared memory, so that both sides move whole lines. The walk is over the other dimensions.
// Elements move V at once.
template <int V, typename I, int R, typename S>
__device__ void transpose(const Walk<I, R, 2>& walk, const S* __restrict__ from, uint64_t start, S* __restrict__ to, uint32_t close_to,
                          uint32_t close_from, int64_t from_step, int64_t to_step) {
    constexpr uint32_t SIDE = 32 * V;
    typedef Pack<S, V> Word;
    __shared__ S square[SIDE][SIDE + V];
    const uint32_t wide = (close_to + SIDE - 1) / SIDE, high = (close_from + SIDE - 1) / SIDE;
    const uint64_t block = blockIdx.x;
    const uint64_t line = block / wide;
    const uint32_t left = uint32_t(block % wide) * SIDE, top = uint32_t(line % high) * SIDE;
    I at[2];
    walk(I(line / high), at);
    const uint32_t x = threadIdx.x % 32 * V, y = threadIdx.x / 32;
#pragma unroll
    for (uint32_t r = 0; r < SIDE; r += 8) {
        const uint32_t a = left + y + r, b = top + x;
        if (a >= close_to || b >= close_from) continue;
        const I place = I(start) + at[0] + I(a) * I(from_step) + b;
        *reinterpret_cast<Word*>(&square[y + r][x]) = *reinterpret_cast<const Word*>(from + place);
    }
    __syncthreads();
#pragma unroll
    for (uint32_t r = 0; r < SIDE; r += 8) {
        const uint32_t a = left + x, b = top + y + r;
        if (a >= close_to || b >= close_from) continue;
        Word word;
#pragma unroll
        for (int k = 0; k < V; k++) word.at[k] = square[x + k][y + r];
        *reinterpret_cast<Word*>(to + I(at[1] + I(b) * I(to_step) + a)) = word;
    }
}

}  // namespace tensh
