//! The evaluator's state: variables, streams, hooks, and the frames of running functions.

use super::code::{Code, FuncCode, Node};
use super::globals::Globals;
use super::module::Module;
use super::raise::{Exc, Raise, Res};
use super::value::Value;
use crate::base::error::name_error;
use crate::base::{Error, ErrorKind, Span, interrupt};
use crate::print::suggest::did_you_mean;
use crate::tensor::{grad, place};
use std::io::{BufWriter, Write};
use std::rc::Rc;

/// Shows the value of an expression statement.
pub type Echo = Rc<dyn Fn(&mut Interp, &Value) -> Res<()>>;

/// Python's limit of calls within calls.
const RECURSION_LIMIT: usize = 1000;

/// The evaluator.
pub struct Interp {
    /// The session's variables.
    pub globals: Globals,
    /// Modules that were imported, by dotted name.
    pub loaded: Vec<Rc<Module>>,
    /// `sys.argv`.
    pub argv: Vec<String>,
    /// stdout, buffered; flush before waiting for the user and at the end.
    pub out: BufWriter<Box<dyn Write>>,
    /// stderr.
    pub err: Box<dyn Write>,
    /// What happens with the value of an expression statement; `None` ends the echo.
    pub echo: Option<Echo>,
    /// The address below which no further call is made; 0 when not known.
    pub stack_end: usize,
    /// The value, or the exception, that a [`Scalar`](super::number::scalar::Scalar) gives word of.
    pub(super) held: Value,
    pub(super) raised: Option<Raise>,
    /// The value of the `return` that runs.
    pub(super) returned: Value,
    /// Exceptions being handled, innermost last.
    pub(super) handling: Vec<Rc<Exc>>,
    /// Containers whose repr is being made.
    pub(super) in_repr: Vec<usize>,
    /// Depth of nested comparisons and reprs.
    pub(super) nesting: usize,
    /// Whether places in its scripts are worth telling: those of formulas are not.
    pub places: bool,
    /// Calls that run.
    pub(super) depth: usize,
    pool: Vec<Vec<Value>>,
}

/// A running function.
pub struct Frame<'a> {
    /// Its code.
    pub code: &'a FuncCode,
    /// Its variables.
    pub locals: Vec<Value>,
}

impl Interp {
    /// A fresh evaluator that writes to these streams.
    pub fn new(out: Box<dyn Write>, err: Box<dyn Write>) -> Interp {
        let mut it = Interp {
            globals: Globals::default(),
            loaded: Vec::new(),
            argv: vec![String::new()],
            out: BufWriter::with_capacity(1 << 16, out),
            err,
            echo: None,
            stack_end: 0,
            held: Value::Unset,
            raised: None,
            returned: Value::Unset,
            handling: Vec::new(),
            in_repr: Vec::new(),
            nesting: 0,
            places: true,
            depth: 0,
            pool: Vec::new(),
        };
        it.globals.builtins.push(Rc::new(super::builtins::module()));
        it
    }

    /// Notes where what is called next stands, once some tensor asks for gradients.
    #[inline(always)]
    pub(super) fn here(&mut self, f: &Frame, span: crate::base::Span) {
        if place::watched() && self.places {
            place::set(f.code.source.clone(), span.start, span.end);
            if grad::has_fresh() {
                super::torch::autograd::saved::pack_later(self);
            }
        }
    }

    /// Raises `KeyboardInterrupt` when the user asked for it.
    ///
    /// # Errors
    /// `KeyboardInterrupt`.
    #[inline]
    pub fn check_interrupt(&self) -> Res<()> {
        Ok(interrupt::check()?)
    }

    /// Enters a call of a script's function.
    ///
    /// # Errors
    /// `RecursionError` at Python's limit, or when the stack nears its end.
    #[inline]
    pub(super) fn enter(&mut self) -> Res<()> {
        let here = 0u8;
        if self.depth + 1 >= RECURSION_LIMIT || (std::ptr::from_ref(&here) as usize) < self.stack_end {
            return Err(Error::new(ErrorKind::RecursionError, "maximum recursion depth exceeded").into());
        }
        self.depth += 1;
        self.check_interrupt()
    }

    /// Leaves a call.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// An empty vector for a frame's variables, re-used.
    #[inline]
    pub(super) fn take_locals(&mut self) -> Vec<Value> {
        self.pool.pop().unwrap_or_default()
    }

    /// Gives a frame's vector back.
    #[inline]
    pub(super) fn give_locals(&mut self, mut locals: Vec<Value>) {
        while let Some(value) = locals.pop() {
            value.discard();
        }
        if self.pool.len() < 64 && locals.capacity() <= 64 {
            self.pool.push(locals);
        }
    }

    /// After an error at the top: nothing of the failed statement stays alive.
    pub fn reset(&mut self) {
        self.held = Value::Unset;
        self.raised = None;
        self.returned = Value::Unset;
        self.handling.clear();
        self.in_repr.clear();
        self.nesting = 0;
        self.depth = 0;
        self.pool.clear();
    }

