// Places of values in sorted rows.
namespace tensh {

// The first place in `row` whose element is not below `value`, or above it with `right`; comparisons with nan fail.
template <typename T>
__device__ __forceinline__ int64_t place_of(const T* row, const int64_t* sorter, int64_t length, T value, bool right) {
    int64_t low = 0, high = length;
    while (low < high) {
        const int64_t mid = low + (high - low) / 2;
        const T edge = row[sorter ? sorter[mid] : mid];
        if (right ? edge > value : edge >= value) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return low;
}

// Whether an index of a row's order lies outside of the row: the flag is set.
__device__ __forceinline__ void check_sorter(const int64_t* sorter, uint64_t count, int64_t length, uint32_t* flag) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i < count && (sorter[i] < 0 || sorter[i] >= length)) raise(flag);
}

}  // namespace tensh
