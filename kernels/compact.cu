// The elements that a condition names, in order: blocks count theirs, the counts are summed up, and each block knows where to write.
namespace tensh {

// Rounds in which a block of 256 threads looks at its elements.
constexpr int ROUNDS = 16;
constexpr uint32_t ALL_LANES = 0xffffffffu;

// How many elements of each block's are hits.
template <typename Hit>
__device__ void count_hits(const Hit& hit, uint64_t n, int64_t* counts) {
    __shared__ uint32_t warps[8];
    const uint64_t first = uint64_t(blockIdx.x) * (256 * ROUNDS) + threadIdx.x;
    uint32_t own = 0;
#pragma unroll
    for (int r = 0; r < ROUNDS; ++r) {
        const uint64_t i = first + r * 256;
        if (i < n && hit(i)) ++own;
    }
    for (int half = 16; half > 0; half /= 2) own += __shfl_xor_sync(ALL_LANES, own, half);
    if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = own;
    __syncthreads();
    if (threadIdx.x != 0) return;
    uint32_t sum = 0;
    for (int w = 0; w < 8; ++w) sum += warps[w];
    counts[blockIdx.x] = sum;
}

// Sums of all counts before each, and that of all of them behind; one block of 1024 threads. In place, if wanted. A negative count is
// said in the flag.
template <typename T>
__device__ void sum_up(const T* counts, int64_t* sums, uint64_t n, uint32_t* flag) {
    __shared__ int64_t shared[1024];
    const uint64_t each = (n + 1023) / 1024, first = each * threadIdx.x, end = first + each < n ? first + each : n;
    int64_t own = 0;
    for (uint64_t i = first; i < end; ++i) {
        if (counts[i] < 0) raise(flag);
        own += counts[i];
    }
    shared[threadIdx.x] = own;
    __syncthreads();
    for (uint32_t step = 1; step < 1024; step *= 2) {
        const int64_t before = threadIdx.x >= step ? shared[threadIdx.x - step] : 0;
        __syncthreads();
        shared[threadIdx.x] += before;
        __syncthreads();
    }
    int64_t sum = shared[threadIdx.x] - own;
    for (uint64_t i = first; i < end; ++i) {
        const int64_t count = counts[i];
        sums[i] = sum;
        sum += count;
    }
    if (threadIdx.x == 1023) sums[n] = shared[1023];
}

// Calls emit with each hit's number among the elements and among the hits.
template <typename Hit, typename Emit>
__device__ void each_hit(const Hit& hit, uint64_t n, const int64_t* starts, const Emit& emit) {
    __shared__ uint32_t counts[8 * ROUNDS];
    const uint32_t lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const uint64_t first = uint64_t(blockIdx.x) * (256 * ROUNDS) + threadIdx.x;
    uint32_t seen[ROUNDS];
#pragma unroll
    for (int r = 0; r < ROUNDS; ++r) {
        const uint64_t i = first + r * 256;
        seen[r] = __ballot_sync(ALL_LANES, i < n && hit(i));
        if (lane == 0) counts[r * 8 + warp] = __popc(seen[r]);
    }
    __syncthreads();
    for (uint32_t step = 1; step < 8 * ROUNDS; step *= 2) {
        const bool mine = threadIdx.x >= step && threadIdx.x < 8 * ROUNDS;
        const uint32_t before = mine ? counts[threadIdx.x - step] : 0;
        __syncthreads();
        if (mine) counts[threadIdx.x] += before;
        __syncthreads();
    }
    const uint64_t start = starts[blockIdx.x];
#pragma unroll
    for (int r = 0; r < ROUNDS; ++r) {
        if ((seen[r] >> lane & 1) == 0) continue;
        const uint32_t before = counts[r * 8 + warp] - __popc(seen[r]) + __popc(seen[r] & ((1u << lane) - 1));
        emit(first + r * 256, start + before);
    }
}

// The places of hits in R dimensions.
template <int R>
struct Places {
    int64_t size[R];
    int64_t* out;
    int64_t hit_step, dim_step;
    __device__ void operator()(uint64_t i, uint64_t hit) const {
        for (int d = R - 1; d >= 0; --d) {
            out[hit * hit_step + d * dim_step] = i % uint64_t(size[d]);
            i /= uint64_t(size[d]);
        }
    }
};

// The hits themselves, one after the other.
template <typename S>
struct Taken {
    const S* x;
    S* out;
    __device__ void operator()(uint64_t i, uint64_t hit) const { out[hit] = x[i]; }
};

// Elements put in the places of the hits, one after the other.
template <typename S>
struct Given {
    const S* source;
    S* out;
    __device__ void operator()(uint64_t i, uint64_t hit) const { out[i] = source[hit]; }
};

}  // namespace tensh
