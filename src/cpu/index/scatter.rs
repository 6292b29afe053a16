//! Writing by index: `scatter`, `scatter_add`, `scatter_reduce`, `put`.

use super::element::{Element, Reduce, checked, no_wide_unsigned, unsupported};
use super::gather::{numbered, outside, wide_index};
use super::walk::{pinned, rows};
use crate::base::error::{Result, index_error, runtime};
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::{show, wrap_dim};
use crate::base::{DType, dtype};
use crate::cpu::copy;
use crate::store::View;
use crate::{by_width, dispatch};

/// What is scattered: a tensor, or one number everywhere.
#[derive(Clone, Debug)]
pub enum Source {
    /// An element for each index.
    Tensor(View),
    /// The same number for all.
    Value(Scalar),
}

/// A checked request: the dimension, the index as `int64`, and the elements to write as a view of the index's sizes.
#[derive(Debug)]
pub struct Scatter {
    /// The dimension.
    pub dim: usize,
    /// The index.
    pub index: View,
    /// The elements.
    pub src: View,
}

/// The request of a call; `None` when there is nothing to write.
///
/// # Errors
/// torch's, for a wrong dtype or shape.
pub fn check(x: &View, dim: i64, index: &View, src: &Source) -> Result<Option<Scatter>> {
    let dim = wrap_dim(dim, x.ndim())?;
    let index = if index.numel() == 0 { index.clone() } else { wide_index("scatter", index)? };
    if let Source::Tensor(src) = src
        && src.dtype() != x.dtype()
    {
        return Err(runtime("scatter(): Expected self.dtype to be equal to src.dtype"));
    }
    if index.numel() == 0 {
        return Ok(None);
    }
    if index.ndim().max(1) != x.ndim().max(1) {
        return Err(runtime("Index tensor must have the same number of dimensions as self tensor"));
    }
    let size = |v: &View, d: usize| if v.ndim() == 0 { 1 } else { v.sizes()[d] };
    let ndim = index.ndim().max(1);
    let mut wrong = (0..ndim).any(|d| d != dim && size(&index, d) > size(x, d));
    let mut against = String::new();
    if let Source::Tensor(src) = src {
        for d in 0..ndim {
            if wrong || src.ndim() == 0 {
                break;
            }
            wrap_dim(d as i64, src.ndim())?;
            wrong = size(&index, d) > size(src, d);
        }
        if src.ndim().max(1) != ndim {
            return Err(runtime("Index tensor must have the same number of dimensions as src tensor"));
        }
        wrong |= src.ndim() == 0 && index.numel() > 1;
        against = format!(" and to be no larger size than src {}", show(src.sizes()));
    }
    if wrong {
        return Err(runtime(format!(
            "Expected index {} to be no larger than self {} apart from dimension {dim}{against}",
            show(index.sizes()),
            show(x.sizes())
        )));
    }
    let src = match src {
        Source::Tensor(src) => {
            let mut src = src.clone();
            for d in 0..index.ndim().min(src.ndim()) {
                src = src.narrow(d, 0, index.sizes()[d]);
            }
            if src.ndim() == index.ndim() { src } else { src.expand(index.sizes()).or_else(|_| src.select(0, 0))? }
        }
        Source::Value(v) => View::scalar(x.dtype(), checked(*v, x.dtype())?)?.expand(index.sizes())?,
    };
    no_wide_unsigned("scatter_gather_tensor_cpu", x.dtype())?;
    Ok(Some(Scatter { dim, index, src }))
}

