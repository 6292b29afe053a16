//! `numpy.ndarray` as a value: a view of memory that tensors may share.

use super::print::{Elements, PrintOptions, array_repr, array_str};
use super::scalar::NpScalar;
use super::{attributes, index, operators, ufunc};
use crate::base::error::{type_error, value_error};
use crate::base::shape::Shape;
use crate::cpu::copy;
use crate::cpu::rearrange::flip;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp, UnOp};
use crate::store::View;
use crate::tensor::recompute;
use std::any::Any;
use std::cell::RefCell;

thread_local! {
    static OPTIONS: RefCell<PrintOptions> = RefCell::new(PrintOptions::default());
}

/// An array. Its geometry may change in place (`a.shape = ...`), its memory does not.
pub struct NdArray(RefCell<View>);

impl NdArray {
    /// An array over a view's memory, as a value.
    pub fn value(view: View) -> Value {
        Value::object(NdArray(RefCell::new(view)))
    }

    /// The elements for reading: their own memory, or a copy where strides are negative, which no kernel takes.
    pub fn view(&self) -> View {
        readable(&self.0.borrow())
    }

    /// The memory itself, whatever its strides: for views of it and for writing.
    pub fn memory(&self) -> View {
        self.0.borrow().clone()
    }

    /// Puts another geometry, or other memory, behind the array.
    pub fn set_view(&self, view: View) {
        *self.0.borrow_mut() = view;
    }
}

/// The same elements with no negative strides, and the dimensions that were turned round for it.
fn upright(x: &View) -> (View, Vec<i64>) {
    let turned: Vec<usize> = (0..x.ndim()).filter(|&d| x.strides()[d] < 0).collect();
    let view = turned.iter().fold(x.clone(), |v, &d| turn(&v, d));
    (view, turned.into_iter().map(|d| d as i64).collect())
}

/// The elements in reverse order along a dimension, over the same memory.
pub fn turn(x: &View, dim: usize) -> View {
    let mut strides = Shape::from_slice(x.strides());
    let skip = (x.sizes()[dim] - 1).max(0) * strides[dim];
    strides[dim] = -strides[dim];
    // The same elements, so the geometry lies inside the storage.
    x.with_geometry(x.sizes(), &strides, x.offset() + skip).unwrap_or_else(|_| x.clone())
}

/// The view itself, or a copy of it where strides are negative.
pub fn readable(x: &View) -> View {
    let (view, turned) = upright(x);
    if turned.is_empty() { view } else { flip(&view, &turned).unwrap_or(view) }
}

/// Writes `source`, stretched and converted, into the elements of `target`.
///
/// # Errors
/// torch's `RuntimeError` when the source cannot be stretched; callers check that before.
pub fn write(target: &View, source: &View) -> Res<()> {
    let (mut place, turned) = upright(target);
    let mut source = if source.sizes() == place.sizes() { source.clone() } else { source.expand(place.sizes())? };
    if !turned.is_empty() {
        source = flip(&source, &turned)?;
    }
    recompute::settle()?;
    copy::copy_into(&source, &mut place)?;
    Ok(())
}

/// Reads or changes how arrays are printed.
pub fn with_options<T>(body: impl FnOnce(&mut PrintOptions) -> T) -> T {
    OPTIONS.with_borrow_mut(body)
}

/// What a printer makes of a view.
pub fn shown(view: &View, printer: fn(Elements, &PrintOptions) -> String) -> String {
    let options = with_options(|o| o.clone());
    printer(Elements { dtype: view.dtype(), shape: view.sizes(), get: &|i| view.get(i) }, &options)
}

/// The error of a conversion that only arrays without dimensions have.
fn not_scalar() -> crate::base::Error {
    type_error("only 0-dimensional arrays can be converted to Python scalars")
}

impl Object for NdArray {
    fn type_name(&self) -> &str {
        "numpy.ndarray"
    }

    fn kind(&self) -> Type {
        Type::NdArray
    }

