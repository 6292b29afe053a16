// Element types, what registers hold of them, and the ways between them. NVRTC has no headers; all is here.
namespace tensh {

typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;

// The same bytes as another type.
template <typename R, typename A>
__device__ __forceinline__ R bits_as(A a) {
    union {
        A from;
        R to;
    } both = {a};
    return both.to;
}

// Notes a fault that the host looks for afterwards. Threads that find the same one write the same word, which only what is
// volatile may do at once.
__device__ __forceinline__ void raise(uint32_t* flag) {
    *const_cast<volatile uint32_t*>(flag) = 1;
}

// Of float and double.
template <typename T>
struct limits;
template <>
struct limits<float> {
    typedef uint32_t bits;
    static constexpr bits sign = 0x80000000u, infinity = 0x7f800000u, nan = 0x7fc00000u;
    static constexpr float epsilon = 1.1920928955078125e-7f;
};
template <>
struct limits<double> {
    typedef uint64_t bits;
    static constexpr bits sign = 0x8000000000000000ull, infinity = 0x7ff0000000000000ull, nan = 0x7ff8000000000000ull;
    static constexpr double epsilon = 2.220446049250313e-16;
};

template <typename T>
__device__ __forceinline__ T infinity() {
    return bits_as<T>(limits<T>::infinity);
}

template <typename T>
__device__ __forceinline__ T nan() {
    return bits_as<T>(limits<T>::nan);
}

// Neighbours that are read and written at once.
template <typename T, int N>
struct alignas(sizeof(T) * N) Pack {
    T at[N];
    __device__ __forceinline__ const T& operator[](int i) const { return at[i]; }
};

// 16-bit floats as they lie in memory; registers hold them as float.
struct half_t {
    uint16_t bits;
};
struct bfloat_t {
    uint16_t bits;
};

// The hardware's instructions, which a simulated device has not.
#if defined(__CUDA_ARCH__) && !defined(SIMCUDA)
__device__ __forceinline__ float widen(half_t h) {
    float wide;
    asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(h.bits));
    return wide;
}
__device__ __forceinline__ half_t narrow_half(float x) {
    half_t h;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h.bits) : "f"(x));
    return h;
}
#else
__device__ __forceinline__ float widen(half_t h) {
    uint32_t bits = h.bits;
    // The exponent counts from 112 less; multiplying brings subnormal numbers right, too.
    float scaled = bits_as<float>((bits & 0x7fff) << 13) * bits_as<float>((127u + 112u) << 23);
    uint32_t size = (bits & 0x7c00) == 0x7c00 ? 0x7f800000u | (bits & 0x3ff) << 13 : bits_as<uint32_t>(scaled);
    return bits_as<float>(size | (bits & 0x8000) << 16);
}

__device__ __forceinline__ half_t narrow_half(float x) {
    uint32_t sign = bits_as<uint32_t>(x) >> 16 & 0x8000;
    uint32_t size = bits_as<uint32_t>(x) & 0x7fffffff;
    // Half of what is cut off, a little less where the last bit kept is even.
    uint32_t normal = (size + (0xfff + (size >> 13 & 1)) - (112u << 23)) >> 13;
    // Adding a half leaves multiples of the smallest number in the low bits.
    uint32_t subnormal = bits_as<uint32_t>(bits_as<float>(size) + 0.5f) - 0x3f000000u;
    uint32_t finite = size < (127u - 14u) << 23 ? subnormal : normal;
    uint32_t special = size > 0x7f800000u ? 0x7e00 | (size >> 13 & 0x1ff) : 0x7c00;
    half_t h = {uint16_t(sign | (size >= (127u + 16u) << 23 ? special : finite))};
    return h;
}
#endif

__device__ __forceinline__ float widen(bfloat_t h) {
    return bits_as<float>(uint32_t(h.bits) << 16);
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800 && !defined(SIMCUDA)
__device__ __forceinline__ bfloat_t narrow_bfloat(float x) {
    bfloat_t h;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(h.bits) : "f"(x));
    return h;
}
#else
__device__ __forceinline__ bfloat_t narrow_bfloat(float x) {
    uint32_t bits = bits_as<uint32_t>(x);
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    bfloat_t h = {uint16_t((bits & 0x7fffffff) > 0x7f800000u ? bits >> 16 | 0x40 : rounded)};
    return h;
}
#endif

// To the nearest number of a 16-bit format, ties to even.
__device__ __forceinline__ float round_half(float x) {
    return widen(narrow_half(x));
}
__device__ __forceinline__ float round_bfloat(float x) {
    return widen(narrow_bfloat(x));
}

// The unsigned integer in which sums and products of an integer type wrap.
template <typename T>
struct wrapping {
    typedef uint32_t type;
};
template <>
struct wrapping<int64_t> {
    typedef uint64_t type;
};
template <>
struct wrapping<uint64_t> {
    typedef uint64_t type;
};

__device__ __forceinline__ float fma(float x, float y, float z) {
    return ::fmaf(x, y, z);
}
__device__ __forceinline__ double fma(double x, double y, double z) {
    return ::fma(x, y, z);
}
__device__ __forceinline__ float abs(float x) {
    return ::fabsf(x);
}
__device__ __forceinline__ double abs(double x) {
    return ::fabs(x);
}

