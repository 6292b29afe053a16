// CUDA's math functions for kernels on the host. What libm has is taken from there through the compiler's
// builtins; the rest is in math.cpp. The last bits differ from a GPU's: compare with a tolerance.

// ---- the functions of <math.h>, as overloads and with an f at the end ---------------------------------------
// Just the overloads that NVRTC has: sqrt(2) is ambiguous there, so it must not pass here. Nor has NVRTC names
// like INFINITY, NAN or int32_t, which come from headers.
#define SIM_MATH1(name)                                                                                        \
    SIM_FN double name(double x) { return __builtin_##name(x); }                                               \
    SIM_FN float name(float x) { return __builtin_##name##f(x); }                                              \
    SIM_FN float name##f(float x) { return __builtin_##name##f(x); }
SIM_MATH1(sqrt) SIM_MATH1(cbrt) SIM_MATH1(exp) SIM_MATH1(exp2) SIM_MATH1(expm1)
SIM_MATH1(log) SIM_MATH1(log2) SIM_MATH1(log10) SIM_MATH1(log1p) SIM_MATH1(logb)
SIM_MATH1(sin) SIM_MATH1(cos) SIM_MATH1(tan) SIM_MATH1(asin) SIM_MATH1(acos) SIM_MATH1(atan)
SIM_MATH1(sinh) SIM_MATH1(cosh) SIM_MATH1(tanh) SIM_MATH1(asinh) SIM_MATH1(acosh) SIM_MATH1(atanh)
SIM_MATH1(erf) SIM_MATH1(erfc) SIM_MATH1(lgamma) SIM_MATH1(tgamma)
SIM_MATH1(floor) SIM_MATH1(ceil) SIM_MATH1(trunc) SIM_MATH1(round) SIM_MATH1(rint) SIM_MATH1(nearbyint)
SIM_MATH1(fabs)

// A float with a double is ambiguous too, which g++ says with a warning only; hence the deleted ones.
#define SIM_MATH2(name)                                                                                        \
    SIM_FN double name(double x, double y) { return __builtin_##name(x, y); }                                  \
    SIM_FN float name(float x, float y) { return __builtin_##name##f(x, y); }                                  \
    SIM_FN float name##f(float x, float y) { return __builtin_##name##f(x, y); }                               \
    void name(float, double) = delete;                                                                         \
    void name(double, float) = delete;
SIM_MATH2(pow) SIM_MATH2(fmod) SIM_MATH2(atan2) SIM_MATH2(hypot) SIM_MATH2(fmin) SIM_MATH2(fmax)
SIM_MATH2(copysign) SIM_MATH2(fdim) SIM_MATH2(remainder) SIM_MATH2(nextafter)

SIM_FN double fma(double x, double y, double z) { return __builtin_fma(x, y, z); }
SIM_FN float fma(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
SIM_FN float fmaf(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
SIM_FN double ldexp(double x, int e) { return __builtin_ldexp(x, e); }
SIM_FN float ldexp(float x, int e) { return __builtin_ldexpf(x, e); }
SIM_FN float ldexpf(float x, int e) { return __builtin_ldexpf(x, e); }
SIM_FN double scalbn(double x, int e) { return __builtin_scalbn(x, e); }
SIM_FN float scalbn(float x, int e) { return __builtin_scalbnf(x, e); }
SIM_FN float scalbnf(float x, int e) { return __builtin_scalbnf(x, e); }
SIM_FN double scalbln(double x, long e) { return __builtin_scalbln(x, e); }
SIM_FN float scalbln(float x, long e) { return __builtin_scalblnf(x, e); }
SIM_FN float scalblnf(float x, long e) { return __builtin_scalblnf(x, e); }
SIM_FN double frexp(double x, int *e) { return __builtin_frexp(x, e); }
SIM_FN float frexp(float x, int *e) { return __builtin_frexpf(x, e); }
SIM_FN float frexpf(float x, int *e) { return __builtin_frexpf(x, e); }
SIM_FN double modf(double x, double *i) { return __builtin_modf(x, i); }
SIM_FN float modf(float x, float *i) { return __builtin_modff(x, i); }
SIM_FN float modff(float x, float *i) { return __builtin_modff(x, i); }
SIM_FN double remquo(double x, double y, int *q) { return __builtin_remquo(x, y, q); }
SIM_FN float remquof(float x, float y, int *q) { return __builtin_remquof(x, y, q); }
SIM_FN int ilogb(double x) { return __builtin_ilogb(x); }
SIM_FN int ilogb(float x) { return __builtin_ilogbf(x); }
SIM_FN int ilogbf(float x) { return __builtin_ilogbf(x); }
#define SIM_ROUND(name, T)                                                                                     \
    SIM_FN T name(double x) { return __builtin_##name(x); }                                                    \
    SIM_FN T name(float x) { return __builtin_##name##f(x); }                                                  \
    SIM_FN T name##f(float x) { return __builtin_##name##f(x); }
SIM_ROUND(lrint, long) SIM_ROUND(llrint, long long) SIM_ROUND(lround, long) SIM_ROUND(llround, long long)
SIM_FN double nan(const char *) { return __builtin_nan(""); }
SIM_FN float nanf(const char *) { return __builtin_nanf(""); }
SIM_FN void sincos(double x, double *s, double *c) { *s = __builtin_sin(x), *c = __builtin_cos(x); }
SIM_FN void sincos(float x, float *s, float *c) { *s = __builtin_sinf(x), *c = __builtin_cosf(x); }
SIM_FN void sincosf(float x, float *s, float *c) { *s = __builtin_sinf(x), *c = __builtin_cosf(x); }

#define SIM_CLASSIFY(name)                                                                                     \
    SIM_FN bool name(double x) { return __builtin_##name(x) != 0; }                                            \
    SIM_FN bool name(float x) { return __builtin_##name(x) != 0; }
SIM_CLASSIFY(isnan) SIM_CLASSIFY(isinf) SIM_CLASSIFY(isfinite)
SIM_FN bool signbit(double x) { return __builtin_signbit(x) != 0; }
SIM_FN bool signbit(float x) { return __builtin_signbitf(x) != 0; }

SIM_FN int abs(int x) { return x < 0 ? -x : x; }
SIM_FN long abs(long x) { return x < 0 ? -x : x; }
SIM_FN long long abs(long long x) { return x < 0 ? -x : x; }
SIM_FN double abs(double x) { return __builtin_fabs(x); }
SIM_FN float abs(float x) { return __builtin_fabsf(x); }
SIM_FN long labs(long x) { return x < 0 ? -x : x; }
SIM_FN long long llabs(long long x) { return x < 0 ? -x : x; }

// ---- CUDA's own functions ----------------------------------------------------------------------------------
#define SIM_OWN1(name, expression)                                                                             \
    SIM_FN double name(double x) { return expression; }                                                        \
    SIM_FN float name(float v) { double x = v; return (float)(expression); }                                   \
    SIM_FN float name##f(float v) { double x = v; return (float)(expression); }
SIM_OWN1(rsqrt, 1.0 / __builtin_sqrt(x))
SIM_OWN1(rcbrt, 1.0 / __builtin_cbrt(x))
SIM_OWN1(exp10, __builtin_pow(10.0, x))
SIM_OWN1(erfinv, sim_erfinv(x))
SIM_OWN1(erfcinv, sim_erfcinv(x))
SIM_OWN1(erfcx, sim_erfcx(x))
SIM_OWN1(normcdf, sim_normcdf(x))
SIM_OWN1(normcdfinv, sim_normcdfinv(x))
SIM_OWN1(cyl_bessel_i0, sim_bessel_i0(x))
SIM_OWN1(cyl_bessel_i1, sim_bessel_i1(x))
SIM_OWN1(sinpi, sim_sinpi(x))
SIM_OWN1(cospi, sim_cospi(x))
SIM_OWN1(j0, __builtin_j0(x))
SIM_OWN1(j1, __builtin_j1(x))
SIM_OWN1(y0, __builtin_y0(x))
SIM_OWN1(y1, __builtin_y1(x))
SIM_FN double jn(int n, double x) { return __builtin_jn(n, x); }
SIM_FN float jnf(int n, float x) { return (float)__builtin_jn(n, x); }
SIM_FN double yn(int n, double x) { return __builtin_yn(n, x); }
SIM_FN float ynf(int n, float x) { return (float)__builtin_yn(n, x); }
SIM_FN void sincospi(double x, double *s, double *c) { *s = sim_sinpi(x), *c = sim_cospi(x); }
SIM_FN void sincospi(float x, float *s, float *c) { *s = (float)sim_sinpi(x), *c = (float)sim_cospi(x); }
SIM_FN void sincospif(float x, float *s, float *c) { *s = (float)sim_sinpi(x), *c = (float)sim_cospi(x); }
SIM_FN double rhypot(double x, double y) { return 1.0 / __builtin_hypot(x, y); }
SIM_FN float rhypotf(float x, float y) { return (float)(1.0 / __builtin_hypot(x, y)); }
SIM_FN double norm3d(double a, double b, double c) { return __builtin_sqrt(a * a + b * b + c * c); }
SIM_FN float norm3df(float a, float b, float c) { return (float)norm3d(a, b, c); }
SIM_FN double rnorm3d(double a, double b, double c) { return 1.0 / norm3d(a, b, c); }
SIM_FN float rnorm3df(float a, float b, float c) { return (float)(1.0 / norm3d(a, b, c)); }
SIM_FN double norm4d(double a, double b, double c, double d) { return __builtin_sqrt(a * a + b * b + c * c + d * d); }
SIM_FN float norm4df(float a, float b, float c, float d) { return (float)norm4d(a, b, c, d); }
SIM_FN float fdividef(float x, float y) { return x / y; }

// ---- min and max: which types go together is CUDA's list ----------------------------------------------------
#define SIM_MINMAX(A, B, R)                                                                                    \
    SIM_FN R min(A a, B b) { R x = (R)a, y = (R)b; return y < x ? y : x; }                                     \
    SIM_FN R max(A a, B b) { R x = (R)a, y = (R)b; return x < y ? y : x; }
#define SIM_MINMAX_FAMILY(S, U) SIM_MINMAX(S, S, S) SIM_MINMAX(U, U, U) SIM_MINMAX(S, U, U) SIM_MINMAX(U, S, U)
SIM_MINMAX_FAMILY(int, unsigned int)
SIM_MINMAX_FAMILY(long, unsigned long)
SIM_MINMAX_FAMILY(long long, unsigned long long)
SIM_FN float min(float a, float b) { return __builtin_fminf(a, b); }
SIM_FN float max(float a, float b) { return __builtin_fmaxf(a, b); }
SIM_FN double min(double a, double b) { return __builtin_fmin(a, b); }
SIM_FN double max(double a, double b) { return __builtin_fmax(a, b); }
SIM_FN double min(float a, double b) { return __builtin_fmin(a, b); }
SIM_FN double max(float a, double b) { return __builtin_fmax(a, b); }
SIM_FN double min(double a, float b) { return __builtin_fmin(a, b); }
SIM_FN double max(double a, float b) { return __builtin_fmax(a, b); }
SIM_FN unsigned int umin(unsigned int a, unsigned int b) { return b < a ? b : a; }
SIM_FN unsigned int umax(unsigned int a, unsigned int b) { return a < b ? b : a; }
SIM_FN long long llmin(long long a, long long b) { return b < a ? b : a; }
SIM_FN long long llmax(long long a, long long b) { return a < b ? b : a; }
SIM_FN unsigned long long ullmin(unsigned long long a, unsigned long long b) { return b < a ? b : a; }
SIM_FN unsigned long long ullmax(unsigned long long a, unsigned long long b) { return a < b ? b : a; }

// ---- intrinsics: fast forms, and operations that must not be contracted -------------------------------------
SIM_FN float __expf(float x) { return __builtin_expf(x); }
SIM_FN float __exp10f(float x) { return exp10f(x); }
SIM_FN float __logf(float x) { return __builtin_logf(x); }
SIM_FN float __log2f(float x) { return __builtin_log2f(x); }
SIM_FN float __log10f(float x) { return __builtin_log10f(x); }
SIM_FN float __sinf(float x) { return __builtin_sinf(x); }
SIM_FN float __cosf(float x) { return __builtin_cosf(x); }
SIM_FN float __tanf(float x) { return __builtin_tanf(x); }
SIM_FN void __sincosf(float x, float *s, float *c) { sincosf(x, s, c); }
SIM_FN float __powf(float x, float y) { return __builtin_powf(x, y); }
SIM_FN float __tanhf(float x) { return __builtin_tanhf(x); }
SIM_FN float __fdividef(float x, float y) { return x / y; }
SIM_FN float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
SIM_FN float __fmaf_rn(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
SIM_FN float __fadd_rn(float x, float y) { return x + y; }
SIM_FN float __fsub_rn(float x, float y) { return x - y; }
SIM_FN float __fmul_rn(float x, float y) { return x * y; }
SIM_FN float __fdiv_rn(float x, float y) { return x / y; }
SIM_FN float __frcp_rn(float x) { return 1.0f / x; }
SIM_FN float __fsqrt_rn(float x) { return __builtin_sqrtf(x); }
SIM_FN float __frsqrt_rn(float x) { return rsqrtf(x); }
SIM_FN double __fma_rn(double x, double y, double z) { return __builtin_fma(x, y, z); }
SIM_FN double __dadd_rn(double x, double y) { return x + y; }
SIM_FN double __dsub_rn(double x, double y) { return x - y; }
SIM_FN double __dmul_rn(double x, double y) { return x * y; }
SIM_FN double __ddiv_rn(double x, double y) { return x / y; }
SIM_FN double __drcp_rn(double x) { return 1.0 / x; }
SIM_FN double __dsqrt_rn(double x) { return __builtin_sqrt(x); }

// ---- conversions with a rounding mode -----------------------------------------------------------------------
// Out of range they saturate and NaN gives 0 (for 64 bits from 2^63 up), as on a GPU. A plain cast in a kernel
// cannot be made to do that here: it does what the host's processor does.
template <class I> SIM_FN I sim_saturate(double x, double low, double high, I least, I most) {
    return x != x ? 0 : x <= low ? least : x >= high ? most : (I)x;
}
#define SIM_CONVERT(from, F, to, I, low, high, least, most)                                                    \
    SIM_FN I __##from##2##to##_rn(F x) { return sim_saturate<I>(__builtin_rint((double)x), low, high, least, most); } \
    SIM_FN I __##from##2##to##_rz(F x) { return sim_saturate<I>(__builtin_trunc((double)x), low, high, least, most); } \
    SIM_FN I __##from##2##to##_ru(F x) { return sim_saturate<I>(__builtin_ceil((double)x), low, high, least, most); } \
    SIM_FN I __##from##2##to##_rd(F x) { return sim_saturate<I>(__builtin_floor((double)x), low, high, least, most); }
#define SIM_CONVERT_ALL(from, F)                                                                               \
    SIM_CONVERT(from, F, int, int, -2147483648.0, 2147483647.0, -2147483647 - 1, 2147483647)                   \
    SIM_CONVERT(from, F, uint, unsigned int, 0.0, 4294967295.0, 0u, 4294967295u)                               \
    SIM_CONVERT(from, F, ll, long long, -0x1p63, 0x1p63, -9223372036854775807LL - 1, 9223372036854775807LL)    \
    SIM_CONVERT(from, F, ull, unsigned long long, 0.0, 0x1p64, 0ull, 18446744073709551615ull)
SIM_CONVERT_ALL(float, float)
SIM_CONVERT_ALL(double, double)
SIM_FN float __int2float_rn(int x) { return (float)x; }
SIM_FN float __uint2float_rn(unsigned int x) { return (float)x; }
SIM_FN float __ll2float_rn(long long x) { return (float)x; }
SIM_FN float __ull2float_rn(unsigned long long x) { return (float)x; }
SIM_FN double __int2double_rn(int x) { return (double)x; }
SIM_FN double __uint2double_rn(unsigned int x) { return (double)x; }
SIM_FN double __ll2double_rn(long long x) { return (double)x; }
SIM_FN double __ull2double_rn(unsigned long long x) { return (double)x; }
SIM_FN float __double2float_rn(double x) { return (float)x; }
