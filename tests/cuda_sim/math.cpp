// Special functions that CUDA has and libm has not, in double precision. They serve as references for kernels
// in tests, so plain and accurate (about 1e-14) was wanted rather than fast.
#include <cmath>
#include <limits>

#include "abi.h"

namespace {

const double pi = 3.14159265358979323846;
const double sqrt_pi = 1.77245385090551602730;
const double nan_value = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

// exp(x*x), with the square's rounding error put back: it would be x*x ulps otherwise.
double exp_square(double x) {
    double square = x * x;
    return std::exp(square) * (1 + std::fma(x, x, -square));
}

// The tail of the normal law, for x >= 0 and as exp(x*x)*erfc(x), from the continued fraction of Laplace.
// From x = 5 on, 60 levels are more than enough.
double erfcx_tail(double x) {
    double f = x;
    for (int k = 60; k >= 1; k--) f = x + k * 0.5 / f;
    return 1 / (f * sqrt_pi);
}

// Solves erfc(x) = q for 0 < q <= 1: a start from the leading terms, then Halley's iteration. For small q it
// works on the logarithm, which stays sharp where erfc itself underflows.
double erfc_inverse_right(double q) {
    double x;
    if (q > 0.5) {
        x = (1 - q) * sqrt_pi / 2;
    } else {
        double l = std::sqrt(-std::log(q));
        x = l - std::log(l * sqrt_pi + 1e-9) / (2 * l);
        if (x < 0.3) x = 0.3;
    }
    for (int i = 0; i < 30; i++) {
        double step;
        if (q > 0.5) {
            double f = (1 - q) - std::erf(x);
            double u = f * sqrt_pi / 2 * exp_square(x);
            step = u / (1 + u * x);
        } else {
            double e = sim_erfcx(x);
            double f = std::log(e) - x * x - std::log(q);
            step = f * e * sqrt_pi / 2;
        }
        x += step;
        if (std::fabs(step) <= 1e-16 * std::fabs(x)) break;
    }
    return x;
}

// sin and cos of pi*x, with x brought into [0, 1/2] first, so that whole and half numbers come out exact.
double sin_pi_reduced(double x) {
    if (x > 0.5) x = 1 - x;
    return x > 0.25 ? std::cos(pi * (0.5 - x)) : std::sin(pi * x);
}

} // namespace

extern "C" {

double sim_erfcx(double x) {
    if (x < 5) return x < -26.7 ? infinity : exp_square(x) * std::erfc(x);
    return x > 1e8 ? 1 / (x * sqrt_pi) : erfcx_tail(x);
}

double sim_erfinv(double y) {
    if (!(y >= -1 && y <= 1)) return nan_value;
    if (y == 0) return y;
    double a = std::fabs(y);
    if (a == 1) return std::copysign(infinity, y);
    if (a < 1e-8) return y * sqrt_pi / 2;
    double x;
    if (a < 0.5) {
        // Not through 1 - a, which would lose digits.
        x = a * sqrt_pi / 2;
        for (int i = 0; i < 30; i++) {
            double u = (a - std::erf(x)) * sqrt_pi / 2 * exp_square(x);
            double step = u / (1 + u * x);
            x += step;
            if (std::fabs(step) <= 1e-16 * x) break;
        }
    } else {
        x = erfc_inverse_right(1 - a);
    }
    return std::copysign(x, y);
}

double sim_erfcinv(double q) {
    if (!(q >= 0 && q <= 2)) return nan_value;
    if (q == 0) return infinity;
    if (q == 2) return -infinity;
    if (q >= 0.5 && q <= 1.5) return sim_erfinv(1 - q);
    return q < 1 ? erfc_inverse_right(q) : -erfc_inverse_right(2 - q);
}

// In the left tail erfc would make much of the rounding of x / sqrt(2); the scaled form does not.
double sim_normcdf(double x) {
    double t = -x * 0.70710678118654752440;
    if (!(x < -1)) return 0.5 * std::erfc(t);
    double square = x * x;
    return 0.5 * sim_erfcx(t) * (std::exp(-square / 2) * (1 - std::fma(x, x, -square) / 2));
}

double sim_normcdfinv(double p) { return -1.41421356237309504880 * sim_erfcinv(2 * p); }

// The power series has only positive terms, so it is accurate everywhere; above 40 the asymptotic one is shorter.
static double bessel_i(int order, double a) {
    if (a < 40) {
        double quarter = a * a / 4, term = order ? a / 2 : 1, sum = term;
        for (int k = 1; k < 200 && term > sum * 1e-18; k++) sum += term *= quarter / (double(k) * (k + order));
        return sum;
    }
    double mu = 4.0 * order * order, term = 1, sum = 1;
    for (int k = 1; k < 40; k++) {
        double next = -term * (mu - (2.0 * k - 1) * (2.0 * k - 1)) / (k * 8.0 * a);
        if (std::fabs(next) >= std::fabs(term) || std::fabs(next) < 1e-18) break;
        sum += term = next;
    }
    // Two halves of the exponential, so that it does not overflow before the result does.
    double half = std::exp(a / 2);
    return half * (half / std::sqrt(2 * pi * a)) * sum;
}

double sim_bessel_i0(double x) { return x != x ? x : std::isinf(x) ? infinity : bessel_i(0, std::fabs(x)); }

double sim_bessel_i1(double x) {
    if (x != x || std::isinf(x)) return x;
    return std::copysign(bessel_i(1, std::fabs(x)), x);
}

double sim_sinpi(double x) {
    if (!std::isfinite(x)) return nan_value;
    double a = std::fmod(std::fabs(x), 2), r = a >= 1 ? -sin_pi_reduced(a - 1) : sin_pi_reduced(a);
    return r == 0 ? std::copysign(0.0, x) : std::copysign(1.0, x) * r;
}

double sim_cospi(double x) {
    if (!std::isfinite(x)) return nan_value;
    double a = std::fmod(std::fabs(x), 2);
    if (a > 1) a = 2 - a;
    if (a == 0.5) return 0;
    return a < 0.5 ? sin_pi_reduced(0.5 - a) : -sin_pi_reduced(a - 0.5);
}

} // extern "C"
