//! Attributes of arrays and NumPy's scalars, and the way from a name to a method.

use super::array::NdArray;
use super::methods::{METHODS, SHARED};
use super::{dtype, make};
use crate::base::error::attribute_error;

use crate::cpu::{copy, shape};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::{Method, Value};
use crate::store::View;
use std::rc::Rc;

/// Attributes that are data.
const DATA: &[&str] = &[
    "shape", "dtype", "ndim", "size", "itemsize", "nbytes", "strides", "T", "mT", "real", "imag", "flat", "base",
    "device",
];

/// Operators by the names of their methods, as functions of NumPy.
const DUNDER: &[(&str, &str)] = &[("__abs__", "absolute"), ("__neg__", "negative"), ("__pos__", "positive")];

fn tuple(items: impl Iterator<Item = i64>) -> Value {
    Value::tuple(items.map(Value::Int).collect::<Vec<_>>())
}

/// `this.name`, where `this` is an array or a scalar and `view` its elements.
///
/// # Errors
/// NumPy's, for attributes that the array does not have.
pub fn get(it: &mut Interp, this: &Value, view: &View, name: &str) -> Res<Option<Value>> {
    if let Some(found) = data(it, this, view, name)? {
        return Ok(Some(found));
    }
    let scalar = super::array_view(this).is_none();
    if let Some((_, ufunc)) = DUNDER.iter().find(|d| d.0 == name) {
        return Ok(super::module::function(ufunc).map(|f| bound(f, this)));
    }
    if name == "__round__" {
        return Ok(scalar.then(|| Value::object(Rounded(this.clone()))));
    }
    let func = METHODS.iter().chain(SHARED).find(|m| m.name == name && !NO_METHODS.contains(&name));
    Ok(func.map(|func| Value::Method(Rc::new(Method { this: this.clone(), func }))))
}

/// Functions of the module that are no methods.
const NO_METHODS: &[&str] = &["count_nonzero", "median"];

/// A function with its first argument given.
fn bound(function: Value, this: &Value) -> Value {
    Value::object(Bound { function, this: this.clone() })
}

struct Bound {
    function: Value,
    this: Value,
}

impl crate::eval::object::Object for Bound {
    fn type_name(&self) -> &str {
        "method-wrapper"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, mut args: crate::eval::args::Args) -> Res<Option<Value>> {
        args.pos.insert(0, self.this.clone());
        it.call(&self.function, args).map(Some)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// `round(scalar)`: a Python int where no number of decimals is given.
struct Rounded(Value);

impl crate::eval::object::Object for Rounded {
    fn type_name(&self) -> &str {
        "method-wrapper"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, args: crate::eval::args::Args) -> Res<Option<Value>> {
        let digits = args.pos.into_iter().next();
        let whole = digits.is_none();
        let (this, plain) = (super::view_of(&self.0), super::scalar_of(&self.0));
        let (Some(view), Some(plain)) = (this, plain) else { return Ok(None) };
        // Python's own rounding of the number, brought back to the dtype.
        let round = crate::eval::builtins::module().get("round").unwrap_or(Value::None);
        let number = crate::eval::torch::convert::number(plain);
        let rounded = it.call(&round, crate::eval::args::Args::of([number].into_iter().chain(digits)))?;
        if whole {
            return Ok(Some(rounded));
        }
        Ok(Some(super::give(make::array(it, &rounded, Some(view.dtype()))?)))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn data(it: &mut Interp, this: &Value, view: &View, name: &str) -> Res<Option<Value>> {
    let item = view.dtype().size() as i64;
    Ok(Some(match name {
        "shape" => tuple(view.sizes().iter().copied()),
        "dtype" => dtype::value(view.dtype()),
        "ndim" => Value::count(view.ndim()),
        "size" => Value::count(view.numel()),
        "itemsize" => Value::Int(item),
        "nbytes" => Value::Int(view.numel() as i64 * item),
        "strides" => tuple(memory(this, view).strides().iter().map(|s| s * item)),
        "T" if view.ndim() < 2 => this.clone(),
        "T" => super::array_of(make::reversed(&memory(this, view))),
        "mT" if view.ndim() < 2 => {
            return Err(crate::base::error::value_error("matrix transpose with ndim < 2 is undefined").into());
        }
        "mT" => super::array_of(view.transpose(view.ndim() - 1, view.ndim() - 2)),
        "real" if !view.dtype().is_complex() => this.clone(),
        "imag" if !view.dtype().is_complex() => part(this, View::zeros(view.dtype(), view.sizes())?),
        "real" => part(this, shape::real(view)?),
        "imag" => part(this, shape::imag(view)?),
        "flat" => {
            let flat = make::reshape(view, &[-1])?;
            return it.iter(&super::array_of(flat)).map(Some);
        }
        "base" => Value::None,
        "device" => Value::from("cpu"),
        "__array_interface__" | "data" => return Ok(None),
        _ => return Ok(None),
    }))
}

/// The memory behind `this`, where `view` may be a copy.
fn memory(this: &Value, view: &View) -> View {
    super::array_memory(this).unwrap_or_else(|| view.clone())
}

/// A part of an array is an array, of a scalar a scalar.
fn part(this: &Value, view: View) -> Value {
    if super::array_view(this).is_some() { super::array_of(view) } else { super::give(view) }
}

/// `array.name = value`; false when there is no such attribute to write.
///
/// # Errors
/// NumPy's words for values that do not fit.
pub fn set(it: &mut Interp, array: &NdArray, name: &str, value: &Value) -> Res<bool> {
    let view = array.view();
    match name {
        "shape" => {
            let sizes: Vec<i64> = match value {
                Value::Int(n) => vec![*n],
                other => {
                    let items = it.collect(other)?;
                    items.iter().map(|v| make::integer(it, v)).collect::<Res<_>>()?
                }
            };
            let new = make::reshape(&view, &sizes)?;
            if !new.shares(&view) {
                return Err(attribute_error(
                    "Incompatible shape for in-place modification. Use `.reshape()` to make a copy with the desired shape.",
                )
                .into());
            }
            array.set_view(new);
        }
        "real" | "imag" if view.dtype().is_complex() => {
            let mut target = if name == "real" { shape::real(&view)? } else { shape::imag(&view)? };
            let source = make::array(it, value, Some(target.dtype()))?;
            crate::tensor::recompute::settle()?;
            copy::copy_into(&source, &mut target)?;
        }
        "real" => {
            let mut target = view;
            let source = make::array(it, value, None)?;
            crate::tensor::recompute::settle()?;
            copy::copy_into(&source, &mut target)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Every attribute's name, for completion and `dir`.
pub fn names() -> Vec<String> {
    let methods = METHODS.iter().chain(SHARED).map(|m| m.name).filter(|n| !NO_METHODS.contains(n));
    let mut names: Vec<String> = DATA.iter().copied().chain(methods).map(str::to_string).collect();
    names.sort();
    names
}
