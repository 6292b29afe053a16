//! Products, multiplied in ATen's order: blocks of four vectors along contiguous rows, one element at a time elsewhere.

use super::walk::{Plane, Walk};
use super::{Reduced, convert};
use crate::base::DType;
use crate::base::dtype::{C32, C64, Element};
use crate::base::error::Result;
use crate::base::scalar::Scalar;
use crate::base::shape::wrap_dim;
use crate::dispatch;
use crate::store::View;
use half::{bf16, f16};
use num_complex::Complex;
use num_traits::Float;
use std::ops::Mul;

/// `torch.prod`: integers multiply in `int64` unless `dtype` says otherwise.
///
/// # Errors
/// A dimension that is out of range.
pub fn prod(x: &View, dim: Option<i64>, keepdim: bool, dtype: Option<DType>) -> Result<View> {
    let dims = dim.map(|d| wrap_dim(d, x.ndim()).map(|d| [d as i64])).transpose()?;
    let shape = Reduced::new(x, dims.as_ref().filter(|_| x.ndim() > 0).map(|d| &d[..]), keepdim)?;
    let dtype = dtype.unwrap_or(if x.dtype().is_integral() { DType::I64 } else { x.dtype() });
    let mut out = View::full(dtype, &shape.sizes, Scalar::Int(1))?;
    if x.numel() == 0 {
        return Ok(out);
    }
    let x = convert(x, dtype)?;
    let walk = Walk::new(&x, &shape.mask);
    match dtype {
        DType::F32 => run::<f32, 8>(&x, &walk, &mut out),
        DType::F64 => run::<f64, 4>(&x, &walk, &mut out),
        DType::F16 => run::<f16, 16>(&x, &walk, &mut out),
        DType::BF16 => run::<bf16, 16>(&x, &walk, &mut out),
        DType::C32 => run::<C32, 4>(&x, &walk, &mut out),
        DType::C64 => run::<C64, 2>(&x, &walk, &mut out),
        DType::Bool => walk.fold_free(x.span::<bool>(), out.slice_mut::<bool>(), |a, v| a & v, |a, b| a & b),
        _ => dispatch!(dtype, int T => {
            walk.fold_free(x.span::<T>(), out.slice_mut::<T>(), T::wrapping_mul, T::wrapping_mul);
        }, else ()),
    }
    Ok(out)
}

/// What is multiplied; `*` is the product of vectors, `times` of single elements.
trait Factor: Element + Mul<Output = Self> {
    fn times(self, other: Self) -> Self {
        self * other
    }
}

impl Factor for f32 {}
impl Factor for f64 {}
impl Factor for f16 {}
impl Factor for bf16 {}

impl<F: Float> Factor for Complex<F>
where
    Complex<F>: Element,
{
    #[inline(always)]
    fn times(self, b: Self) -> Self {
        contracted(self, b)
    }
}

/// The product of two complex numbers with one rounding less in either part.
#[inline(always)]
pub fn contracted<F: Float>(a: Complex<F>, b: Complex<F>) -> Complex<F> {
    Complex::new(a.re.mul_add(b.re, -(a.im * b.im)), a.re.mul_add(b.im, a.im * b.re))
}

fn run<T, const V: usize>(x: &View, walk: &Walk, out: &mut View)
where
    T: Factor,
{
    walk.reduce(x.span::<T>(), out.slice_mut::<T>(), block::<T, V>, block::<T, V>);
}

fn block<T: Factor, const V: usize>(out: &mut [T], o: usize, data: &[T], at: usize, plane: &Plane) {
    let Plane { size: [n, m], input: [along, across], out: [same, next] } = *plane;
    let vectors =
        |from: usize| -> [[T; V]; 4] { std::array::from_fn(|k| std::array::from_fn(|l| data[from + k * V + l])) };
    let times = |a: [T; V], b: [T; V]| -> [T; V] { std::array::from_fn(|l| a[l] * b[l]) };
    let whole = n / (4 * V);
    if same == 0 && along == 1 && whole > 0 {
        for j in 0..m {
            let from = at + j * across;
            let mut acc = vectors(from);
            for i in 1..whole {
                let more = vectors(from + i * 4 * V);
                for (a, b) in acc.iter_mut().zip(more) {
                    *a = times(*a, b);
                }
            }
            let [a, b, c, d] = acc;
            let lanes = times(times(a, b), times(c, d));
            let slot = &mut out[o + j * next];
            *slot = slot.times(lanes[1..].iter().fold(lanes[0], |p, &v| p.times(v)));
            *slot = data[from + whole * 4 * V..from + n].iter().fold(*slot, |p, &v| p.times(v));
        }
        return;
    }
    let blocks = m / (4 * V) * (4 * V);
    if same == 0 && across == 1 && next == 1 && blocks > 0 {
        // Whole blocks of columns are multiplied among themselves before they meet what is there.
        let mut acc = data[at..at + blocks].to_vec();
        for i in 1..n {
            acc.iter_mut().zip(&data[at + i * along..]).for_each(|(p, &v)| *p = *p * v);
        }
        out[o..o + blocks].iter_mut().zip(acc).for_each(|(slot, p)| *slot = p * *slot);
        let rest = Plane { size: [n, m - blocks], ..*plane };
        return rest.fold(out, o + blocks, data, at + blocks, &|p: T, v| p.times(v));
    }
    plane.fold(out, o, data, at, &|p: T, v| p.times(v));
}
