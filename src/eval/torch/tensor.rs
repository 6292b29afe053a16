//! Tensors as values: what Python's syntax and builtins do with them.

use super::convert::{as_scalar, number};
use super::{attributes, operators, subscript};
use crate::base::error::{runtime, type_error, value_error};
use crate::base::{Error, Scalar};
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp, UnOp};
use crate::print::tensor::Suffix;
use crate::tensor::Tensor;
use crate::tensor::grad::Edge;
use std::any::Any;

impl Object for Tensor {
    fn type_name(&self) -> &str {
        "Tensor"
    }

    fn kind(&self) -> Type {
        Type::Tensor
    }

    fn get_attr(&self, it: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        attributes::get(self, it, this, name)
    }

    fn set_attr(&self, it: &mut Interp, name: &str, value: Value) -> Res<bool> {
        attributes::set(self, it, name, &value)
    }

    fn attrs(&self) -> Vec<String> {
        attributes::names()
    }

    fn binary(&self, _: &mut Interp, op: BinOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        operators::binary(self, op, other, reflected)
    }

    fn binary_in_place(&self, it: &mut Interp, _: &Value, op: BinOp, other: &Value) -> Res<Option<Value>> {
        operators::binary_in_place(it, self, op, other)
    }

    fn compare(&self, it: &mut Interp, op: CmpOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        operators::compare(it, self, op, other, reflected)
    }

    fn unary(&self, _: &mut Interp, op: UnOp) -> Res<Option<Value>> {
        operators::unary(self, op)
    }

    fn get_item(&self, it: &mut Interp, index: &Value) -> Res<Option<Value>> {
        subscript::get(it, self, index).map(Some)
    }

    fn set_item(&self, it: &mut Interp, index: &Value, value: Value) -> Res<bool> {
        subscript::set(it, self, index, &value).map(|()| true)
    }

    fn contains(&self, it: &mut Interp, item: &Value) -> Res<Option<bool>> {
        if as_scalar(item).is_none() && !matches!(item, Value::Tensor(_)) {
            let message = format!(
                "Tensor.__contains__ only supports Tensor or scalar, but you passed in a <class '{}'>.",
                item.type_name()
            );
            return Err(runtime(message).into());
        }
        let Some(Value::Tensor(equal)) = operators::compare(it, self, CmpOp::Eq, item, false)? else { return Ok(None) };
        let any = super::rows::call_named("any", &[crate::ops::In::Tensor(equal)], &[])?;
        Ok(Some(it.truth(&any)?))
    }

    fn truth(&self, _: &mut Interp) -> Res<bool> {
        match self.numel() {
            1 => Ok(self.item()?.to_bool()),
            0 => Err(runtime("Boolean value of Tensor with no values is ambiguous").at(&[0]).into()),
            _ => Err(runtime("Boolean value of Tensor with more than one value is ambiguous")
                .help("ask for .any() or .all() of the elements")
                .at(&[0])
                .into()),
        }
    }

    fn len(&self, _: &mut Interp) -> Res<Option<usize>> {
        match self.sizes().first() {
            Some(n) => Ok(Some(*n as usize)),
            None => Err(type_error("len() of a 0-d tensor").into()),
        }
    }

    fn iter(&self, it: &mut Interp) -> Res<Option<Value>> {
        if self.ndim() == 0 {
            return Err(type_error("iteration over a 0-d tensor").into());
        }
        if self.requires_grad() {
            let parts = super::rows::call_named("unbind", &[crate::ops::In::Tensor(self.clone())], &[])?;
            return it.iter(&parts).map(Some);
        }
        let view = self.view()?;
        let rows: Result<Vec<Value>, Error> =
            (0..view.sizes()[0]).map(|i| Ok(Value::Tensor(super::subscript::part(self, view.select(0, i)?)))).collect();
        it.iter(&Value::tuple(rows?)).map(Some)
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        let function = self.function();
        let name = |edge: &Edge| edge.node.name.rsplit("::").next().unwrap_or(&edge.node.name).to_owned();
        let grad_fn = match &function {
            Ok(edge) => edge.as_ref().map(name),
            Err(_) => Some("Invalid".to_owned()),
        };
        let suffix = Suffix { device: self.device(), requires_grad: self.requires_grad(), grad_fn: grad_fn.as_deref() };
        Ok(crate::print::tensor::repr(&self.view()?, &suffix, 0))
    }

    fn format(&self, it: &mut Interp, spec: &str) -> Res<Option<String>> {
        if self.ndim() == 0 {
            let item = number(self.item()?);
            return it.format(&item, spec).map(Some);
        }
        if spec.is_empty() {
            return self.repr(it).map(Some);
        }
        Err(type_error("unsupported format string passed to Tensor.__format__").into())
    }

    fn number(&self, _: &mut Interp, wanted: Type) -> Res<Option<Value>> {
        if wanted == Type::Object {
            let whole = self.dtype().is_integral() && self.numel() == 1;
            return match whole {
                true => Ok(Some(number(Scalar::Int(self.item()?.to_i64())))),
                false => {
                    Err(type_error("only integer tensors of a single element can be converted to an index").into())
                }
            };
        }
        if self.numel() != 1 {
            return Err(value_error("only one element tensors can be converted to Python scalars").into());
        }
        let item = self.item()?;
        Ok(Some(match (wanted, item) {
            (Type::Float, Scalar::Complex(_)) | (Type::Int, Scalar::Complex(_)) => {
                return Err(runtime(format!(
                    "value cannot be converted to type {} without overflow",
                    if wanted == Type::Float { "double" } else { "int64_t" }
                ))
                .into());
            }
            (Type::Float, s) => Value::Float(s.to_f64()),
            (Type::Int, Scalar::Float(f)) => Value::int(crate::eval::text::percent::truncate(f)?),
            (Type::Int, s) => number(Scalar::Int(s.to_i64())),
            (Type::Complex, s) => Value::complex(s.to_c64()),
            (_, s) => number(s),
        }))
    }

    fn describe(&self) -> Option<String> {
        Some(self.summary())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
