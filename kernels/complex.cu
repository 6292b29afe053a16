// Functions of complex numbers with C99's (Annex G) results at infinities, nans and signed zeros, by W. Kahan's formulas ("Branch
// cuts for complex elementary functions", 1987), in the arithmetic of the parts.
namespace tensh {

template <typename F>
struct complex_limits;
template <>
struct complex_limits<double> {
    // Beyond the first, squares overflow; below the second, they vanish.
    static constexpr double large = 1e150, small = 1e-150;
    // Two powers of two that bring numbers beyond back, and their logarithm.
    static constexpr double down = 2.409919865102884e-181, up = 4.149515568880993e180;
    static constexpr double log_up = 415.88830833596717;
    // Beyond the first, a sum of two sizes may overflow; below the second, numbers lose digits, which the third's square restores.
    static constexpr double huge = 4.49423283715579e307, tiny = 1e-290, lift = 1.8014398509481984e16;
    // From the first on, a hyperbolic sine is half an exponential; from the second on, that may overflow.
    static constexpr double even = 40.0, high = 700.0, exp_high = 1.0142320547350045e304;
};
template <>
struct complex_limits<float> {
    static constexpr float large = 1e18f, small = 1e-18f;
    static constexpr float down = 8.271806e-25f, up = 1.2089258e24f;
    static constexpr float log_up = 55.451775f;
    static constexpr float huge = 8.5e37f, tiny = 1e-30f, lift = 16777216.0f;
    static constexpr float even = 20.0f, high = 80.0f, exp_high = 5.5406224e34f;
};

#define TENSH_PI 3.14159265358979323846
#define TENSH_LN_2 0.69314718055994530942

__device__ __forceinline__ void sin_cos(float x, float* sine, float* cosine) {
    ::sincosf(x, sine, cosine);
}
__device__ __forceinline__ void sin_cos(double x, double* sine, double* cosine) {
    ::sincos(x, sine, cosine);
}

template <typename F>
__device__ __forceinline__ bool isnan(complex<F> z) {
    return z != z;
}
template <typename F>
__device__ __forceinline__ bool isinf(complex<F> z) {
    return isinf(z.re) || isinf(z.im);
}
template <typename F>
__device__ __forceinline__ bool isfinite(complex<F> z) {
    return isfinite(z.re) && isfinite(z.im);
}
template <typename F>
__device__ __forceinline__ F imag(complex<F> z) {
    return z.im;
}
template <typename F>
__device__ __forceinline__ complex<F> conj(complex<F> z) {
    return complex<F>(z.re, -z.im);
}
// Infinite where a part is.
template <typename F>
__device__ __forceinline__ F abs(complex<F> z) {
    return hypot(z.re, z.im);
}
template <typename F>
__device__ __forceinline__ F angle(complex<F> z) {
    return atan2(z.im, z.re);
}
template <typename F>
__device__ __forceinline__ complex<F> sgn(complex<F> z) {
    F size = abs(z);
    return size == 0 ? z * size : z / size;
}
template <typename F>
__device__ __forceinline__ complex<F> lerp(complex<F> x, complex<F> y, complex<F> z) {
    return abs(z) < F(0.5) ? x + z * (y - x) : y - (y - x) * (F(1) - z);
}

template <typename F>
__device__ __forceinline__ complex<F> times_i(complex<F> z) {
    return complex<F>(-z.im, z.re);
}
template <typename F>
__device__ __forceinline__ complex<F> times_minus_i(complex<F> z) {
    return complex<F>(z.im, -z.re);
}

// Right half plane.
template <typename F>
__device__ inline complex<F> sqrt(complex<F> z) {
    typedef complex_limits<F> limit;
    F x = z.re, y = z.im;
    if (x == 0 && y == 0) return complex<F>(F(0), y);
    if (isinf(y)) return complex<F>(infinity<F>(), y);
    if (x != x) return complex<F>(x, nan<F>());
    if (isinf(x)) {
        F other = y != y ? y : copysign(F(0), y);
        return x > 0 ? complex<F>(x, other) : complex<F>(abs(other), copysign(infinity<F>(), y));
    }
    if (y != y) return complex<F>(y, y);
    F largest = fmax(abs(x), abs(y)), back = F(1);
    if (largest > limit::huge) {
        x *= F(0.0625);
        y *= F(0.0625);
        back = F(4);
    } else if (largest < limit::tiny) {
        x = x * limit::lift * limit::lift;
        y = y * limit::lift * limit::lift;
        back = 1 / limit::lift;
    }
    if (y == 0) return x < 0 ? complex<F>(F(0), copysign(sqrt(-x), y) * back) : complex<F>(sqrt(x) * back, y);
    F t = sqrt((abs(x) + hypot(x, y)) * F(0.5));
    return x >= 0 ? complex<F>(t * back, y / (2 * t) * back) : complex<F>(abs(y) / (2 * t) * back, copysign(t, y) * back);
}

// exp(x) factor, where exp(x) alone may overflow.
template <typename F>
__device__ __forceinline__ F exp_times(F x, F factor) {
    typedef complex_limits<F> limit;
    return x > limit::high ? exp(x - limit::high) * (factor * limit::exp_high) : exp(x) * factor;
}

template <typename F>
__device__ inline complex<F> exp(complex<F> z) {
    F x = z.re, y = z.im;
    if (y == 0) return complex<F>(exp(x), y);
    if (!isfinite(y)) {
        if (x == -infinity<F>()) return complex<F>(F(0), copysign(F(0), y));
        return complex<F>(x == infinity<F>() ? x : nan<F>(), nan<F>());
    }
    F sine, cosine;
    sin_cos(y, &sine, &cosine);
    if (isinf(x)) {
        F size = x > 0 ? x : F(0);
        return complex<F>(copysign(size, cosine), copysign(size, sine));
    }
    return complex<F>(exp_times(x, cosine), exp_times(x, sine));
}
template <typename F>
__device__ inline complex<F> exp2(complex<F> z) {
    return exp(z * F(TENSH_LN_2));
}
// Exact near 0.
template <typename F>
__device__ inline complex<F> expm1(complex<F> z) {
    F half = sin(z.im * F(0.5)), sine, cosine;
    sin_cos(z.im, &sine, &cosine);
    return complex<F>(expm1(z.re) * cosine - 2 * half * half, exp(z.re) * sine);
}

// A sum, and what its rounding adds to `lost`.
template <typename F>
__device__ __forceinline__ F sum_in_two(F a, F b, F* lost) {
    F sum = a + b, back = sum - a;
    *lost += (a - (sum - back)) + (b - back);
    return sum;
}
// x^2 + y^2 - 1 for x >= y >= 0, without cancellation: products and sums with their errors.
template <typename F>
__device__ __forceinline__ F norm_minus_one(F x, F y) {
    F big = x * x, small = y * y;
    F lost = fma(x, x, -big) + fma(y, y, -small);
    F first = sum_in_two(big, F(-1), &lost);
    F sum = sum_in_two(first, small, &lost);
    return sum + lost;
}
// (1 + x)^2 + y^2 - 1 likewise, for x and y that are not large.
template <typename F>
__device__ __forceinline__ F norm_beyond_one(F x, F y) {
    F xx = x * x, yy = y * y;
    F lost = fma(x, x, -xx) + fma(y, y, -yy);
    F first = sum_in_two(2 * x, yy, &lost);
    F sum = sum_in_two(first, xx, &lost);
    return sum + lost;
}

template <typename F>
__device__ inline complex<F> log(complex<F> z) {
    typedef complex_limits<F> limit;
    F x = abs(z.re), y = abs(z.im), re;
    F big = x > y ? x : y, small = x > y ? y : x;
    if (isinf(z)) {
        re = infinity<F>();
    } else if (isnan(z)) {
        re = nan<F>();
    } else if (big == 0) {
        re = -infinity<F>();
    } else if (big >= F(0.5) && big < 2) {
        re = F(0.5) * log1p(norm_minus_one(big, small));
    } else if (big > limit::large) {
        re = log(hypot(big * limit::down, small * limit::down)) + limit::log_up;
    } else if (big < limit::small) {
        re = log(hypot(big * limit::up, small * limit::up)) - limit::log_up;
    } else {
        re = log(hypot(x, y));
    }
    return complex<F>(re, angle(z));
}
template <typename F>
__device__ inline complex<F> log2(complex<F> z) {
    return log(z) / F(TENSH_LN_2);
}
template <typename F>
__device__ inline complex<F> log10(complex<F> z) {
    return log(z) / F(2.30258509299404568402);
}
// Exact near 0, and where 1 + z is near the unit circle.
template <typename F>
__device__ inline complex<F> log1p(complex<F> z) {
    F x = z.re, y = z.im, angle = atan2(y, x + 1);
    if (x == 0 && y == 0) return complex<F>(x, angle);
    F beyond = norm_beyond_one(x, y);
    bool near = beyond > F(-0.5) && beyond < 2;
    return complex<F>(near ? F(0.5) * log1p(beyond) : log(complex<F>(x + 1, y)).re, angle);
}

template <typename F>
__device__ inline complex<F> sinh(complex<F> z) {
    F x = z.re, y = z.im, sine, cosine;
    if (y == 0) return complex<F>(sinh(x), y);
    if (!isfinite(y)) {
        if (isinf(x)) return complex<F>(y != y ? abs(x) : infinity<F>(), nan<F>());
        return complex<F>(x == 0 ? x : nan<F>(), nan<F>());
    }
    sin_cos(y, &sine, &cosine);
    if (isinf(x)) return complex<F>(x * copysign(F(1), cosine), copysign(infinity<F>(), sine));
    if (abs(x) > complex_limits<F>::even)
        return complex<F>(copysign(F(1), x) * exp_times(abs(x), F(0.5) * cosine), exp_times(abs(x), F(0.5) * sine));
    return complex<F>(sinh(x) * cosine, cosh(x) * sine);
}
template <typename F>
__device__ inline complex<F> cosh(complex<F> z) {
    F x = z.re, y = z.im, sine, cosine, sign = copysign(F(1), x);
    if (y == 0) return complex<F>(cosh(x), x != x ? y : y * sign);
    if (!isfinite(y)) {
        if (isinf(x)) return complex<F>(infinity<F>(), nan<F>());
        return complex<F>(nan<F>(), x == 0 ? F(0) : nan<F>());
    }
    sin_cos(y, &sine, &cosine);
    if (isinf(x)) return complex<F>(copysign(infinity<F>(), cosine), copysign(infinity<F>(), sine) * sign);
    if (abs(x) > complex_limits<F>::even)
        return complex<F>(exp_times(abs(x), F(0.5) * cosine), exp_times(abs(x), F(0.5) * sine) * sign);
    return complex<F>(cosh(x) * cosine, sinh(x) * sine);
}
template <typename F>
__device__ inline complex<F> tanh(complex<F> z) {
    F x = z.re, y = z.im, sine, cosine;
    if (isinf(x)) return complex<F>(copysign(F(1), x), copysign(F(0), isfinite(y) ? sin(2 * y) : y));
    if (x != x) return complex<F>(x, y == 0 ? y : nan<F>());
    if (!isfinite(y)) return complex<F>(x == 0 ? x : nan<F>(), nan<F>());
    sin_cos(y, &sine, &cosine);
    if (abs(x) > 22) return complex<F>(copysign(F(1), x), 4 * sine * cosine * exp(-2 * abs(x)));
    F s = sinh(x), c = cosh(x);
    // The smaller square counts for nothing once it is below the other's rounding.
    F under = abs(s) > abs(cosine) * limits<F>::epsilon ? s * s + cosine * cosine : cosine * cosine;
    return complex<F>(s * c / under, sine * cosine / under);
}
template <typename F>
__device__ inline complex<F> sin(complex<F> z) {
    if (isinf(z.re) && isinf(z.im)) return complex<F>(nan<F>(), infinity<F>());
    return times_minus_i(sinh(times_i(z)));
}
template <typename F>
__device__ inline complex<F> cos(complex<F> z) {
    return cosh(times_i(z));
}
template <typename F>
__device__ inline complex<F> tan(complex<F> z) {
    return times_minus_i(tanh(times_i(z)));
}

template <typename F>
__device__ inline complex<F> asinh(complex<F> z) {
    F x = z.re, y = z.im;
    if (isinf(x)) return complex<F>(x, isinf(y) ? copysign(F(TENSH_PI / 4), y) : y != y ? y : copysign(F(0), y));
    if (isinf(y)) return complex<F>(copysign(infinity<F>(), x), x != x ? x : copysign(F(TENSH_PI / 2), y));
    if (isnan(z)) return complex<F>(nan<F>(), y == 0 ? y : nan<F>());
    if (abs(x) > complex_limits<F>::large || abs(y) > complex_limits<F>::large) {
        F re = log(hypot(x / 2, y / 2)) + F(2 * TENSH_LN_2);
        return complex<F>(copysign(re, x), atan2(y, abs(x)));
    }
    complex<F> s1 = sqrt(complex<F>(1 + y, -x)), s2 = sqrt(complex<F>(1 - y, x));
    return complex<F>(asinh(s1.re * s2.im - s2.re * s1.im), atan2(y, s1.re * s2.re - s1.im * s2.im));
}
template <typename F>
__device__ inline complex<F> acosh(complex<F> z) {
    F x = z.re, y = z.im;
    if (isinf(z)) return complex<F>(infinity<F>(), isnan(z) ? nan<F>() : atan2(y, x));
    if (isnan(z)) return complex<F>(nan<F>(), x == 0 ? F(TENSH_PI / 2) : nan<F>());
    if (abs(x) > complex_limits<F>::large || abs(y) > complex_limits<F>::large)
        return complex<F>(log(hypot(x / 2, y / 2)) + F(2 * TENSH_LN_2), atan2(y, x));
    complex<F> s1 = sqrt(complex<F>(x - 1, y)), s2 = sqrt(complex<F>(x + 1, y));
    return complex<F>(asinh(s1.re * s2.re + s1.im * s2.im), 2 * atan2(s1.im, s2.re));
}
template <typename F>
__device__ inline complex<F> atanh(complex<F> z) {
    typedef complex_limits<F> limit;
    F x = z.re, y = z.im, size = abs(x), high = abs(y);
    if (isinf(z)) return complex<F>(copysign(F(0), x), y != y ? y : copysign(F(TENSH_PI / 2), y));
    if (isnan(z)) return complex<F>(x == 0 ? x : nan<F>(), nan<F>());
    if (size > limit::large || high > limit::large) {
        F h = hypot(size / 2, y / 2);
        return complex<F>(copysign(size / 4 / h / h, x), copysign(F(TENSH_PI / 2), y));
    }
    if (size == 1 && high < limit::small) {
        if (high == 0) return complex<F>(copysign(infinity<F>(), x), y);
        F re = -log(sqrt(high) / sqrt(hypot(high, F(2))));
        return complex<F>(copysign(re, x), copysign(atan2(F(2), -high) / 2, y));
    }
    F below = 1 - size, gap = below * below + high * high;
    F re = log1p(4 * size / gap) / 4;
    return complex<F>(copysign(re, x), atan2(2 * y, below * (1 + size) - high * high) / 2);
}
template <typename F>
__device__ inline complex<F> asin(complex<F> z) {
    return times_minus_i(asinh(times_i(z)));
}
// As torch's kernel for double precision has it.
__device__ inline complex<double> acos(complex<double> z) {
    complex<double> w = asin(z);
    return complex<double>(TENSH_PI / 2 - w.re, 0 - w.im);
}
// In single precision: acosh, turned by a quarter.
__device__ inline complex<float> acos(complex<float> z) {
    complex<float> w = acosh(z);
    return complex<float>(abs(w.im), copysign(w.re, -z.im));
}
template <typename F>
__device__ inline complex<F> atan(complex<F> z) {
    return times_minus_i(atanh(times_i(z)));
}

// An exponential in polar form.
template <typename F>
__device__ __forceinline__ complex<F> polar_exp(complex<F> z) {
    if (isinf(z.re)) {
        if (z.re < 0 && !isfinite(z.im)) return complex<F>(F(0), F(0));
        if (z.re > 0 && (z.im == 0 || !isfinite(z.im))) return complex<F>(z.re, isinf(z.im) ? nan<F>() : z.im);
    } else if (z.re != z.re && z.im == 0) {
        return z;
    }
    F size = exp(z.re), sine, cosine;
    sin_cos(z.im, &sine, &cosine);
    return complex<F>(size * cosine, size * sine);
}
// x^y = exp(y ln x)
template <typename F>
__device__ inline complex<F> pow(complex<F> x, complex<F> y) {
    if (y.re == 0 && y.im == 0) return complex<F>(F(1));
    return polar_exp(y * complex<F>(log(abs(x)), angle(x)));
}

// sin(pi z) / (pi z)
template <typename F>
__device__ inline complex<F> sinc(complex<F> z) {
    if (z.re == 0 && z.im == 0) return complex<F>(F(1));
    complex<F> angle = z * F(TENSH_PI);
    return sin(angle) / angle;
}

// ln(exp(x) + exp(y))
template <typename F>
__device__ inline complex<F> logaddexp(complex<F> x, complex<F> y) {
    if (isnan(x) || isnan(y)) return complex<F>(nan<F>(), nan<F>());
    complex<F> low = x.re < y.re ? x : y, high = x.re < y.re ? y : x;
    if (low.re == -infinity<F>()) return high.re == low.re ? low : high;
    if (!isfinite(low.re) && low.re == high.re) {
        complex<F> sum = polar_exp(low) + polar_exp(high);
        return complex<F>(log(abs(sum)), angle(sum));
    }
    return log1p(polar_exp(low - high)) + high;
}

#undef TENSH_PI
#undef TENSH_LN_2

}  // namespace tensh
