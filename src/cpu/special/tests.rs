//! Values against PyTorch's: `reference.py` made `reference.txt`.

use super::*;
use crate::cpu::vector;

fn one<T: Real>(name: &str) -> Option<fn(T) -> T> {
    Some(match name {
        "erf" => vector::erf,
        "erfc" => vector::erfc,
        "erfinv" => vector::erfinv,
        "erfcx" => vector::erfcx,
        "log_ndtr" => vector::log_ndtr,
        "ndtri" => ndtri,
        "digamma" => digamma,
        "trigamma" => |x| if trigamma_far(x) { trigamma_beyond(x) } else { trigamma(x) },
        "lgamma" => vector::lgamma,
        "i0" => i0,
        "i0e" => i0e,
        "i1" => i1,
        "i1e" => i1e,
        "bessel_j0" => |x| if vector::far(x) { bessel_j0_far(x) } else { bessel_j0(x) },
        "bessel_j1" => |x| if vector::far(x) { bessel_j1_far(x) } else { bessel_j1(x) },
        "bessel_y0" => |x| if vector::far(x) { bessel_y0_far(x) } else { bessel_y0(x) },
        "bessel_y1" => |x| if vector::far(x) { bessel_y1_far(x) } else { bessel_y1(x) },
        "airy_ai" => |x| if airy_ai_far(x) { airy_ai_beyond(x) } else { airy_ai(x) },
        "spherical_bessel_j0" => |x| if vector::far(x) { spherical_bessel_j0_far(x) } else { spherical_bessel_j0(x) },
        "modified_bessel_i0" => i0,
        "modified_bessel_i1" => modified_bessel_i1,
        "modified_bessel_k0" => modified_bessel_k0,
        "modified_bessel_k1" => modified_bessel_k1,
        "scaled_modified_bessel_k0" => scaled_modified_bessel_k0,
        "scaled_modified_bessel_k1" => scaled_modified_bessel_k1,
        "sinc" => |x| if sinc_far(x) { sinc_beyond(x) } else { sinc(x) },
        "entr" => |x| entr(x, |v| v),
        "logit" => |x| logit(x, None, |v| v),
        "sigmoid" => vector::sigmoid,
        _ => return None,
    })
}

fn two<T: Real>(name: &str) -> Option<fn(T, T) -> T> {
    use Chebyshev as C;
    Some(match name {
        "gammainc" => igamma,
        "gammaincc" => igammac,
        "zeta" => zeta,
        "xlogy" => |x, y| xlogy(x, y, |v| v),
        "xlog1py" => |x, y| xlog1py(x, y, |v| v),
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
        "floor_divide" => |x, y| {
            if vector::division_far(x, y) {
                vector::quotient_of_rest(x, y, x % y, |v| v)
            } else {
                vector::floor_divide(x, y)
            }
        },
        "remainder" => |x, y| {
            if vector::division_far(x, y) { vector::with_sign_of_divisor(x % y, y) } else { vector::remainder(x, y) }
        },
        "logaddexp" => logaddexp,
        "hypot" => T::hypot,
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

/// The largest error of `f32` in units in the last place against `f64`, over bit patterns of positive numbers up to `end`; values
/// below `least`, beside a zero, count as if they were that.
fn worst(single: fn(f32) -> f32, double: fn(f64) -> f64, end: f32, least: f64) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    for x in (f32::MIN_POSITIVE.to_bits()..end.to_bits()).step_by(1 << 12).map(f32::from_bits) {
        let (got, want) = (f64::from(single(x)), double(f64::from(x)));
        let error = (got - want).abs() / (want.abs().max(least) * f64::from(f32::EPSILON));
        if error > worst.0 && got.is_finite() {
            worst = (error, x);
        }
    }
    worst
}

/// In single precision the series' own rounding shows, as torch's does.
#[test]
fn single_precision_follows_double() {
    for (name, end, least, most) in [
        ("i0", 80.0, 0.0, 14.0),
        ("i0e", 1e30, 0.0, 8.0),
        ("i1", 80.0, 0.0, 14.0),
        ("i1e", 1e30, 0.0, 12.0),
        ("modified_bessel_k0", 80.0, 0.0, 14.0),
        ("modified_bessel_k1", 80.0, 0.0, 8.0),
        ("scaled_modified_bessel_k0", 1e30, 0.0, 14.0),
        ("scaled_modified_bessel_k1", 1e30, 0.0, 8.0),
        ("bessel_j0", 20.0, 0.1, 20.0),
        ("bessel_j1", 20.0, 0.1, 20.0),
        ("bessel_y0", 20.0, 0.1, 30.0),
        ("bessel_y1", 20.0, 0.1, 30.0),
        ("digamma", 1e30, 0.1, 50.0),
        ("trigamma", 1e18, 0.0, 12.0),
        ("ndtri", 0.99, 0.01, 6.0),
        ("entr", 1e30, 0.0, 2.0),
        ("log_ndtr", 1.0, 0.0, 8.0),
        ("erfcx", 1e30, 0.0, 2.0),
        ("airy_ai", 2.0, 0.0, 130.0),
    ] {
        let (Some(single), Some(double)) = (one::<f32>(name), one::<f64>(name)) else { panic!("{name}") };
        let (error, at) = worst(single, double, end, least);
        println!("{name:26} {error:.2} at {at:e}");
        assert!(error <= most, "{name}: {error} at {at:e}");
    }
}
