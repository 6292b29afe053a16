// Special functions of the error function's and the gamma function's families, and the next number.
namespace tensh {
namespace special {

// The device's own.
#define TENSH_OWN(name, single, wide)                                     \
    __device__ __forceinline__ float name(float x) { return ::single(x); } \
    __device__ __forceinline__ double name(double x) { return ::wide(x); }
TENSH_OWN(erfinv, erfinvf, erfinv)
TENSH_OWN(erfcx, erfcxf, erfcx)
TENSH_OWN(ndtri, normcdfinvf, normcdfinv)
#undef TENSH_OWN

// Logarithm of the normal distribution function.
template <typename T>
__device__ inline T log_ndtr(T x) {
    T t = x * T(0.70710678118654752440);
    return x < -1 ? log(T(0.5) * erfcx(-t)) - t * t : log1p(T(-0.5) * erfc(t));
}

// Logarithmic derivative of the gamma function (Cephes, psi.c): shifted up to 10, then the asymptotic series.
template <typename T>
__device__ inline T digamma(T x) {
    const T table[] = {
        T(0.08333333333333333), T(-0.021092796092796094), T(0.007575757575757576), T(-0.004166666666666667),
        T(0.003968253968253968), T(-0.008333333333333333), T(0.08333333333333333),
    };
    if (x == 0) return copysign(infinity<T>(), -x);
    T whole = trunc(x);
    if (x < 0 && x == whole) return nan<T>();
    T at = x < 0 ? 1 - x : x, sum = T(0);
    while (at < 10) {
        sum -= 1 / at;
        at += 1;
    }
    T value;
    if (at == 10) {
        value = sum + T(2.251752589066721);
    } else {
        T z = 1 / (at * at);
        value = sum + log(at) - T(0.5) / at - z * polynomial(z, table);
    }
    // Reflection, in double precision; the fraction keeps the tangent's argument small.
    const double pi = 3.14159265358979323846;
    return x < 0 ? value - T(pi / ::tan(pi * double(x - whole))) : value;
}

// Its derivative: reflection, six shifts, the asymptotic series.
template <typename T>
__device__ inline T trigamma(T x) {
    const T pi = T(3.14159265358979323846);
    T sign = 1, sum = 0;
    if (x < T(0.5)) {
        const T sine = sin(pi * x);
        sign = -1;
        sum = -(pi * pi) / (sine * sine);
        x = 1 - x;
    }
    for (int i = 0; i < 6; i++, x += 1) sum += 1 / (x * x);
    const T z = 1 / (x * x);
    return sign * (sum + (1 + 1 / (2 * x) + z * (T(1) / 6 - z * (T(1) / 30 - z * (T(1) / 42)))) / x);
}

// Hurwitz zeta function, the sum of (k + q)^-x (Cephes, zeta.c, by Euler and Maclaurin's formula), from its first term on. In double
// precision for both types: in single the factors overflow where the sum does not.
static __device__ __noinline__ double zeta_from(double x, double q, double first) {
    // (2k)! / B2k.
    static const double terms[] = {
        12.0, -720.0, 30240.0, -1209600.0, 47900160.0, -1.8924375803183791606e9, 7.47242496e10, -2.950130727918164224e12,
        1.1646782814350067249e14, -4.5979787224074726105e15, 1.8152105401943546773e17, -7.1661652562756670113e18,
    };
    const double epsilon = limits<double>::epsilon / 2;
    if (x == 1) return infinity<double>();
    if (x < 1) return nan<double>();
    if (q <= 0) {
        if (q == floor(q)) return infinity<double>();
        if (x != floor(x)) return nan<double>();
    }
    double sum = first, a = q, b = 0;
    for (int i = 0; i < 9 || a <= 9;) {
        i++;
        a += 1;
        b = pow(a, -x);
        sum += b;
        if (-epsilon * sum < b && b < epsilon * sum) return sum;
        // A start far below zero would take for ever to come up.
        if (i > 1 << 24) return nan<double>();
    }
    double w = a, factor = 1, k = 0;
    sum += b * w / (x - 1);
    sum -= 0.5 * b;
#pragma unroll 1
    for (int i = 0; i < 12; i++) {
        factor *= x + k;
        b /= w;
        double t = factor * b / terms[i];
        sum += t;
        if (abs(t / sum) < epsilon) return sum;
        factor *= x + k + 1;
        b /= w;
        k += 2;
    }
    return sum;
}
template <typename T>
__device__ inline T zeta(T x, T q) {
    return T(zeta_from(x, q, pow(q, -x)));
}

// Derivative of order n of the logarithmic derivative of the gamma function.
template <typename T>
__device__ inline T polygamma(T x, int64_t n) {
    if (n == 0) return digamma(x);
    if (n == 1) return trigamma(x);
    const T factorial = exp(lgamma(T(n) + 1));
    return (n % 2 == 1 ? factorial : -factorial) * zeta(T(n + 1), x);
}

// ln(x / (1 - x)), and with x clamped to [eps, 1 - eps].
template <typename T>
__device__ __forceinline__ T logit(T x) {
    return log(x / (1 - x));
}
template <typename T>
__device__ __forceinline__ T logit(T x, T eps) {
    const T high = 1 - eps;
    return logit(x < eps ? eps : x > high ? high : x);
}

// Mantissa in [0.5, 1), and the exponent of two.
__device__ __forceinline__ float frexp(float x, int32_t* power) {
    return ::frexpf(x, power);
}
__device__ __forceinline__ double frexp(double x, int32_t* power) {
    return ::frexp(x, power);
}

// The next number after x towards y; 16-bit floats step in their own bits.

__device__ __forceinline__ float step(float x, float y, float) {
    return ::nextafterf(x, y);
}
__device__ __forceinline__ double step(double x, double y, double) {
    return ::nextafter(x, y);
}
// The stepped bits of x, which differs from y and is not zero.
__device__ __forceinline__ uint16_t step_bits(float x, float y, uint16_t bits) {
    return (x < y) == (x > 0) ? bits + 1 : bits - 1;
}
template <typename Half>
__device__ __forceinline__ float step_half(float x, float y, Half from, Half to) {
    if (x != x || x == y) return x != x ? x : y;
    if (y != y) return y;
    Half next = {x == 0 ? uint16_t((to.bits & 0x8000) | 1) : step_bits(x, y, from.bits)};
    return widen(next);
}
__device__ __forceinline__ float step(float x, float y, half_t) {
    return step_half(x, y, narrow_half(x), narrow_half(y));
}
__device__ __forceinline__ float step(float x, float y, bfloat_t) {
    return step_half(x, y, narrow_bfloat(x), narrow_bfloat(y));
}
template <typename Stored, typename T>
__device__ __forceinline__ T nextafter(T x, T y) {
    return step(x, y, Stored());
}

}  // namespace special
}  // namespace tensh
