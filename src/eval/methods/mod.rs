//! The methods of the builtin types: a table a type.

mod dict;
mod list;
mod number;
pub mod set;
mod special;
mod text;
mod tuple;

use super::builtin::Builtin;
use super::kind::Type;
use super::value::Value;

/// The tables of a type's methods.
pub fn tables(kind: Type) -> &'static [&'static [Builtin]] {
    match kind {
        Type::List => &[list::TABLE],
        Type::Tuple | Type::Size => &[tuple::TABLE],
        Type::Range => &[tuple::RANGE],
        Type::Str => &[text::TABLE],
        Type::Dict | Type::DefaultDict => &[dict::TABLE],
        Type::OrderedDict => &[dict::ORDERED, dict::TABLE],
        Type::Deque => &[super::modules::deque::TABLE],
        Type::Bytes => &[super::bytes::TABLE],
        Type::Counter => &[super::modules::collections::COUNTER, dict::TABLE],
        Type::Set => &[set::TABLE, set::BOTH],
        Type::FrozenSet => &[set::BOTH],
        Type::Int | Type::Bool => &[number::INT],
        Type::Float => &[number::FLOAT],
        Type::Complex => &[number::COMPLEX],
        Type::DictKeys | Type::DictItems => &[set::VIEW],
        Type::Slice => &[tuple::SLICE],
        Type::DType => &[super::torch::types::DTYPE],
        Type::Exc(_) => &[tuple::EXCEPTION],
        _ => &[],
    }
}

/// The method of that name.
pub fn find(value: &Value, name: &str) -> Option<&'static Builtin> {
    let kind = value.kind();
    let own = tables(kind).iter().find_map(|table| table.iter().find(|row| row.name == name));
    own.or_else(|| special::find(kind, name))
}

/// The function of a type itself that its values give as well.
pub fn static_row(kind: Type, name: &str) -> Option<&'static Builtin> {
    statics(kind).iter().find(|row| row.name == name)
}

fn statics(kind: Type) -> &'static [Builtin] {
    match kind {
        Type::Dict | Type::OrderedDict | Type::DefaultDict => dict::STATIC,
        Type::Str => text::STATIC,
        Type::Bytes => super::bytes::STATIC,
        Type::Float => number::STATIC,
        Type::Int | Type::Bool => number::INT_STATIC,
        _ => &[],
    }
}

/// What a type has under a name: a method without its object, or a function of the type itself.
pub fn find_static(kind: Type, name: &str) -> Option<Value> {
    if kind == Type::Tensor {
        return super::torch::attributes::unbound(name);
    }
    let row = static_row(kind, name);
    let row = row.or_else(|| tables(kind).iter().find_map(|table| table.iter().find(|row| row.name == name)));
    row.or_else(|| special::find(kind, name)).map(Value::Builtin)
}

/// `list.append(3, 4)`: a method that was taken from its type and got an object of another.
#[cold]
fn wrong_self(owner: &str, got: &Value) -> super::raise::Raise {
    crate::base::error::type_error(format!(
        "descriptor of '{owner}' objects doesn't apply to a '{}' object",
        got.type_name()
    ))
    .into()
}
