// Tensors made from nothing: bytes repeated, the positions of triangles, and what Kaiser's windows are functions of.
namespace tensh {

struct alignas(16) Sixteen {
    uint32_t w[4];
};

// A pattern over `n` bytes that repeats at multiples of 16; what is before the first of them and behind the last goes byte by byte.
__device__ __forceinline__ void repeat_bytes(uint8_t* out, uint64_t n, const Sixteen& pattern) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    const int64_t start = int64_t(i * 16) - int64_t(reinterpret_cast<uint64_t>(out) % 16);
    if (start >= 0 && start + 16 <= int64_t(n)) {
        *reinterpret_cast<Sixteen*>(out + start) = pattern;
        return;
    }
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&pattern);
    for (int k = 0; k < 16; k++) {
        if (start + k >= 0 && start + k < int64_t(n)) out[start + k] = bytes[k];
    }
}

// The sum of min(j, columns) over j from 0 up to but without x; 0 where x is negative.
__device__ __forceinline__ int64_t length_below(int64_t x, int64_t columns) {
    if (x <= 0) return 0;
    const int64_t near = x < columns ? x : columns;
    return near * (near - 1) / 2 + (x - near) * columns;
}

// Row (for the first half of the indices) or column of the triangle's element number `i`. Row r of the lower triangle has r + first
// elements, at least 0 and at most all; that of the upper triangle has the rest.
template <bool Lower>
__device__ __forceinline__ int64_t triangle_index(int64_t i, int64_t count, int64_t rows, int64_t columns, int64_t first) {
    const int64_t at = i < count ? i : i - count;
    const int64_t none = length_below(first, columns);
    // The last row that no more than `at` elements stand before.
    int64_t low = 0, high = rows;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2, inside = length_below(middle + first, columns) - none;
        if ((Lower ? inside : middle * columns - inside) <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    if (i < count) return low;
    const int64_t inside = length_below(low + first, columns) - none;
    if (Lower) return at - inside;
    const int64_t start = low + first < 0 ? 0 : low + first;
    return start + at - (low * columns - inside);
}

// What Kaiser's window has the Bessel function of at its point number `i`, the last one being at 2 / step.
template <typename T>
__device__ __forceinline__ T kaiser(T i, T step, T beta) {
    const T x = fma(i, step, T(-1)), y = fma(-x, x, T(1));
    return beta * sqrt(y > 0 ? y : T(0));
}

}  // namespace tensh
