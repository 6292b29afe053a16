//! Lowers statements of the syntax tree to resolved code.

use super::code::{self, Block, Body, Code, FuncCode, MakeFunction, Node, Place, Stmt, StmtKind, Target};
use super::globals::Globals;
use super::raise::Source;
use super::scope::{Names, bound_by_import};
use crate::base::Span;
use crate::lang::ast::{self, Expr, ExprKind, Name, ParamKind};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What the grammar allows and the language does not: where, and Python's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LowerError {
    /// Where.
    pub span: Span,
    /// The message of the `SyntaxError`.
    pub message: String,
}

/// What lowering returns.
pub type Lowered<T> = Result<T, LowerError>;

pub(super) fn fail<T>(span: Span, message: impl Into<String>) -> Lowered<T> {
    Err(LowerError { span, message: message.into() })
}

/// Lowers a module's statements. Names are slots of `globals`, which grows as needed.
///
/// # Errors
/// `'return' outside function` and its like.
pub fn lower_module(block: &ast::Block, source: &Rc<Source>, globals: &mut Globals) -> Lowered<Rc<FuncCode>> {
    let mut lower =
        Lower { globals, source: source.clone(), functions: vec![FunctionScope::new(true)], loops: 0, bindings: 0 };
    let body = lower.block(block)?;
    let scope = lower.functions.pop().unwrap_or_else(|| FunctionScope::new(true));
    Ok(Rc::new(scope.finish("<module>".into(), source.clone(), Box::new([]), Body::Block(body))))
}

/// How a name is found in a function.
#[derive(Clone, Copy)]
pub(super) enum Binding {
    Local(u32),
    Cell(u32),
}

/// A function being lowered.
pub(super) struct FunctionScope {
    pub module: bool,
    /// Own names and those of comprehensions inside it, innermost last.
    pub names: Vec<HashMap<Name, Binding>>,
    pub slots: Vec<Name>,
    pub cells: Vec<u32>,
    /// Slots that hold cells of the functions around it, with their names.
    pub free: Vec<(Name, u32)>,
    globals: HashSet<Name>,
    /// What the names of functions inside begin with: `f.<locals>.`.
    pub prefix: String,
}

impl FunctionScope {
    pub fn new(module: bool) -> FunctionScope {
        FunctionScope {
            module,
            names: vec![HashMap::new()],
            slots: Vec::new(),
            cells: Vec::new(),
            free: Vec::new(),
            globals: HashSet::new(),
            prefix: String::new(),
        }
    }

    pub fn slot(&mut self, name: &Name) -> u32 {
        self.slots.push(name.clone());
        self.slots.len() as u32 - 1
    }

    /// Gives the names slots, cells for those that inner functions use.
    pub fn declare<'a>(&mut self, bound: impl IntoIterator<Item = &'a Name>, captured: &HashSet<Name>) {
        for name in bound {
            let slot = self.slot(name);
            let binding = if captured.contains(name) {
                self.cells.push(slot);
                Binding::Cell(slot)
            } else {
                Binding::Local(slot)
            };
            if let Some(names) = self.names.last_mut() {
                names.insert(name.clone(), binding);
            }
        }
    }

    fn find(&self, name: &str) -> Option<Binding> {
        self.names.iter().rev().find_map(|names| names.get(name).copied())
    }

    pub fn finish(self, name: Name, source: Rc<Source>, params: Box<[code::Param]>, body: Body) -> FuncCode {
        FuncCode {
            qualname: self.prefix.strip_suffix(".<locals>.").unwrap_or(&name).into(),
            name,
            source,
            simple: params.iter().all(|p| matches!(p.kind, ParamKind::Positional | ParamKind::Normal)),
            params,
            slots: self.slots.into(),
            cells: self.cells.into(),
            free: self.free.iter().map(|(_, slot)| *slot).collect(),
            body,
        }
    }
}

/// `targets = value`. A display of as many values as there are targets needs no tuple.
fn assignment(mut targets: Box<[Target]>, mut value: Node) -> StmtKind {
    match (&mut *targets, &mut value.code) {
        ([Target { place: Place::Unpack(parts, None), .. }], Code::Tuple(values))
            if parts.len() == values.len() && !values.iter().any(|v| matches!(v.code, Code::Star(_))) =>
        {
            StmtKind::Swap { targets: std::mem::take(parts), values: std::mem::take(values) }
        }
        _ => StmtKind::Assign { targets, value },
    }
}