impl Scatter {
    /// Joins each element of the source with the place its index names.
    fn apply<T: dtype::Element>(&self, out: &mut View, src: &View, f: impl Fn(T, T) -> T) -> Result<()> {
        let size = out.sizes().get(self.dim).copied().unwrap_or(1);
        let stride = out.strides().get(self.dim).copied().unwrap_or(0) as usize;
        let mut steps = pinned(out.strides(), self.dim);
        steps.resize(self.index.ndim(), 0);
        let (picks, values) = (self.index.span::<i64>(), src.span::<T>());
        let dst = out.span_mut::<T>();
        rows(self.index.sizes(), [&steps, self.index.strides(), src.strides()], |row| {
            let ([d, p, s], [ds, ps, ss]) = (row.at, row.step);
            if (ds, ps, ss, stride) == (0, 1, 1, 1) {
                let dst = &mut dst[d..d + size as usize];
                for (&i, &v) in picks[p..p + row.n].iter().zip(&values[s..]) {
                    // A negative index is as far out as can be.
                    let Some(to) = dst.get_mut(i as usize) else { return Err(outside(i, self.dim, size)) };
                    *to = f(*to, v);
                }
                return Ok(());
            }
            for k in 0..row.n {
                let i = picks[p + k * ps];
                if i < 0 || i >= size {
                    return Err(outside(i, self.dim, size));
                }
                let to = &mut dst[d + k * ds + i as usize * stride];
                *to = f(*to, values[s + k * ss]);
            }
            Ok(())
        })
    }

    /// Writes each element of the source where its index says.
    fn replace(&self, out: &View, src: &View) -> Result<()> {
        let (mut to, from) = (out.words(), src.words());
        by_width!(out.dtype(), T => self.apply::<T>(&mut to, &from, |_, v| v))
    }

    /// Halves are summed as `float32` and rounded once, as ATen's buffered kernels do.
    fn reduce(&self, x: &View, how: Reduce, include_self: bool) -> Result<View> {
        let dtype = x.dtype();
        let wide = dtype.opmath();
        let mut out = fresh(x, wide)?;
        let src = copy::cast(&self.src, wide)?;
        if !include_self {
            let start = View::scalar(wide, how.identity(wide))?.expand(self.index.sizes())?;
            self.replace(&out, &start)?;
        }
        dispatch!(wide, all T => {
            match how {
                Reduce::Sum => self.apply::<T>(&mut out, &src, T::plus)?,
                _ => self.apply::<T>(&mut out, &src, how.function::<T>())?,
            }
            if how == Reduce::Mean {
                let mut count = View::full(DType::I64, x.sizes(), Scalar::Int(i64::from(include_self)))?;
                let one = View::scalar(DType::I64, Scalar::Int(1))?.expand(self.index.sizes())?;
                self.apply::<i64>(&mut count, &one, i64::plus)?;
                divide(&mut out, &count);
            }
        });
        copy::cast(&out, dtype)
    }
}

/// Divides each element by its count where that is above zero; integers round down.
pub(super) fn divide(out: &mut View, count: &View) {
    let counts = count.slice::<i64>();
    dispatch!(out.dtype(), all T => {
        for (v, &n) in out.slice_mut::<T>().iter_mut().zip(counts).filter(|c| *c.1 > 0) {
            *v = T::from_scalar(match v.to_scalar() {
                Scalar::Int(i) => Scalar::Int(i.div_euclid(n)),
                Scalar::Complex(c) => Scalar::Complex(c / n as f64),
                other => Scalar::Float(other.to_f64() / n as f64),
            });
        }
    });
}

/// A contiguous copy in `dtype` that shares nothing with `x`.
pub(super) fn fresh(x: &View, dtype: DType) -> Result<View> {
    if x.dtype() == dtype { copy::clone(x) } else { copy::cast(x, dtype) }
}

/// The reduction that `scatter` has under this name.
///
/// # Errors
/// torch's, for others.
pub fn joined(reduce: &str) -> Result<Reduce> {
    match reduce {
        "add" => Ok(Reduce::Sum),
        "multiply" => Ok(Reduce::Prod),
        _ => Err(runtime("reduce argument must be either add or multiply.")),
    }
}

/// The reduction that `scatter_reduce` has under this name.
///
/// # Errors
/// torch's, for others.
pub fn reduction(reduce: &str) -> Result<Reduce> {
    Ok(match reduce {
        "sum" => Reduce::Sum,
        "prod" => Reduce::Prod,
        "mean" => Reduce::Mean,
        "amax" | "max" => Reduce::Amax,
        "amin" | "min" => Reduce::Amin,
        _ => {
            return Err(runtime(format!("reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")));
        }
    })
}

