//! Runs the texts of composite rows and of derivatives: tensh source, with the row's parameters for names.

use super::convert::number;
use super::generator::GeneratorObject;
use crate::base::error::{Result, runtime};
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::value::Value;
use crate::ops::args::{Arg, Out};
use crate::ops::bind::python_name;
use crate::ops::signature::Signature;
use crate::ops::table::{Kind, Row};
use crate::tensor::backend::{DerivativeCall, NodeNames, Texts};
use crate::tensor::call::Called;
use crate::tensor::{Tensor, lazy};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::cell::RefCell;

/// An evaluator for texts and the functions it has made of them. One runs one text at a time.
struct Runner {
    it: Interp,
    /// By the text and the signature whose parameters it knows.
    functions: FxHashMap<(*const u8, *const Signature), Value>,
    /// The helpers of derivatives that it knows.
    helpers: FxHashSet<&'static str>,
}

thread_local! {
    /// Runners that are free: as many as texts have been nested.
    static FREE: RefCell<Vec<Runner>> = const { RefCell::new(Vec::new()) };
}

/// Runs texts for the tensors of a thread.
pub static TEXTS: Texts = Texts { formula, text, derivative, names };

/// What derivatives know beside the parameters.
const OUTPUTS: [&str; 5] = ["grad", "grads", "result", "results", "asked"];

/// Has a runner call the function that a text is the body of.
fn run(
    text: &'static str,
    signature: &'static Signature,
    names: impl FnOnce() -> Vec<&'static str>,
    values: Vec<Value>,
) -> Result<Value> {
    let mut runner = FREE.with_borrow_mut(Vec::pop).unwrap_or_else(|| {
        let mut it = Interp::new(Box::new(std::io::sink()), Box::new(std::io::sink()));
        it.places = false;
        super::modules::install(&mut it);
        let conjugate = HELPERS.iter().map(Value::Builtin).next();
        it.globals.set("_conj", conjugate.unwrap_or(Value::None));
        Runner { it, functions: FxHashMap::default(), helpers: FxHashSet::default() }
    });
    let result = runner.run(text, signature, names, values);
    FREE.with_borrow_mut(|free| free.push(runner));
    result
}

crate::builtin_table! {
    /// What derivatives call more often than anything else.
    HELPERS of "formula" {
        "_conj" ("x, /") "The conjugate of a tensor or of a number; what is real is its own." => |_, a| match &a[0] {
            Value::Tensor(t) if t.dtype().is_complex() => super::rows::call_named("conj", &[crate::ops::In::Tensor(t.clone())], &[]),
            Value::Complex(c) => Ok(Value::complex(c.conj())),
            real => Ok(real.clone()),
        };
    }
}

fn parameters(signature: &'static Signature) -> Vec<&'static str> {
    // A parameter's name may be a word of the language.
    let name = |p| if python_name(p) == "from" { "from_" } else { python_name(p) };
    signature.params.iter().map(name).collect()
}

fn formula(row: &'static Row, overload: usize, args: &[Arg<Tensor>]) -> Result<Called> {
    let overload = &row.overloads[overload];
    let (Kind::Formula(text) | Kind::Pointwise(text)) = overload.kind else {
        return Err(runtime("internal: not a formula"));
    };
    self::text(text, overload.signature(), args)
}

fn text(text: &'static str, signature: &'static Signature, args: &[Arg<Tensor>]) -> Result<Called> {
    run(text, signature, || parameters(signature), args.iter().map(value).collect()).map(result)
}

fn optional(tensor: Option<&Tensor>) -> Value {
    tensor.map_or(Value::None, |t| Value::Tensor(t.clone()))
}

fn derivative(call: &DerivativeCall<'_>) -> Result<Vec<Option<Tensor>>> {
    let mut values: Vec<Value> = call.args.iter().map(value).collect();
    for tensors in [call.grads, call.results] {
        values.push(optional(tensors.first().and_then(Option::as_ref)));
        values.push(Value::tuple(tensors.iter().map(|t| optional(t.as_ref())).collect::<Vec<_>>()));
    }
    values.push(Value::tuple(call.asked.iter().map(|&asked| Value::Int(asked.into())).collect::<Vec<_>>()));
    let names = || parameters(call.signature).into_iter().chain(OUTPUTS).collect();
    let one = |v: &Value| super::convert::as_tensor(v).cloned();
    Ok(match run(call.text, call.signature, names, values)? {
        Value::Tuple(t) => t.items.iter().map(one).collect(),
        Value::List(l) => l.items.borrow().iter().map(one).collect(),
        other => vec![one(&other)],
    })
}

fn names(
    text: &'static str,
    signature: &'static Signature,
    args: &[Arg<Tensor>],
    called: &Called,
) -> Result<NodeNames> {
    let outputs: Vec<Value> = called.tensors().iter().cloned().map(Value::Tensor).collect();
    let each = text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "i");
    let mut out = Vec::new();
    for i in 0..if each { outputs.len() } else { 1 } {
        let mut values: Vec<Value> = args.iter().map(value).collect();
        values.extend([
            outputs.first().cloned().unwrap_or(Value::None),
            Value::tuple(outputs.clone()),
            Value::count(i),
        ]);
        let params = || parameters(signature).into_iter().chain(["result", "results", "i"]).collect();
        let mut name = |v: &Value| out.push(v.as_str().map(|s| Cow::Owned(s.to_owned())));
        match run(text, signature, params, values)? {
            Value::Tuple(t) => t.items.iter().for_each(name),
            other => name(&other),
        }
    }
    Ok(out)
}