    /// Runs `body` one level deeper in nested data.
    ///
    /// # Errors
    /// `RecursionError` for data nested too deeply.
    pub(super) fn nested<T>(&mut self, what: &str, body: impl FnOnce(&mut Interp) -> Res<T>) -> Res<T> {
        let here = 0u8;
        if self.nesting >= RECURSION_LIMIT * 3 || (std::ptr::from_ref(&here) as usize) < self.stack_end {
            let message = format!("maximum recursion depth exceeded{what}");
            return Err(Error::new(ErrorKind::RecursionError, message).into());
        }
        self.nesting += 1;
        let result = body(self);
        self.nesting -= 1;
        result
    }

    #[cold]
    pub(super) fn undefined(&self, f: &Frame, slot: u32, span: Span) -> Raise {
        let name = self.globals.name(slot);
        let mut error = name_error(format!("name '{name}' is not defined"));
        let locals = f.code.slots.iter().map(|n| n.to_string());
        let mut names: Vec<String> = locals.chain(self.globals.defined().map(|(n, _)| n.to_string())).collect();
        names.extend(self.globals.builtin_names());
        if let Some(help) = did_you_mean(name, names.iter().map(String::as_str)) {
            error = error.help(help);
        } else if super::modules::exists(name) {
            error = error.help(format!("did you forget to import '{name}'?"));
        }
        Raise::from(error).locate(&f.code.source, span, |_| Vec::new())
    }

    #[cold]
    pub(super) fn unbound(&self, f: &Frame, slot: u32, span: Span) -> Raise {
        let name = &f.code.slots[slot as usize];
        let error = if f.code.free.contains(&slot) {
            name_error(format!(
                "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
            ))
        } else {
            let message = format!("cannot access local variable '{name}' where it is not associated with a value");
            Error::new(ErrorKind::UnboundLocalError, message)
        };
        Raise::from(error).locate(&f.code.source, span, |_| Vec::new())
    }

    /// Adds the place of a failed operation, and a label under each operand at fault.
    #[cold]
    pub(super) fn locate(&self, raise: Raise, f: &Frame, span: Span, operands: &[(&Node, &Value)], all: bool) -> Raise {
        let text = |i: usize| operands.get(i).and_then(|(node, _)| self.operand_text(f, node));
        raise.name_operands(text).locate(&f.code.source, span, |raise| {
            let named = raise.operands();
            let shown = operands.iter().enumerate().filter(|(i, _)| match named {
                [] => all,
                named => named.contains(&(*i as u8)),
            });
            shown.map(|(_, (node, value))| (node.span, self.label(f, node, value))).collect()
        })
    }

    /// `a: float32[2, 3] cpu`: an operand's name, as far as it has a short one, and what it is.
    fn label(&self, f: &Frame, node: &Node, value: &Value) -> String {
        let what = describe(value);
        let named = is_named(node);
        match self.short_text(f, node).filter(|_| named) {
            Some(text) => format!("{text}: {what}"),
            None => what,
        }
    }

    /// An operand's text as a part of another expression.
    pub(super) fn operand_text(&self, f: &Frame, node: &Node) -> Option<String> {
        let text = self.short_text(f, node)?;
        let whole = is_named(node) || text.ends_with([')', ']']);
        Some(if whole { text } else { format!("({text})") })
    }

    /// An expression's text, if it is short.
    fn short_text(&self, f: &Frame, node: &Node) -> Option<String> {
        let text = f.code.source.text.get(node.span.range())?;
        (!text.is_empty() && text.len() <= 30 && !text.contains('\n')).then(|| text.to_owned())
    }
}

/// Whether an expression is a name, or a part or method of something: it has a short text of its own.
fn is_named(node: &Node) -> bool {
    matches!(
        node.code,
        Code::Local(_)
            | Code::Cell(_)
            | Code::Global(_)
            | Code::Attribute(_)
            | Code::Subscript(_)
            | Code::MethodCall(_)
    )
}

/// A value in a few words, for a label: `int = 3`, `list of 4`.
pub fn describe(value: &Value) -> String {
    let name = value.type_name();
    let of = |n: usize| format!("{name} of {n}");
    match value {
        Value::None => "None".to_owned(),
        Value::Bool(b) => format!("bool = {}", if *b { "True" } else { "False" }),
        Value::Int(i) => format!("int = {i}"),
        Value::Float(f) => format!("float = {}", crate::print::number::float_repr(*f)),
        Value::Str(s) if s.chars <= 24 => format!("str = {}", super::text::str_repr::str_repr(&s.text)),
        Value::Str(s) => of(s.chars),
        Value::List(l) => of(l.items.borrow().len()),
        Value::Tuple(t) => of(t.items.len()),
        Value::Dict(d) => of(d.len()),
        Value::Set(s) => of(s.len()),
        Value::DType(d) => d.to_string(),
        Value::Device(d) => format!("device {d}"),
        o @ (Value::Object(_) | Value::Tensor(_)) => o.foreign().describe().unwrap_or(name),
        _ => name,
    }
}
