//! `pad`, `interp`, `histogram` and `errstate`: samples stretched, read between and counted.

use super::{loops, make, sorting};
use crate::base::error::{type_error, value_error};
use crate::base::{DType, Scalar};
use crate::cpu::create::full;
use crate::eval::args::Args;
use crate::eval::dict::Map;
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::{Exc, Res};
use crate::eval::value::Value;
use crate::store::View;
use std::any::Any;
use std::rc::Rc;

crate::builtin_table! {
    /// Functions of samples.
    SAMPLES of "numpy" {
        "pad" ("array, pad_width, mode='constant', *, constant_values=0") "The array with more elements before and behind, in each dimension." => |it, a| {
            let x = make::array(it, &a[0], None)?;
            let widths = pairs(it, &a[1], x.ndim())?;
            if widths.iter().flatten().any(|n| *n < 0) {
                return Err(value_error("index can't contain negative values").into());
            }
            match a[2].as_str().unwrap_or("constant") {
                "constant" => constant(it, &x, &widths, a[3].given()),
                mode @ ("edge" | "reflect" | "symmetric" | "wrap") => mapped(it, x, &widths, mode),
                mode => Err(value_error(format!("mode '{mode}' is not supported")).into()),
            }
        };
        "interp" ("x, xp, fp, left=None, right=None, period=None") "The values at x of the line through points." => |it, a| {
            let x = make::array(it, &a[0], Some(DType::F64))?;
            let (xp, fp) = (make::array(it, &a[1], Some(DType::F64))?.to_vec::<f64>(), make::array(it, &a[2], Some(DType::F64))?.to_vec::<f64>());
            if xp.len() != fp.len() {
                return Err(value_error("fp and xp are not of the same length.").into());
            }
            let (Some(first), Some(last)) = (fp.first(), fp.last()) else {
                return Err(value_error("array of sample points is empty").into());
            };
            if a[5].some().is_some() {
                return Err(value_error("tensh takes no period").into());
            }
            let left = a[3].some().map_or(Ok(*first), |v| it.real(v))?;
            let right = a[4].some().map_or(Ok(*last), |v| it.real(v))?;
            let at = |x: f64| {
                let above = xp.partition_point(|p| *p <= x);
                match above {
                    _ if x.is_nan() => x,
                    0 => left,
                    n if n == xp.len() => if x == xp[n - 1] { fp[n - 1] } else { right },
                    n if xp[n - 1] == x => fp[n - 1],
                    n => {
                        let slope = (fp[n] - fp[n - 1]) / (xp[n] - xp[n - 1]);
                        let value = slope * (x - xp[n - 1]) + fp[n - 1];
                        // An infinite slope is no number; from the other side it may be one.
                        if value.is_nan() { slope * (x - xp[n]) + fp[n] } else { value }
                    }
                }
            };
            let values: Vec<f64> = x.to_vec::<f64>().into_iter().map(at).collect();
            Ok(super::give(View::from_slice(&values, x.sizes())?))
        };
        "histogram" ("a, bins=10, range=None, density=None, weights=None") "How many values fall between edges, and the edges." => |it, a| histogram(it, a);
        "errstate" ("**kwargs") "A block in which floating point errors are treated so; tensh says nothing of them anyway." =>
            |_, _| Ok(Value::object(ErrState));
        "seterr" ("all=None, divide=None, over=None, under=None, invalid=None") "How floating point errors were treated." => |_, _| Ok(errors());
        "geterr" ("") "How floating point errors are treated." => |_, _| Ok(errors());
    }
}

/// NumPy's treatment of floating point errors at its start.
fn errors() -> Value {
    let entries = [("divide", "warn"), ("over", "warn"), ("under", "ignore"), ("invalid", "warn")];
    Value::dict(entries.into_iter().map(|(k, v)| (Key::str(k), Value::from(v))).collect::<Map>())
}

/// A number before and one behind for each dimension: given once, as one pair, or as a pair each.
fn pairs(it: &mut Interp, value: &Value, ndim: usize) -> Res<Vec<[i64; 2]>> {
    let wide = make::array(it, value, None)?;
    if !wide.dtype().is_int() {
        return Err(type_error("`pad_width` must be of integral type.").into());
    }
    let flat = wide.to_vec::<i64>();
    match (wide.sizes(), &flat[..]) {
        (_, [one]) => Ok(vec![[*one; 2]; ndim]),
        ([2] | [1, 2], [before, behind]) => Ok(vec![[*before, *behind]; ndim]),
        ([n, 2], flat) if *n as usize == ndim => Ok(flat.chunks(2).map(|pair| [pair[0], pair[1]]).collect()),
        ([n, 1], flat) if *n as usize == ndim => Ok(flat.iter().map(|n| [*n; 2]).collect()),
        (sizes, _) => {
            let sizes: Vec<String> = sizes.iter().map(i64::to_string).collect();
            let comma = if sizes.len() == 1 { "," } else { "" };
            Err(value_error(format!(
                "operands could not be broadcast together with remapped shapes [original->remapped]: ({}{comma})  and requested shape ({ndim},2)",
                sizes.join(",")
            ))
            .into())
        }
    }
}

