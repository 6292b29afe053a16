//! Runs the texts of composite rows: tensh source, with the row's parameters for names.

use super::convert::number;
use super::generator::GeneratorObject;
use crate::base::error::{Result, runtime};
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::value::Value;
use crate::ops::args::{Arg, Out};
use crate::ops::bind::python_name;
use crate::ops::table::{Kind, Row};
use crate::tensor::call::Called;
use crate::tensor::{Tensor, lazy};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// An evaluator for formulas and the functions it has made of them. One runs one formula at a time.
struct Runner {
    it: Interp,
    functions: FxHashMap<*const u8, Value>,
}

thread_local! {
    /// Runners that are free: as many as formulas have been nested.
    static FREE: RefCell<Vec<Runner>> = const { RefCell::new(Vec::new()) };
}

/// Runs a row's formula.
///
/// # Errors
/// What its ops refuse, and what it raises itself.
pub fn run(row: &'static Row, overload: usize, args: &[Arg<Tensor>]) -> Result<Called> {
    let mut runner = FREE.with_borrow_mut(Vec::pop).unwrap_or_else(|| {
        let mut it = Interp::new(Box::new(std::io::sink()), Box::new(std::io::sink()));
        super::modules::install(&mut it);
        Runner { it, functions: FxHashMap::default() }
    });
    let result = runner.run(row, overload, args);
    FREE.with_borrow_mut(|free| free.push(runner));
    result
}

impl Runner {
    fn run(&mut self, row: &'static Row, overload: usize, args: &[Arg<Tensor>]) -> Result<Called> {
        let overload = &row.overloads[overload];
        let (Kind::Formula(text) | Kind::Pointwise(text)) = overload.kind else {
            return Err(runtime("internal: not a formula"));
        };
        let function = match self.functions.get(&text.as_ptr()) {
            Some(f) => f.clone(),
            None => {
                let names: Vec<&str> = overload.signature().params.iter().map(python_name).collect();
                let made = self.compile(text, &names)?;
                self.functions.insert(text.as_ptr(), made.clone());
                made
            }
        };
        let values = args.iter().map(value);
        let out = self.it.call(&function, Args::of(values))?;
        Ok(result(out))
    }

    fn compile(&mut self, text: &str, params: &[&str]) -> Result<Value> {
        let text = text.trim();
        let body = if text.contains("return ") || text.contains("raise ") {
            text.lines().map(|l| format!("    {l}\n")).collect::<String>()
        } else {
            format!("    return ({text})\n")
        };
        let source = format!("def formula({}):\n{body}", params.join(", "));
        // Made within a call: the operands that wait go on waiting.
        lazy::apart(|| self.it.define(&source, "formula")).map_err(|e| runtime(format!("internal: {e} in {source}")))
    }
}

fn value(arg: &Arg<Tensor>) -> Value {
    match arg {
        Arg::None => Value::None,
        Arg::Generator(g) => GeneratorObject::again(g).unwrap_or(Value::None),
        Arg::Bool(b) => Value::Bool(*b),
        Arg::Int(i) => Value::Int(*i),
        Arg::Scalar(s) => number(*s),
        Arg::Str(s) => Value::from(&**s),
        Arg::Ints(v) => Value::tuple(v.iter().map(|&i| Value::Int(i)).collect::<Vec<_>>()),
        Arg::Floats(v) => Value::tuple(v.iter().map(|&f| Value::Float(f)).collect::<Vec<_>>()),
        Arg::Tensor(t) => Value::Tensor(t.clone()),
        Arg::Tensors(v) => Value::tuple(v.iter().cloned().map(Value::Tensor).collect::<Vec<_>>()),
        Arg::List(v) => Value::tuple(v.iter().map(value).collect::<Vec<_>>()),
        Arg::Ellipsis => Value::Ellipsis,
        Arg::DType(d) => Value::DType(*d),
        Arg::Device(d) => Value::Device(*d),
        Arg::MemoryFormat(m) => super::settings::named(m).unwrap_or(Value::None),
    }
}

fn result(value: Value) -> Called {
    let tensors =
        |items: &[Value]| items.iter().map(|v| super::convert::as_tensor(v).cloned()).collect::<Option<Vec<Tensor>>>();
    match &value {
        Value::Tensor(t) => Out::Tensor(t.clone()),
        Value::Tuple(t) => match tensors(&t.items) {
            Some(parts) => Out::Tuple(parts),
            None => {
                Out::Size(t.items.iter().filter_map(|v| if let Value::Int(i) = v { Some(*i) } else { None }).collect())
            }
        },
        Value::List(l) => Out::List(tensors(&l.items.borrow()).unwrap_or_default()),
        Value::DType(d) => Out::DType(*d),
        Value::Str(s) => Out::Str(s.text.to_string()),
        other => match super::convert::as_scalar(other) {
            Some(s) => Out::Scalar(s),
            None => Out::None,
        },
    }
}
