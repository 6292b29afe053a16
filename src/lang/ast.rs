//! The syntax tree: what a source text says, with a span on every node.
//!
//! A strict subset of Python 3's grammar. The evaluator lowers it to resolved code before it runs.

use crate::base::Span;
use std::rc::Rc;

/// An identifier.
pub type Name = Rc<str>;

/// A sequence of statements.
pub type Block = Vec<Stmt>;

/// A statement and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// From its first to its last token; a compound statement's span covers its body.
    pub span: Span,
}

/// The kinds of statement.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum StmtKind {
    /// An expression statement; `quiet` when a `;` ends its line right behind it, which suppresses the echo.
    Expr { value: Expr, quiet: bool },
    /// `a = b = value`; targets left to right. Annotated assignments come here too, without the annotation.
    Assign { targets: Vec<Expr>, value: Expr },
    /// `target op= value`.
    AugAssign { target: Expr, op: BinOp, op_span: Span, value: Expr },
    /// `if`/`elif` arms in order, then `else` (empty when absent).
    If { arms: Vec<(Expr, Block)>, orelse: Block },
    /// `for target in iter: body else: orelse`.
    For { target: Expr, iter: Expr, body: Block, orelse: Block },
    /// `while test: body else: orelse`.
    While { test: Expr, body: Block, orelse: Block },
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `pass`, and an annotation without a value (`x: int`).
    Pass,
    /// `def name(params): body`, under its decorators (outermost first).
    Def { name: Name, func: Rc<Function>, decorators: Vec<Expr> },
    /// `return value`.
    Return(Option<Expr>),
    /// `with item as target, ...: body`.
    With { items: Vec<(Expr, Option<Expr>)>, body: Block },
    /// `try`/`except`/`else`/`finally`.
    Try { body: Block, handlers: Vec<Handler>, orelse: Block, finally: Block },
    /// `raise value from cause`; bare `raise` has neither.
    Raise { value: Option<Expr>, cause: Option<Expr> },
    /// `assert test, message`.
    Assert { test: Expr, message: Option<Expr> },
    /// `del a, b[0]`.
    Del(Vec<Expr>),
    /// `global a, b`.
    Global(Vec<Name>),
    /// `nonlocal a, b`.
    Nonlocal(Vec<Name>),
    /// `import a.b as c, d`.
    Import(Vec<Alias>),
    /// `from module import a as b, c`; `from module import *` has no names.
    FromImport { module: Name, module_span: Span, names: Vec<Alias> },
}

/// `name as alias` in an import; `name` may be dotted.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// What is imported.
    pub name: Name,
    /// The name it gets, if another.
    pub alias: Option<Name>,
    /// Where it stands.
    pub span: Span,
}

/// One `except` clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Handler {
    /// The exception type, or a tuple of them; `None` catches all.
    pub types: Option<Expr>,
    /// `as name`.
    pub name: Option<Name>,
    /// What runs.
    pub body: Block,
    /// The clause's span.
    pub span: Span,
}

/// Parameters and body of a `def` or `lambda`.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The parameters in order of writing.
    pub params: Vec<Param>,
    /// The statements; a lambda has one `Return`.
    pub body: Block,
    /// From `def` or `lambda` to the end of the body.
    pub span: Span,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// How it takes arguments.
    pub kind: ParamKind,
    /// Its default.
    pub default: Option<Expr>,
    /// Where its name stands.
    pub span: Span,
}

/// How a parameter takes arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Before a `/`: by position only.
    Positional,
    /// By position or name.
    Normal,
    /// Behind a `*`: by name only.
    Keyword,
    /// `*args`.
    Star,
    /// `**kwargs`.
    DoubleStar,
}

