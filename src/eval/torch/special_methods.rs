//! Python's special methods of tensors (`t.__add__(2)`, `t.__radd__`, `t.__lt__`, `t.__neg__`): names for the operators.

use super::operators;
use crate::base::error::type_error;
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp, UnOp};
use crate::tensor::Tensor;
use std::any::Any;

/// An operator, and how its method applies it.
#[derive(Clone, Copy, Debug)]
enum Special {
    /// `this op other`, or `other op this`.
    Binary { op: BinOp, reflected: bool },
    /// `this op= other`.
    InPlace(BinOp),
    /// `this op other`.
    Compare(CmpOp),
    /// `op this`.
    Unary(UnOp),
}

/// Python's names of an operator, without the underscores; torch keeps Python 2's `div` too.
fn names_of(op: BinOp) -> &'static [&'static str] {
    match op {
        BinOp::Add => &["add"],
        BinOp::Sub => &["sub"],
        BinOp::Mul => &["mul"],
        BinOp::Div => &["truediv", "div"],
        BinOp::FloorDiv => &["floordiv"],
        BinOp::Mod => &["mod"],
        BinOp::Pow => &["pow"],
        BinOp::MatMul => &["matmul"],
        BinOp::Shl => &["lshift"],
        BinOp::Shr => &["rshift"],
        BinOp::BitAnd => &["and"],
        BinOp::BitOr => &["or"],
        BinOp::BitXor => &["xor"],
    }
}

/// Every special method with its name.
fn all() -> impl Iterator<Item = (String, Special)> {
    let binary = BinOp::ALL.iter().flat_map(|&op| {
        names_of(op).iter().flat_map(move |name| {
            [
                (format!("__{name}__"), Special::Binary { op, reflected: false }),
                (format!("__r{name}__"), Special::Binary { op, reflected: true }),
                (format!("__i{name}__"), Special::InPlace(op)),
            ]
        })
    });
    let compare = [
        ("lt", CmpOp::Lt),
        ("le", CmpOp::Le),
        ("gt", CmpOp::Gt),
        ("ge", CmpOp::Ge),
        ("eq", CmpOp::Eq),
        ("ne", CmpOp::Ne),
    ];
    let unary = [("neg", UnOp::Neg), ("pos", UnOp::Pos), ("invert", UnOp::Invert)];
    binary
        .chain(compare.into_iter().map(|(name, op)| (format!("__{name}__"), Special::Compare(op))))
        .chain(unary.into_iter().map(|(name, op)| (format!("__{name}__"), Special::Unary(op))))
}

/// Every special method's name.
pub fn names() -> impl Iterator<Item = String> {
    all().map(|(name, _)| name)
}

/// The special method of that name, bound to its tensor.
pub fn find(this: &Tensor, name: &str) -> Option<Value> {
    let inner = name.strip_prefix("__")?;
    let (name, special) = all().find(|(n, _)| n[2..] == *inner)?;
    Some(Value::object(SpecialMethod { this: this.clone(), name, special }))
}

/// A special method of a tensor.
struct SpecialMethod {
    this: Tensor,
    name: String,
    special: Special,
}

impl Object for SpecialMethod {
    fn type_name(&self) -> &str {
        "method"
    }

    fn kind(&self) -> Type {
        Type::Builtin
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        let wanted = usize::from(!matches!(self.special, Special::Unary(_)));
        if args.pos.len() != wanted || !args.kw.is_empty() {
            let message =
                format!("expected {wanted} argument{}, got {}", if wanted == 1 { "" } else { "s" }, args.pos.len());
            return Err(type_error(message).into());
        }
        let other = args.pos.first().unwrap_or(&Value::None);
        let found = match self.special {
            Special::Binary { op, reflected } => operators::binary(&self.this, op, other, reflected)?,
            Special::InPlace(op) => operators::binary_in_place(it, &self.this, op, other)?,
            Special::Compare(op) => operators::compare(it, &self.this, op, other, false)?,
            Special::Unary(op) => operators::unary(&self.this, op)?,
        };
        Ok(Some(found.unwrap_or(Value::NotImplemented)))
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok((name == "__name__").then(|| Value::from(&*self.name)))
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("<bound method {} of Tensor object>", self.name))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
