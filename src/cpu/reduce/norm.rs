//! Vector norms of any order.

use super::walk::Walk;
use super::{Reduced, convert};
use crate::base::DType;
use crate::base::dtype::Element;
use crate::base::error::{Result, runtime};
use crate::base::scalar::{Cast, Scalar};
use crate::cpu::isa::{Work, widest};
use crate::cpu::parallel;
use crate::dispatch;
use crate::store::View;
use half::{bf16, f16};
use num_complex::Complex;
use num_traits::Float;
use std::marker::PhantomData;

/// `torch.linalg.vector_norm`: `sum(|x|^p)^(1/p)`, the count of non-zeros for 0, the extremes for infinities.
///
/// The result is real. `dtype` is what the elements are converted to first.
///
/// # Errors
/// A bad dimension, integers, a narrowing `dtype`, or an empty group for an order without identity.
pub fn vector_norm(x: &View, p: f64, dims: Option<&[i64]>, keepdim: bool, dtype: Option<DType>) -> Result<View> {
    let from = x.dtype();
    if from.is_integral() {
        return Err(runtime(format!(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got {}",
            from.aten()
        )));
    }
    if let Some(to) = dtype {
        check_dtype("linalg.vector_norm", from, to)?;
    }
    let shape = Reduced::new(x, dims, keepdim)?;
    if x.numel() == 0 && (p < 0.0 || p == f64::INFINITY) {
        no_identity(x, p, dims, &shape)?;
    }
    let x = convert(x, dtype.unwrap_or(from))?;
    match x.dtype() {
        DType::F16 => norm::<f16, f32>(&x, &shape, p),
        DType::BF16 => norm::<bf16, f32>(&x, &shape, p),
        DType::F32 => norm::<f32, f32>(&x, &shape, p),
        DType::F64 => norm::<f64, f64>(&x, &shape, p),
        DType::C32 => norm::<Complex<f32>, f32>(&x, &shape, p),
        _ => norm::<Complex<f64>, f64>(&x, &shape, p),
    }
}

/// Whether a norm of `from` may be asked for in `to`; `name` is the function's.
///
/// # Errors
/// torch's, where it may not.
pub fn check_dtype(name: &str, from: DType, to: DType) -> Result<()> {
    if to.is_integral() {
        return Err(runtime(format!("{name}: dtype should be floating point or complex, but got {}", to.aten())));
    }
    if from.is_complex() != to.is_complex() {
        let kind = if from.is_complex() { "complex" } else { "real" };
        return Err(runtime(format!("{name}: dtype should be {kind} for {kind} inputs, but got {}", to.aten())));
    }
    if crate::base::promote::promote(from, to) != Some(to) {
        return Err(runtime(format!(
            "{name}: the dtype of the input ({}) should be convertible without narrowing to the specified dtype ({})",
            from.aten(),
            to.aten()
        )));
    }
    Ok(())
}

fn no_identity(x: &View, p: f64, dims: Option<&[i64]>, shape: &Reduced) -> Result<()> {
    let order = if p.is_infinite() { if p > 0.0 { "inf".into() } else { "-inf".into() } } else { p.to_string() };
    if dims.is_none_or(<[i64]>::is_empty) {
        return Err(runtime(format!(
            "linalg.vector_norm cannot compute the {order} norm on an empty tensor because the operation does not have \
             an identity"
        )));
    }
    match shape.empty_dim(x, dims) {
        // The missing blank is torch's.
        Some(d) => Err(runtime(format!(
            "linalg.vector_norm cannot compute the {order} norm on the dimension {d}because this dimension is empty and \
             the operation does not have an identity"
        ))),
        None => Ok(()),
    }
}

/// An element with an absolute value in `A`.
trait Magnitude<A>: Element {
    /// Elements in a vector register; two vectors of `A` for halves.
    const LANES: usize;
    fn magnitude(self) -> A;
}

macro_rules! magnitudes {
    ($($t:ty, $a:ty, $lanes:literal, $f:expr;)*) => {$(
        impl Magnitude<$a> for $t {
            const LANES: usize = $lanes;
            #[inline(always)]
            fn magnitude(self) -> $a { $f(self) }
        }
    )*};
}
magnitudes! {
    f16, f32, 0, |v: f16| v.to_f32().abs();
    bf16, f32, 16, |v: bf16| v.to_f32().abs();
    f32, f32, 8, f32::abs;
    f64, f64, 4, f64::abs;
    Complex<f32>, f32, 0, |v: Complex<f32>| v.re.hypot(v.im);
    Complex<f64>, f64, 0, |v: Complex<f64>| v.re.hypot(v.im);
}

