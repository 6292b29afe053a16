// Sorting rows by digits of 8 bits, the last first, each pass keeping the order of the one before: equal elements stay as they were.
// Elements are words U as they lie in memory; KIND says how they are ordered: 0 as unsigned integers, 1 as signed ones, 2 as floats of
// which words above INF are nan.
namespace tensh {

constexpr uint32_t BLOCK = 256, WARPS = BLOCK / 32, DIGITS = 256;
constexpr U TOP = U(U(1) << (8 * sizeof(U) - 1)), ALL = U(~U(0));

__device__ __forceinline__ bool is_nan(U word) {
    return KIND == 2 && U(word & U(~TOP)) > INF;
}

// A number of the same order: nan last, both zeros the same.
__device__ __forceinline__ U ascending(U word) {
    if (KIND == 1) return U(word ^ TOP);
    if (KIND == 2) {
        const U size = U(word & U(~TOP));
        return size > INF ? ALL : size == 0 ? TOP : word & TOP ? U(~word) : U(word | TOP);
    }
    return word;
}
__device__ __forceinline__ U order(U word) {
    return DESCENDING ? U(~ascending(word)) : ascending(word);
}

// The sum of a number over the threads up to this one, and over all of the block.
struct Summed {
    uint32_t upto, all;
};
__device__ __forceinline__ Summed block_sum(uint32_t value) {
    __shared__ uint32_t sums[WARPS];
    const uint32_t lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    uint32_t upto = value;
#pragma unroll
    for (uint32_t d = 1; d < 32; d *= 2) {
        const uint32_t other = __shfl_up_sync(0xffffffffu, upto, d);
        if (lane >= d) upto += other;
    }
    if (lane == 31) sums[warp] = upto;
    __syncthreads();
    Summed s = {upto, 0};
#pragma unroll
    for (uint32_t w = 0; w < WARPS; w++) {
        if (w < warp) s.upto += sums[w];
        s.all += sums[w];
    }
    __syncthreads();
    return s;
}

// Where a thread's i-th element stands in its tile: neighbouring threads have neighbouring elements, each warp a stretch of them.
template <int ITEMS>
__device__ __forceinline__ uint32_t seat(int i) {
    return threadIdx.x / 32 * (32 * ITEMS) + i * 32 + threadIdx.x % 32;
}

// How many of the tile's digits are each thread's own number, and where those begin in the tile's order.
struct Digit {
    uint32_t count, start;
};

// Digits become the places of their elements in the order of digits.
template <int ITEMS>
__device__ __forceinline__ Digit rank_digits(uint32_t (&rank)[ITEMS]) {
    __shared__ uint32_t counts[WARPS][DIGITS];
    __shared__ uint32_t starts[DIGITS];
    const uint32_t lane = threadIdx.x % 32, warp = threadIdx.x / 32;
#pragma unroll
    for (uint32_t w = 0; w < WARPS; w++) counts[w][threadIdx.x] = 0;
    __syncthreads();
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        // The warp's threads with the same digit.
        const uint32_t digit = rank[i];
        uint32_t peers = 0xffffffffu;
#pragma unroll
        for (uint32_t bit = 0; bit < 8; bit++) {
            const bool set = digit >> bit & 1;
            const uint32_t vote = __ballot_sync(0xffffffffu, set);
            peers &= set ? vote : ~vote;
        }
        const uint32_t before = __popc(peers & ((1u << lane) - 1));
        // The digit is kept beside the place among the warp's own.
        rank[i] = digit << 16 | (counts[warp][digit] + before);
        __syncwarp();
        if (before == 0) counts[warp][digit] += __popc(peers);
        __syncwarp();
    }
    __syncthreads();
    uint32_t total = 0;
#pragma unroll
    for (uint32_t w = 0; w < WARPS; w++) {
        const uint32_t own = counts[w][threadIdx.x];
        counts[w][threadIdx.x] = total;
        total += own;
    }
    const Digit out = {total, block_sum(total).upto - total};
    starts[threadIdx.x] = out.start;
    __syncthreads();
#pragma unroll
    for (int i = 0; i < ITEMS; i++) rank[i] = (rank[i] & 0xffff) + counts[warp][rank[i] >> 16] + starts[rank[i] >> 16];
    return out;
}

union Cell {
    U word;
    uint32_t place;
};

