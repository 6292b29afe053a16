// Elements that go, stay or change place by a rule.
namespace tensh {

// x = the value where the mask is true; the walk's operands: x, the mask.
template <typename I, int R, typename S>
__device__ void fill_where(const Walk<I, R, 2>& walk, S* x, const bool* mask, const S* value, S number, uint64_t n) {
    const uint64_t step = uint64_t(gridDim.x) * blockDim.x;
    if (value) number = *value;
    for (uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step) {
        I at[2];
        walk(I(i), at);
        if (mask[at[1]]) x[at[0]] = number;
    }
}

// A half of each matrix of height by width words, zeros elsewhere; the walk's operand: x. Words are N elements each, and the diagonal
// counts elements.
template <bool LOWER, int N, typename I, int R, typename S>
__device__ void triangle(const Walk<I, R, 1>& walk, const Pack<S, N>* __restrict__ x, Pack<S, N>* __restrict__ out, int64_t diagonal,
                         uint64_t height, uint64_t width, uint64_t n) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const I line = I(i) / I(width);
    const int64_t column = int64_t(I(i) - line * I(width)) * N, edge = int64_t(line % I(height)) + diagonal;
    Pack<S, N> value = Pack<S, N>();
    if (LOWER ? column <= edge : column + N - 1 >= edge) {
        I at[1];
        walk(I(i), at);
        value = x[at[0]];
#pragma unroll
        for (int k = 0; k < N; k++) {
            if (LOWER ? column + k > edge : column + k < edge) value.at[k] = S();
        }
    }
    out[i] = value;
}

// Which of the counts, summed up, each element belongs to: the last that begins at it or before.
template <typename X>
__device__ void owners(const int64_t* starts, uint64_t counts, X* out, uint64_t n) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= n) return;
    uint64_t low = 0, high = counts;
    while (low < high) {
        const uint64_t middle = (low + high) / 2;
        if (starts[middle] <= int64_t(i)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    out[i] = X(low - 1);
}

// How many elements of x fall in each of equal bins from low to high; the last has its upper end, too. Blocks count in shared memory
// where there is room. ROUND brings what is computed to the dtype of the data.
template <typename T, typename Round, typename Load>
__device__ void count_bins(const Load& load, const Round& round, T low, T high, uint64_t bins, uint64_t* counts, uint64_t n) {
    __shared__ uint32_t shared[4096];
    const bool fits = bins <= 4096;
    if (fits) {
        for (uint64_t b = threadIdx.x; b < bins; b += blockDim.x) shared[b] = 0;
        __syncthreads();
    }
    const uint64_t step = uint64_t(gridDim.x) * blockDim.x;
    for (uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step) {
        const T value = load(load.row(i), 0);
        if (!(value >= low && value <= high)) continue;
        uint64_t bin = uint64_t(round(round(round(value - low) * T(bins)) / round(high - low)));
        bin = bin < bins ? bin : bins - 1;
        if (fits) {
            atomicAdd(&shared[bin], 1u);
        } else {
            atomicAdd(&counts[bin], uint64_t(1));
        }
    }
    if (!fits) return;
    __syncthreads();
    for (uint64_t b = threadIdx.x; b < bins; b += blockDim.x) {
        if (shared[b] != 0) atomicAdd(&counts[b], uint64_t(shared[b]));
    }
}

}  // namespace tensh