fn constant(it: &mut Interp, x: &View, widths: &[[i64; 2]], values: Option<&Value>) -> Res {
    let values = match values {
        Some(value) => make::array(it, value, Some(x.dtype()))?,
        None => View::scalar(x.dtype(), Scalar::Int(0))?,
    };
    let count = values.numel();
    let value = |dim: usize, side: usize| match (values.ndim(), count) {
        (_, 1) => values.get(0),
        (1, _) | (_, 2) => values.get(side),
        _ => values.get(dim * 2 + side),
    };
    let mut out = x.clone();
    for (dim, width) in widths.iter().enumerate() {
        let part = |side: usize, count: i64| {
            let mut sizes = out.sizes().to_vec();
            sizes[dim] = count;
            full(&sizes, value(dim, side), x.dtype())
        };
        let parts = [part(0, width[0])?, out.clone(), part(1, width[1])?];
        out = super::joining::concatenate(&parts, dim as i64, None)?;
    }
    Ok(super::array_of(out))
}

/// The modes whose elements are others of the array: which one each place shows.
fn mapped(it: &mut Interp, x: View, widths: &[[i64; 2]], mode: &str) -> Res {
    let mut out = super::array_of(x.clone());
    for (dim, [before, behind]) in widths.iter().enumerate() {
        let n = x.sizes()[dim];
        if n == 0 && before + behind > 0 {
            let message = format!("can't extend empty axis {dim} using modes other than 'constant' or 'empty'");
            return Err(value_error(message).into());
        }
        let place = |i: i64| match mode {
            "edge" => i.clamp(0, n - 1),
            "wrap" => i.rem_euclid(n),
            _ if n == 1 => 0,
            "reflect" => {
                let i = i.rem_euclid(2 * (n - 1));
                if i < n { i } else { 2 * (n - 1) - i }
            }
            _ => {
                let i = i.rem_euclid(2 * n);
                if i < n { i } else { 2 * n - 1 - i }
            }
        };
        let places: Vec<i64> = (-before..n + behind).map(place).collect();
        out = sorting::take(it, &out, &super::array_of(View::vector(&places)?), &Value::count(dim))?;
    }
    Ok(out)
}

fn histogram(it: &mut Interp, a: &[Value]) -> Res {
    let x = make::array(it, &a[0], None)?;
    let values = x.to_vec::<f64>();
    let weights = match a[4].some() {
        Some(weights) => {
            let weights = make::array(it, weights, None)?;
            if weights.sizes() != x.sizes() {
                return Err(value_error("weights should have the same shape as a.").into());
            }
            Some((weights.to_vec::<f64>(), weights.dtype()))
        }
        None => None,
    };
    let bins = match a[1].given() {
        Some(Value::Str(_)) => return Err(type_error("tensh takes the bins as a number or as edges").into()),
        Some(bins) => make::array(it, bins, None)?,
        None => View::scalar(DType::I64, Scalar::Int(10))?,
    };
    let edges: Vec<f64> = if bins.ndim() == 0 {
        let n = make::integer(it, a[1].given().unwrap_or(&Value::Int(10)))?;
        if n < 1 {
            return Err(value_error("`bins` must be positive, when an integer").into());
        }
        let (mut first, mut last) = match a[2].some() {
            Some(range) => {
                let range = it.collect(&range.clone())?;
                let [first, last] = &range[..] else { return Err(value_error("range must be a pair").into()) };
                let (first, last) = (it.real(first)?, it.real(last)?);
                if first > last {
                    return Err(value_error("max must be larger than min in range parameter.").into());
                }
                (first, last)
            }
            None if values.is_empty() => (0.0, 1.0),
            None => {
                values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)))
            }
        };
        if !(first.is_finite() && last.is_finite()) {
            let message = format!(
                "autodetected range of [{}, {}] is not finite",
                crate::print::number::float_repr(first),
                crate::print::number::float_repr(last)
            );
            return Err(value_error(message).into());
        }
        if first == last {
            (first, last) = (first - 0.5, last + 0.5);
        }
        let step = (last - first) / n as f64;
        (0..n).map(|i| i as f64 * step + first).chain([last]).collect()
    } else {
        let edges = bins.to_vec::<f64>();
        if edges.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err(value_error("`bins` must increase monotonically, when an array").into());
        }
        edges
    };
    let mut sums = vec![0.0; edges.len().saturating_sub(1)];
    for (i, value) in values.iter().enumerate() {
        let above = edges.partition_point(|edge| edge <= value);
        let bin = if Some(value) == edges.last() { sums.len() } else { above };
        if let Some(sum) = bin.checked_sub(1).and_then(|bin| sums.get_mut(bin)) {
            *sum += weights.as_ref().map_or(1.0, |(weights, _)| weights[i]);
        }
    }
    let shown = if bins.ndim() == 0 {
        let d = if x.dtype().is_float() { x.dtype() } else { DType::F64 };
        loops::astype(&View::vector(&edges)?, d)?
    } else {
        bins
    };
    let dense = match a[3].some() {
        Some(flag) => it.truth(&flag.clone())?,
        None => false,
    };
    let counts = if dense {
        let total: f64 = sums.iter().sum();
        let parts: Vec<f64> =
            sums.iter().zip(edges.windows(2)).map(|(n, pair)| n / (pair[1] - pair[0]) / total).collect();
        View::vector(&parts)?
    } else {
        loops::astype(&View::vector(&sums)?, weights.map_or(DType::I64, |(_, d)| d))?
    };
    Ok(Value::tuple([super::array_of(counts), super::array_of(shown)]))
}

/// `with np.errstate(...)`, also as a decorator.
struct ErrState;

impl Object for ErrState {
    fn type_name(&self) -> &str {
        "numpy.errstate"
    }

    fn enter(&self, _: &mut Interp, _: &Value) -> Res<Option<Value>> {
        Ok(Some(Value::None))
    }

    fn exit(&self, _: &mut Interp, _: Option<&Rc<Exc>>) -> Res<bool> {
        Ok(false)
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, _: &mut Interp, args: Args) -> Res<Option<Value>> {
        Ok(args.pos.into_iter().next())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