// Rows of at most a few dozen elements, several a block: each element counts those that come before it.
__device__ __forceinline__ void sort_short(const U* words, const uint32_t* places, U* out, int64_t* indices, uint64_t outer, uint32_t length,
                                           uint32_t keep) {
    __shared__ U keys[BLOCK], sorted[BLOCK];
    __shared__ uint32_t from[BLOCK];
    const uint32_t rows = BLOCK / length, row = threadIdx.x / length, own = threadIdx.x % length;
    const uint64_t first = uint64_t(blockIdx.x) * rows;
    const bool there = row < rows && first + row < outer;
    U word = 0;
    if (there) {
        word = words[first * length + threadIdx.x];
        keys[threadIdx.x] = order(word);
    }
    __syncthreads();
    if (there) {
        const U key = keys[threadIdx.x];
        const U* all = keys + row * length;
        uint32_t rank = 0;
        for (uint32_t j = 0; j < length; j++) rank += j < own ? all[j] <= key : all[j] < key;
        sorted[row * length + rank] = word;
        from[row * length + rank] = places ? places[first * length + threadIdx.x] : own;
    }
    __syncthreads();
    if (there && own < keep) {
        out[(first + row) * keep + own] = sorted[threadIdx.x];
        indices[(first + row) * keep + own] = from[threadIdx.x];
    }
}

// Rows that a block holds; the first `keep` elements of each are written.
template <int ITEMS>
__device__ __forceinline__ void sort_block(const U* words, const uint32_t* places, U* out, int64_t* indices, uint32_t length, uint32_t keep) {
    __shared__ Cell cells[BLOCK * ITEMS];
    __shared__ uint32_t varying[2];
    const uint64_t base = uint64_t(blockIdx.x) * length;
    U word[ITEMS];
    uint32_t from[ITEMS], rank[ITEMS];
    if (threadIdx.x < 2) varying[threadIdx.x] = 0;
    __syncthreads();
    const U some = order(words[base]);
    U differs = 0;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint32_t at = seat<ITEMS>(i);
        word[i] = at < length ? words[base + at] : U(0);
        from[i] = at < length ? (places ? places[base + at] : at) : ~0u;
        if (at < length) differs |= U(order(word[i]) ^ some);
    }
    if (uint32_t(differs)) atomicOr(varying, uint32_t(differs));
    if (uint32_t(uint64_t(differs) >> 32)) atomicOr(varying + 1, uint32_t(uint64_t(differs) >> 32));
    __syncthreads();
    const uint64_t used = uint64_t(varying[1]) << 32 | varying[0];
    for (uint32_t shift = 0; shift < 8 * sizeof(U); shift += 8) {
        // Digits that are the same everywhere change nothing.
        if ((used >> shift & 255) == 0) continue;
#pragma unroll
        for (int i = 0; i < ITEMS; i++) rank[i] = from[i] == ~0u ? 255 : uint32_t(order(word[i]) >> shift) & 255;
        rank_digits<ITEMS>(rank);
#pragma unroll
        for (int i = 0; i < ITEMS; i++) cells[rank[i]].word = word[i];
        __syncthreads();
#pragma unroll
        for (int i = 0; i < ITEMS; i++) word[i] = cells[seat<ITEMS>(i)].word;
        __syncthreads();
#pragma unroll
        for (int i = 0; i < ITEMS; i++) cells[rank[i]].place = from[i];
        __syncthreads();
#pragma unroll
        for (int i = 0; i < ITEMS; i++) from[i] = cells[seat<ITEMS>(i)].place;
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint32_t at = seat<ITEMS>(i);
        if (at >= keep) continue;
        out[uint64_t(blockIdx.x) * keep + at] = word[i];
        indices[uint64_t(blockIdx.x) * keep + at] = from[i];
    }
}

// Adds to counters of digits in shared memory; equal digits that follow one another are added at once.
struct Counter {
    uint32_t* counts;
    uint32_t digit, run;
    __device__ explicit Counter(uint32_t* to) : counts(to), digit(0), run(0) {}
    __device__ __forceinline__ void add(uint32_t next) {
        if (next != digit) flush();
        digit = next;
        run++;
    }
    __device__ __forceinline__ void flush() {
        if (run > 0) atomicAdd(counts + digit, run);
        run = 0;
    }
};