/// Whether a word in a text that names nodes is such a name.
fn is_node(word: &str) -> bool {
    word.contains("Backward")
        || ["CopySlices", "CopyBackwards", "NotImplemented", "same", "none", "composite"].contains(&word)
}

impl Runner {
    fn run(
        &mut self,
        text: &'static str,
        signature: &'static Signature,
        names: impl FnOnce() -> Vec<&'static str>,
        values: Vec<Value>,
    ) -> Result<Value> {
        let function = match self.functions.get(&(text.as_ptr(), std::ptr::from_ref(signature))) {
            Some(f) => f.clone(),
            None => {
                let made = self.compile(text, &names())?;
                self.functions.insert((text.as_ptr(), std::ptr::from_ref(signature)), made.clone());
                made
            }
        };
        Ok(self.it.call(&function, Args::of(values))?)
    }

    fn compile(&mut self, text: &'static str, params: &[&str]) -> Result<Value> {
        self.learn(text)?;
        let body = if text.starts_with("    ") {
            text.to_owned()
        } else {
            let text = text.trim();
            if text.contains("return ") || text.contains("raise ") {
                text.lines().map(|l| format!("    {l}\n")).collect::<String>()
            } else if params.contains(&"i") {
                format!("    return ({})\n", quoted(text))
            } else {
                format!("    return ({text})\n")
            }
        };
        self.define("formula", &format!("({})", params.join(", ")), &body)
    }

    fn define(&mut self, name: &str, signature: &str, body: &str) -> Result<Value> {
        let source = format!("def {name}{signature}:\n{body}");
        // Made within a call: the operands that wait go on waiting.
        lazy::apart(|| self.it.define(&source, name)).map_err(|e| runtime(format!("internal: {e} in {source}")))
    }

    /// Defines the helpers that a text calls, and those that they call.
    fn learn(&mut self, text: &'static str) -> Result<()> {
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| w.starts_with('_')) {
            let Some(helper) = crate::ops::derivative::helper(word) else { continue };
            if self.helpers.insert(word) {
                self.learn(helper.body)?;
                let made = self.define(word, helper.signature, helper.body)?;
                self.it.globals.set(word, made);
            }
        }
        Ok(())
    }
}

/// A text with the names of nodes in quotes.
fn quoted(text: &str) -> String {
    let (mut out, mut rest, mut within) = (String::new(), text, false);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if is_node(word) && !within {
            out.push_str(&format!("'{word}'"))
        } else {
            out.push_str(word)
        }
        let step = after.chars().next();
        within ^= step == Some('\'');
        out.extend(step);
        rest = &after[step.map_or(0, char::len_utf8)..];
    }
    out
}

/// An argument as a script sees it.
pub(super) fn value(arg: &Arg<Tensor>) -> Value {
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
