//! Resolved code: the syntax tree with every name a slot. What the evaluator walks.

use super::builtin::Builtin;
use super::kind::Type;
use super::module::Module;
use super::raise::Source;
use super::value::Value;
use crate::base::Span;
use crate::lang::ast::{BinOp, CmpOp, Name, ParamKind, UnOp};
use crate::ops::table::{Form, Row};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// An expression.
pub struct Node {
    /// What it is.
    pub code: Code,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expression.
pub enum Code {
    /// A literal.
    Const(Value),
    /// A variable of the running function.
    Local(u32),
    /// A variable that functions share.
    Cell(u32),
    /// A variable of the session, or a builtin's name.
    Global(u32),
    /// `(a, *b)`.
    Tuple(Box<[Node]>),
    /// `[a, *b]`.
    List(Box<[Node]>),
    /// `{a, *b}`.
    Set(Box<[Node]>),
    /// `{k: v, **d}`.
    Dict(Box<[(Option<Node>, Node)]>),
    /// `*a` in a display.
    Star(Box<Node>),
    /// `op a`.
    Unary(UnOp, Box<Node>),
    /// `a op b`.
    Binary(Box<Binary>),
    /// `a and b`.
    And(Box<[Node]>),
    /// `a or b`.
    Or(Box<[Node]>),
    /// `a < b`.
    Compare(Box<Compare>),
    /// `a < b <= c`.
    Chain(Box<(Node, Vec<Link>)>),
    /// Condition, value when true, value when false.
    Ternary(Box<[Node; 3]>),
    /// `lambda`, and what `def` assigns.
    Function(Box<MakeFunction>),
    /// `name := value`.
    Walrus(Box<(Target, Node)>),
    /// `value.name`.
    Attribute(Box<Attribute>),
    /// `value[index]`.
    Subscript(Box<Subscript>),
    /// `a:b:c`.
    Slice(Box<[Option<Node>; 3]>),
    /// `func(args)`.
    Call(Box<Call>),
    /// `value.name(args)`.
    MethodCall(Box<MethodCall>),
    /// A list, set or dict comprehension.
    Comp(Box<Comp>),
    /// A generator expression: its code and the outermost iterable.
    Generator(Box<(MakeFunction, Node)>),
    /// An f-string.
    Format(Box<[Piece]>),
}

/// A further comparison of a chain: the operator, where it stands, the right operand.
pub type Link = (CmpOp, Span, Node);

/// A binary operation.
pub struct Binary {
    /// The operator.
    pub op: BinOp,
    /// Where the operator stands.
    pub span: Span,
    /// The operands.
    pub left: Node,
    /// The operands.
    pub right: Node,
}

/// A comparison of two.
pub struct Compare {
    /// The operator.
    pub op: CmpOp,
    /// Where the operator stands.
    pub span: Span,
    /// The operands.
    pub left: Node,
    /// The operands.
    pub right: Node,
}

/// `value.name`.
pub struct Attribute {
    /// The object.
    pub value: Node,
    /// The name.
    pub name: Name,
    /// Where the name stands.
    pub span: Span,
}

/// `value[index]`.
pub struct Subscript {
    /// The object.
    pub value: Node,
    /// What is looked up in it.
    pub index: Node,
    /// Whether the index binds no name: a variable is still the same object behind it.
    pub calm: bool,
}

/// A call.
pub struct Call {
    /// What is called.
    pub func: Node,
    /// The arguments.
    pub args: Arguments,
    /// The type that the last call made a value of, and the row that makes it.
    pub made: Cell<Option<(Type, &'static Builtin)>>,
}

/// `value.name(args)`.
pub struct MethodCall {
    /// The object and the method's name.
    pub target: Attribute,
    /// The arguments.
    pub args: Arguments,
    /// The method of a builtin type that the last call found under the name.
    pub method: Cell<Option<Bound>>,
    /// What else the last call found under the name.
    pub found: RefCell<Found>,
}

/// A method that a call found, which any object of the type has.
#[derive(Clone, Copy)]
pub struct Bound {
    /// The type.
    pub kind: Type,
    /// The method.
    pub row: &'static Builtin,
}

/// What a name was found to be.
pub enum Found {
    /// Nothing that would be the same for the next object.
    Nothing,
    /// An op's row, as the method of a tensor.
    Row(&'static Row, Form, &'static str),
    /// A function of a module that has seen so many changes.
    Function(Rc<Module>, u32, Value),
}

/// The arguments of a call.
pub struct Arguments {
    /// In order of writing.
    pub items: Box<[Argument]>,
    /// Whether all are plain positional ones.
    pub plain: bool,
    /// Whether none has a star.
    pub counted: bool,
    /// Whether they bind no name: a variable is still the same object behind them.
    pub calm: bool,
}

impl Arguments {
    /// Arguments in order of writing.
    pub fn new(items: Vec<Argument>, calm: bool) -> Arguments {
        let plain = items.iter().all(|a| matches!(a.how, How::Plain));
        let counted = items.iter().all(|a| matches!(a.how, How::Plain | How::Keyword(..)));
        Arguments { items: items.into(), plain, counted, calm }
    }
}

/// An argument.
pub struct Argument {
    /// The expression.
    pub node: Node,
    /// How it is given.
    pub how: How,
}

/// How an argument is given.
pub enum How {
    /// `a`.
    Plain,
    /// `*a`.
    Star,
    /// `name=a`; where the name stands.
    Keyword(Name, Span),
    /// `**a`.
    DoubleStar,
}

/// What makes a function value.
pub struct MakeFunction {
    /// The function's code.
    pub code: Rc<FuncCode>,
    /// The defaults, in order of the parameters that have one.
    pub defaults: Box<[Node]>,
    /// The cells of the running function that it shares, in the order of its free slots.
    pub captures: Box<[u32]>,
}

/// A function's code.
pub struct FuncCode {
    /// Its name: `f`, `<lambda>`, `<genexpr>`, `<module>`.
    pub name: Name,
    /// Its name with those of the functions around it: `f.<locals>.g`.
    pub qualname: Name,
    /// The text that it is part of.
    pub source: Rc<Source>,
    /// The parameters; parameter `i` is local `i`.
    pub params: Box<[Param]>,
    /// Whether all parameters are plain: positional, no `*`.
    pub simple: bool,
    /// The names of the slots, for messages and `locals`.
    pub slots: Box<[Name]>,
    /// The slots that hold a cell made at entry.
    pub cells: Box<[u32]>,
    /// The slots that hold cells of enclosing functions.
    pub free: Box<[u32]>,
    /// What runs.
    pub body: Body,
}

/// A function's body.
pub enum Body {
    /// Statements.
    Block(Block),
    /// A lambda's value.
    Value(Node),
    /// The loops of a generator expression; the outermost iterator is parameter 0.
    Loops(Loops),
}

/// A parameter.
pub struct Param {
    /// Its name.
    pub name: Name,
    /// How it takes arguments.
    pub kind: ParamKind,
    /// Which default is its own, if it has one.
    pub default: Option<u32>,
}

/// What a comprehension makes.
pub struct Comp {
    /// What is made.
    pub kind: CompKind,
    /// Slots that belong to it: cleared before it runs.
    pub slots: Box<[u32]>,
    /// Which of them are cells.
    pub cells: Box<[u32]>,
    /// The loops and the element.
    pub loops: Loops,
}

/// The kinds of comprehension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CompKind {
    List,
    Set,
    Dict,
}

/// The loops of a comprehension, and its element.
pub struct Loops {
    /// The element; of a dict the key.
    pub element: Node,
    /// The value of a dict comprehension's entry.
    pub value: Option<Node>,
    /// The loops, outermost first.
    pub loops: Box<[Loop]>,
}

/// `for target in iter if ...`.
pub struct Loop {
    /// What is bound.
    pub target: Target,
    /// What is walked.
    pub iter: Node,
    /// The conditions.
    pub conds: Box<[Node]>,
}

/// A piece of an f-string.
pub enum Piece {
    /// Text.
    Text(Rc<str>),
    /// A value, its conversion and its format.
    Value(Node, Option<char>, Box<[Piece]>),
}

/// What can be assigned to.
pub struct Target {
    /// What it is.
    pub place: Place,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of target.
pub enum Place {
    /// A variable of the running function.
    Local(u32),
    /// A variable that functions share.
    Cell(u32),
    /// A variable of the session.
    Global(u32),
    /// `value.name`.
    Attribute(Box<Attribute>),
    /// `value[index]`.
    Subscript(Box<Subscript>),
    /// `a, *b`: the targets, and which one has the star.
    Unpack(Box<[Target]>, Option<usize>),
}

/// A sequence of statements.
pub type Block = Box<[Stmt]>;

/// A statement.
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of statement.
#[allow(missing_docs)]
pub enum StmtKind {
    /// An expression; `echo` at the top level without a `;` behind it.
    Expr { value: Node, echo: bool },
    /// `a = b = value`.
    Assign { targets: Box<[Target]>, value: Node },
    /// `a, b = x, y`: as many targets as values, none starred.
    Swap { targets: Box<[Target]>, values: Box<[Node]> },
    /// `target op= value`; the target also as an expression.
    AugAssign(Box<AugAssign>),
    /// `if`.
    If { arms: Box<[(Node, Block)]>, orelse: Block },
    /// `for`.
    For(Box<For>),
    /// `while`.
    While { test: Node, body: Block, orelse: Block },
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `pass`.
    Pass,
    /// `return`.
    Return(Option<Node>),
    /// `with`.
    With { items: Box<[(Node, Option<Target>)]>, body: Block },
    /// `try`.
    Try(Box<Try>),
    /// `raise value from cause`.
    Raise { value: Option<Node>, cause: Option<Node> },
    /// `assert test, message`.
    Assert { test: Node, message: Option<Node> },
    /// `del`.
    Del(Box<[Target]>),
    /// `import module`: the dotted name, whether the alias gets the last module, where it goes.
    Import { module: Name, last: bool, target: Target },
    /// `from module import name`.
    FromImport { module: Name, module_span: Span, names: Box<[(Name, Target)]> },
    /// `from module import *`.
    StarImport { module: Name, module_span: Span },
}

/// `target op= value`.
pub struct AugAssign {
    /// The operator.
    pub op: BinOp,
    /// Where the operator stands.
    pub span: Span,
    /// What is read and written.
    pub target: Target,
    /// Where a name is read from.
    pub read: Option<Node>,
    /// The right operand.
    pub value: Node,
}

/// A `for` loop.
pub struct For {
    /// What is bound.
    pub target: Target,
    /// What is walked.
    pub iter: Node,
    /// What runs.
    pub body: Block,
    /// What runs when no `break` did.
    pub orelse: Block,
}

/// A `try` statement.
pub struct Try {
    /// What is tried.
    pub body: Block,
    /// The `except` clauses.
    pub handlers: Box<[Handler]>,
    /// What runs when nothing was raised.
    pub orelse: Block,
    /// What runs in any case.
    pub finally: Block,
}

/// An `except` clause.
pub struct Handler {
    /// What it catches.
    pub types: Option<Node>,
    /// Where the exception goes.
    pub target: Option<Target>,
    /// What runs.
    pub body: Block,
}
