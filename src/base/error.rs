//! The one error type: Python's exception, PyTorch's words, and what PyTorch leaves out.
//!
//! Rooms below `eval` know no source positions: they name the operand at fault by its place in the
//! argument list ([`Error::args`]); `eval` turns that into carets and adds names and shapes.

use std::fmt;

/// What every fallible function of the crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal < $parent:ident),* $(,)?) => {
        /// The exception types that scripts can name, in Python's hierarchy.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum ErrorKind { $($(#[$doc])* $kind),* }

        impl ErrorKind {
            /// Every kind, for the builtins' scope.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$kind),*];

            /// The name as a traceback's last line shows it (`torch.OutOfMemoryError`).
            pub fn qualified(self) -> &'static str {
                match self { $(ErrorKind::$kind => $name),* }
            }

            /// The class that this one extends; `BaseException` is its own parent.
            pub fn parent(self) -> ErrorKind {
                match self { $(ErrorKind::$kind => ErrorKind::$parent),* }
            }
        }
    };
}

kinds! {
    BaseException "BaseException" < BaseException,
    SystemExit "SystemExit" < BaseException,
    KeyboardInterrupt "KeyboardInterrupt" < BaseException,
    Exception "Exception" < BaseException,
    StopIteration "StopIteration" < Exception,
    ArithmeticError "ArithmeticError" < Exception,
    OverflowError "OverflowError" < ArithmeticError,
    ZeroDivisionError "ZeroDivisionError" < ArithmeticError,
    AssertionError "AssertionError" < Exception,
    AttributeError "AttributeError" < Exception,
    ImportError "ImportError" < Exception,
    ModuleNotFoundError "ModuleNotFoundError" < ImportError,
    LookupError "LookupError" < Exception,
    IndexError "IndexError" < LookupError,
    KeyError "KeyError" < LookupError,
    MemoryError "MemoryError" < Exception,
    NameError "NameError" < Exception,
    UnboundLocalError "UnboundLocalError" < NameError,
    OSError "OSError" < Exception,
    FileNotFoundError "FileNotFoundError" < OSError,
    FileExistsError "FileExistsError" < OSError,
    RuntimeError "RuntimeError" < Exception,
    NotImplementedError "NotImplementedError" < RuntimeError,
    RecursionError "RecursionError" < RuntimeError,
    OutOfMemoryError "torch.OutOfMemoryError" < RuntimeError,
    AcceleratorError "torch.AcceleratorError" < RuntimeError,
    LinAlgError "torch._C._LinAlgError" < RuntimeError,
    GradcheckError "torch.autograd.gradcheck.GradcheckError" < RuntimeError,
    RegexError "re.error" < Exception,
    SyntaxError "SyntaxError" < Exception,
    IndentationError "IndentationError" < SyntaxError,
    TabError "TabError" < IndentationError,
    TypeError "TypeError" < Exception,
    UFuncTypeError "numpy._core._exceptions.UFuncTypeError" < TypeError,
    UFuncOutputCastingError "numpy._core._exceptions._UFuncOutputCastingError" < UFuncTypeError,
    UFuncNoLoopError "numpy._core._exceptions._UFuncNoLoopError" < UFuncTypeError,
    ValueError "ValueError" < Exception,
    UnicodeDecodeError "UnicodeDecodeError" < ValueError,
    UnicodeEncodeError "UnicodeEncodeError" < ValueError,
    JsonDecodeError "json.decoder.JSONDecodeError" < ValueError,
    NumpyLinAlgError "numpy.linalg.LinAlgError" < ValueError,
    AxisError "numpy.exceptions.AxisError" < ValueError,
    Warning "Warning" < Exception,
    UserWarning "UserWarning" < Warning,
    DeprecationWarning "DeprecationWarning" < Warning,
    FutureWarning "FutureWarning" < Warning,
    RuntimeWarning "RuntimeWarning" < Warning,
}

impl ErrorKind {
    /// The name without its module.
    pub fn name(self) -> &'static str {
        self.qualified().rsplit('.').next().unwrap_or(self.qualified())
    }

    /// Whether an `except base:` clause catches this kind.
    pub fn is_a(self, base: ErrorKind) -> bool {
        let mut kind = self;
        loop {
            if kind == base {
                return true;
            }
            let parent = kind.parent();
            if parent == kind {
                return false;
            }
            kind = parent;
        }
    }
}

/// An exception on its way up.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Body>);

#[derive(Clone, Debug, PartialEq)]
struct Body {
    kind: ErrorKind,
    message: String,
    help: Option<String>,
    args: Vec<u8>,
}

impl Error {
    /// An error of `kind`, with PyTorch's (or Python's) own message.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Body { kind, message: message.into(), help: None, args: Vec::new() }))
    }

    /// Adds the line that says what mends it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Names the arguments at fault, by position in the call.
    pub fn at(mut self, args: &[u8]) -> Self {
        self.0.args = args.to_vec();
        self
    }

    /// The exception's type.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The exception's message, without its type.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What mends it, where that is known.
    pub fn help_text(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Positions of the arguments at fault; empty when unknown.
    pub fn args(&self) -> &[u8] {
        &self.0.args
    }
}

impl fmt::Display for Error {
    /// A traceback's last line: `RuntimeError: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.message.is_empty() {
            return f.write_str(self.0.kind.qualified());
        }
        write!(f, "{}: {}", self.0.kind.qualified(), self.0.message)
    }
}

impl std::error::Error for Error {}

macro_rules! shorthands {
    ($($(#[$doc:meta])* $name:ident $kind:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[cold]
        pub fn $name(message: impl Into<String>) -> Error {
            Error::new(ErrorKind::$kind, message)
        }
    )*};
}

shorthands! {
    /// `RuntimeError`, torch's usual one.
    runtime RuntimeError,
    /// `TypeError`.
    type_error TypeError,
    /// `ValueError`.
    value_error ValueError,
    /// `IndexError`.
    index_error IndexError,
    /// `NotImplementedError`.
    not_implemented NotImplementedError,
    /// `torch._C._LinAlgError`.
    linalg_error LinAlgError,
    /// `AttributeError`.
    attribute_error AttributeError,
    /// `KeyError`; the message is the key's repr.
    key_error KeyError,
    /// `NameError`.
    name_error NameError,
    /// `ZeroDivisionError`.
    zero_division ZeroDivisionError,
    /// `OverflowError`.
    overflow OverflowError,
    /// `SyntaxError`.
    syntax_error SyntaxError,
}

/// `return Err(runtime(format!(...)))`.
#[macro_export]
macro_rules! bail {
    ($($arg:tt)*) => { return Err($crate::base::error::runtime(format!($($arg)*))) };
}

/// `if !cond { bail!(...) }`: torch's `TORCH_CHECK`.
#[macro_export]
macro_rules! ensure {
    ($cond:expr, $($arg:tt)*) => { if !$cond { $crate::bail!($($arg)*) } };
}
