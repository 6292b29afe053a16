//! Rows of the op table as callable values.

use super::convert::{input, output};
use crate::base::error::{Error, ErrorKind, type_error};
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::manual::Manual;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::ops::args::{In, Out};
use crate::ops::bind::{self, python_name};
use crate::ops::table::{Form, Row};
use crate::print::suggest::did_you_mean;
use crate::tensor::{Tensor, call};
use smallvec::SmallVec;
use std::any::Any;

/// A row as a function, or as a method bound to its tensor.
pub struct RowFn {
    /// The row.
    pub row: &'static Row,
    /// How it was reached.
    pub form: Form,
    /// The row's name that it was reached by.
    pub name: &'static str,
    /// The tensor of a method.
    pub this: Option<Tensor>,
}

impl RowFn {
    /// A function value, or a method without its tensor, by its spelling.
    pub fn function(row: &'static Row, form: Form, spelling: &str) -> Value {
        Value::object(RowFn { row, form, name: row.named(form, spelling), this: None })
    }

    /// Its name without modules.
    fn short(&self) -> String {
        self.form.spell(self.name.rsplit('.').next().unwrap_or(self.name))
    }

    /// Whether it is a method that has no tensor yet.
    fn is_unbound(&self) -> bool {
        self.this.is_none() && self.form.receivers() > 0
    }
}

impl Object for RowFn {
    fn type_name(&self) -> &str {
        "builtin_function_or_method"
    }

    fn kind(&self) -> Type {
        Type::Builtin
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, _: &mut Interp, args: Args) -> Res<Option<Value>> {
        if self.is_unbound() && !matches!(args.pos.first(), Some(Value::Tensor(_))) {
            let name = self.short();
            return Err(type_error(match args.pos.first() {
                Some(other) => format!(
                    "descriptor '{name}' for 'torch._C.TensorBase' objects doesn't apply to a '{}' object",
                    other.type_name()
                ),
                None => format!("unbound method TensorBase.{name}() needs an argument"),
            })
            .into());
        }
        invoke(self.row, self.form, self.name, self.this.as_ref(), &args).map(Some)
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok(match name {
            "__name__" => Some(Value::from(self.short())),
            "__doc__" => Some(Value::from(self.row.doc.join("\n"))),
            _ => None,
        })
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        if self.is_unbound() {
            return Ok(format!("<method '{}' of 'torch._C.TensorBase' objects>", self.short()));
        }
        let of = if self.this.is_some() { "Tensor" } else { "type" };
        Ok(format!("<built-in method {} of {of} object>", self.short()))
    }

    fn manual(&self) -> Option<Manual> {
        Some(super::manual::of(self.row, self.form))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Calls a row, by one of its names, with a script's arguments.
///
/// # Errors
/// Binding's `TypeError`s and what the op refuses.
pub fn invoke(row: &'static Row, form: Form, name: &'static str, this: Option<&Tensor>, args: &Args) -> Res {
    // Most calls in a loop: one tensor, and nothing to be bound.
    if args.kw.is_empty()
        && let (Some(x), []) | (None, [Value::Tensor(x)]) = (this, &args.pos[..])
        && let Some(done) = call::unary(row, form, x)?
    {
        return Ok(Value::Tensor(done));
    }
    let mut inputs: SmallVec<[In<Tensor>; 4]> = SmallVec::new();
    if let Some(this) = this {
        inputs.push(In::Tensor(this.clone()));
    }
    for value in &args.pos {
        inputs.push(input(value));
    }
    let kwargs: SmallVec<[(&str, In<Tensor>); 2]> =
        args.kw.iter().map(|(name, value)| (&**name, input(value))).collect();
    // `dtype.sum_()` through a module: the first argument is the tensor that changes.
    let (out, fields) = call::call(row, form, &inputs, &kwargs).map_err(|error| {
        let call = bind::Call { args: &inputs, kwargs: &kwargs, form, name };
        hinted(row, &call, error)
    })?;
    // What changes nothing gives the tensor itself, not another with its elements.
    if matches!(row.name, "contiguous" | "positive")
        && let (Some(In::Tensor(x)), Out::Tensor(y)) = (inputs.first(), &out)
        && x.peek(|v| y.peek(|w| v.shares(w) && v.strides() == w.strides())).flatten() == Some(true)
    {
        return Ok(Value::Tensor(x.clone()));
    }
    Ok(output(out, row, fields))
}

/// A refused call's error in the words of the name that it was made by, with the parameter that a misspelt keyword may have meant.
#[cold]
fn hinted(row: &'static Row, call: &bind::Call<'_, Tensor>, error: Error) -> Error {
    if error.kind() != ErrorKind::TypeError {
        return error;
    }
    let error = bind::refusal(row, call).unwrap_or(error);
    let known: Vec<&str> =
        row.overloads.iter().flat_map(|o| &o.signature().params).map(python_name).chain(["out"]).collect();
    let unknown = call.kwargs.iter().find(|(name, _)| !known.contains(name));
    match unknown.and_then(|(name, _)| did_you_mean(name, known)) {
        Some(help) => error.help(help),
        None => error,
    }
}

/// Calls a row by its name with tensors: for code of ours that needs another op.
///
/// # Errors
/// What the op refuses.
pub fn call_named(name: &str, inputs: &[In<Tensor>], kwargs: &[(&str, In<Tensor>)]) -> Res {
    let Some((row, form)) = crate::ops::find(name) else {
        return Err(crate::base::error::runtime(format!("internal: no row {name}")).into());
    };
    if let ([In::Tensor(x)], []) = (inputs, kwargs)
        && let Some(done) = call::unary(row, form, x)?
    {
        return Ok(Value::Tensor(done));
    }
    let (out, fields) = call::call(row, form, inputs, kwargs)?;
    Ok(output(out, row, fields))
}