    fn get_attr(&self, it: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        attributes::get(it, this, &self.view(), name)
    }

    fn set_attr(&self, it: &mut Interp, name: &str, value: Value) -> Res<bool> {
        attributes::set(it, self, name, &value)
    }

    fn attrs(&self) -> Vec<String> {
        attributes::names()
    }

    fn binary(&self, it: &mut Interp, op: BinOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        operators::binary(it, &NdArray::value(self.view()), op, other, reflected)
    }

    fn binary_in_place(&self, it: &mut Interp, this: &Value, op: BinOp, other: &Value) -> Res<Option<Value>> {
        operators::binary_in_place(it, this, op, other)
    }

    fn compare(&self, it: &mut Interp, op: CmpOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        operators::compare(it, &NdArray::value(self.view()), op, other, reflected)
    }

    fn unary(&self, it: &mut Interp, op: UnOp) -> Res<Option<Value>> {
        operators::unary(it, &NdArray::value(self.view()), op)
    }

    fn get_item(&self, it: &mut Interp, index: &Value) -> Res<Option<Value>> {
        index::get(it, &self.memory(), index).map(Some)
    }

    fn set_item(&self, it: &mut Interp, index: &Value, value: Value) -> Res<bool> {
        index::set(it, &self.memory(), index, &value).map(|()| true)
    }

    fn contains(&self, it: &mut Interp, item: &Value) -> Res<Option<bool>> {
        let equal = ufunc::call(it, "equal", &[NdArray::value(self.view()), item.clone()], None)?;
        let view = super::view_of(&equal).unwrap_or(self.view());
        Ok(Some((0..view.numel()).any(|i| view.get(i).to_bool())))
    }

    fn truth(&self, _: &mut Interp) -> Res<bool> {
        let view = self.view();
        match view.numel() {
            1 => Ok(view.get(0).to_bool()),
            0 => Err(value_error(
                "The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not \
                 empty.",
            )
            .at(&[0])
            .into()),
            _ => Err(value_error(
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()",
            )
            .at(&[0])
            .into()),
        }
    }

    fn len(&self, _: &mut Interp) -> Res<Option<usize>> {
        match self.view().sizes().first() {
            Some(n) => Ok(Some(*n as usize)),
            None => Err(type_error("len() of unsized object").into()),
        }
    }

    fn iter(&self, it: &mut Interp) -> Res<Option<Value>> {
        let view = self.memory();
        let Some(&n) = view.sizes().first() else { return Err(type_error("iteration over a 0-d array").into()) };
        let rows: Res<Vec<Value>> = (0..n).map(|i| Ok(super::give(view.select(0, i)?))).collect();
        it.iter(&Value::tuple(rows?)).map(Some)
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(shown(&self.view(), array_repr))
    }

    fn str(&self, _: &mut Interp) -> Res<String> {
        Ok(shown(&self.view(), array_str))
    }

    fn format(&self, it: &mut Interp, spec: &str) -> Res<Option<String>> {
        let view = self.view();
        if view.ndim() == 0 {
            return NpScalar { number: view.get(0), dtype: view.dtype() }.format(it, spec);
        }
        Ok(spec.is_empty().then(|| shown(&view, array_str)))
    }

    fn hash(&self) -> Res<Option<i64>> {
        Err(type_error("unhashable type: 'numpy.ndarray'").into())
    }

    fn number(&self, it: &mut Interp, wanted: Type) -> Res<Option<Value>> {
        let view = self.view();
        if wanted == Type::Object && (view.ndim() > 0 || !view.dtype().is_int()) {
            return Err(type_error("only integer scalar arrays can be converted to a scalar index").into());
        }
        if view.ndim() > 0 {
            return Err(not_scalar().into());
        }
        NpScalar { number: view.get(0), dtype: view.dtype() }.number(it, wanted)
    }

    fn describe(&self) -> Option<String> {
        let view = self.0.borrow();
        Some(format!("{}{} ndarray", view.dtype().name(), crate::base::shape::show(view.sizes())))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