fn norm<S: Magnitude<A>, A: Float + Cast + Default>(x: &View, shape: &Reduced, p: f64) -> Result<View> {
    let dtype = x.dtype().real();
    let zero = A::zero();
    let start = if p == f64::NEG_INFINITY { A::infinity() } else { zero };
    let mut acc = vec![start; shape.sizes.iter().product::<i64>() as usize];
    let order = A::from_scalar(Scalar::Float(p));
    let mut root: Box<dyn Fn(A) -> A> = Box::new(|a| a);
    if x.numel() > 0 {
        let (walk, data) = (Walk::new(x, &shape.mask), x.span::<S>());
        let plus = |a: A, b: A| a + b;
        if shape.count(x) == 1 && p != 0.0 {
            walk.fold(data, &mut acc, |_, v| v.magnitude(), |_, b| b);
        } else if p == 0.0 {
            walk.fold(data, &mut acc, |a, v| if v.magnitude() == zero { a } else { a + A::one() }, plus);
        } else if p == 1.0 {
            walk.fold(data, &mut acc, |a, v| a + v.magnitude(), plus);
        } else if p == 2.0 {
            root = Box::new(A::sqrt);
            if S::LANES > 0 && walk.has_rows() {
                match size_of::<A>() {
                    4 => rows::<S, A, 8>(&walk, data, &mut acc),
                    _ => rows::<S, A, 4>(&walk, data, &mut acc),
                }
            } else {
                walk.fold(data, &mut acc, |a, v| a + v.magnitude() * v.magnitude(), plus);
            }
        } else if p.is_infinite() {
            let max = p > 0.0;
            let pick = |a: A, v: A| if v.is_nan() || (if max { v > a } else { v < a }) { v } else { a };
            walk.fold(data, &mut acc, |a: A, v| if a.is_nan() { a } else { pick(a, v.magnitude()) }, pick);
        } else {
            root = Box::new(move |a| a.powf(A::one() / order));
            walk.fold(data, &mut acc, |a, v| a + v.magnitude().powf(order), plus);
        }
    } else if p < 0.0 {
        acc.fill(A::infinity());
    }
    let mut out = View::empty(dtype, &shape.sizes)?;
    dispatch!(dtype, float T => {
        out.slice_mut::<T>().iter_mut().zip(acc).for_each(|(o, a)| *o = T::from_scalar(root(a).to_scalar()));
    }, else ());
    Ok(out)
}

/// Rows that are walked side by side: the steps of one wait for each other, those of several do not.
const SIDE_BY_SIDE: usize = 4;

/// Sums of squares of contiguous rows, a vector of lanes at a time.
fn rows<S: Magnitude<A>, A: Float + Send + Sync, const V: usize>(walk: &Walk, data: &[S], out: &mut [A]) {
    let n = walk.dims()[0].size;
    let group = (super::walk::GRAIN / n / SIDE_BY_SIDE).max(1);
    parallel::for_each(out.chunks_mut(SIDE_BY_SIDE).enumerate(), group, |(i, out)| {
        // The last rows are walked several times where there are too few of them.
        let row = |r: usize| walk.row_start(i * SIDE_BY_SIDE + r.min(out.len() - 1));
        let rows: [&[S]; SIDE_BY_SIDE] = std::array::from_fn(|r| &data[row(r)..row(r) + n]);
        let sums = widest(Squares::<S, A, V>(rows, PhantomData));
        out.copy_from_slice(&sums[..out.len()]);
    });
}

/// Rows whose squares are summed, in `V` lanes each.
struct Squares<'a, S, A, const V: usize>([&'a [S]; SIDE_BY_SIDE], PhantomData<A>);

// Lanes are counted: an iterator's making is a call in the middle of a loop where it is not inlined.
#[allow(clippy::needless_range_loop)]
impl<S: Magnitude<A>, A: Float, const V: usize> Work for Squares<'_, S, A, V> {
    type Out = [A; SIDE_BY_SIDE];

    #[inline(always)]
    fn run(self) -> Self::Out {
        let group = 16 / size_of::<A>();
        let square = |a: A, v: S| a + v.magnitude() * v.magnitude();
        let n = self.0[0].len();
        let whole = n / S::LANES * S::LANES;
        let steps = whole / V;
        let row = |r: usize| self.0[r].as_chunks::<V>().0;
        // Of one length, so that nothing is checked within the loop.
        let (a, b, c, d) = (&row(0)[..steps], &row(1)[..steps], &row(2)[..steps], &row(3)[..steps]);
        let mut lanes = [[A::zero(); V]; SIDE_BY_SIDE];
        for i in 0..steps {
            for l in 0..V {
                lanes[0][l] = square(lanes[0][l], a[i][l]);
                lanes[1][l] = square(lanes[1][l], b[i][l]);
                lanes[2][l] = square(lanes[2][l], c[i][l]);
                lanes[3][l] = square(lanes[3][l], d[i][l]);
            }
        }
        let mut sums = [A::zero(); SIDE_BY_SIDE];
        for r in 0..SIDE_BY_SIDE {
            let mut sum = lanes[r][0];
            for l in 1..V {
                sum = sum + lanes[r][l];
            }
            // What is left: whole groups of 16 bytes as before, then single elements with one rounding.
            let tail = &self.0[r][whole..];
            let (groups, rest) = tail.split_at(tail.len() / group * group);
            let sum = groups.iter().fold(sum, |a, &v| square(a, v));
            sums[r] = rest.iter().fold(sum, |a, v| v.magnitude().mul_add(v.magnitude(), a));
        }
        sums
    }
}
