// What sorted elements are good for: distinct elements, places in sorted rows, membership, the most frequent, quantiles. Behind sort.cu.
namespace tensh {

// Nan equals nothing.
__device__ __forceinline__ bool same(U a, U b) {
    return !is_nan(a) && ascending(a) == ascending(b);
}

// Which elements differ from the one before them.
__device__ __forceinline__ void mark_heads(const U* words, int32_t* heads, uint64_t count) {
    const uint64_t i = uint64_t(blockIdx.x) * BLOCK + threadIdx.x;
    if (i < count) heads[i] = i == 0 || !same(words[i - 1], words[i]);
}

// Every run's element and first place; every element's run, by the place `from` that it came from. `ends` counts heads up to each.
__device__ __forceinline__ void write_runs(const U* words, const int64_t* from, const int32_t* ends, U* out, int64_t* starts,
                                           int64_t* inverse, uint64_t count) {
    const uint64_t i = uint64_t(blockIdx.x) * BLOCK + threadIdx.x;
    if (i >= count) return;
    const int32_t run = ends[i] - 1;
    if (inverse) inverse[from ? from[i] : int64_t(i)] = run;
    if (i > 0 && ends[i - 1] == run + 1) return;
    out[run] = words[i];
    if (starts) starts[run] = int64_t(i);
}

// The lengths of runs.
__device__ __forceinline__ void run_lengths(const int64_t* starts, int64_t* out, uint64_t runs, uint64_t count) {
    const uint64_t i = uint64_t(blockIdx.x) * BLOCK + threadIdx.x;
    if (i < runs) out[i] = (i + 1 < runs ? starts[i + 1] : int64_t(count)) - starts[i];
}

// Whether words are among sorted ones.
__device__ __forceinline__ void find_members(const U* words, const U* sorted, bool* out, uint64_t count, uint64_t length, bool invert) {
    const uint64_t i = uint64_t(blockIdx.x) * BLOCK + threadIdx.x;
    if (i >= count) return;
    const U word = words[i], key = ascending(word);
    uint64_t low = 0, high = length;
    while (low < high) {
        const uint64_t mid = low + (high - low) / 2;
        if (ascending(sorted[mid]) < key) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    out[i] = (low < length && same(sorted[low], word)) != invert;
}

// The longest run of each sorted row, the first of several, as its length above what its last place lacks of the largest number.
// best: [row], zeroed.
__device__ __forceinline__ void longest_runs(const U* sorted, uint64_t* best, uint64_t outer, uint32_t length, uint32_t parts) {
    __shared__ uint64_t found[BLOCK];
    const uint64_t row = blockIdx.x / parts;
    const U* words = sorted + row * length;
    uint64_t most = 0;
    for (uint64_t i = uint64_t(blockIdx.x % parts) * BLOCK + threadIdx.x; i < length; i += uint64_t(parts) * BLOCK) {
        if (i + 1 < length && same(words[i], words[i + 1])) continue;
        // Where the run begins.
        uint64_t low = is_nan(words[i]) ? i : 0, high = i;
        const U key = ascending(words[i]);
        while (low < high) {
            const uint64_t mid = low + (high - low) / 2;
            if (ascending(words[mid]) < key) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        const uint64_t run = (i - low + 1) << 32 | uint32_t(~uint32_t(i));
        most = run > most ? run : most;
    }
    found[threadIdx.x] = most;
    __syncthreads();
    for (uint32_t half = BLOCK / 2; half > 0; half /= 2) {
        if (threadIdx.x < half && found[threadIdx.x + half] > found[threadIdx.x]) found[threadIdx.x] = found[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) atomicMax(best + row, found[0]);
}

__device__ __forceinline__ void write_longest(const U* sorted, const int64_t* from, const uint64_t* best, U* out, int64_t* indices,
                                              uint64_t outer, uint32_t length) {
    const uint64_t row = uint64_t(blockIdx.x) * BLOCK + threadIdx.x;
    if (row >= outer) return;
    const uint64_t at = row * length + uint32_t(~uint32_t(best[row]));
    out[row] = sorted[at];
    indices[row] = from[at];
}

// Quantiles of sorted rows of F at the ranks q, or `number`. out: [q][row]. HOW: 0 linear, 1 lower, 2 higher, 3 midpoint, 4 nearest.
template <typename F, int HOW>
__device__ __forceinline__ void find_quantiles(const U* sorted, const F* q, F number, F* out, uint64_t outer, uint32_t length,
                                               uint32_t count, bool skip_nan) {
    const uint64_t i = uint64_t(blockIdx.x) * BLOCK + threadIdx.x;
    if (i >= outer * count) return;
    const uint64_t row = i % outer;
    const U* words = sorted + row * length;
    uint32_t low = 0, numbers = length;
    while (low < numbers) {
        const uint32_t mid = low + (numbers - low) / 2;
        if (is_nan(words[mid])) {
            numbers = mid;
        } else {
            low = mid + 1;
        }
    }
    const F point = q ? q[i / outer] : number, last = F(length - 1);
    // With nan about, the rank of the last element finds one.
    const F rank = skip_nan ? point * F(numbers > 0 ? numbers - 1 : 0) : numbers == length ? point * last : last;
    // Ranks outside of the row find its ends.
    const auto element = [&](F at) { return bits_as<F>(words[at > F(0) ? uint32_t(at < last ? at : last) : 0u]); };
    const F below = floor(rank), above = ceil(rank);
    if (HOW == 1 || HOW == 2 || HOW == 4) {
        const F at = HOW == 1 ? below : HOW == 2 ? above : rint(rank);
        out[i] = element(at);
        return;
    }
    const F a = element(below), b = element(above);
    const F weight = HOW == 3 ? F(0.5) : rank - below;
    out[i] = weight < F(0.5) ? fma(weight, b - a, a) : fma(b - a, weight - 1, b);
}

}  // namespace tensh
