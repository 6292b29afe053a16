//! Functions of the module `numpy` that are rows of torch's op table in NumPy's clothes.

use super::{loops, make, ufunc};
use crate::base::error::{type_error, value_error};
use crate::base::limits::{float_info, int_info};
use crate::base::{DType, Scalar};
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::torch::rows::call_named;
use crate::eval::value::Value;
use crate::ops::args::In;
use crate::tensor::Tensor;
use std::any::Any;

fn tensor(it: &mut Interp, value: &Value) -> Res<In<Tensor>> {
    Ok(In::Tensor(Tensor::new(make::array(it, value, None)?)))
}

/// What a row gives, as an array or scalar.
fn given(result: &Value) -> Res {
    match result {
        Value::Tensor(t) => Ok(super::give(t.view()?)),
        other => Ok(other.clone()),
    }
}

/// The rows of `m` as float variables: two dimensions, the second of `y`'s below the first.
fn variables(it: &mut Interp, m: &Value, y: Option<&Value>, rows: bool) -> Res<In<Tensor>> {
    let mut parts = Vec::new();
    for value in [Some(m), y].into_iter().flatten() {
        let x = loops::astype(&super::joining::at_least(&make::array(it, value, None)?, 2), DType::F64)?;
        parts.push(if rows || x.sizes()[0] == 1 { x } else { x.transpose(0, 1) });
    }
    Ok(In::Tensor(Tensor::new(super::joining::concatenate(&parts, 0, None)?)))
}

crate::builtin_table! {
    /// Functions that rows of the op table compute.
    BORROWED of "numpy" {
        "einsum" ("subscripts, *operands") "Sums of products, told by letters." => |it, a| {
            let Some(text) = a[0].as_str().map(str::to_owned) else {
                return Err(type_error("einsum: the subscripts must be a string").into());
            };
            let mut args = vec![In::Str(text.as_str().into())];
            for operand in it.collect(&a[1].clone())? {
                args.push(tensor(it, &operand)?);
            }
            given(&call_named("einsum", &args, &[])?)
        };
        "cov" ("m, y=None, rowvar=True, bias=False, ddof=None") "The covariances of variables, a row each." => |it, a| {
            let rows = !matches!(a[2], Value::Bool(false));
            let x = variables(it, &a[0], a[1].some(), rows)?;
            let ddof = match a[4].some() {
                Some(v) => make::integer(it, v)?,
                None => i64::from(!matches!(a[3], Value::Bool(true))),
            };
            given(&call_named("cov", &[x], &[("correction", In::Int(ddof))])?)
        };
        "corrcoef" ("x, y=None, rowvar=True") "The correlations of variables, a row each." => |it, a| {
            let rows = !matches!(a[2], Value::Bool(false));
            let x = variables(it, &a[0], a[1].some(), rows)?;
            given(&call_named("corrcoef", &[x], &[])?)
        };
        "cross" ("a, b, axis=-1") "The product of vectors that stands upright on both." => |it, a| {
            let (x, y) = (tensor(it, &a[0])?, tensor(it, &a[1])?);
            let axis = a[2].some().map_or(Ok(-1), |v| make::integer(it, v))?;
            given(&call_named("linalg.cross", &[x, y], &[("dim", In::Int(axis))])?)
        };
        "divmod" ("x1, x2, /") "Quotients and remainders." => |it, a| {
            let quotient = ufunc::call(it, "floor_divide", &a[..2], None)?;
            Ok(Value::tuple([quotient, ufunc::call(it, "remainder", &a[..2], None)?]))
        };
        "unravel_index" ("indices, shape") "The index in each axis of places counted through." => |it, a| {
            let sizes = make::shape(it, &a[1])?;
            let mut rest = a[0].clone();
            let mut axes = Vec::new();
            for &n in sizes.iter().rev() {
                let by = [rest, Value::Int(n.max(1))];
                axes.push(ufunc::call(it, "remainder", &by, None)?);
                rest = ufunc::call(it, "floor_divide", &by, None)?;
            }
            axes.reverse();
            Ok(Value::tuple(axes))
        };
        "iinfo" ("type, /") "The range of an integer dtype." => |it, a| match super::dtype::argument(it, &a[0])? {
            Some(d) if d.is_int() => Ok(Value::object(Limits(d))),
            _ => Err(value_error("Invalid integer data type 'f'.").into()),
        };
        "finfo" ("dtype, /") "The range and precision of a floating dtype." => |it, a| match super::dtype::argument(it, &a[0])? {
            Some(d) if d.is_float() || d.is_complex() => Ok(Value::object(Limits(d.real()))),
            _ => Err(value_error("data type <class 'numpy.int64'> not inexact").into()),
        };
    }
}

/// `numpy.iinfo` and `numpy.finfo` objects.
struct Limits(DType);

impl Object for Limits {
    fn type_name(&self) -> &str {
        if self.0.is_float() { "numpy.finfo" } else { "numpy.iinfo" }
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        if let Some(i) = int_info(self.0) {
            return Ok(Some(match name {
                "min" => Value::Int(i.min),
                "max" => Value::int(i.max.into()),
                "bits" => Value::Int(i64::from(i.bits)),
                "dtype" => super::dtype::value(self.0),
                _ => return Ok(None),
            }));
        }
        let Some(f) = float_info(self.0) else { return Ok(None) };
        let number = |x: f64| super::scalar::NpScalar::value(Scalar::Float(x), self.0);
        Ok(Some(match name {
            "eps" => number(f.eps),
            "max" => number(f.max),
            "min" => number(-f.max),
            "tiny" | "smallest_normal" => number(f.smallest_normal),
            "resolution" => number(f.resolution),
            "bits" => Value::Int(i64::from(f.bits)),
            "dtype" => super::dtype::value(self.0),
            _ => return Ok(None),
        }))
    }

    fn attrs(&self) -> Vec<String> {
        let own: &[&str] = match self.0.is_float() {
            true => &["eps", "max", "min", "tiny", "smallest_normal", "resolution", "bits", "dtype"],
            false => &["min", "max", "bits", "dtype"],
        };
        own.iter().map(|s| (*s).to_string()).collect()
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        let name = self.0.name();
        if let Some(i) = int_info(self.0) {
            return Ok(format!("iinfo(min={}, max={}, dtype={name})", i.min, i.max));
        }
        let Some(f) = float_info(self.0) else { return Ok(String::new()) };
        let mut text = |x: f64| it.str(&super::scalar::NpScalar::value(Scalar::Float(x), self.0));
        Ok(format!(
            "finfo(resolution={}, min={}, max={}, dtype={name})",
            text(f.resolution)?,
            text(-f.max)?,
            text(f.max)?
        ))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
