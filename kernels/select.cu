// Finding the element of a rank in each row, and those before it, without sorting the row: digit by digit, the first one first, the
// digit is chosen in which the rank falls. Behind sort.cu.
namespace tensh {

// What is known of each row's element: its first digits, and its rank, from 1, among the elements that begin with them.
struct Ranks {
    uint64_t* prefix;
    uint32_t* left;
};

// The rank of a row's lower median among its `length` elements, of which `nans` are nan: the first of these, unless they are skipped.
__device__ __forceinline__ uint32_t middle(uint32_t length, uint32_t nans, bool skip) {
    const uint32_t rest = length - nans;
    return nans > 0 && !skip ? rest + 1 : rest > 0 ? (rest - 1) / 2 + 1 : 1;
}

__device__ __forceinline__ void count_nans(const U* words, uint32_t* nans, uint64_t length, uint32_t parts) {
    const uint64_t row = blockIdx.x / parts, step = uint64_t(parts) * BLOCK;
    words += row * length;
    uint32_t found = 0;
    for (uint64_t i = uint64_t(blockIdx.x % parts) * BLOCK + threadIdx.x; i < length; i += 4 * step) {
#pragma unroll
        for (int k = 0; k < 4; k++) found += i + k * step < length && is_nan(words[i + k * step]);
    }
    found = block_sum(found).all;
    if (threadIdx.x == 0 && found > 0) atomicAdd(nans + row, found);
}

// Every row's rank: `rank`, or, where that is 0, its median's.
__device__ __forceinline__ void begin_ranks(const Ranks& ranks, const uint32_t* nans, uint64_t outer, uint32_t length, uint32_t rank, bool skip) {
    const uint64_t row = uint64_t(blockIdx.x) * BLOCK + threadIdx.x;
    if (row >= outer) return;
    ranks.prefix[row] = 0;
    ranks.left[row] = rank > 0 ? rank : middle(length, nans[row], skip);
}

// How often each digit occurs among the elements that begin with their row's first digits. counts: [row][digit].
__device__ __forceinline__ void count_beginning(const U* words, const Ranks& ranks, uint32_t* counts, uint64_t length, uint32_t parts,
                                                uint32_t shift) {
    __shared__ uint32_t own[DIGITS];
    const uint64_t row = blockIdx.x / parts, step = uint64_t(parts) * BLOCK;
    const uint64_t prefix = ranks.prefix[row];
    const uint32_t known = shift + 8;
    words += row * length;
    own[threadIdx.x] = 0;
    __syncthreads();
    Counter counter(own);
    for (uint64_t i = uint64_t(blockIdx.x % parts) * BLOCK + threadIdx.x; i < length; i += 8 * step) {
        U word[8];
#pragma unroll
        for (int k = 0; k < 8; k++) word[k] = i + k * step < length ? words[i + k * step] : U(0);
#pragma unroll
        for (int k = 0; k < 8; k++) {
            const uint64_t key = order(word[k]);
            if (i + k * step < length && (known >= 8 * sizeof(U) || key >> known == prefix)) counter.add(uint32_t(key >> shift) & 255);
        }
    }
    counter.flush();
    __syncthreads();
    if (own[threadIdx.x] > 0) atomicAdd(counts + row * DIGITS + threadIdx.x, own[threadIdx.x]);
}

// Chooses each row's next digit, and clears the counts. A block a row.
__device__ __forceinline__ void choose_digit(const Ranks& ranks, uint32_t* counts) {
    const uint64_t row = blockIdx.x;
    const uint32_t own = counts[row * DIGITS + threadIdx.x], left = ranks.left[row];
    counts[row * DIGITS + threadIdx.x] = 0;
    const uint32_t upto = block_sum(own).upto;
    if (upto - own < left && left <= upto) {
        ranks.left[row] = left - (upto - own);
        ranks.prefix[row] = ranks.prefix[row] << 8 | threadIdx.x;
    }
}

// How many elements of each tile come before the row's element, in the high half, and how many equal it. counts: [row][tile].
template <int ITEMS>
__device__ __forceinline__ void count_before(const U* words, const Ranks& ranks, int64_t* counts, uint64_t length, uint32_t tiles) {
    const uint64_t row = blockIdx.x / tiles, first = uint64_t(blockIdx.x % tiles) * (BLOCK * ITEMS);
    const U wanted = U(ranks.prefix[row]);
    words += row * length;
    uint32_t found = 0;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint64_t at = first + i * BLOCK + threadIdx.x;
        if (at >= length) continue;
        const U key = order(words[at]);
        found += key < wanted ? 1u << 16 : key == wanted;
    }
    found = block_sum(found).all;
    if (threadIdx.x == 0) counts[blockIdx.x] = int64_t(found >> 16) << 32 | (found & 0xffff);
}

