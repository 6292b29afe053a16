//! Special functions.

use crate::cpu::special::{self, Chebyshev, Real};
use crate::cpu::vector::{self, Lane};
use crate::cuda::loader::Loader;
use crate::cuda::pointwise;
use crate::{prim, rows};

prim! { /** Error function. */ ERF, "erf_vml_cpu", 1 same, Float, "erf(x)"; wide |x| vector::erf(x), float |x| vector::coarse_erf(x) }
prim! { /** Complementary error function, 1 - erf(x). */ ERFC, "erfc_vml_cpu", 1 same, Float, "erfc(x)"; float |x| vector::erfc(x) }
prim! { /** Inverse of the error function. */ ERFINV, "erfinv_vml_cpu", 1 same, Float, "special::erfinv(x)"; float |x| vector::erfinv(x) }
prim! { /** Scaled complementary error function, exp(x^2) erfc(x). */ ERFCX, "erfcx_cpu", 1 same, Float, "special::erfcx(x)"; wide |x| vector::erfcx(x) }
prim! { /** Logarithm of the normal distribution function. */ LOG_NDTR, "log_ndtr_cpu", 1 same, Float, "special::log_ndtr(x)"; wide |x| vector::log_ndtr(x) }
prim! { /** Inverse of the normal distribution function. */ NDTRI, "ndtri_cpu", 1 same, Float, "special::ndtri(x)"; wide |x| special::ndtri(x) }
prim! { /** Logarithm of the gamma function's magnitude. */ LGAMMA, "lgamma_vml_cpu", 1 same, Float, "lgamma(x)"; float |x| vector::lgamma(x) }
prim! { /** Derivative of the logarithm of the gamma function. */ DIGAMMA, "digamma", 1 same, Float, "special::digamma(x)"; float |x| special::digamma(x) }
prim! { /** Modified Bessel function of the first kind, order 0. */ I0, "i0_vml_cpu", 1 same, Float, "bessel::i0(x)"; float |x| special::i0(x) }
prim! { /** Modified Bessel function of the first kind, order 0, scaled by exp(-|x|). */ I0E, "i0e_cpu", 1 same, Float, "bessel::i0e(x)"; float |x| special::i0e(x) }
prim! { /** Modified Bessel function of the first kind, order 1. */ I1, "i1_cpu", 1 same, Float, "bessel::i1(x)"; float |x| special::i1(x) }
prim! { /** Modified Bessel function of the first kind, order 1, scaled by exp(-|x|). */ I1E, "i1e_cpu", 1 same, Float, "bessel::i1e(x)"; float |x| special::i1e(x) }
prim! { /** Bessel function of the first kind, order 0. */ BESSEL_J0, "bessel_j0_cpu", 1 same, Float, "bessel::j0(x)"; wide_ranged |x| special::bessel_j0(x); |x| vector::far(x); |x| special::bessel_j0_far(x) }
prim! { /** Bessel function of the first kind, order 1. */ BESSEL_J1, "bessel_j1_cpu", 1 same, Float, "bessel::j1(x)"; wide_ranged |x| special::bessel_j1(x); |x| vector::far(x); |x| special::bessel_j1_far(x) }
prim! { /** Bessel function of the second kind, order 0. */ BESSEL_Y0, "bessel_y0_cpu", 1 same, Float, "bessel::y0(x)"; wide_ranged |x| special::bessel_y0(x); |x| vector::far(x); |x| special::bessel_y0_far(x) }
prim! { /** Bessel function of the second kind, order 1. */ BESSEL_Y1, "bessel_y1_cpu", 1 same, Float, "bessel::y1(x)"; wide_ranged |x| special::bessel_y1(x); |x| vector::far(x); |x| special::bessel_y1_far(x) }
prim! { /** Airy function. */ AIRY_AI, "airy_ai_cpu", 1 same, Float, "bessel::airy_ai(x)"; wide_ranged |x| special::airy_ai(x); |x| special::airy_ai_far(x); |x| special::airy_ai_beyond(x) }
prim! { /** Spherical Bessel function of the first kind, order 0. */ SPHERICAL_BESSEL_J0, "spherical_bessel_j0_cpu", 1 same, Float, "bessel::spherical_j0(x)"; wide_ranged |x| special::spherical_bessel_j0(x); |x| vector::far(x); |x| special::spherical_bessel_j0_far(x) }
prim! { /** Modified Bessel function of the first kind, order 0. */ MODIFIED_BESSEL_I0, "modified_bessel_i0_cpu", 1 same, Float, "bessel::i0(x)"; wide |x| special::i0(x) }
prim! { /** Modified Bessel function of the first kind, order 1. */ MODIFIED_BESSEL_I1, "modified_bessel_i1_cpu", 1 same, Float, "bessel::i1(x)"; wide |x| special::modified_bessel_i1(x) }
prim! { /** Modified Bessel function of the second kind, order 0. */ MODIFIED_BESSEL_K0, "modified_bessel_k0_cpu", 1 same, Float, "bessel::k0(x)"; wide |x| special::modified_bessel_k0(x) }
prim! { /** Modified Bessel function of the second kind, order 1. */ MODIFIED_BESSEL_K1, "modified_bessel_k1_cpu", 1 same, Float, "bessel::k1(x)"; wide |x| special::modified_bessel_k1(x) }
prim! { /** Modified Bessel function of the second kind, order 0, scaled by exp(x). */ SCALED_MODIFIED_BESSEL_K0, "scaled_modified_bessel_k0_cpu", 1 same, Float, "bessel::k0e(x)"; wide |x| special::scaled_modified_bessel_k0(x) }
prim! { /** Modified Bessel function of the second kind, order 1, scaled by exp(x). */ SCALED_MODIFIED_BESSEL_K1, "scaled_modified_bessel_k1_cpu", 1 same, Float, "bessel::k1e(x)"; wide |x| special::scaled_modified_bessel_k1(x) }
prim! { /** Entropy -x ln(x). */ ENTR, "entr_cpu", 1 same, Float, "x > 0 ? -x * log(x) : x == 0 ? T(0) : x < 0 ? -infinity<T>() : x"; stepped |x, round| special::entr(x, round) }
prim! { /** Regularized lower incomplete gamma function. */ IGAMMA, "igamma_cpu", 2 same, Promote, "incomplete_gamma::igamma(x, y)"; scalar |x, y| special::igamma(x, y) }
prim! { /** Regularized upper incomplete gamma function. */ IGAMMAC, "igammac_cpu", 2 same, Promote, "incomplete_gamma::igammac(x, y)"; scalar |x, y| special::igammac(x, y) }
prim! { /** Hurwitz zeta function. */ ZETA, "zeta_cpu", 2 same, Float, "special::zeta(x, y)"; wide |x, y| special::zeta(x, y) }
prim! { /** x ln(y), 0 where x is 0. */ XLOGY, "xlogy_cpu", 2 same, Float, "y != y ? y : x == 0 ? T(0) : x * log(y)"; stepped |x, y, round| special::xlogy(x, y, round) }
prim! { /** x ln(1 + y), 0 where x is 0. */ XLOG1PY, "xlog1py_cpu", 2 same, Float, "y != y ? y : x == 0 ? T(0) : x * log1p(y)"; stepped |x, y, round| special::xlog1py(x, y, round) }
prim! { /** Chebyshev polynomial of the first kind and degree n. */ CHEBYSHEV_T, "chebyshev_polynomial_t_cpu", 2 same, Float, "polynomials::chebyshev_t(x, y)"; wide |x, y| special::chebyshev_polynomial(Chebyshev::T, x, special::degree(y.wide())) }
prim! { /** Chebyshev polynomial of the second kind and degree n. */ CHEBYSHEV_U, "chebyshev_polynomial_u_cpu", 2 same, Float, "polynomials::chebyshev_u(x, y)"; wide |x, y| special::chebyshev_polynomial(Chebyshev::U, x, special::degree(y.wide())) }
prim! { /** Chebyshev polynomial of the third kind and degree n. */ CHEBYSHEV_V, "chebyshev_polynomial_v_cpu", 2 same, Float, "polynomials::chebyshev_v(x, y)"; wide |x, y| special::chebyshev_polynomial(Chebyshev::V, x, special::degree(y.wide())) }
prim! { /** Chebyshev polynomial of the fourth kind and degree n. */ CHEBYSHEV_W, "chebyshev_polynomial_w_cpu", 2 same, Float, "polynomials::chebyshev_w(x, y)"; wide |x, y| special::chebyshev_polynomial(Chebyshev::W, x, special::degree(y.wide())) }
prim! { /** Chebyshev polynomial of the first kind and degree n, shifted to [0, 1]. */ SHIFTED_CHEBYSHEV_T, "shifted_chebyshev_polynomial_t_cpu", 2 same, Float, "polynomials::shifted_chebyshev_t(x, y)"; wide |x, y| special::shifted_chebyshev_polynomial(Chebyshev::T, x, special::degree(y.wide())) }
prim! { /** Chebyshev polynomial of the second kind and degree n, shifted to [0, 1]. */ SHIFTED_CHEBYSHEV_U, "shifted_chebyshev_polynomial_u_cpu", 2 same, Float, "polynomials::shifted_chebyshev_u(x, y)"; wide |x, y| special::shifted_chebyshev_polynomial(Chebyshev::U, x, special::degree(y.wide())) }
prim! { /** Chebyshev polynomial of the third kind and degree n, shifted to [0, 1]. */ SHIFTED_CHEBYSHEV_V, "shifted_chebyshev_polynomial_v_cpu", 2 same, Float, "polynomials::shifted_chebyshev_v(x, y)"; wide |x, y| special::shifted_chebyshev_polynomial(Chebyshev::V, x, special::degree(y.wide())) }
prim! { /** Chebyshev polynomial of the fourth kind and degree n, shifted to [0, 1]. */ SHIFTED_CHEBYSHEV_W, "shifted_chebyshev_polynomial_w_cpu", 2 same, Float, "polynomials::shifted_chebyshev_w(x, y)"; wide |x, y| special::shifted_chebyshev_polynomial(Chebyshev::W, x, special::degree(y.wide())) }
prim! { /** Physicists' Hermite polynomial of degree n. */ HERMITE_POLYNOMIAL_H, "hermite_polynomial_h_cpu", 2 same, Float, "polynomials::hermite_h(x, y)"; wide |x, y| special::hermite_polynomial_h(x, special::degree(y.wide())) }
prim! { /** Probabilists' Hermite polynomial of degree n. */ HERMITE_POLYNOMIAL_HE, "hermite_polynomial_he_cpu", 2 same, Float, "polynomials::hermite_he(x, y)"; wide |x, y| special::hermite_polynomial_he(x, special::degree(y.wide())) }
prim! { /** Laguerre polynomial of degree n. */ LAGUERRE_POLYNOMIAL_L, "laguerre_polynomial_l_cpu", 2 same, Float, "polynomials::laguerre_l(x, y)"; wide |x, y| special::laguerre_polynomial_l(x, special::degree(y.wide())) }
prim! { /** Legendre polynomial of degree n. */ LEGENDRE_POLYNOMIAL_P, "legendre_polynomial_p_cpu", 2 same, Float, "polynomials::legendre_p(x, y)"; wide |x, y| special::legendre_polynomial_p(x, special::degree(y.wide())) }
prim! { /** ln(exp(x) + exp(y)), without overflow. */ LOGADDEXP, "logaddexp_cpu", 2 same, Promote, "logaddexp(x, y)"; float |x, y| special::logaddexp(x, y),
C32 |x, y| special::complex::logaddexp_single(x, y), C64 |x, y| special::complex::logaddexp(x, y) }
prim! { /** log2(2^x + 2^y), without overflow. */ LOGADDEXP2, "logaddexp2_cpu", 2 same, Promote, "logaddexp2(x, y)"; float |x, y| special::logaddexp2(x, y) }
prim! { /** The next number after input towards other. */ NEXTAFTER, "nextafter_cpu", 2 same, Promote, "special::nextafter<Stored>(x, y)"; wide |x, y| x.next_after(y),
F16 |x, y| f16::from_bits(special::next_half(x.to_bits(), y.to_bits(), x.to_f32(), y.to_f32())),
BF16 |x, y| bf16::from_bits(special::next_half(x.to_bits(), y.to_bits(), x.to_f32(), y.to_f32())) }
prim! { /** sin(pi x) / (pi x). */ SINC, "sinc_cpu", 1 same, Float, "sinc(x)"; ranged |x| special::sinc(x); |x| special::sinc_far(x); |x| special::sinc_beyond(x),
C32 |z| special::complex::sinc_single(z), C64 |z| special::complex::sinc(z) }

