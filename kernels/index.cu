// Elements read and written where indices say.
namespace tensh {

// How an index counts: from the start; from the end, too, when it is negative; or around.
enum Counting { FROM_START, FROM_ENDS, AROUND };

// Indices of type X into J dimensions, each with a size and a stride.
template <typename X, int J>
struct Picks {
    const X* index[J];
    int64_t size[J], stride[J];

    // The offset that the indices at these places name; false where one is outside, and that is said in the flag.
    template <int COUNTING, typename I>
    __device__ __forceinline__ bool find(const I* at, I& offset, uint32_t* flag) const {
        offset = 0;
#pragma unroll
        for (int j = 0; j < J; ++j) {
            int64_t i = index[j][at[j]];
            if (COUNTING == AROUND) i %= size[j];
            if (COUNTING != FROM_START && i < 0) i += size[j];
            if (uint64_t(i) >= uint64_t(size[j])) {
                raise(flag);
                return false;
            }
            offset += I(i) * I(stride[j]);
        }
        return true;
    }
};

// out[i] = x[where the indices say]. The walk's operands: x, the indices. U elements a thread, so that as many loads are under way.
template <int COUNTING, int U, typename I, int R, int K, typename X, int J, typename S>
__device__ void read_picked(const Walk<I, R, K>& walk, const Picks<X, J>& picks, const S* __restrict__ x, S* __restrict__ out,
                            uint64_t n, uint32_t* flag) {
    const uint64_t first = uint64_t(blockIdx.x) * (U * blockDim.x) + threadIdx.x;
    S got[U];
#pragma unroll
    for (int k = 0; k < U; ++k) {
        const uint64_t i = first + k * blockDim.x;
        got[k] = S();
        if (i >= n) continue;
        I at[K], offset;
        walk(I(i), at);
        if (picks.template find<COUNTING>(at + 1, offset, flag)) got[k] = x[at[0] + offset];
    }
#pragma unroll
    for (int k = 0; k < U; ++k) {
        const uint64_t i = first + k * blockDim.x;
        if (i < n) out[i] = got[k];
    }
}

// x[where the indices say] = value, a number where there are no values. The walk's operands: x, the values, the indices.
template <int COUNTING, int U, typename I, int R, int K, typename X, int J, typename S>
__device__ void write_picked(const Walk<I, R, K>& walk, const Picks<X, J>& picks, S* __restrict__ x, const S* __restrict__ values,
                             S number, uint64_t n, uint32_t* flag) {
    const uint64_t first = uint64_t(blockIdx.x) * (U * blockDim.x) + threadIdx.x;
    S got[U];
    I to[U];
    bool there[U];
#pragma unroll
    for (int k = 0; k < U; ++k) {
        const uint64_t i = first + k * blockDim.x;
        there[k] = i < n;
        got[k] = number;
        if (!there[k]) continue;
        I at[K];
        walk(I(i), at);
        there[k] = picks.template find<COUNTING>(at + 2, to[k], flag);
        to[k] += at[0];
        if (values) got[k] = values[at[1]];
    }
#pragma unroll
    for (int k = 0; k < U; ++k) {
        if (there[k]) x[to[k]] = got[k];
    }
}

// Sums and products of elements: integers wrap, bools are or and and.
template <typename T>
__device__ __forceinline__ T plus(T a, T b) {
    return a + b;
}
template <typename T>
__device__ __forceinline__ T times(T a, T b) {
    return a * b;
}
#define TENSH_WRAPS(T)                                                  \
    template <>                                                         \
    __device__ __forceinline__ T plus<T>(T a, T b) {                    \
        typedef wrapping<T>::type U;                                    \
        return T(U(a) + U(b));                                          \
    }                                                                   \
    template <>                                                         \
    __device__ __forceinline__ T times<T>(T a, T b) {                   \
        typedef wrapping<T>::type U;                                    \
        return T(U(a) * U(b));                                          \
    }
TENSH_WRAPS(uint8_t)
TENSH_WRAPS(int8_t)
TENSH_WRAPS(int16_t)
TENSH_WRAPS(int32_t)
TENSH_WRAPS(int64_t)
TENSH_WRAPS(uint16_t)
TENSH_WRAPS(uint32_t)
TENSH_WRAPS(uint64_t)
#undef TENSH_WRAPS
template <>
__device__ __forceinline__ bool plus<bool>(bool a, bool b) {
    return a || b;
}
template <>
__device__ __forceinline__ bool times<bool>(bool a, bool b) {
    return a && b;
}

struct Plus {
    static constexpr bool adds = true;
    template <typename T>
    __device__ __forceinline__ T operator()(T a, T b) const {
        return plus(a, b);
    }
};
struct Times {
    static constexpr bool adds = false;
    template <typename T>
    __device__ __forceinline__ T operator()(T a, T b) const {
        return times(a, b);
    }
};
// A nan wins.
struct Larger {
    static constexpr bool adds = false;
    template <typename T>
    __device__ __forceinline__ T operator()(T a, T b) const {
        return a != a || (b == b && !(b > a)) ? a : b;
    }
};
struct Smaller {
    static constexpr bool adds = false;
    template <typename T>
    __device__ __forceinline__ T operator()(T a, T b) const {
        return a != a || (b == b && !(a > b)) ? a : b;
    }
};

// Between what lies in memory and what a register holds.
template <typename S>
struct element {
    typedef S type;
    static __device__ __forceinline__ S load(S s) { return s; }
    static __device__ __forceinline__ S store(S s) { return s; }
};
template <>
struct element<half_t> {
    typedef float type;
    static __device__ __forceinline__ float load(half_t s) { return widen(s); }
    static __device__ __forceinline__ half_t store(float x) { return narrow_half(x); }
};
template <>
struct element<bfloat_t> {
    typedef float type;
    static __device__ __forceinline__ float load(bfloat_t s) { return widen(s); }
    static __device__ __forceinline__ bfloat_t store(float x) { return narrow_bfloat(x); }
};

// Replaces the bits of a word by those of a function of them, whoever else does the same; the function gives what it got to leave all
// as it is.
template <typename W, typename F>
__device__ __forceinline__ void replace(W* word, F next) {
    // Others write it meanwhile.
    W seen = *const_cast<const volatile W*>(word);
    while (true) {
        const W wanted = next(seen);
        if (wanted == seen) return;
        const W old = atomicCAS(word, seen, wanted);
        if (old == seen) return;
        seen = old;
    }
}

// *at = join(*at, value), of elements of up to eight bytes.
template <typename Op, typename S>
__device__ __forceinline__ void merge(S* at, typename element<S>::type value) {
    const Op op = Op();
    if constexpr (sizeof(S) == 8) {
        replace(reinterpret_cast<uint64_t*>(at), [&](uint64_t bits) {
            return bits_as<uint64_t>(element<S>::store(op(element<S>::load(bits_as<S>(bits)), value)));
        });
    } else if constexpr (sizeof(S) == 4) {
        replace(reinterpret_cast<uint32_t*>(at), [&](uint32_t bits) {
            return bits_as<uint32_t>(element<S>::store(op(element<S>::load(bits_as<S>(bits)), value)));
        });
    } else if constexpr (sizeof(S) == 2) {
        // Part of a word of four bytes.
        const uint64_t place = reinterpret_cast<uint64_t>(at);
        const uint32_t shift = uint32_t(place & 2) * 8;
        replace(reinterpret_cast<uint32_t*>(place & ~uint64_t(3)), [&](uint32_t bits) {
            const uint16_t own = uint16_t(bits >> shift);
            const uint16_t next = bits_as<uint16_t>(element<S>::store(op(element<S>::load(bits_as<S>(own)), value)));
            return (bits & ~(0xffffu << shift)) | uint32_t(next) << shift;
        });
    } else if constexpr (sizeof(S) == 1) {
        const uint64_t place = reinterpret_cast<uint64_t>(at);
        const uint32_t shift = uint32_t(place & 3) * 8;
        replace(reinterpret_cast<uint32_t*>(place & ~uint64_t(3)), [&](uint32_t bits) {
            const uint8_t own = uint8_t(bits >> shift);
            const uint8_t next = bits_as<uint8_t>(element<S>::store(op(element<S>::load(bits_as<S>(own)), value)));
            return (bits & ~(0xffu << shift)) | uint32_t(next) << shift;
        });
    }
}

// Sums have instructions of their own.
template <typename S>
__device__ __forceinline__ void add_to(S* at, typename element<S>::type value) {
    merge<Plus>(at, value);
}
__device__ __forceinline__ void add_to(float* at, float value) {
    atomicAdd(at, value);
}
__device__ __forceinline__ void add_to(double* at, double value) {
    atomicAdd(at, value);
}
__device__ __forceinline__ void add_to(int32_t* at, int32_t value) {
    atomicAdd(at, value);
}
__device__ __forceinline__ void add_to(int64_t* at, int64_t value) {
    atomicAdd(reinterpret_cast<uint64_t*>(at), uint64_t(value));
}
template <typename F>
__device__ __forceinline__ void add_to(complex<F>* at, complex<F> value) {
    atomicAdd(&at->re, value.re);
    atomicAdd(&at->im, value.im);
}

// x[where the indices say] joined with the value; operands as of write_picked.
template <typename Op, int COUNTING, typename I, int R, int K, typename X, int J, typename S>
__device__ void join_picked(const Walk<I, R, K>& walk, const Picks<X, J>& picks, S* x, const S* values, S number, uint64_t n,
                            uint32_t* flag) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= n) return;
    I at[K], offset;
    walk(I(i), at);
    if (!picks.template find<COUNTING>(at + 2, offset, flag)) return;
    const typename element<S>::type value = element<S>::load(values ? values[at[1]] : number);
    if constexpr (Op::adds) {
        add_to(x + (at[0] + offset), value);
    } else {
        merge<Op>(x + (at[0] + offset), value);
    }
}