/// A copy of `x` with `src[i][j]` written to `[index[i][j]][j]` for `dim` 0, and so on; `reduce` is `add` or `multiply`.
///
/// # Errors
/// torch's, for a wrong dtype, shape, index or reduction.
pub fn scatter(x: &View, dim: i64, index: &View, src: &Source, reduce: Option<&str>) -> Result<View> {
    let request = check(x, dim, index, src)?;
    let how = reduce.map(joined).transpose()?;
    let Some(request) = request else { return copy::clone(x) };
    match how {
        Some(how) => request.reduce(x, how, true),
        None => {
            let out = copy::clone(x)?;
            request.replace(&out, &request.src)?;
            Ok(out)
        }
    }
}

/// [`scatter`] that adds.
///
/// # Errors
/// As [`scatter`].
pub fn scatter_add(x: &View, dim: i64, index: &View, src: &View) -> Result<View> {
    scatter(x, dim, index, &Source::Tensor(src.clone()), Some("add"))
}

/// [`scatter`] with a reduction: `sum`, `prod`, `mean`, `amax` or `amin`; without `include_self` what stood there before
/// does not count.
///
/// # Errors
/// As [`scatter`].
pub fn scatter_reduce(x: &View, dim: i64, index: &View, src: &View, reduce: &str, include_self: bool) -> Result<View> {
    let request = check(x, dim, index, &Source::Tensor(src.clone()))?;
    let how = reduction(reduce)?;
    let Some(request) = request else { return copy::clone(x) };
    refuse(how, x.dtype(), "scatter_gather_tensor_cpu_reduce")?;
    request.reduce(x, how, include_self)
}

/// Means of bools and extremes of complex numbers don't exist.
///
/// # Errors
/// That `kernel` is not implemented for them.
pub fn refuse(how: Reduce, dtype: DType, kernel: &str) -> Result<()> {
    let bad = match how {
        Reduce::Mean => dtype == DType::Bool,
        Reduce::Amax | Reduce::Amin => dtype.is_complex(),
        _ => false,
    };
    if bad { Err(unsupported(&format!("{kernel}_{}", how.word()), dtype)) } else { Ok(()) }
}

/// A copy of `x` with `src` written at row-major numbers `index`; negative numbers count from the end.
///
/// # Errors
/// torch's, for a wrong dtype, count or number.
pub fn put(x: &View, index: &View, src: &View, accumulate: bool) -> Result<View> {
    check_put(x, index, src)?;
    let mut out = copy::clone(x)?;
    let plan = numbered(&out, index)?;
    let src = copy::contiguous(src)?;
    let src = src.try_view(index.sizes()).unwrap_or(src);
    if accumulate {
        dispatch!(x.dtype(), all T => plan.add::<T>(&mut out, &src, None)?);
    } else {
        plan.write(&mut out, &src)?;
    }
    Ok(out)
}

/// Refuses what [`put`] does not take.
///
/// # Errors
/// torch's, for a wrong dtype or count.
pub fn check_put(x: &View, index: &View, src: &View) -> Result<()> {
    if index.dtype() != DType::I64 {
        return Err(runtime(format!("put_(): Expected a long tensor for index, but got {}", index.dtype().aten())));
    }
    if x.dtype() != src.dtype() {
        return Err(runtime(format!(
            "put_(): self and source expected to have the same dtype, but got self.dtype = {} and source.dtype = {}",
            x.dtype().aten(),
            src.dtype().aten()
        )));
    }
    if index.numel() != src.numel() {
        return Err(index_error(format!(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = {}, \
             index.numel() = {}",
            src.numel(),
            index.numel()
        )));
    }
    if x.numel() == 0 && index.numel() > 0 {
        return Err(index_error("put_(): Tried to put elements into an empty tensor"));
    }
    Ok(())
}