rows! {
    /// Error function.
    /// >>> torch.erf(torch.tensor([0., 0.5]))
    /// tensor([0.0000, 0.5205])
    "erf" aka ["special.erf"] [fn method inplace out] "(Tensor self) -> Tensor" => prim ERF;
    grad "
node ErfBackward0
input: 1.1283791670955126 * exp(-(input ** 2)) * grad";
    /// Complementary error function, 1 - erf(x).
    /// >>> torch.erfc(torch.tensor([0., 0.5]))
    /// tensor([1.0000, 0.4795])
    "erfc" aka ["special.erfc"] [fn method inplace out] "(Tensor self) -> Tensor" => prim ERFC;
    grad "
node ErfcBackward0
input: -1.1283791670955126 * exp(-(input ** 2)) * grad";
    /// Inverse of the error function.
    /// >>> torch.erfinv(torch.tensor([0., 0.5]))
    /// tensor([0.0000, 0.4769])
    "erfinv" aka ["special.erfinv"] [fn method inplace out] "(Tensor self) -> Tensor" => prim ERFINV;
    grad "
node ErfinvBackward0
input: 0.8862269254527579 * exp(result ** 2) * grad";
    /// Scaled complementary error function, exp(x^2) erfc(x).
    /// >>> torch.special.erfcx(torch.tensor([0., 5.]))
    /// tensor([1.0000, 0.1107])
    "special.erfcx" [fn out] "(Tensor self) -> Tensor" => prim ERFCX;
    grad "
node SpecialErfcxBackward0
input: (2 * input * result - 1.1283791670955126) * grad";
    /// Distribution function of the standard normal.
    /// >>> torch.special.ndtr(torch.tensor([-1., 0.]))
    /// tensor([0.1587, 0.5000])
    "special.ndtr" [fn out] "(Tensor self) -> Tensor" => tensh "(1 + erf(input / 2 ** 0.5)) * 0.5";
    grad "
node MulBackward1
input:
    z = input * 0.7071067811865476
    return 1.1283791670955126 * exp(-(z ** 2)) * (grad * 0.5) * 0.7071067811865476";
    /// Logarithm of the normal distribution function.
    /// >>> torch.special.log_ndtr(torch.tensor([-10., 0.]))
    /// tensor([-53.2313,  -0.6931])
    "special.log_ndtr" [fn out] "(Tensor self) -> Tensor" => prim LOG_NDTR;
    grad "
node SpecialLogNdtrBackward0
input: grad / 2.5066282746310002 * exp(-(result + input ** 2 / 2))";
    /// Inverse of the normal distribution function.
    /// >>> torch.special.ndtri(torch.tensor([0.25, 0.5]))
    /// tensor([-0.6745,  0.0000])
    "special.ndtri" [fn out] "(Tensor self) -> Tensor" => prim NDTRI;
    grad "
node SpecialNdtriBackward0
input: grad * 2.5066282746310002 * exp(result ** 2 / 2)";
    /// Logarithm of the gamma function's magnitude.
    /// >>> torch.lgamma(torch.tensor([0.5, 4.]))
    /// tensor([0.5724, 1.7918])
    "lgamma" aka ["special.gammaln"] [fn method inplace out] "(Tensor self) -> Tensor" => prim LGAMMA;
    grad "
node LgammaBackward0
input: grad * digamma(input)";
    /// Derivative of the logarithm of the gamma function.
    /// >>> torch.digamma(torch.tensor([1., 0.5]))
    /// tensor([-0.5772, -1.9635])
    "digamma" aka ["special.digamma", "special.psi"] [fn method inplace out] "(Tensor self) -> Tensor" => prim DIGAMMA;
    grad "
node DigammaBackward0
input: grad * polygamma(1, input)";
    /// Modified Bessel function of the first kind, order 0.
    /// >>> torch.i0(torch.tensor([0., 2.]))
    /// tensor([1.0000, 2.2796])
    "i0" aka ["special.i0"] [fn method inplace out] "(Tensor self) -> Tensor" => prim I0;
    grad "
node I0Backward0
input: grad * torch.special.i1(input)";
    /// Modified Bessel function of the first kind, order 0, scaled by exp(-|x|).
    /// >>> torch.special.i0e(torch.tensor([0., 2.]))
    /// tensor([1.0000, 0.3085])
    "special.i0e" [fn out] "(Tensor self) -> Tensor" => prim I0E;
    grad "
node SpecialI0EBackward0
input: grad * (torch.special.i1e(input) - sgn(input) * result)";
    /// Modified Bessel function of the first kind, order 1.
    /// >>> torch.special.i1(torch.tensor([0., 2.]))
    /// tensor([0.0000, 1.5906])
    "special.i1" [fn out] "(Tensor self) -> Tensor" => prim I1;
    grad "
node SpecialI1Backward0
input:
    away = abs(input) > finfo(input.dtype).eps
    x = where(away, input, finfo(input.dtype).eps)
    return grad * where(away, i0(x) - result * reciprocal(x), 0.5)";
    /// Modified Bessel function of the first kind, order 1, scaled by exp(-|x|).
    /// >>> torch.special.i1e(torch.tensor([0., 2.]))
    /// tensor([0.0000, 0.2153])
    "special.i1e" [fn out] "(Tensor self) -> Tensor" => prim I1E;
    grad "
node SpecialI1EBackward0
input:
    away = abs(input) > finfo(input.dtype).eps
    x = where(away, input, finfo(input.dtype).eps)
    return grad * where(away, torch.special.i0e(x) - result * (sgn(x) + reciprocal(x)), 0.5)";
    /// Bessel function of the first kind, order 0.
    /// >>> torch.special.bessel_j0(torch.tensor([0.5, 2.]))
    /// tensor([0.9385, 0.2239])
    "special.bessel_j0" [fn out] "(Tensor self) -> Tensor" => prim BESSEL_J0;
    /// Bessel function of the first kind, order 1.
    /// >>> torch.special.bessel_j1(torch.tensor([0.5, 2.]))
    /// tensor([0.2423, 0.5767])
    "special.bessel_j1" [fn out] "(Tensor self) -> Tensor" => prim BESSEL_J1;
    /// Bessel function of the second kind, order 0.
    /// >>> torch.special.bessel_y0(torch.tensor([0.5, 2.]))
    /// tensor([-0.4445,  0.5104])
    "special.bessel_y0" [fn out] "(Tensor self) -> Tensor" => prim BESSEL_Y0;
    /// Bessel function of the second kind, order 1.
    /// >>> torch.special.bessel_y1(torch.tensor([0.5, 2.]))
    /// tensor([-1.4715, -0.1070])
    "special.bessel_y1" [fn out] "(Tensor self) -> Tensor" => prim BESSEL_Y1;
    /// Airy function.
    /// >>> torch.special.airy_ai(torch.tensor([0.5, 2.]))
    /// tensor([0.2317, 0.0349])
    "special.airy_ai" [fn out] "(Tensor self) -> Tensor" => prim AIRY_AI;
    /// Spherical Bessel function of the first kind, order 0.
    /// >>> torch.special.spherical_bessel_j0(torch.tensor([0.5, 2.]))
    /// tensor([0.9589, 0.4546])
    "special.spherical_bessel_j0" [fn out] "(Tensor self) -> Tensor" => prim SPHERICAL_BESSEL_J0;
    /// Modified Bessel function of the first kind, order 0.
    /// >>> torch.special.modified_bessel_i0(torch.tensor([0.5, 2.]))
    /// tensor([1.0635, 2.2796])
    "special.modified_bessel_i0" [fn out] "(Tensor self) -> Tensor" => prim MODIFIED_BESSEL_I0;
    /// Modified Bessel function of the first kind, order 1.
    /// >>> torch.special.modified_bessel_i1(torch.tensor([0.5, 2.]))
    /// tensor([0.2579, 1.5906])
    "special.modified_bessel_i1" [fn out] "(Tensor self) -> Tensor" => prim MODIFIED_BESSEL_I1;
    /// Modified Bessel function of the second kind, order 0.
    /// >>> torch.special.modified_bessel_k0(torch.tensor([0.5, 2.]))
    /// tensor([0.9244, 0.1139])
    "special.modified_bessel_k0" [fn out] "(Tensor self) -> Tensor" => prim MODIFIED_BESSEL_K0;
    /// Modified Bessel function of the second kind, order 1.
    /// >>> torch.special.modified_bessel_k1(torch.tensor([0.5, 2.]))
    /// tensor([1.6564, 0.1399])
    "special.modified_bessel_k1" [fn out] "(Tensor self) -> Tensor" => prim MODIFIED_BESSEL_K1;
    /// Modified Bessel function of the second kind, order 0, scaled by exp(x).
    /// >>> torch.special.scaled_modified_bessel_k0(torch.tensor([0.5, 2.]))
    /// tensor([1.5241, 0.8416])
    "special.scaled_modified_bessel_k0" [fn out] "(Tensor self) -> Tensor" => prim SCALED_MODIFIED_BESSEL_K0;
    /// Modified Bessel function of the second kind, order 1, scaled by exp(x).
    /// >>> torch.special.scaled_modified_bessel_k1(torch.tensor([0.5, 2.]))
    /// tensor([2.7310, 1.0335])
    "special.scaled_modified_bessel_k1" [fn out] "(Tensor self) -> Tensor" => prim SCALED_MODIFIED_BESSEL_K1;
    /// Entropy -x ln(x).
    /// >>> torch.special.entr(torch.tensor([0., 0.5]))
    /// tensor([0.0000, 0.3466])
    "special.entr" [fn out] "(Tensor self) -> Tensor" => prim ENTR;
    grad "
node SpecialEntrBackward0
input: grad * -(log(input) + 1)";
    /// Regularized lower incomplete gamma function.
    /// >>> torch.special.gammainc(torch.tensor([2., 3.]), torch.tensor([1., 3.]))
    /// tensor([0.2642, 0.5768])
    "special.gammainc" aka ["igamma"] [fn method inplace out] "(Tensor self, Tensor other) -> Tensor" => prim IGAMMA;
    grad "
node IgammaBackward0
input: not_implemented igamma: input
other: grad * exp((input - 1) * log(other) - other - lgamma(input))";
    /// Regularized upper incomplete gamma function.
    /// >>> torch.special.gammaincc(torch.tensor([2., 3.]), torch.tensor([1., 3.]))
    /// tensor([0.7358, 0.4232])
    "special.gammaincc" aka ["igammac"] [fn method inplace out] "(Tensor self, Tensor other) -> Tensor" => prim IGAMMAC;
    grad "
node IgammacBackward0
input: not_implemented igammac: input
other: -grad * exp((input - 1) * log(other) - other - lgamma(input))";
    /// Hurwitz zeta function.
    /// >>> torch.special.zeta(torch.tensor([2., 4.]), torch.tensor([1., 1.]))
    /// tensor([1.6449, 1.0823])
    "special.zeta" [fn out]
        "(Tensor self, Tensor other) -> Tensor" => prim ZETA,
        "(Scalar self, Tensor other) -> Tensor" => prim ZETA,
        "(Tensor self, Scalar other) -> Tensor" => prim ZETA;
    grad "
sig 0
node SpecialZetaBackward0
input: not_implemented
other: grad * -input * torch.special.zeta(input + 1, other)

sig 1
node SpecialZetaBackward1
other: grad * -input * torch.special.zeta(input + 1, other)

sig 2
node SpecialZetaBackward2
input: not_implemented";
    /// x ln(y), 0 where x is 0.
    /// >>> torch.xlogy(torch.tensor([0., 2.]), torch.tensor([0., 3.]))
    /// tensor([0.0000, 2.1972])
    "xlogy" aka ["special.xlogy"] [fn method inplace out]
        "(Tensor self, Tensor other) -> Tensor" => prim XLOGY,
        "(Scalar self, Tensor other) -> Tensor" => prim XLOGY,
        "(Tensor self, Scalar other) -> Tensor" => prim XLOGY;
    grad "
sig 0
node XlogyBackward0
again input MaskedFillBackward0
input: where((input == 0) & (other <= 0), 0, xlogy(grad, other))
other: grad * input / other

sig 1
node XlogyBackward1
other: grad * input / other

sig 2
node XlogyBackward2
again input MaskedFillBackward0
input: where(input == 0, 0, xlogy(grad, other)) if other <= 0 else xlogy(grad, other)";
    /// x ln(1 + y), 0 where x is 0.
    /// >>> torch.special.xlog1py(torch.tensor([0., 2.]), torch.tensor([0., 3.]))
    /// tensor([0.0000, 2.7726])
    "special.xlog1py" [fn out]
        "(Tensor self, Tensor other) -> Tensor" => prim XLOG1PY,
        "(Scalar self, Tensor other) -> Tensor" => prim XLOG1PY,
        "(Tensor self, Scalar other) -> Tensor" => prim XLOG1PY;
    grad "
sig 0
node SpecialXlog1PyBackward0
again input MaskedFillBackward0
input: where((input == 0) & (other <= -1), 0, torch.special.xlog1py(grad, other))
other: grad * input / (other + 1)

sig 1
node SpecialXlog1PyBackward1
other: grad * input / (other + 1)

sig 2
node SpecialXlog1PyBackward2
again input MaskedFillBackward0
input: where(input == 0, 0, torch.special.xlog1py(grad, other)) if other <= -1 else torch.special.xlog1py(grad, other)";
    /// Chebyshev polynomial of the first kind and degree n.
    /// >>> torch.special.chebyshev_polynomial_t(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([-0.8750, -1.0000])
    "special.chebyshev_polynomial_t" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim CHEBYSHEV_T,
        "(Scalar x, Tensor n) -> Tensor" => prim CHEBYSHEV_T,
        "(Tensor x, Scalar n) -> Tensor" => prim CHEBYSHEV_T;
    /// Chebyshev polynomial of the second kind and degree n.
    /// >>> torch.special.chebyshev_polynomial_u(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([-0.7500, -1.0000])
    "special.chebyshev_polynomial_u" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim CHEBYSHEV_U,
        "(Scalar x, Tensor n) -> Tensor" => prim CHEBYSHEV_U,
        "(Tensor x, Scalar n) -> Tensor" => prim CHEBYSHEV_U;
    /// Chebyshev polynomial of the third kind and degree n.
    /// >>> torch.special.chebyshev_polynomial_v(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([-1.2500, -1.0000])
    "special.chebyshev_polynomial_v" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim CHEBYSHEV_V,
        "(Scalar x, Tensor n) -> Tensor" => prim CHEBYSHEV_V,
        "(Tensor x, Scalar n) -> Tensor" => prim CHEBYSHEV_V;
    /// Chebyshev polynomial of the fourth kind and degree n.
    /// >>> torch.special.chebyshev_polynomial_w(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([-0.2500, -1.0000])
    "special.chebyshev_polynomial_w" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim CHEBYSHEV_W,
        "(Scalar x, Tensor n) -> Tensor" => prim CHEBYSHEV_W,
        "(Tensor x, Scalar n) -> Tensor" => prim CHEBYSHEV_W;
    /// Chebyshev polynomial of the first kind and degree n, shifted to [0, 1].
    /// >>> torch.special.shifted_chebyshev_polynomial_t(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([-0.5000, -0.0000])
    "special.shifted_chebyshev_polynomial_t" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim SHIFTED_CHEBYSHEV_T,
        "(Scalar x, Tensor n) -> Tensor" => prim SHIFTED_CHEBYSHEV_T,
        "(Tensor x, Scalar n) -> Tensor" => prim SHIFTED_CHEBYSHEV_T;
    /// Chebyshev polynomial of the second kind and degree n, shifted to [0, 1].
    /// >>> torch.special.shifted_chebyshev_polynomial_u(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([0., -0.])
    "special.shifted_chebyshev_polynomial_u" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim SHIFTED_CHEBYSHEV_U,
        "(Scalar x, Tensor n) -> Tensor" => prim SHIFTED_CHEBYSHEV_U,
        "(Tensor x, Scalar n) -> Tensor" => prim SHIFTED_CHEBYSHEV_U;
    /// Chebyshev polynomial of the third kind and degree n, shifted to [0, 1].
    /// >>> torch.special.shifted_chebyshev_polynomial_v(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([1., 1.])
    "special.shifted_chebyshev_polynomial_v" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim SHIFTED_CHEBYSHEV_V,
        "(Scalar x, Tensor n) -> Tensor" => prim SHIFTED_CHEBYSHEV_V,
        "(Tensor x, Scalar n) -> Tensor" => prim SHIFTED_CHEBYSHEV_V;
    /// Chebyshev polynomial of the fourth kind and degree n, shifted to [0, 1].
    /// >>> torch.special.shifted_chebyshev_polynomial_w(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([-1., -1.])
    "special.shifted_chebyshev_polynomial_w" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim SHIFTED_CHEBYSHEV_W,
        "(Scalar x, Tensor n) -> Tensor" => prim SHIFTED_CHEBYSHEV_W,
        "(Tensor x, Scalar n) -> Tensor" => prim SHIFTED_CHEBYSHEV_W;
    /// Physicists' Hermite polynomial of degree n.
    /// >>> torch.special.hermite_polynomial_h(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([-1.7500, -5.0000])
    "special.hermite_polynomial_h" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim HERMITE_POLYNOMIAL_H,
        "(Scalar x, Tensor n) -> Tensor" => prim HERMITE_POLYNOMIAL_H,
        "(Tensor x, Scalar n) -> Tensor" => prim HERMITE_POLYNOMIAL_H;
    /// Probabilists' Hermite polynomial of degree n.
    /// >>> torch.special.hermite_polynomial_he(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([-0.9375, -1.3750])
    "special.hermite_polynomial_he" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim HERMITE_POLYNOMIAL_HE,
        "(Scalar x, Tensor n) -> Tensor" => prim HERMITE_POLYNOMIAL_HE,
        "(Tensor x, Scalar n) -> Tensor" => prim HERMITE_POLYNOMIAL_HE;
    /// Laguerre polynomial of degree n.
    /// >>> torch.special.laguerre_polynomial_l(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([ 0.5312, -0.1458])
    "special.laguerre_polynomial_l" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim LAGUERRE_POLYNOMIAL_L,
        "(Scalar x, Tensor n) -> Tensor" => prim LAGUERRE_POLYNOMIAL_L,
        "(Tensor x, Scalar n) -> Tensor" => prim LAGUERRE_POLYNOMIAL_L;
    /// Legendre polynomial of degree n.
    /// >>> torch.special.legendre_polynomial_p(torch.tensor([0.25, 0.5]), torch.tensor([2, 3]))
    /// tensor([-0.4062, -0.4375])
    "special.legendre_polynomial_p" [fn out]
        "(Tensor x, Tensor n) -> Tensor" => prim LEGENDRE_POLYNOMIAL_P,
        "(Scalar x, Tensor n) -> Tensor" => prim LEGENDRE_POLYNOMIAL_P,
        "(Tensor x, Scalar n) -> Tensor" => prim LEGENDRE_POLYNOMIAL_P;
    /// ln(exp(x) + exp(y)), without overflow.
    /// >>> torch.logaddexp(torch.tensor([0., 1000.]), torch.tensor([0., 1000.]))
    /// tensor([6.9315e-01, 1.0007e+03])
    "logaddexp" [fn method out] "(Tensor self, Tensor other) -> Tensor" => prim LOGADDEXP;
    grad "
node LogaddexpBackward0
input: grad / _conj(1 + exp(other - input))
other: grad / _conj(1 + exp(input - other))";
    /// log2(2^x + 2^y), without overflow.
    /// >>> torch.logaddexp2(torch.tensor([0., 1000.]), torch.tensor([0., 1000.]))
    /// tensor([1.0000e+00, 1.0010e+03])
    "logaddexp2" [fn method out] "(Tensor self, Tensor other) -> Tensor" => prim LOGADDEXP2;
    grad "
node Logaddexp2Backward0
input: grad / (1 + 2 ** (other - input))
other: grad / (1 + 2 ** (input - other))";
    /// The next number after input towards other.
    /// >>> torch.nextafter(torch.tensor([0., 1.]), torch.tensor([1., 0.]))
    /// tensor([1.4013e-45, 1.0000e+00])
    "nextafter" [fn method inplace out] "(Tensor self, Tensor other) -> Tensor" => prim NEXTAFTER;
    grad "
node NextafterBackward0
input: not_implemented
other: not_implemented";
    /// sin(pi x) / (pi x).
    /// >>> torch.sinc(torch.tensor([0., 0.5]))
    /// tensor([1.0000, 0.6366])
    "sinc" aka ["special.sinc"] [fn method inplace out] "(Tensor self) -> Tensor" => prim SINC;
    grad "
node SincBackward0
input:
    x = input * 3.141592653589793
    square = input * input * 3.141592653589793
    return where(square == 0, 0, grad * ((x * cos(x) - sin(x)) / square).conj())";
    /// ln(x / (1 - x)), x first clamped to [eps, 1 - eps] when eps is given.
    /// >>> torch.logit(torch.tensor([0.25, 0.5]))
    /// tensor([-1.0986,  0.0000])
    "logit" aka ["special.logit"] [fn method inplace out] "(Tensor self, float? eps=None) -> Tensor" => kernel |a| Ok(special::logit_of(a.view(0)?, a.opt_float(1))?.into()), fused |g, x, a| Ok(pointwise::logit(g, x()?, a.opt_float(1))?.map(Into::into));
    grad "
node LogitBackward0
input:
    slope = grad / (input * (1 - input))
    if eps is None:
        return where((input < 0) | (input > 1), float('nan'), slope)
    low = tensor(eps, dtype=input.dtype, device='cpu')
    return where((input < low) | (input > 1 - low), 0, slope)";
    /// Derivative of order n of the digamma function.
    /// >>> torch.polygamma(1, torch.tensor([1., 0.5]))
    /// tensor([1.6449, 4.9348])
    "polygamma" [fn out] "(int n, Tensor self) -> Tensor" => kernel |a| Ok(special::polygamma_of(a.int(0)?, a.view(1)?)?.into()), cuda |g, _, a| Ok(pointwise::polygamma(g, a.int(0)?, Loader::of(a.view(1)?))?.map(Into::into));
    grad "
node PolygammaBackward0
input: grad * polygamma(n + 1, input)
# inplace: node PolygammaBackward1";
    /// Derivative of order n of the digamma function.
    /// >>> torch.special.polygamma(1, torch.tensor([1., 0.5]))
    /// tensor([1.6449, 4.9348])
    "special.polygamma" [fn out] "(int n, Tensor self) -> Tensor" => kernel |a| Ok(special::polygamma_of(a.int(0)?, a.view(1)?)?.into()), cuda |g, _, a| Ok(pointwise::polygamma(g, a.int(0)?, Loader::of(a.view(1)?))?.map(Into::into));
    grad "
node PolygammaBackward0
input: grad * polygamma(n + 1, input)";
    /// Derivative of order n of the digamma function, at this tensor.
    "polygamma" [method inplace] "(Tensor self, int n) -> Tensor" => kernel |a| Ok(special::polygamma_of(a.int(1)?, a.view(0)?)?.into()), fused |g, x, a| Ok(pointwise::polygamma(g, a.int(1)?, x()?)?.map(Into::into));
    grad "
node PolygammaBackward0
input: grad * polygamma(n + 1, input)
# inplace: node PolygammaBackward1";
    /// Logarithm of the multivariate gamma function of dimension p.
    /// >>> torch.mvlgamma(torch.tensor([3., 4.]), 2)
    /// tensor([1.5502, 3.5651])
    "mvlgamma" aka ["special.multigammaln"] [fn method out] "(Tensor self, int p) -> Tensor" => tensh "
if input.dtype == torch.bool:
    raise RuntimeError('The input tensor may not be a boolean tensor.')
if p < 1:
    raise RuntimeError('p has to be greater than or equal to 1')
dtype = input.dtype if is_floating_point(input) or is_complex(input) else get_default_dtype()
steps = arange(-p * 0.5 + 0.5, 0.5, 0.5, dtype=dtype)
return lgamma(steps + input.unsqueeze(-1)).sum(-1) + full((), p * (p - 1) * 0.25 * 1.1447298858494002, dtype=dtype)";
    grad "
node MvlgammaBackward0
input:
    steps = arange(1 - p, 1, dtype=input.dtype) / 2
    return grad * digamma(input.unsqueeze(-1) + steps).sum(-1)";
    /// Logarithm of the multivariate gamma function of dimension p, in place.
    "mvlgamma_" [method] "(Tensor self, int p) -> Tensor" => tensh "
out = mvlgamma(input, p)
if not is_floating_point(input):
    raise RuntimeError(f\"mvlgamma: result type {_aten(input)} can't be cast to the desired output type Float\")
return input.copy_(out)";
    grad "
node MvlgammaBackward0
input:
    steps = arange(1 - p, 1, dtype=input.dtype) / 2
    return grad * digamma(input.unsqueeze(-1) + steps).sum(-1)";
    /// Mantissa in [0.5, 1) and exponent of two.
    /// >>> torch.frexp(torch.tensor([3.5, -8.]))
    /// torch.return_types.frexp(
    /// mantissa=tensor([ 0.8750, -0.5000]),
    /// exponent=tensor([2, 4], dtype=torch.int32))
    "frexp" [fn method out] "(Tensor self) -> (Tensor mantissa, Tensor exponent)" => kernel |a| Ok(special::frexp(a.view(0)?)?.into()), fused |g, x, _| Ok(pointwise::frexp(g, x()?)?.map(Into::into));
    grad "
node FrexpBackward0
input: None if grads[0] is None else grads[0] / exp2(results[1])";
    /// input * 2 ** other.
    /// >>> torch.ldexp(torch.tensor([1., 3.]), torch.tensor([2, 3]))
    /// tensor([ 4., 24.])
    "ldexp" [fn method out] "(Tensor self, Tensor other) -> Tensor" => tensh "
if not is_floating_point(input) or is_floating_point(other) or is_complex(other):
    return torch.mul(input, torch.pow(2.0, other))
if other.dtype == torch.bool:
    raise NotImplementedError('\"ldexp_cpu_exp\" not implemented for \\'Bool\\'')
return torch.mul(input.double(), torch.pow(2.0, other.double())).to(input.dtype)";
    grad "
node LdexpBackward0
again other MulBackward1
input: grad * _conj(2 ** other)
other: grad * result.conj() * 0.6931471805599453";
    /// input * 2 ** other, in place.
    "ldexp_" [fn method] "(Tensor self, Tensor other) -> Tensor" => tensh "
if not is_floating_point(input) and not is_complex(input):
    raise RuntimeError(f\"ldexp can't be cast to the desired output type {_aten(input)}\")
return torch._store(input, ldexp(input, other)) if is_floating_point(input) else input.mul_(torch.pow(2.0, other))";
    grad "
node LdexpBackward0
input: grad * _conj(2 ** other)
other: grad * result.conj() * 0.6931471805599453";
}
