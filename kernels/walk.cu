// Walks over an index space with several operands, each with its own strides.
namespace tensh {

// Sixteen bytes that move at once.
struct alignas(16) quad_t {
    uint64_t low, high;
};

// R dimensions and K operands; I is the type of indices.
template <typename I, int R, int K>
struct Walk {
    int64_t size[R], stride[K][R];

    // The operands' offsets of the element with number i, in row-major order.
    __device__ __forceinline__ void operator()(I i, I* at) const {
#pragma unroll
        for (int k = 0; k < K; ++k) at[k] = 0;
#pragma unroll
        for (int d = R - 1; d >= 0; --d) {
            const I q = d == 0 ? i : i % I(size[d]);
            if (d > 0) i /= I(size[d]);
#pragma unroll
            for (int k = 0; k < K; ++k) at[k] += q * I(stride[k][d]);
        }
    }
};

}  // namespace tensh
