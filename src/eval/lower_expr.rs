//! Lowers expressions to resolved code.

use super::code::{self, Argument, Arguments, Body, Code, CompKind, How, Loop, Loops, Node, Piece};
use super::lower::{FunctionScope, Lower, Lowered, fail};
use super::scope::comp_names;
use super::value::Value;
use crate::base::Span;
use crate::base::dtype::C64;
use crate::lang::ast::{Arg, BoolOp, Comp, Expr, ExprKind, FPart, Name, ParamKind, UnOp};
use num_bigint::BigInt;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

impl Lower<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Lowered<Node> {
        let span = expr.span;
        let code = match &expr.kind {
            ExprKind::None => Code::Const(Value::None),
            ExprKind::Bool(b) => Code::Const(Value::Bool(*b)),
            ExprKind::Ellipsis => Code::Const(Value::Ellipsis),
            ExprKind::Int(i) => Code::Const(Value::Int(*i)),
            ExprKind::BigInt(digits) => match BigInt::parse_bytes(digits.as_bytes(), 10) {
                Some(value) => Code::Const(Value::int(value)),
                None => return fail(span, "invalid decimal literal"),
            },
            ExprKind::Float(f) => Code::Const(Value::Float(*f)),
            ExprKind::Imag(f) => Code::Const(Value::complex(C64::new(0.0, *f))),
            ExprKind::Str(text) => Code::Const(Value::from(&**text)),
            ExprKind::Bytes(data) => Code::Const(Value::bytes(&**data)),
            ExprKind::FString(parts) => Code::Format(self.pieces(parts)?),
            ExprKind::Name(name) => self.load(name),
            ExprKind::Tuple(items) => Code::Tuple(self.exprs(items)?),
            ExprKind::List(items) => Code::List(self.exprs(items)?),
            ExprKind::Set(items) => Code::Set(self.exprs(items)?),
            ExprKind::Dict(items) => {
                let mut entries = Vec::with_capacity(items.len());
                for (key, value) in items {
                    entries.push((self.option(key)?, self.expr(value)?));
                }
                Code::Dict(entries.into())
            }
            ExprKind::Starred(inner) => Code::Star(Box::new(self.expr(inner)?)),
            ExprKind::Unary(op, _, operand) => {
                let operand = self.expr(operand)?;
                match (op, &operand.code) {
                    (UnOp::Neg, Code::Const(Value::Int(i))) if *i != i64::MIN => Code::Const(Value::Int(-i)),
                    (UnOp::Neg, Code::Const(Value::Float(f))) => Code::Const(Value::Float(-f)),
                    _ => Code::Unary(*op, Box::new(operand)),
                }
            }
            ExprKind::Binary(op, at, pair) => {
                let (left, right) = (self.expr(&pair.0)?, self.expr(&pair.1)?);
                Code::Binary(Box::new(code::Binary { op: *op, span: *at, left, right }))
            }
            ExprKind::BoolOp(BoolOp::And, items) => Code::And(self.exprs(items)?),
            ExprKind::BoolOp(BoolOp::Or, items) => Code::Or(self.exprs(items)?),
            ExprKind::Compare(first, rest) => {
                let left = self.expr(first)?;
                let mut parts = Vec::with_capacity(rest.len());
                for (op, at, operand) in rest {
                    parts.push((*op, *at, self.expr(operand)?));
                }
                match parts.len() {
                    1 => {
                        let (op, at, right) = parts.remove(0);
                        Code::Compare(Box::new(code::Compare { op, span: at, left, right }))
                    }
                    _ => Code::Chain(Box::new((left, parts))),
                }
            }
            ExprKind::Ternary(t) => {
                Code::Ternary(Box::new([self.expr(&t.test)?, self.expr(&t.then)?, self.expr(&t.orelse)?]))
            }
            ExprKind::Lambda(func) => Code::Function(Box::new(self.make_function(&"<lambda>".into(), func)?)),
            ExprKind::Walrus(name, value) => {
                self.bindings += 1;
                let value = self.expr(value)?;
                Code::Walrus(Box::new((self.store_outside(name, span), value)))
            }
            ExprKind::Attribute(value, name, at) => Code::Attribute(Box::new(self.attribute(value, name, *at)?)),
            ExprKind::Subscript(pair) => Code::Subscript(Box::new(self.subscript(pair)?)),
            ExprKind::Slice(parts) => {
                let [start, stop, step] = &**parts;
                Code::Slice(Box::new([self.option(start)?, self.option(stop)?, self.option(step)?]))
            }
            ExprKind::Call(call) => match &call.func.kind {
                ExprKind::Attribute(value, name, at) => {
                    let target = self.attribute(value, name, *at)?;
                    let args = self.arguments(&call.args)?;
                    let (method, found) = (Cell::new(None), RefCell::new(code::Found::Nothing));
                    Code::MethodCall(Box::new(code::MethodCall { target, args, method, found }))
                }
                _ => {
                    let func = self.expr(&call.func)?;
                    let args = self.arguments(&call.args)?;
                    Code::Call(Box::new(code::Call { func, args, made: Cell::new(None) }))
                }
            },
            ExprKind::ListComp(comp) => self.comp(comp, CompKind::List)?,
            ExprKind::SetComp(comp) => self.comp(comp, CompKind::Set)?,
            ExprKind::DictComp(comp) => self.comp(comp, CompKind::Dict)?,
            ExprKind::GenExp(comp) => self.generator(comp)?,
            ExprKind::Error => return fail(span, "invalid syntax"),
        };
        Ok(Node { code, span })
    }

    fn exprs(&mut self, exprs: &[Expr]) -> Lowered<Box<[Node]>> {
        exprs.iter().map(|e| self.expr(e)).collect()
    }

    fn attribute(&mut self, value: &Expr, name: &Name, span: Span) -> Lowered<code::Attribute> {
        Ok(code::Attribute { value: self.expr(value)?, name: name.clone(), span })
    }

    pub(super) fn subscript(&mut self, pair: &(Expr, Expr)) -> Lowered<code::Subscript> {
        let value = self.expr(&pair.0)?;
        let before = self.bindings;
        let index = self.expr(&pair.1)?;
        Ok(code::Subscript { value, index, calm: self.bindings == before })
    }

    fn arguments(&mut self, args: &[Arg]) -> Lowered<Arguments> {
        let before = self.bindings;
        let mut items: Vec<Argument> = Vec::with_capacity(args.len());
        for arg in args {
            let (how, value) = match arg {
                Arg::Positional(e) => (How::Plain, e),
                Arg::Star(e) => (How::Star, e),
                Arg::DoubleStar(e) => (How::DoubleStar, e),
                Arg::Keyword(name, at, e) => (How::Keyword(name.clone(), *at), e),
            };
            if let How::Keyword(name, at) = &how
                && items.iter().any(|a| matches!(&a.how, How::Keyword(n, _) if n == name))
            {
                return fail(*at, format!("keyword argument repeated: {name}"));
            }
            items.push(Argument { node: self.expr(value)?, how });
        }
        Ok(Arguments::new(items, self.bindings == before))
    }

    fn pieces(&mut self, parts: &[FPart]) -> Lowered<Box<[Piece]>> {
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                FPart::Text(text) => out.push(Piece::Text(text.clone())),
                FPart::Value { value, label, conversion, spec } => {
                    if let Some(label) = label {
                        out.push(Piece::Text(label.clone()));
                    }
                    out.push(Piece::Value(self.expr(value)?, *conversion, self.pieces(spec)?));
                }
            }
        }
        Ok(out.into())
    }

    /// A comprehension runs in its function's frame, with slots of its own.
    fn comp(&mut self, comp: &Comp, kind: CompKind) -> Lowered<Code> {
        let (bound, captured) = comp_names(comp);
        // The outermost iterable is evaluated outside the comprehension's own scope.
        let first = match comp.clauses.first() {
            Some(clause) => self.expr(&clause.iter)?,
            None => return fail(comp.elt.span, "invalid syntax"),
        };
        let function = self.function();
        let start = function.slots.len() as u32;
        let cells_before = function.cells.len();
        function.names.push(HashMap::new());
        function.declare(&bound, &captured);
        let cells: Vec<u32> = function.cells.drain(cells_before..).collect();
        let loops = self.loops_of(comp, first, kind == CompKind::Dict);
        self.function().names.pop();
        let slots = (start..start + bound.len() as u32).collect();
        Ok(Code::Comp(Box::new(code::Comp { kind, slots, cells: cells.into(), loops: loops? })))
    }

    fn loops_of(&mut self, comp: &Comp, first: Node, dict: bool) -> Lowered<Loops> {
        let mut first = Some(first);
        let mut loops = Vec::with_capacity(comp.clauses.len());
        for clause in &comp.clauses {
            let iter = match first.take() {
                Some(first) => first,
                None => self.expr(&clause.iter)?,
            };
            let target = self.target(&clause.target)?;
            loops.push(Loop { target, iter, conds: self.exprs(&clause.conds)? });
        }
        let (element, value) = match &comp.elt.kind {
            ExprKind::Tuple(pair) if dict && pair.len() == 2 => (self.expr(&pair[0])?, Some(self.expr(&pair[1])?)),
            _ => (self.expr(&comp.elt)?, None),
        };
        Ok(Loops { element, value, loops: loops.into() })
    }

    /// A generator expression is a function of its outermost iterator.
    fn generator(&mut self, comp: &Comp) -> Lowered<Code> {
        let (bound, captured) = comp_names(comp);
        let outermost = match comp.clauses.first() {
            Some(clause) => self.expr(&clause.iter)?,
            None => return fail(comp.elt.span, "invalid syntax"),
        };
        let mut scope = FunctionScope::new(false);
        let param: Name = ".0".into();
        scope.slot(&param);
        scope.declare(&bound, &captured);
        scope.prefix = format!("{}<genexpr>.<locals>.", self.function().prefix);
        self.functions.push(scope);
        let first = Node { code: Code::Local(0), span: outermost.span };
        let loops = self.loops_of(comp, first, false);
        let scope = self.functions.pop().unwrap_or_else(|| FunctionScope::new(false));
        let params = Box::new([code::Param { name: param, kind: ParamKind::Positional, default: None }]);
        let make = self.capture(scope, "<genexpr>".into(), params, Body::Loops(loops?), Vec::new());
        Ok(Code::Generator(Box::new((make, outermost))))
    }
}