pub(super) struct Lower<'a> {
    pub globals: &'a mut Globals,
    pub source: Rc<Source>,
    pub functions: Vec<FunctionScope>,
    /// How many loops are around the statement, in its function.
    loops: usize,
    /// How many names `:=` has bound so far.
    pub bindings: usize,
}

impl Lower<'_> {
    pub fn function(&mut self) -> &mut FunctionScope {
        if self.functions.is_empty() {
            self.functions.push(FunctionScope::new(true));
        }
        let last = self.functions.len() - 1;
        &mut self.functions[last]
    }

    /// Where a name is found, seen from function `depth`.
    fn resolve(&mut self, name: &Name, depth: usize) -> Option<Binding> {
        let scope = &self.functions[depth];
        if scope.globals.contains(name) && !scope.names[1..].iter().any(|n| n.contains_key(name)) {
            return None;
        }
        if let Some(binding) = scope.find(name) {
            return Some(binding);
        }
        if depth == 0 {
            return None;
        }
        self.resolve(name, depth - 1)?;
        let scope = &mut self.functions[depth];
        let slot = scope.slot(name);
        scope.free.push((name.clone(), slot));
        scope.names[0].insert(name.clone(), Binding::Cell(slot));
        Some(Binding::Cell(slot))
    }

    fn binding(&mut self, name: &Name) -> Option<Binding> {
        self.resolve(name, self.functions.len().saturating_sub(1))
    }

    pub fn load(&mut self, name: &Name) -> code::Code {
        match self.binding(name) {
            Some(Binding::Local(slot)) => code::Code::Local(slot),
            Some(Binding::Cell(slot)) => code::Code::Cell(slot),
            None => code::Code::Global(self.globals.slot(name)),
        }
    }

    pub fn store(&mut self, name: &Name, span: Span) -> Target {
        let place = match self.binding(name) {
            Some(Binding::Local(slot)) => Place::Local(slot),
            Some(Binding::Cell(slot)) => Place::Cell(slot),
            None => Place::Global(self.globals.slot(name)),
        };
        Target { place, span }
    }

    /// Where `:=` stores: past the comprehensions' own names.
    pub fn store_outside(&mut self, name: &Name, span: Span) -> Target {
        let hidden: Vec<_> = self.function().names.drain(1..).collect();
        let target = self.store(name, span);
        self.function().names.extend(hidden);
        target
    }

    pub fn target(&mut self, target: &Expr) -> Lowered<Target> {
        let span = target.span;
        let place = match &target.kind {
            ExprKind::Name(name) => return Ok(self.store(name, span)),
            ExprKind::Attribute(value, name, at) => {
                Place::Attribute(Box::new(code::Attribute { value: self.expr(value)?, name: name.clone(), span: *at }))
            }
            ExprKind::Subscript(pair) => Place::Subscript(Box::new(self.subscript(pair)?)),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                let mut star = None;
                let mut targets = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    if let ExprKind::Starred(inner) = &item.kind {
                        if star.replace(i).is_some() {
                            return fail(item.span, "multiple starred expressions in assignment");
                        }
                        targets.push(self.target(inner)?);
                    } else {
                        targets.push(self.target(item)?);
                    }
                }
                Place::Unpack(targets.into(), star)
            }
            ExprKind::Starred(_) => return fail(span, "starred assignment target must be in a list or tuple"),
            _ => return fail(span, "cannot assign to expression here"),
        };
        Ok(Target { place, span })
    }

    pub fn block(&mut self, block: &ast::Block) -> Lowered<Block> {
        let mut out = Vec::with_capacity(block.len());
        for stmt in block {
            self.stmt(stmt, &mut out)?;
        }
        Ok(out.into())
    }

    fn looped(&mut self, block: &ast::Block) -> Lowered<Block> {
        self.loops += 1;
        let out = self.block(block);
        self.loops -= 1;
        out
    }

    fn stmt(&mut self, stmt: &ast::Stmt, out: &mut Vec<Stmt>) -> Lowered<()> {
        let span = stmt.span;
        let module = self.function().module;
        let kind = match &stmt.kind {
            ast::StmtKind::Expr { value, quiet } => StmtKind::Expr { value: self.expr(value)?, echo: module && !quiet },
            ast::StmtKind::Assign { targets, value } => {
                let value = self.expr(value)?;
                let targets: Box<[Target]> = targets.iter().map(|t| self.target(t)).collect::<Lowered<_>>()?;
                assignment(targets, value)
            }
            ast::StmtKind::AugAssign { target, op, op_span, value } => {
                let read = match &target.kind {
                    ExprKind::Name(_) => Some(self.expr(target)?),
                    ExprKind::Attribute(..) | ExprKind::Subscript(_) => None,
                    _ => return fail(target.span, "illegal expression for augmented assignment"),
                };
                let (target, value) = (self.target(target)?, self.expr(value)?);
                StmtKind::AugAssign(Box::new(code::AugAssign { op: *op, span: *op_span, target, read, value }))
            }
            ast::StmtKind::If { arms, orelse } => {
                let mut lowered = Vec::with_capacity(arms.len());
                for (test, body) in arms {
                    lowered.push((self.expr(test)?, self.block(body)?));
                }
                StmtKind::If { arms: lowered.into(), orelse: self.block(orelse)? }
            }
            ast::StmtKind::For { target, iter, body, orelse } => {
                let (iter, target) = (self.expr(iter)?, self.target(target)?);
                let (body, orelse) = (self.looped(body)?, self.block(orelse)?);
                StmtKind::For(Box::new(code::For { target, iter, body, orelse }))
            }
            ast::StmtKind::While { test, body, orelse } => {
                StmtKind::While { test: self.expr(test)?, body: self.looped(body)?, orelse: self.block(orelse)? }
            }
            ast::StmtKind::Break if self.loops == 0 => return fail(span, "'break' outside loop"),
            ast::StmtKind::Break => StmtKind::Break,
            ast::StmtKind::Continue if self.loops == 0 => return fail(span, "'continue' not properly in loop"),
            ast::StmtKind::Continue => StmtKind::Continue,
            ast::StmtKind::Pass => StmtKind::Pass,
            ast::StmtKind::Def { name, func, decorators } => return self.def(name, func, decorators, span, out),
            ast::StmtKind::Return(_) if module => return fail(span, "'return' outside function"),
            ast::StmtKind::Return(value) => StmtKind::Return(self.option(value)?),
            ast::StmtKind::With { items, body } => {
                let mut lowered = Vec::with_capacity(items.len());
                for (item, target) in items {
                    let item = self.expr(item)?;
                    lowered.push((item, target.as_ref().map(|t| self.target(t)).transpose()?));
                }
                StmtKind::With { items: lowered.into(), body: self.block(body)? }
            }
            ast::StmtKind::Try { body, handlers, orelse, finally } => {
                let body = self.block(body)?;
                let mut lowered = Vec::with_capacity(handlers.len());
                for (i, h) in handlers.iter().enumerate() {
                    if h.types.is_none() && i + 1 < handlers.len() {
                        return fail(h.span, "default 'except:' must be last");
                    }
                    let types = self.option(&h.types)?;
                    let target = h.name.as_ref().map(|name| self.store(name, h.span));
                    lowered.push(code::Handler { types, target, body: self.block(&h.body)? });
                }
                let (orelse, finally) = (self.block(orelse)?, self.block(finally)?);
                StmtKind::Try(Box::new(code::Try { body, handlers: lowered.into(), orelse, finally }))
            }
            ast::StmtKind::Raise { value, cause } => {
                StmtKind::Raise { value: self.option(value)?, cause: self.option(cause)? }
            }
            ast::StmtKind::Assert { test, message } => {
                StmtKind::Assert { test: self.expr(test)?, message: self.option(message)? }
            }
            ast::StmtKind::Del(targets) => {
                StmtKind::Del(targets.iter().map(|t| self.target(t)).collect::<Lowered<_>>()?)
            }
            ast::StmtKind::Global(_) => return Ok(()),
            ast::StmtKind::Nonlocal(names) => return self.check_nonlocal(names, module, span),
            ast::StmtKind::Import(aliases) => {
                for alias in aliases {
                    let target = self.store(&bound_by_import(alias), alias.span);
                    let kind = StmtKind::Import { module: alias.name.clone(), last: alias.alias.is_some(), target };
                    out.push(Stmt { kind, span: alias.span });
                }
                return Ok(());
            }
            ast::StmtKind::FromImport { module: from, module_span, names } if names.is_empty() => {
                if !module {
                    return fail(span, "import * only allowed at module level");
                }
                StmtKind::StarImport { module: from.clone(), module_span: *module_span }
            }
            ast::StmtKind::FromImport { module, module_span, names } => {
                let mut lowered = Vec::with_capacity(names.len());
                for alias in names {
                    let target = self.store(alias.alias.as_ref().unwrap_or(&alias.name), alias.span);
                    lowered.push((alias.name.clone(), target));
                }
                StmtKind::FromImport { module: module.clone(), module_span: *module_span, names: lowered.into() }
            }
        };
        out.push(Stmt { kind, span });
        Ok(())
    }

    fn check_nonlocal(&mut self, names: &[Name], module: bool, span: Span) -> Lowered<()> {
        if module {
            return fail(span, "nonlocal declaration not allowed at module level");
        }
        match names.iter().find(|name| self.binding(name).is_none()) {
            Some(name) => fail(span, format!("no binding for nonlocal '{name}' found")),
            None => Ok(()),
        }
    }

    fn def(
        &mut self,
        name: &Name,
        func: &ast::Function,
        decorators: &[Expr],
        span: Span,
        out: &mut Vec<Stmt>,
    ) -> Lowered<()> {
        let decorators: Vec<Node> = decorators.iter().map(|d| self.expr(d)).collect::<Lowered<_>>()?;
        let mut value = Node { code: code::Code::Function(Box::new(self.make_function(name, func)?)), span };
        for decorator in decorators.into_iter().rev() {
            let span = decorator.span;
            let args = code::Arguments::new(vec![code::Argument { node: value, how: code::How::Plain }], true);
            value = Node {
                code: code::Code::Call(Box::new(code::Call { func: decorator, args, made: Cell::new(None) })),
                span,
            };
        }
        let target = self.store(name, span);
        out.push(Stmt { kind: StmtKind::Assign { targets: Box::new([target]), value }, span });
        Ok(())
    }

    /// The code of a `def` or `lambda` and what makes a function of it.
    pub fn make_function(&mut self, name: &Name, func: &ast::Function) -> Lowered<MakeFunction> {
        let names = Names::of_function(func);
        let mut defaults = Vec::new();
        let mut params = Vec::with_capacity(func.params.len());
        for (i, param) in func.params.iter().enumerate() {
            if func.params[..i].iter().any(|p| p.name == param.name) {
                return fail(param.span, format!("duplicate argument '{}' in function definition", param.name));
            }
            let default = match &param.default {
                Some(value) => {
                    defaults.push(self.expr(value)?);
                    Some(defaults.len() as u32 - 1)
                }
                None => None,
            };
            params.push(code::Param { name: param.name.clone(), kind: param.kind, default });
        }
        let mut scope = FunctionScope::new(false);
        scope.declare(names.bound.iter().filter(|n| names.owns(n)), &names.captured);
        scope.globals = names.globals;
        scope.prefix = format!("{}{name}.<locals>.", self.function().prefix);
        self.functions.push(scope);
        let loops = std::mem::take(&mut self.loops);
        let body = match func.body.as_slice() {
            [ast::Stmt { kind: ast::StmtKind::Return(Some(value)), .. }] => self.expr(value).map(Body::Value),
            _ => self.block(&func.body).map(Body::Block),
        };
        self.loops = loops;
        let scope = self.functions.pop().unwrap_or_else(|| FunctionScope::new(false));
        Ok(self.capture(scope, name.clone(), params.into(), body?, defaults))
    }

    /// Closes a function scope: its code, and the cells that it takes from the function around it.
    pub fn capture(
        &mut self,
        scope: FunctionScope,
        name: Name,
        params: Box<[code::Param]>,
        body: Body,
        defaults: Vec<Node>,
    ) -> MakeFunction {
        let mut captures = Vec::with_capacity(scope.free.len());
        for (free, _) in &scope.free {
            if let Some(Binding::Cell(slot) | Binding::Local(slot)) = self.binding(free) {
                captures.push(slot);
            }
        }
        let code = Rc::new(scope.finish(name, self.source.clone(), params, body));
        MakeFunction { code, defaults: defaults.into(), captures: captures.into() }
    }

    pub fn option(&mut self, expr: &Option<Expr>) -> Lowered<Option<Node>> {
        expr.as_ref().map(|e| self.expr(e)).transpose()
    }
}
