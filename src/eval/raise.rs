//! Exceptions on their way up, and what the reader of an uncaught one is shown.

use super::value::Value;
use crate::base::{Error, ErrorKind, Span};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What evaluation returns.
pub type Res<T = Value> = Result<T, Raise>;

/// A text that was run, and its name in messages.
#[derive(Debug)]
pub struct Source {
    /// `<stdin>`, a file's path.
    pub name: String,
    /// The text.
    pub text: String,
}

impl Source {
    /// The name of texts that are tensh's own: errors are shown where a script calls them.
    pub const OWN: &'static str = "<formula>";

    /// The number of the line that a place is on, from 1.
    pub fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|b| *b == b'\n').count()
    }

    /// Whether it is tensh's own.
    pub(super) fn is_own(&self) -> bool {
        self.name == Source::OWN
    }
}

impl crate::tensor::place::Text for Source {
    fn name(&self) -> &str {
        &self.name
    }

    fn text(&self) -> &str {
        &self.text
    }
}

/// An exception as a value.
pub struct Exc {
    /// Its type.
    pub kind: ErrorKind,
    /// `e.args`.
    pub args: Vec<Value>,
    /// The message of an exception that we raised; of others, `str(args)` is made when asked for.
    pub message: Option<String>,
    /// What mends it.
    pub help: Option<String>,
    /// `raise ... from cause`.
    pub cause: RefCell<Option<Rc<Exc>>>,
    /// The exception that was being handled when it was raised.
    pub context: RefCell<Option<Rc<Exc>>>,
    /// Whether a `from` keeps the context from being shown.
    pub suppress: Cell<bool>,
    /// What `add_note` added.
    pub notes: RefCell<Vec<Value>>,
    /// Where it was first raised, so that `raise e` and bare `raise` still show it.
    pub origin: RefCell<Option<Origin>>,
}

impl Exc {
    /// An exception with arguments.
    pub fn new(kind: ErrorKind, args: Vec<Value>) -> Exc {
        Exc {
            kind,
            args,
            message: None,
            help: None,
            cause: RefCell::default(),
            context: RefCell::default(),
            suppress: Cell::new(false),
            notes: RefCell::default(),
            origin: RefCell::default(),
        }
    }

    /// Notes what was being handled when this was raised, unless that is known; never itself.
    pub(super) fn while_handling(self: &Rc<Exc>, handled: Option<&Rc<Exc>>) {
        let Some(handled) = handled.filter(|handled| !Rc::ptr_eq(handled, self)) else { return };
        if self.context.borrow().is_some() {
            return;
        }
        // A chain that leads back here ends before.
        let mut last = handled.clone();
        loop {
            let next = last.context.borrow().clone();
            match next {
                Some(next) if Rc::ptr_eq(&next, self) => break,
                Some(next) => last = next,
                None => {
                    *self.context.borrow_mut() = Some(handled.clone());
                    return;
                }
            }
        }
        *last.context.borrow_mut() = None;
        *self.context.borrow_mut() = Some(handled.clone());
    }
}

/// The place of an error and what is known about its operands.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The text that `span` is in.
    pub source: Rc<Source>,
    /// What failed.
    pub span: Span,
    /// Operands at fault, each with its name, type and shape.
    pub labels: Vec<(Span, String)>,
    /// The calls that led there, innermost first: the function's name and the call.
    pub trace: Vec<Call>,
}

/// A call in a traceback.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function that was called.
    pub name: Rc<str>,
    /// The text that the call is in.
    pub source: Rc<Source>,
    /// The call.
    pub span: Span,
}

/// An exception that travels.
pub struct Raise(Box<Raised>);

struct Raised {
    exc: Rc<Exc>,
    origin: Option<Origin>,
    operands: Vec<u8>,
}