/// An expression and where it stands (parentheses not included).
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// From its first to its last token.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// `...`.
    Ellipsis,
    /// An integer that fits.
    Int(i64),
    /// A larger integer, in decimal digits.
    BigInt(Rc<str>),
    /// A float.
    Float(f64),
    /// `2j`.
    Imag(f64),
    /// A string, adjacent literals joined.
    Str(Rc<str>),
    /// Bytes, adjacent literals joined.
    Bytes(Rc<[u8]>),
    /// An f-string, adjacent literals joined.
    FString(Vec<FPart>),
    /// A name.
    Name(Name),
    /// `a, b` with or without parentheses.
    Tuple(Vec<Expr>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{a, b}`.
    Set(Vec<Expr>),
    /// `{k: v, **d}`; a `None` key is the `**`.
    Dict(Vec<(Option<Expr>, Expr)>),
    /// `*a` in a display, a call or a target.
    Starred(Box<Expr>),
    /// `-a`, `not a`; the span of the operator.
    Unary(UnOp, Span, Box<Expr>),
    /// `a + b`; the span of the operator.
    Binary(BinOp, Span, Box<(Expr, Expr)>),
    /// `a and b and c` (two operands or more, same operator).
    BoolOp(BoolOp, Vec<Expr>),
    /// `a < b <= c`: first operand, then operator and operand.
    Compare(Box<Expr>, Vec<(CmpOp, Span, Expr)>),
    /// `then if test else orelse`.
    Ternary(Box<Ternary>),
    /// `lambda ...: value`.
    Lambda(Rc<Function>),
    /// `name := value`.
    Walrus(Name, Box<Expr>),
    /// `value.name`; the span of the name.
    Attribute(Box<Expr>, Name, Span),
    /// `value[index]`; `a[1, 2]` has a tuple for index, a slice is a [`ExprKind::Slice`].
    Subscript(Box<(Expr, Expr)>),
    /// `lower:upper:step` inside a subscript.
    Slice(Box<[Option<Expr>; 3]>),
    /// `func(args)`.
    Call(Box<Call>),
    /// `[elt for ...]`.
    ListComp(Box<Comp>),
    /// `{elt for ...}`.
    SetComp(Box<Comp>),
    /// `{key: value for ...}`; the element is a two-element tuple.
    DictComp(Box<Comp>),
    /// `(elt for ...)`.
    GenExp(Box<Comp>),
    /// Where the parser recovered from an error; never evaluated.
    Error,
}

/// The parts of a conditional expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Ternary {
    /// The condition.
    pub test: Expr,
    /// Its value when true.
    pub then: Expr,
    /// Its value when false.
    pub orelse: Expr,
}

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub func: Expr,
    /// The arguments in order of writing.
    pub args: Vec<Arg>,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// `a`.
    Positional(Expr),
    /// `*a`.
    Star(Expr),
    /// `name=a`; the span of the name.
    Keyword(Name, Span, Expr),
    /// `**a`.
    DoubleStar(Expr),
}

/// A comprehension or generator expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Comp {
    /// The element.
    pub elt: Expr,
    /// The `for` clauses, outermost first.
    pub clauses: Vec<CompFor>,
}

/// `for target in iter if cond if cond`.
#[derive(Clone, Debug, PartialEq)]
pub struct CompFor {
    /// What is bound.
    pub target: Expr,
    /// What is walked.
    pub iter: Expr,
    /// The conditions.
    pub conds: Vec<Expr>,
}

/// A piece of an f-string.
#[derive(Clone, Debug, PartialEq)]
pub enum FPart {
    /// Text, escapes resolved and `{{` undoubled.
    Text(Rc<str>),
    /// `{value=!r:spec}`.
    Value {
        /// The expression.
        value: Expr,
        /// The text before the value that `=` asks for, as written (with its blanks and the `=`).
        label: Option<Rc<str>>,
        /// `r`, `s` or `a` of `!r`.
        conversion: Option<char>,
        /// The format specification, which may hold values itself; empty when absent.
        spec: Vec<FPart>,
    },
}

macro_rules! operators {
    ($(#[$doc:meta])* $name:ident { $($op:ident $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum $name { $($op),* }

        impl $name {
            /// Every operator of the kind.
            pub const ALL: &'static [$name] = &[$($name::$op),*];

            /// As it is written.
            pub fn text(self) -> &'static str {
                match self { $($name::$op => $text),* }
            }
        }
    };
}

operators! {
    /// Binary operators.
    BinOp {
        Add "+", Sub "-", Mul "*", Div "/", FloorDiv "//", Mod "%", Pow "**", MatMul "@",
        Shl "<<", Shr ">>", BitAnd "&", BitOr "|", BitXor "^",
    }
}

operators! {
    /// Unary operators.
    UnOp { Neg "-", Pos "+", Invert "~", Not "not" }
}

operators! {
    /// Short-circuit operators.
    BoolOp { And "and", Or "or" }
}

operators! {
    /// Comparison operators.
    CmpOp {
        Lt "<", Le "<=", Gt ">", Ge ">=", Eq "==", Ne "!=",
        In "in", NotIn "not in", Is "is", IsNot "is not",
    }
}