template <typename F>
struct alignas(2 * sizeof(F)) complex {
    F re, im;

    complex() = default;
    __device__ __forceinline__ complex(F re, F im = F(0)) : re(re), im(im) {}

    friend __device__ __forceinline__ complex operator-(complex a) { return complex(-a.re, -a.im); }
    friend __device__ __forceinline__ complex operator+(complex a, complex b) { return complex(a.re + b.re, a.im + b.im); }
    friend __device__ __forceinline__ complex operator+(complex a, F b) { return complex(a.re + b, a.im); }
    friend __device__ __forceinline__ complex operator+(F a, complex b) { return complex(a + b.re, b.im); }
    friend __device__ __forceinline__ complex operator-(complex a, complex b) { return complex(a.re - b.re, a.im - b.im); }
    friend __device__ __forceinline__ complex operator-(complex a, F b) { return complex(a.re - b, a.im); }
    friend __device__ __forceinline__ complex operator-(F a, complex b) { return complex(a - b.re, -b.im); }
    // Without C's recovery of infinities, as torch.
    friend __device__ __forceinline__ complex operator*(complex a, complex b) {
        return complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
    }
    friend __device__ __forceinline__ complex operator*(complex a, F b) { return complex(a.re * b, a.im * b); }
    friend __device__ __forceinline__ complex operator*(F a, complex b) { return complex(a * b.re, a * b.im); }
    // Scaled by the larger part of the divisor: infinities and zeros come out as torch's do.
    friend __device__ __forceinline__ complex operator/(complex a, complex b) {
        if (abs(b.re) >= abs(b.im)) {
            if (b.re == 0 && b.im == 0) return complex(a.re / abs(b.re), a.im / abs(b.im));
            F ratio = b.im / b.re;
            F scale = 1 / fma(b.im, ratio, b.re);
            return complex(fma(a.im, ratio, a.re) * scale, fma(-a.re, ratio, a.im) * scale);
        }
        F ratio = b.re / b.im;
        F scale = 1 / fma(b.re, ratio, b.im);
        return complex(fma(a.re, ratio, a.im) * scale, fma(a.im, ratio, -a.re) * scale);
    }
    friend __device__ __forceinline__ complex operator/(complex a, F b) { return complex(a.re / b, a.im / b); }
    friend __device__ __forceinline__ complex operator/(F a, complex b) { return complex(a, F(0)) / b; }
    friend __device__ __forceinline__ bool operator==(complex a, complex b) { return a.re == b.re && a.im == b.im; }
    friend __device__ __forceinline__ bool operator!=(complex a, complex b) { return a.re != b.re || a.im != b.im; }
};

// How a number of type A becomes one of type R, as C++ converts; what floats do not fit is the hardware's.
template <typename R, typename A>
struct conversion {
    static __device__ __forceinline__ R of(A a) { return static_cast<R>(a); }
};
// Any number is true but zero.
template <typename A>
struct conversion<bool, A> {
    static __device__ __forceinline__ bool of(A a) { return a != A(0); }
};
// Floats wrap into narrow and unsigned integers.
#define TENSH_BY(R, A, BETWEEN) \
    template <>                 \
    struct conversion<R, A> {   \
        static __device__ __forceinline__ R of(A a) { return static_cast<R>(static_cast<BETWEEN>(a)); } \
    };
#define TENSH_BY_WIDER(A)          \
    TENSH_BY(uint8_t, A, int64_t)  \
    TENSH_BY(int8_t, A, int32_t)   \
    TENSH_BY(int16_t, A, int32_t)  \
    TENSH_BY(uint16_t, A, int32_t) \
    TENSH_BY(uint32_t, A, int64_t) \
    template <>                    \
    struct conversion<uint64_t, A> { \
        static __device__ __forceinline__ uint64_t of(A a) { \
            return a < A(0) ? static_cast<uint64_t>(static_cast<int64_t>(a)) : static_cast<uint64_t>(a); \
        } \
    };
TENSH_BY_WIDER(float)
TENSH_BY_WIDER(double)
#undef TENSH_BY_WIDER
#undef TENSH_BY
// A complex number loses its imaginary part.
template <typename R, typename F>
struct conversion<R, complex<F>> {
    static __device__ __forceinline__ R of(complex<F> a) { return conversion<R, F>::of(a.re); }
};
template <typename F>
struct conversion<bool, complex<F>> {
    static __device__ __forceinline__ bool of(complex<F> a) { return a.re != F(0) || a.im != F(0); }
};
template <typename G, typename A>
struct conversion<complex<G>, A> {
    static __device__ __forceinline__ complex<G> of(A a) { return complex<G>(conversion<G, A>::of(a)); }
};
template <typename G, typename F>
struct conversion<complex<G>, complex<F>> {
    static __device__ __forceinline__ complex<G> of(complex<F> a) { return complex<G>(static_cast<G>(a.re), static_cast<G>(a.im)); }
};

template <typename R, typename A>
__device__ __forceinline__ R cast(A a) {
    return conversion<R, A>::of(a);
}

}  // namespace tensh