impl From<Error> for Raise {
    #[cold]
    fn from(error: Error) -> Raise {
        let exc = Exc {
            message: Some(error.message().to_owned()),
            help: error.help_text().map(str::to_owned),
            ..Exc::new(error.kind(), vec![Value::from(error.message())])
        };
        Raise(Box::new(Raised { exc: Rc::new(exc), origin: None, operands: error.args().to_vec() }))
    }
}

impl Raise {
    /// Raises an exception value.
    #[cold]
    pub fn exc(exc: Rc<Exc>) -> Raise {
        let origin = exc.origin.borrow().clone();
        Raise(Box::new(Raised { exc, origin, operands: Vec::new() }))
    }

    /// Raises `kind(*args)`.
    #[cold]
    pub fn new(kind: ErrorKind, args: Vec<Value>) -> Raise {
        Raise::exc(Rc::new(Exc::new(kind, args)))
    }

    /// Its type.
    pub fn kind(&self) -> ErrorKind {
        self.0.exc.kind
    }

    /// The exception as a value, for `except ... as e`; it remembers where it was raised.
    pub fn into_exc(self) -> Rc<Exc> {
        let Raised { exc, origin, .. } = *self.0;
        *exc.origin.borrow_mut() = origin;
        exc
    }

    /// The exception.
    pub fn value(&self) -> &Rc<Exc> {
        &self.0.exc
    }

    /// Positions of the operands at fault.
    pub fn operands(&self) -> &[u8] {
        &self.0.operands
    }

    /// Where it was raised, if that is known yet.
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }

    /// Says where it was raised, unless that is known.
    #[cold]
    pub fn locate(
        mut self,
        source: &Rc<Source>,
        span: Span,
        labels: impl FnOnce(&Raise) -> Vec<(Span, String)>,
    ) -> Raise {
        if self.0.origin.is_none() && !source.is_own() {
            let labels = labels(&self);
            self.0.origin = Some(Origin { source: source.clone(), span, labels, trace: Vec::new() });
        }
        self
    }

    /// Puts the operands' texts into the help line, where it leaves room for them: `{0}`, `{1}`.
    #[cold]
    pub fn name_operands(mut self, text: impl Fn(usize) -> Option<String>) -> Raise {
        if let Some(exc) = Rc::get_mut(&mut self.0.exc)
            && let Some(help) = exc.help.as_mut().filter(|help| help.contains('{'))
        {
            for i in 0..4 {
                let room = format!("{{{i}}}");
                if let Some(text) = help.contains(&room).then(|| text(i)).flatten() {
                    *help = help.replace(&room, &text);
                }
            }
        }
        self
    }

    /// Notes a call on the way up.
    #[cold]
    pub fn through(mut self, name: &Rc<str>, source: &Rc<Source>, span: Span) -> Raise {
        if let Some(origin) = self.0.origin.as_mut().filter(|_| !source.is_own()) {
            origin.trace.push(Call { name: name.clone(), source: source.clone(), span });
        }
        self
    }
}

impl From<Raise> for Error {
    /// The exception's type and message, without its place: for rooms that know only those.
    fn from(raise: Raise) -> Error {
        let message = match (&raise.0.exc.message, raise.0.exc.args.as_slice()) {
            (Some(message), _) => message.clone(),
            (None, [Value::Str(text)]) => text.text.to_string(),
            _ => String::new(),
        };
        Error::new(raise.kind(), message)
    }
}

/// An exception that no `except` caught, ready to be printed.
#[derive(Debug)]
pub struct Uncaught {
    /// Its type and message, and the help line.
    pub error: Error,
    /// Where it was raised; `None` when nothing of the script's was running.
    pub origin: Option<Origin>,
    /// `raise ... from cause`: the causes, nearest first, as their tracebacks' last lines.
    pub causes: Vec<String>,
    /// The status that `sys.exit` asked for.
    pub exit: Option<i32>,
}

impl std::fmt::Debug for Raise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {:?}", self.kind().qualified(), self.0.exc.message)
    }
}