// The bits in which words differ from the first.
__device__ __forceinline__ void varying_bits(const U* words, uint64_t count, uint32_t* out) {
    const U some = order(words[0]);
    const uint64_t step = uint64_t(gridDim.x) * BLOCK;
    U differs = 0;
    for (uint64_t i = uint64_t(blockIdx.x) * BLOCK + threadIdx.x; i < count; i += 4 * step) {
#pragma unroll
        for (int k = 0; k < 4; k++) {
            if (i + k * step < count) differs |= U(order(words[i + k * step]) ^ some);
        }
    }
    uint32_t low = uint32_t(differs), high = uint32_t(uint64_t(differs) >> 32);
#pragma unroll
    for (uint32_t d = 16; d > 0; d /= 2) {
        low |= __shfl_xor_sync(0xffffffffu, low, d);
        high |= __shfl_xor_sync(0xffffffffu, high, d);
    }
    if (threadIdx.x % 32 != 0) return;
    if (low) atomicOr(out, low);
    if (high) atomicOr(out + 1, high);
}

// Longer rows: how often each digit occurs in each tile. counts: [row][digit][tile].
template <int ITEMS>
__device__ __forceinline__ void count_digits(const U* words, uint32_t* counts, uint64_t length, uint32_t tiles, uint32_t shift) {
    __shared__ uint32_t own[DIGITS];
    const uint64_t row = blockIdx.x / tiles;
    const uint32_t tile = blockIdx.x % tiles;
    const uint64_t first = uint64_t(tile) * (BLOCK * ITEMS);
    words += row * length;
    own[threadIdx.x] = 0;
    U word[ITEMS];
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint64_t at = first + i * BLOCK + threadIdx.x;
        word[i] = at < length ? words[at] : U(0);
    }
    __syncthreads();
    Counter counter(own);
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        if (first + i * BLOCK + threadIdx.x < length) counter.add(uint32_t(order(word[i]) >> shift) & 255);
    }
    counter.flush();
    __syncthreads();
    counts[(row * DIGITS + threadIdx.x) * tiles + tile] = own[threadIdx.x];
}

// Brings a tile's elements where the digits' counts up to each tile, `ends`, say; in the last pass `indices` are given.
template <int ITEMS>
__device__ __forceinline__ void scatter_tile(const U* words, const uint32_t* places, const int32_t* ends, U* out, uint32_t* out_places,
                                             int64_t* indices, uint64_t length, uint32_t tiles, uint32_t shift) {
    __shared__ Cell cells[BLOCK * ITEMS];
    __shared__ uint32_t offsets[DIGITS];
    const uint64_t row = blockIdx.x / tiles, base = row * length;
    const uint32_t tile = blockIdx.x % tiles, first = tile * (BLOCK * ITEMS);
    const uint32_t count = length - first < BLOCK * ITEMS ? uint32_t(length - first) : BLOCK * ITEMS;
    U word[ITEMS];
    uint32_t rank[ITEMS];
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint32_t at = seat<ITEMS>(i);
        word[i] = at < count ? words[base + first + at] : U(0);
    }
#pragma unroll
    for (int i = 0; i < ITEMS; i++) rank[i] = seat<ITEMS>(i) < count ? uint32_t(order(word[i]) >> shift) & 255 : 255;
    const Digit d = rank_digits<ITEMS>(rank);
    // What is beyond the row counts as its last digit.
    const uint32_t own = threadIdx.x == 255 ? d.count - (BLOCK * ITEMS - count) : d.count;
    offsets[threadIdx.x] = uint32_t(ends[(row * DIGITS + threadIdx.x) * tiles + tile]) - own - d.start;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) cells[rank[i]].word = word[i];
    __syncthreads();
    // The digits of what was moved: four a word, since registers are few.
    uint32_t digits[(ITEMS + 3) / 4] = {};
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint32_t j = i * BLOCK + threadIdx.x;
        const U moved = cells[j].word;
        const uint32_t digit = uint32_t(order(moved) >> shift) & 255;
        digits[i / 4] |= digit << i % 4 * 8;
        if (j < count) out[base + (offsets[digit] + j)] = moved;
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint32_t at = seat<ITEMS>(i);
        cells[rank[i]].place = places && at < count ? places[base + first + at] : first + at;
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint32_t j = i * BLOCK + threadIdx.x;
        if (j >= count) continue;
        const uint64_t to = base + (offsets[digits[i / 4] >> i % 4 * 8 & 255] + j);
        if (indices) {
            indices[to] = cells[j].place;
        } else {
            out_places[to] = cells[j].place;
        }
    }
}

}  // namespace tensh
