//! The names that a line can use, and what an unfinished expression is, told without running anything.

use crate::eval::attribute;
use crate::eval::manual::{self, Manual};
use crate::eval::module::Module;
use crate::eval::torch::rows::RowFn;
use crate::eval::torch::{attributes, methods};
use crate::eval::{Interp, Value};
use crate::lang::ast::{Expr, ExprKind, StmtKind};
use crate::lang::lexer::Lexed;
use crate::lang::token::{Kind, Token};
use crate::ops::table::find_method;
use std::rc::Rc;

/// The names in scope while a line is edited.
#[derive(Default)]
pub struct Scope {
    defined: Vec<(Rc<str>, Value)>,
    builtins: Vec<Rc<Module>>,
    importable: Rc<Vec<Rc<Module>>>,
}

/// What is known of an expression.
#[derive(Clone)]
pub enum Known {
    /// Its value.
    Value(Value),
    /// That it is a tensor.
    Tensor,
}

impl Scope {
    /// What a session knows now; `importable` are the modules that there are.
    pub fn of(it: &Interp, importable: &Rc<Vec<Rc<Module>>>) -> Scope {
        let defined = it.globals.defined().map(|(name, value)| (name.clone(), value.clone())).collect();
        Scope { defined, builtins: it.globals.builtins.clone(), importable: importable.clone() }
    }

    /// What a name means.
    pub fn get(&self, name: &str) -> Option<Value> {
        let own = self.defined.iter().find(|(n, _)| &**n == name).map(|(_, value)| value.clone());
        own.or_else(|| self.builtins.iter().find_map(|m| m.get(name)))
    }

    /// Whether the session defined a name.
    pub fn defines(&self, name: &str) -> bool {
        self.defined.iter().any(|(n, _)| &**n == name)
    }

    /// Every name, the session's own first.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        let own = self.defined.iter().map(|(name, _)| name.to_string());
        own.chain(self.builtins.iter().flat_map(|m| m.names())).chain(["cuda", "cpu", "torch"].map(str::to_owned))
    }

    /// The modules that `import` finds.
    pub fn modules(&self) -> &[Rc<Module>] {
        &self.importable
    }

    /// What an expression's text is.
    pub fn resolve(&self, text: &str) -> Option<Known> {
        let block = crate::lang::parse(text.trim()).ok()?;
        match &block.first()?.kind {
            StmtKind::Expr { value, .. } if block.len() == 1 => self.known(value),
            _ => None,
        }
    }

    fn known(&self, expr: &Expr) -> Option<Known> {
        Some(match &expr.kind {
            ExprKind::Name(name) => Known::Value(self.get(name)?),
            ExprKind::Attribute(value, name, _) => attribute_of(&self.known(value)?, name)?,
            ExprKind::Call(call) => result_of(&self.known(&call.func)?)?,
            ExprKind::Subscript(pair) => match (self.known(&pair.0)?, &pair.1.kind) {
                (Known::Tensor | Known::Value(Value::Tensor(_)), _) => Known::Tensor,
                (Known::Value(Value::List(list)), ExprKind::Int(i)) => Known::Value(item(&list.items.borrow(), *i)?),
                (Known::Value(Value::Tuple(tuple)), ExprKind::Int(i)) => Known::Value(item(&tuple.items, *i)?),
                _ => return None,
            },
            ExprKind::Str(_) | ExprKind::FString(_) => Known::Value(Value::from("")),
            ExprKind::Int(i) => Known::Value(Value::Int(*i)),
            ExprKind::Float(f) => Known::Value(Value::Float(*f)),
            ExprKind::List(_) | ExprKind::ListComp(_) => Known::Value(Value::list(Vec::new())),
            ExprKind::Tuple(_) => Known::Value(Value::tuple(Vec::new())),
            ExprKind::Dict(_) => Known::Value(Value::dict(Default::default())),
            ExprKind::Unary(_, _, value) => self.known(value)?,
            ExprKind::Binary(_, _, pair) => {
                let tensor = |e| matches!(self.known(e), Some(Known::Tensor | Known::Value(Value::Tensor(_))));
                if tensor(&pair.0) || tensor(&pair.1) { Known::Tensor } else { self.known(&pair.0)? }
            }
            _ => return None,
        })
    }
}

impl Known {
    /// The names of the attributes.
    pub fn names(&self) -> Vec<String> {
        match self {
            Known::Value(value) => attribute::names(value),
            Known::Tensor => attributes::names(),
        }
    }

