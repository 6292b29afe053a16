//! Values against PyTorch's: `reference.py` made `reference.txt`.

use super::*;

fn one<T: Real>(name: &str) -> Option<fn(T) -> T> {
    Some(match name {
        "erf" => T::erf,
        "erfc" => T::erfc,
        "erfinv" => erfinv,
        "erfcx" => erfcx,
        "log_ndtr" => log_ndtr,
        "ndtri" => ndtri,
        "digamma" => digamma,
        "trigamma" => trigamma,
        "lgamma" => T::lgamma,
        "i0" => i0,
        "i0e" => i0e,
        "i1" => i1,
        "i1e" => i1e,
        "bessel_j0" => bessel_j0,
        "bessel_j1" => bessel_j1,
        "bessel_y0" => bessel_y0,
        "bessel_y1" => bessel_y1,
        "airy_ai" => airy_ai,
        "spherical_bessel_j0" => spherical_bessel_j0,
        "modified_bessel_i0" => modified_bessel_i0,
        "modified_bessel_i1" => modified_bessel_i1,
        "modified_bessel_k0" => modified_bessel_k0,
        "modified_bessel_k1" => modified_bessel_k1,
        "scaled_modified_bessel_k0" => scaled_modified_bessel_k0,
        "scaled_modified_bessel_k1" => scaled_modified_bessel_k1,
        "sinc" => sinc,
        "entr" => entr,
        "logit" => |x| logit(x, None, |v| v),
        "sigmoid" => sigmoid,
        _ => return None,
    })
}

fn two<T: Real>(name: &str) -> Option<fn(T, T) -> T> {
    use Chebyshev as C;
    Some(match name {
        "gammainc" => igamma,
        "gammaincc" => igammac,
        "zeta" => zeta,
        "xlogy" => xlogy,
        "xlog1py" => xlog1py,
        "chebyshev_polynomial_t" => |x, n| chebyshev_polynomial(C::T, x, degree(n.wide())),
        "chebyshev_polynomial_u" => |x, n| chebyshev_polynomial(C::U, x, degree(n.wide())),
        "chebyshev_polynomial_v" => |x, n| chebyshev_polynomial(C::V, x, degree(n.wide())),
        "chebyshev_polynomial_w" => |x, n| chebyshev_polynomial(C::W, x, degree(n.wide())),
        "shifted_chebyshev_polynomial_t" => |x, n| shifted_chebyshev_polynomial(C::T, x, degree(n.wide())),
        "shifted_chebyshev_polynomial_w" => |x, n| shifted_chebyshev_polynomial(C::W, x, degree(n.wide())),
        "hermite_polynomial_h" => |x, n| hermite_polynomial_h(x, degree(n.wide())),
        "hermite_polynomial_he" => |x, n| hermite_polynomial_he(x, degree(n.wide())),
        "laguerre_polynomial_l" => |x, n| laguerre_polynomial_l(x, degree(n.wide())),
        "legendre_polynomial_p" => |x, n| legendre_polynomial_p(x, degree(n.wide())),
        "floor_divide" => floor_divide,
        "remainder" => remainder,
        "logaddexp" => logaddexp,
        "hypot" => hypot,
        "nextafter" => T::next_after,
        _ => return None,
    })
}

fn check<T: Real>(words: &[&str], line: &str) {
    let n = |i: usize| T::of(words[i].parse().unwrap());
    let (got, want) = match words.len() {
        4 => (one::<T>(words[0]).expect(line)(n(2)), n(3)),
        _ => (two::<T>(words[0]).expect(line)(n(2), n(3)), n(4)),
    };
    let same = got == want && got.is_sign_negative() == want.is_sign_negative();
    let near = (got - want).abs() <= T::epsilon() * T::of(8.0) * want.abs().max(T::of(1e-30));
    assert!(same || near || (got.is_nan() && want.is_nan()), "{line}: got {got:?}");
}

#[test]
fn values_are_torchs() {
    for line in include_str!("reference.txt").lines() {
        let words: Vec<&str> = line.split(' ').collect();
        if words[1] == "float32" { check::<f32>(&words, line) } else { check::<f64>(&words, line) }
    }
}

#[test]
fn integers_have_torchs_edges() {
    assert_eq!((gcd(-12i64, 18), lcm(-4i32, 6), gcd(0u8, 0), gcd(i8::MIN, i8::MIN)), (6, 12, 0, i8::MIN));
    assert_eq!((floor_divide_int(-7i64, 2), floor_divide_int(i64::MIN, -1)), (Some(-4), Some(i64::MIN)));
    assert_eq!((remainder_int(-7i64, 2), fmod_int(-7i64, 2), remainder_int(1u8, 0)), (Some(1), Some(-1), None));
    assert_eq!((pow_int(2i64, 62), pow_int(2i64, -1), pow_int(-1i64, -3), pow_int(3u8, 6)), (1 << 62, 0, -1, 217));
    assert_eq!((round_decimals_int(1250i64, -2), round_decimals_int(-155i64, -1)), (1200, -160));
}
