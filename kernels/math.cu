// Arithmetic, comparisons and elementary functions of bools, integers and floats. What takes `flag` sets it where an integer is
// divided by zero; functions of T alone are for integers where float and double have their own.
namespace tensh {

#define TENSH_1(name)                                                           \
    __device__ __forceinline__ float name(float x) { return ::name##f(x); }     \
    __device__ __forceinline__ double name(double x) { return ::name(x); }
#define TENSH_2(name)                                                                         \
    __device__ __forceinline__ float name(float x, float y) { return ::name##f(x, y); }       \
    __device__ __forceinline__ double name(double x, double y) { return ::name(x, y); }
#define TENSH_ROUNDING(name) \
    TENSH_1(name)            \
    template <typename T>    \
    __device__ __forceinline__ T name(T x) { return x; }

TENSH_1(sqrt)
TENSH_1(exp)
TENSH_1(exp2)
TENSH_1(expm1)
TENSH_1(log)
TENSH_1(log2)
TENSH_1(log10)
TENSH_1(log1p)
TENSH_1(sin)
TENSH_1(cos)
TENSH_1(tan)
TENSH_1(asin)
TENSH_1(acos)
TENSH_1(atan)
TENSH_1(sinh)
TENSH_1(cosh)
TENSH_1(tanh)
TENSH_1(asinh)
TENSH_1(acosh)
TENSH_1(atanh)
TENSH_1(erf)
TENSH_1(erfc)
TENSH_1(lgamma)
TENSH_2(atan2)
TENSH_2(hypot)
TENSH_2(copysign)
TENSH_2(pow)
TENSH_2(fmod)
TENSH_ROUNDING(floor)
TENSH_ROUNDING(ceil)
TENSH_ROUNDING(trunc)
TENSH_ROUNDING(rint)

#undef TENSH_1
#undef TENSH_2
#undef TENSH_ROUNDING

// Sums and products; those of integers wrap, those of bools are "or" and "and".

template <typename T>
__device__ __forceinline__ T add(T x, T y) {
    typedef typename wrapping<T>::type U;
    return T(U(x) + U(y));
}
template <typename T>
__device__ __forceinline__ T sub(T x, T y) {
    typedef typename wrapping<T>::type U;
    return T(U(x) - U(y));
}
template <typename T>
__device__ __forceinline__ T mul(T x, T y) {
    typedef typename wrapping<T>::type U;
    return T(U(x) * U(y));
}
template <typename T>
__device__ __forceinline__ T neg(T x) {
    typedef typename wrapping<T>::type U;
    return T(U(0) - U(x));
}
// x + y z
template <typename T>
__device__ __forceinline__ T add_product(T x, T y, T z) {
    return add(x, mul(y, z));
}
// x - y z
template <typename T>
__device__ __forceinline__ T sub_product(T x, T y, T z) {
    return sub(x, mul(y, z));
}

#define TENSH_ARITHMETIC(T, PRODUCT)                                                        \
    __device__ __forceinline__ T add(T x, T y) { return x + y; }                            \
    __device__ __forceinline__ T sub(T x, T y) { return x - y; }                            \
    __device__ __forceinline__ T mul(T x, T y) { return x * y; }                            \
    __device__ __forceinline__ T neg(T x) { return -x; }                                    \
    __device__ __forceinline__ T add_product(T x, T y, T z) { return PRODUCT(y, z, x); }    \
    __device__ __forceinline__ T sub_product(T x, T y, T z) { return PRODUCT(y, -z, x); }
TENSH_ARITHMETIC(float, fma)
TENSH_ARITHMETIC(double, fma)
#undef TENSH_ARITHMETIC

template <typename F>
__device__ __forceinline__ complex<F> add(complex<F> x, complex<F> y) {
    return x + y;
}
template <typename F>
__device__ __forceinline__ complex<F> sub(complex<F> x, complex<F> y) {
    return x - y;
}
template <typename F>
__device__ __forceinline__ complex<F> mul(complex<F> x, complex<F> y) {
    return x * y;
}
template <typename F>
__device__ __forceinline__ complex<F> neg(complex<F> x) {
    return -x;
}

// Signs.

template <typename T>
__device__ __forceinline__ T abs(T x) {
    return x < T(0) ? neg(x) : x;
}
template <typename T>
__device__ __forceinline__ T sgn(T x) {
    return T((x > T(0)) - (x < T(0)));
}
template <typename T>
__device__ __forceinline__ bool signbit(T x) {
    return x < T(0);
}
__device__ __forceinline__ bool signbit(float x) {
    return bits_as<int32_t>(x) < 0;
}
__device__ __forceinline__ bool signbit(double x) {
    return bits_as<int64_t>(x) < 0;
}

// Division. -1 is the one divisor whose quotient can overflow.

template <typename T>
__device__ __forceinline__ bool is_minus_one(T y) {
    return T(-1) < T(0) && y == T(-1);
}

// C's quotient, towards zero.
template <typename T>
__device__ __forceinline__ T trunc_divide(T x, T y, unsigned int* flag) {
    if (y == T(0)) {
        raise(flag);
        return y;
    }
    return is_minus_one(y) ? neg(x) : T(x / y);
}
// C's remainder: the dividend's sign.
template <typename T>
__device__ __forceinline__ T fmod(T x, T y, unsigned int* flag) {
    if (y == T(0)) {
        raise(flag);
        return y;
    }
    return is_minus_one(y) ? T(0) : T(x % y);
}
// Python's remainder: the divisor's sign.
template <typename T>
__device__ __forceinline__ T remainder(T x, T y, unsigned int* flag) {
    T rest = fmod(x, y, flag);
    return rest != T(0) && (rest < T(0)) != (y < T(0)) ? T(rest + y) : rest;
}
// Python's quotient, rounded down.
template <typename T>
__device__ __forceinline__ T floor_divide(T x, T y, unsigned int* flag) {
    if (y == T(0)) {
        raise(flag);
        return y;
    }
    if (is_minus_one(y)) return neg(x);
    return T(x / y - (x % y != 0 && (x < T(0)) != (y < T(0))));
}

template <typename T>
__device__ __forceinline__ T float_remainder(T x, T y) {
    T rest = fmod(x, y);
    return rest != 0 && (y < 0) != (rest < 0) ? rest + y : rest;
}
// Consistent with the remainder, exact where it is whole.
template <typename T>
__device__ __forceinline__ T float_floor_divide(T x, T y) {
    T plain = x / y, rest = fmod(x, y);
    if (y == 0) return plain;
    T quotient = (x - rest) / y;
    if (rest != 0 && (y < 0) != (rest < 0)) quotient -= 1;
    if (quotient == 0) return copysign(T(0), plain);
    T whole = floor(quotient);
    return quotient - whole > T(0.5) ? whole + 1 : whole;
}

#define TENSH_DIVISION(T)                                                                                          \
    __device__ __forceinline__ T trunc_divide(T x, T y, unsigned int*) { return trunc(x / y); }                    \
    __device__ __forceinline__ T fmod(T x, T y, unsigned int*) { return fmod(x, y); }                              \
    __device__ __forceinline__ T remainder(T x, T y, unsigned int*) { return float_remainder(x, y); }              \
    __device__ __forceinline__ T floor_divide(T x, T y, unsigned int*) { return float_floor_divide(x, y); }
TENSH_DIVISION(float)
TENSH_DIVISION(double)
#undef TENSH_DIVISION

// Integers.

template <typename T>
__device__ __forceinline__ T gcd(T x, T y) {
    T a = abs(x), b = abs(y);
    while (a != T(0)) {
        T rest = is_minus_one(a) ? T(0) : T(b % a);
        b = a;
        a = rest;
    }
    return b;
}
template <typename T>
__device__ __forceinline__ T lcm(T x, T y) {
    T g = gcd(x, y);
    if (g == T(0)) return g;
    T factor = is_minus_one(g) ? neg(x) : T(x / g);
    T product = mul(factor, y);
    // Products of narrow types are those of an int, and overflow only when they are stored.
    bool negative = sizeof(T) < sizeof(int) ? (factor < T(0)) != (y < T(0)) : product < T(0);
    return negative ? neg(product) : product;
}
// Powers wrap; negative exponents leave only the powers of 1 and -1.
template <typename T>
__device__ __forceinline__ T pow(T x, T y) {
    if (y < T(0)) return x == T(1) ? x : is_minus_one(x) ? (y & 1 ? x : T(1)) : T(0);
    T base = x, power = T(1);
    for (typename wrapping<T>::type left = y; left; left >>= 1) {
        if (left & 1) power = mul(power, base);
        base = mul(base, base);
    }
    return power;
}

template <typename T>
__device__ __forceinline__ T bitwise_not(T x) {
    return ~x;
}
__device__ __forceinline__ bool bitwise_not(bool x) {
    return !x;
}
// Shifts by a negative count or by a number's width and more leave nothing, or the sign.
template <typename T>
__device__ __forceinline__ T shift_left(T x, T y) {
    typedef typename wrapping<T>::type U;
    return y >= T(0) && U(y) < 8 * sizeof(T) ? T(U(x) << y) : T(0);
}
template <typename T>
__device__ __forceinline__ T shift_right(T x, T y) {
    typedef typename wrapping<T>::type U;
    if (y >= T(0) && U(y) < 8 * sizeof(T)) return T(x >> y);
    return x < T(0) ? T(-1) : T(0);
}

// The larger and the smaller of two; nan where either is nan.

template <typename T>
__device__ __forceinline__ T maximum(T x, T y) {
    return x < y ? y : x;
}
template <typename T>
__device__ __forceinline__ T minimum(T x, T y) {
    return x > y ? y : x;
}
// A number rather than nan.
template <typename T>
__device__ __forceinline__ T fmax(T x, T y) {
    return x < y ? y : x;
}
template <typename T>
__device__ __forceinline__ T fmin(T x, T y) {
    return x > y ? y : x;
}

#define TENSH_EXTREMES(T, MAX, MIN)                                                              \
    __device__ __forceinline__ T maximum(T x, T y) { return x < y || y != y ? y : x; }           \
    __device__ __forceinline__ T minimum(T x, T y) { return x > y || y != y ? y : x; }           \
    __device__ __forceinline__ T fmax(T x, T y) { return ::MAX(x, y); }                          \
    __device__ __forceinline__ T fmin(T x, T y) { return ::MIN(x, y); }
TENSH_EXTREMES(float, fmaxf, fminf)
TENSH_EXTREMES(double, fmax, fmin)
#undef TENSH_EXTREMES

// Kinds of numbers and their parts; integers are real and finite.

template <typename T>
__device__ __forceinline__ bool isinf(T) {
    return false;
}
template <typename T>
__device__ __forceinline__ bool isfinite(T) {
    return true;
}
template <typename T>
__device__ __forceinline__ bool isposinf(T) {
    return false;
}
template <typename T>
__device__ __forceinline__ bool isneginf(T) {
    return false;
}
template <typename T>
__device__ __forceinline__ T imag(T) {
    return T(0);
}
template <typename T>
__device__ __forceinline__ T conj(T x) {
    return x;
}

#define TENSH_KINDS(T)                                                                           \
    __device__ __forceinline__ bool isinf(T x) { return abs(x) == infinity<T>(); }               \
    __device__ __forceinline__ bool isfinite(T x) { return abs(x) < infinity<T>(); }             \
    __device__ __forceinline__ bool isposinf(T x) { return x == infinity<T>(); }                 \
    __device__ __forceinline__ bool isneginf(T x) { return x == -infinity<T>(); }                \
    __device__ __forceinline__ T angle(T x) { return x != x ? x : x < 0 ? T(3.14159265358979323846) : T(0); }
TENSH_KINDS(float)
TENSH_KINDS(double)
#undef TENSH_KINDS

// A polynomial, highest power first.
template <typename T, int N>
__device__ __forceinline__ T polynomial(T x, const T (&table)[N]) {
    T sum = table[0];
#pragma unroll
    for (int i = 1; i < N; i++) sum = fma(sum, x, table[i]);
    return sum;
}

// x + z (y - x), from whichever end is nearer.
template <typename T>
__device__ __forceinline__ T lerp(T x, T y, T z) {
    return abs(z) < T(0.5) ? fma(z, y - x, x) : fma(z - 1, y - x, y);
}

// x rounded to d decimals (tens, hundreds, ... for a negative d), scaled in the type itself.
template <typename T>
__device__ __forceinline__ T round_decimals(T x, T d) {
    T size = abs(d), ten = T(1);
    if (size <= T(sizeof(T) == 8 ? 22 : 10)) {
        // Exact: every product is.
        int n = int(size);
        if (n & 1) ten *= T(1e1);
        if (n & 2) ten *= T(1e2);
        if (n & 4) ten *= T(1e4);
        if (n & 8) ten *= T(1e8);
        if (n & 16) ten *= T(1e16);
    } else {
        ten = T(::pow(10.0, double(size)));
    }
    return d == 0 ? rint(x) : d < 0 ? rint(x / ten) * ten : rint(x * ten) / ten;
}

// ln(exp(x) + exp(y))
template <typename T>
__device__ __forceinline__ T logaddexp(T x, T y) {
    if (isinf(x) && x == y) return x;
    return (x < y ? y : x) + log1p(exp(-abs(x - y)));
}
// log2(2^x + 2^y)
template <typename T>
__device__ __forceinline__ T logaddexp2(T x, T y) {
    if (isinf(x) && x == y) return x;
    return fma(log1p(exp2(-abs(x - y))), T(1.44269504088896340736), x < y ? y : x);
}

// sin(pi x) / (pi x)
template <typename T>
__device__ __forceinline__ T sinc(T x) {
    T angle = T(3.14159265358979323846) * x;
    return x == 0 ? T(1) : sin(angle) / angle;
}

}  // namespace tensh
