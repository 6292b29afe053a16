//! Small objects of torch's: layouts, memory formats, `finfo` and `iinfo`.

use crate::base::DType;
use crate::base::error::type_error;
use crate::base::limits::{FloatInfo, IntInfo, float_info, int_info};
use crate::base::promote::default_dtype;
use crate::eval::compare::by_equality;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::CmpOp;
use crate::print::objects;
use std::any::Any;

/// `torch.strided`, `torch.contiguous_format` and their like.
pub struct Named {
    /// The name below `torch.`.
    pub name: &'static str,
}

/// Layouts, then memory formats.
const NAMES: &[&str] =
    &["strided", "sparse_coo", "contiguous_format", "preserve_format", "channels_last", "channels_last_3d"];

impl Named {
    /// Whether it is a layout.
    pub fn is_layout(&self) -> bool {
        matches!(self.name, "strided" | "sparse_coo")
    }
}

/// The object of that name.
pub fn named(name: &str) -> Option<Value> {
    NAMES.iter().find(|n| **n == name).map(|name| Value::object(Named { name }))
}

/// `torch.strided`.
pub fn strided() -> Value {
    Value::object(Named { name: "strided" })
}

impl Object for Named {
    fn type_name(&self) -> &str {
        if self.is_layout() { "torch.layout" } else { "torch.memory_format" }
    }

    fn kind(&self) -> Type {
        if self.is_layout() { Type::Layout } else { Type::MemoryFormat }
    }

    fn compare(&self, _: &mut Interp, op: CmpOp, other: &Value, _: bool) -> Res<Option<Value>> {
        Ok(by_equality(op, other.downcast::<Named>().is_some_and(|o| o.name == self.name)))
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("torch.{}", self.name))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct FInfo(FloatInfo);
struct IInfo(IntInfo);

/// `torch.finfo(dtype)`.
///
/// # Errors
/// torch's `TypeError` for dtypes without floats.
pub fn finfo(value: Option<&Value>) -> Res {
    let dtype = match value {
        None => default_dtype(),
        Some(v) => super::convert::as_dtype(v).ok_or_else(|| {
            type_error(format!("finfo(): argument 'type' (position 1) must be torch.dtype, not {}", v.type_name()))
        })?,
    };
    match float_info(dtype) {
        Some(info) => Ok(Value::object(FInfo(info))),
        None => Err(type_error(
            "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'",
        )
        .into()),
    }
}

/// `torch.iinfo(dtype)`.
///
/// # Errors
/// torch's `TypeError` for dtypes that are no integers.
pub fn iinfo(value: &Value) -> Res {
    let dtype = super::convert::as_dtype(value).ok_or_else(|| {
        type_error(format!("iinfo(): argument 'type' (position 1) must be torch.dtype, not {}", value.type_name()))
    })?;
    if dtype == DType::Bool {
        return Err(type_error("torch.bool is not supported by torch.iinfo").into());
    }
    match int_info(dtype) {
        Some(info) => Ok(Value::object(IInfo(info))),
        None => {
            Err(type_error("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
                .into())
        }
    }
}

impl Object for FInfo {
    fn type_name(&self) -> &str {
        "torch.finfo"
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        let i = &self.0;
        Ok(Some(match name {
            "bits" => Value::Int(i64::from(i.bits)),
            "eps" => Value::Float(i.eps),
            "max" => Value::Float(i.max),
            "min" => Value::Float(-i.max),
            "tiny" | "smallest_normal" => Value::Float(i.smallest_normal),
            "resolution" => Value::Float(i.resolution),
            "dtype" => Value::from(i.dtype.name()),
            _ => return Ok(None),
        }))
    }

    fn attrs(&self) -> Vec<String> {
        ["bits", "eps", "max", "min", "tiny", "smallest_normal", "resolution", "dtype"].map(str::to_string).to_vec()
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(objects::finfo(&self.0))
    }

    fn compare(&self, _: &mut Interp, op: CmpOp, other: &Value, _: bool) -> Res<Option<Value>> {
        Ok(by_equality(op, other.downcast::<FInfo>().is_some_and(|o| o.0.dtype == self.0.dtype)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Object for IInfo {
    fn type_name(&self) -> &str {
        "torch.iinfo"
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        let i = &self.0;
        Ok(Some(match name {
            "bits" => Value::Int(i64::from(i.bits)),
            "max" => Value::int(i.max.into()),
            "min" => Value::Int(i.min),
            "dtype" => Value::from(i.dtype.name()),
            _ => return Ok(None),
        }))
    }

    fn attrs(&self) -> Vec<String> {
        ["bits", "max", "min", "dtype"].map(str::to_string).to_vec()
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(objects::iinfo(&self.0))
    }

    fn compare(&self, _: &mut Interp, op: CmpOp, other: &Value, _: bool) -> Res<Option<Value>> {
        Ok(by_equality(op, other.downcast::<IInfo>().is_some_and(|o| o.0.dtype == self.0.dtype)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