// The offsets that the indices name, if they are wanted. The walk's operands: the indices.
template <int COUNTING, typename I, int R, int K, typename X, int J>
__device__ void find_all(const Walk<I, R, K>& walk, const Picks<X, J>& picks, int64_t* offsets, uint64_t n, uint32_t* flag) {
    const uint64_t i = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i >= n) return;
    I at[K], offset;
    walk(I(i), at);
    if (picks.template find<COUNTING>(at, offset, flag) && offsets) offsets[i] = offset;
}

// Adds m values for each of n offsets, which come sorted with their places among the values: where one offset stands several times its
// first thread adds up all of them in order, so that sums are always the same. The walk's operand: x, over the m.
template <typename I, int R, typename S>
__device__ void add_runs(const Walk<I, R, 1>& walk, const int64_t* __restrict__ offsets, const int64_t* __restrict__ places, S* x,
                         const S* __restrict__ values, uint64_t n, uint64_t m) {
    const uint64_t thread = uint64_t(blockIdx.x) * blockDim.x + threadIdx.x;
    if (thread >= n * m) return;
    uint64_t run = thread / m;
    const uint64_t element_of = thread - run * m;
    const int64_t offset = offsets[run];
    if (run > 0 && offsets[run - 1] == offset) return;
    I at[1];
    walk(I(element_of), at);
    S* const to = x + (uint64_t(offset) + at[0]);
    S sum = *to;
    do {
        const S value = values[uint64_t(places[run]) * m + element_of];
        sum = element<S>::store(plus(element<S>::load(sum), element<S>::load(value)));
    } while (++run < n && offsets[run] == offset);
    *to = sum;
}

}  // namespace tensh