// Writes the elements up to each row's one, those before it and then its equals, in the order of their places; or with `alone` that
// element only. `ends` are the sums of the tiles' counts.
template <int ITEMS>
__device__ __forceinline__ void write_before(const U* words, const Ranks& ranks, const int64_t* ends, U* out, uint32_t* places,
                                             int64_t* indices, uint64_t length, uint32_t tiles, uint32_t keep, bool alone) {
    __shared__ uint32_t groups[BLOCK];
    const uint64_t row = blockIdx.x / tiles;
    const uint32_t tile = blockIdx.x % tiles, lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const uint64_t first = uint64_t(tile) * (BLOCK * ITEMS);
    const uint64_t done = tile > 0 ? uint64_t(ends[blockIdx.x - 1]) : 0;
    const U wanted = U(ranks.prefix[row]);
    const uint32_t left = ranks.left[row];
    words += row * length;
    U word[ITEMS];
    uint32_t below[ITEMS], equal[ITEMS];
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint64_t at = first + i * BLOCK + threadIdx.x;
        word[i] = at < length ? words[at] : U(0);
    }
    groups[threadIdx.x] = 0;
    __syncthreads();
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const bool there = first + i * BLOCK + threadIdx.x < length;
        const U key = order(word[i]);
        below[i] = __ballot_sync(0xffffffffu, there && key < wanted);
        equal[i] = __ballot_sync(0xffffffffu, there && key == wanted);
        if (lane == 0) groups[i * WARPS + warp] = __popc(below[i]) << 16 | __popc(equal[i]);
    }
    __syncthreads();
    const uint32_t own = groups[threadIdx.x];
    const uint32_t before = block_sum(own).upto - own;
    groups[threadIdx.x] = before;
    __syncthreads();
    const uint32_t lower = (1u << lane) - 1;
#pragma unroll
    for (int i = 0; i < ITEMS; i++) {
        const uint64_t at = first + i * BLOCK + threadIdx.x;
        const uint32_t group = groups[i * WARPS + warp];
        const uint64_t less = (done >> 32) + (group >> 16) + __popc(below[i] & lower);
        const uint64_t same = (done & 0xffffffffu) + (group & 0xffff) + __popc(equal[i] & lower);
        const bool is_below = below[i] >> lane & 1, is_equal = equal[i] >> lane & 1;
        if (alone) {
            if (is_equal && same + 1 == left) {
                out[row] = word[i];
                indices[row] = int64_t(at);
            }
        } else if (is_below || (is_equal && same < left)) {
            const uint64_t to = row * keep + (is_below ? less : keep - left + same);
            out[to] = word[i];
            places[to] = uint32_t(at);
        }
    }
}

// The element of a rank in each sorted row of `sorted`, which came from `from`.
__device__ __forceinline__ void pick_sorted(const U* sorted, const int64_t* from, U* out, int64_t* indices, uint64_t outer, uint32_t length,
                                            uint32_t rank, bool skip) {
    const uint64_t row = uint64_t(blockIdx.x) * BLOCK + threadIdx.x;
    if (row >= outer) return;
    if (rank == 0) {
        uint32_t low = 0, high = length;
        while (low < high) {
            const uint32_t mid = low + (high - low) / 2;
            if (is_nan(sorted[row * length + mid])) {
                high = mid;
            } else {
                low = mid + 1;
            }
        }
        rank = middle(length, length - low, skip);
    }
    out[row] = sorted[row * length + rank - 1];
    indices[row] = from[row * length + rank - 1];
}

}  // namespace tensh