    /// The manual, when it can be called.
    pub fn manual(&self) -> Option<Manual> {
        match self {
            Known::Value(value) => manual::of(value),
            Known::Tensor => None,
        }
    }
}

fn item(items: &[Value], at: i64) -> Option<Value> {
    let at = if at < 0 { at + items.len() as i64 } else { at };
    items.get(usize::try_from(at).ok()?).cloned()
}

fn attribute_of(known: &Known, name: &str) -> Option<Known> {
    let tensor = match known {
        Known::Tensor => true,
        Known::Value(value) => match attribute::known(value, name) {
            Some(found) => return Some(Known::Value(found)),
            None => matches!(value, Value::Tensor(_)),
        },
    };
    if !tensor {
        return None;
    }
    match name {
        "T" | "mT" | "H" | "mH" | "data" | "real" | "imag" | "grad" => return Some(Known::Tensor),
        "shape" => return Some(Known::Value(Value::size([]))),
        _ => {}
    }
    if let Some(row) = methods::METHODS.iter().find(|row| row.name == name) {
        return Some(Known::Value(Value::Builtin(row)));
    }
    let (row, form) = find_method(name)?;
    Some(Known::Value(RowFn::function(row, form, name)))
}

/// Functions outside the op table that make tensors.
const MAKERS: &[&str] = &[
    "tensor",
    "as_tensor",
    "asarray",
    "from_numpy",
    "to",
    "cpu",
    "cuda",
    "float",
    "double",
    "half",
    "bfloat16",
    "int",
    "long",
    "short",
    "char",
    "byte",
    "bool",
    "type_as",
];

/// What a call gives.
fn result_of(function: &Known) -> Option<Known> {
    match function {
        Known::Value(Value::Builtin(row)) if matches!(row.owner, "torch" | "Tensor") => {
            MAKERS.contains(&row.name).then_some(Known::Tensor)
        }
        Known::Value(Value::Type(kind)) => match kind.name() {
            "str" => Some(Known::Value(Value::from(""))),
            "list" => Some(Known::Value(Value::list(Vec::new()))),
            "dict" => Some(Known::Value(Value::dict(Default::default()))),
            _ => None,
        },
        known => {
            let signatures = known.manual()?.signatures;
            signatures.last()?.ends_with("-> Tensor").then_some(Known::Tensor)
        }
    }
}

/// Where the postfix expression that ends with token `last` begins, as a place in the tokens: `a.b(c)[d]`.
pub fn expression_start(tokens: &[Token], last: usize) -> Option<usize> {
    let mut at = last;
    loop {
        let kind = tokens[at].kind;
        if kind.closes() || kind == Kind::FEnd {
            at = opening(tokens, at)?;
            let postfix = at > 0 && matches!(tokens[at].kind, Kind::LPar | Kind::LBracket) && {
                let before = tokens[at - 1].kind;
                before == Kind::Name || before == Kind::Str || before.closes() || before == Kind::FEnd
            };
            if !postfix {
                return Some(at);
            }
            at -= 1;
            continue;
        }
        if !matches!(kind, Kind::Name | Kind::Str | Kind::Number) {
            return None;
        }
        if kind == Kind::Name && at >= 2 && tokens[at - 1].kind == Kind::Dot {
            at -= 2;
            continue;
        }
        return Some(at);
    }
}

/// The token that opens what the token at `close` closes.
fn opening(tokens: &[Token], close: usize) -> Option<usize> {
    let mut depth = 0i32;
    (0..=close).rev().find(|i| {
        let kind = tokens[*i].kind;
        depth += if kind.closes() || kind == Kind::FEnd {
            1
        } else if kind.opens() || kind == Kind::FStart {
            -1
        } else {
            0
        };
        depth == 0
    })
}

/// The call that is open at the end of a text: the text of its function, and where its `(` stands in the tokens.
pub fn open_call<'s>(source: &'s str, lexed: &Lexed) -> Option<(&'s str, usize)> {
    let tokens = &lexed.tokens;
    let mut depth = 0i32;
    let open = (0..tokens.len()).rev().find(|i| {
        let kind = tokens[*i].kind;
        depth += if kind.closes() {
            1
        } else if kind.opens() {
            -1
        } else {
            0
        };
        depth < 0
    })?;
    if tokens[open].kind != Kind::LPar || open == 0 {
        return None;
    }
    let start = expression_start(tokens, open - 1)?;
    Some((source.get(tokens[start].span.range().start..tokens[open].span.range().start)?, open))
}
