// Orthogonal polynomials by their recurrences; a negative degree gives 0, as in torch.
namespace tensh {
namespace polynomials {

// A degree given as a float: truncated; what does not fit counts as negative.
template <typename T>
__device__ __forceinline__ int64_t degree(T n) {
    return n > T(-9.2e18) && n < T(9.2e18) ? int64_t(n) : -1;
}

// The four kinds of Chebyshev polynomials, each with its value at 1 and at -1, the one of degree 1, and its trigonometric form
// for |x| < 1. Where an angle rounds to an end, torch takes the value there (for the shifted fourth kind that of the other end).

template <typename T>
__device__ __forceinline__ T alternating(int64_t n, T size) {
    return n & 1 ? -size : size;
}

// 2 n + 1
template <typename T>
__device__ __forceinline__ T odd(int64_t n) {
    return T(int64_t(2 * uint64_t(n) + 1));
}

struct First {
    template <typename T>
    static __device__ __forceinline__ T at_one(int64_t) {
        return T(1);
    }
    template <typename T>
    static __device__ __forceinline__ T at_minus_one(int64_t n) {
        return alternating(n, T(1));
    }
    template <typename T>
    static __device__ __forceinline__ T linear(T x) {
        return x;
    }
    template <typename T>
    static __device__ __forceinline__ T by_angle(T x, int64_t n, bool) {
        return cos(T(n) * acos(x));
    }
};
struct Second {
    template <typename T>
    static __device__ __forceinline__ T at_one(int64_t n) {
        return T(n + 1);
    }
    template <typename T>
    static __device__ __forceinline__ T at_minus_one(int64_t n) {
        return alternating(n, T(n + 1));
    }
    template <typename T>
    static __device__ __forceinline__ T linear(T x) {
        return x + x;
    }
    template <typename T>
    static __device__ __forceinline__ T by_angle(T x, int64_t n, bool) {
        T angle = acos(x), below = sin(angle), many = T(n + 1);
        return below == 0 ? many * cos(many * angle) / x : sin(many * angle) / below;
    }
};
struct Third {
    template <typename T>
    static __device__ __forceinline__ T at_one(int64_t) {
        return T(1);
    }
    template <typename T>
    static __device__ __forceinline__ T at_minus_one(int64_t n) {
        return alternating(n, odd<T>(n));
    }
    template <typename T>
    static __device__ __forceinline__ T linear(T x) {
        return x + x - 1;
    }
    template <typename T>
    static __device__ __forceinline__ T by_angle(T x, int64_t n, bool) {
        T angle = acos(x), half = angle * T(0.5);
        if (sin(half) == 1) return at_minus_one<T>(n);
        return cos((T(n) + T(0.5)) * angle) / cos(half);
    }
};
struct Fourth {
    template <typename T>
    static __device__ __forceinline__ T at_one(int64_t n) {
        return odd<T>(n);
    }
    template <typename T>
    static __device__ __forceinline__ T at_minus_one(int64_t n) {
        return alternating(n, T(1));
    }
    template <typename T>
    static __device__ __forceinline__ T linear(T x) {
        return x + x + 1;
    }
    template <typename T>
    static __device__ __forceinline__ T by_angle(T x, int64_t n, bool shifted) {
        T angle = acos(x), half = angle * T(0.5);
        if (cos(half) == 1) return !shifted && x > 0 ? at_one<T>(n) : at_minus_one<T>(n);
        return sin((T(n) + T(0.5)) * angle) / sin(half);
    }
};

template <typename Kind, typename T>
__device__ inline T recurrence(T x, int64_t n) {
    if (n == 0) return T(1);
    T two_x = x + x, p = T(1), q = Kind::linear(x);
    for (int64_t k = 1; k < n && q == q; k++) {
        T next = fma(two_x, q, -p);
        p = q;
        q = next;
    }
    return q;
}
template <typename Kind, typename T>
__device__ inline T chebyshev(T x, T y, int64_t from) {
    int64_t n = degree(y);
    if (n < 0) return T(0);
    if (abs(x) == 1) return x > 0 ? Kind::template at_one<T>(n) : Kind::template at_minus_one<T>(n);
    return n > from && abs(x) < 1 ? Kind::by_angle(x, n, false) : recurrence<Kind>(x, n);
}
// On [0, 1]: at 2 x - 1.
template <typename Kind, typename T>
__device__ inline T shifted_chebyshev(T x, T y, int64_t from) {
    int64_t n = degree(y);
    if (n < 0) return T(0);
    if (x == 1) return Kind::template at_one<T>(n);
    if (x == 0) return Kind::template at_minus_one<T>(n);
    x = x + x - 1;
    return n > from && abs(x) < 1 ? Kind::by_angle(x, n, true) : recurrence<Kind>(x, n);
}

#define TENSH_CHEBYSHEV(letter, Kind, FROM, SHIFTED_FROM)                                                                         \
    template <typename T>                                                                                                         \
    __device__ __forceinline__ T chebyshev_##letter(T x, T y) { return chebyshev<Kind>(x, y, FROM); }                             \
    template <typename T>                                                                                                         \
    __device__ __forceinline__ T shifted_chebyshev_##letter(T x, T y) { return shifted_chebyshev<Kind>(x, y, SHIFTED_FROM); }
TENSH_CHEBYSHEV(t, First, 6, 6)
TENSH_CHEBYSHEV(u, Second, 8, 6)
TENSH_CHEBYSHEV(v, Third, 8, 6)
TENSH_CHEBYSHEV(w, Fourth, 8, 4)
#undef TENSH_CHEBYSHEV

// Whether Hermite polynomials of a degree overflow, where torch gives nan.
template <typename T>
__device__ __forceinline__ bool is_high(int64_t n) {
    return n > (sizeof(T) == 8 ? 512 : 128);
}

// Hermite polynomial of the physicists.
template <typename T>
__device__ inline T hermite_h(T x, T y) {
    int64_t n = degree(y);
    if (n <= 0 || is_high<T>(n)) return n < 0 ? T(0) : n == 0 ? T(1) : nan<T>();
    T two_x = x + x, p = T(1), q = two_x;
    for (int64_t k = 1; k < n && q == q; k++) {
        T next = fma(two_x, q, -(T(k + k) * p));
        p = q;
        q = next;
    }
    return q;
}
// Hermite polynomial of the probabilists.
template <typename T>
__device__ inline T hermite_he(T x, T y) {
    int64_t n = degree(y);
    if (n <= 0 || is_high<T>(n)) return n < 0 ? T(0) : n == 0 ? T(1) : nan<T>();
    T p = T(1), q = x;
    for (int64_t k = 1; k < n && q == q; k++) {
        T next = fma(x, q, -(T(k) * p));
        p = q;
        q = next;
    }
    return q;
}
template <typename T>
__device__ inline T laguerre_l(T x, T y) {
    int64_t n = degree(y);
    if (n <= 0 || x == 0) return n < 0 ? T(0) : T(1);
    T p = T(1), q = 1 - x;
    for (int64_t i = 1; i < n && q == q; i++) {
        T k = T(i), next = fma(k + k + (1 - x), q, -(k * p)) / (k + 1);
        p = q;
        q = next;
    }
    return q;
}
template <typename T>
__device__ inline T legendre_p(T x, T y) {
    int64_t n = degree(y);
    if (n <= 0) return n < 0 ? T(0) : T(1);
    if (abs(x) == 1) return x > 0 ? T(1) : alternating(n, T(1));
    T p = T(1), q = x;
    for (int64_t i = 1; i < n && q == q; i++) {
        T k = T(i), next = fma((k + k + 1) * x, q, -(k * p)) / (k + 1);
        p = q;
        q = next;
    }
    return q;
}

}  // namespace polynomials
}  // namespace tensh
