//! Whose a name is: which names a function binds, and which of them the functions inside it use.

use crate::lang::ast::*;
use std::collections::HashSet;

/// The names of one scope (a function, or a comprehension).
#[derive(Default)]
pub struct Names {
    /// Bound here, in order of appearance.
    pub bound: Vec<Name>,
    /// `global` here.
    pub globals: HashSet<Name>,
    /// `nonlocal` here.
    pub nonlocals: HashSet<Name>,
    /// Used here or further in.
    pub used: HashSet<Name>,
    /// Used by functions further in.
    pub captured: HashSet<Name>,
}

impl Names {
    /// The names of a function.
    pub fn of_function(func: &Function) -> Names {
        let mut names = Names::default();
        for param in &func.params {
            names.bind(&param.name);
        }
        names.block(&func.body);
        names
    }

    /// The names of a comprehension: what its targets bind. A generator expression's first iterable is not part of it.
    pub fn of_comp(comp: &Comp, elements: &[&Expr]) -> Names {
        let mut names = Names::default();
        for (i, clause) in comp.clauses.iter().enumerate() {
            names.target(&clause.target);
            if i > 0 {
                names.expr(&clause.iter);
            }
            names.exprs(&clause.conds);
        }
        names.exprs(elements.iter().copied());
        names
    }

    fn bind(&mut self, name: &Name) {
        if !self.bound.contains(name) {
            self.bound.push(name.clone());
        }
    }

    /// Whether a name is this scope's own variable.
    pub fn owns(&self, name: &str) -> bool {
        !self.globals.contains(name) && !self.nonlocals.contains(name) && self.bound.iter().any(|b| &**b == name)
    }

    /// Takes over what an inner scope uses from outside itself.
    fn inner(&mut self, inner: Names, function: bool) {
        for name in inner.used.iter().chain(&inner.nonlocals) {
            if inner.owns(name) || inner.globals.contains(name) {
                continue;
            }
            if function || inner.captured.contains(name) {
                self.captured.insert(name.clone());
            }
            self.used.insert(name.clone());
        }
    }

    fn function(&mut self, func: &Function) {
        for param in &func.params {
            self.exprs(&param.default);
        }
        self.inner(Names::of_function(func), true);
    }

    fn comp(&mut self, comp: &Comp, function: bool) {
        if let Some(first) = comp.clauses.first() {
            self.expr(&first.iter);
        }
        let mut walrus = Vec::new();
        let inner = Names::of_comp(comp, &[&comp.elt]);
        // `:=` in a comprehension binds in the function around it.
        let mut own = Names::default();
        for clause in &comp.clauses {
            own.target(&clause.target);
        }
        for name in &inner.bound {
            if !own.bound.contains(name) {
                walrus.push(name.clone());
            }
        }
        let inner = Names { bound: own.bound, ..inner };
        self.inner(inner, function);
        for name in walrus {
            if function {
                self.captured.insert(name.clone());
            }
            self.used.insert(name.clone());
            self.bind(&name);
        }
    }

    fn block(&mut self, block: &Block) {
        for stmt in block {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Expr { value, .. } => self.expr(value),
            StmtKind::Assign { targets, value } => {
                self.expr(value);
                targets.iter().for_each(|t| self.target(t));
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target);
                self.target(target);
                self.expr(value);
            }
            StmtKind::If { arms, orelse } => {
                for (test, body) in arms {
                    self.expr(test);
                    self.block(body);
                }
                self.block(orelse);
            }
            StmtKind::For { target, iter, body, orelse } => {
                self.expr(iter);
                self.target(target);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::While { test, body, orelse } => {
                self.expr(test);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::Break | StmtKind::Continue | StmtKind::Pass => {}
            StmtKind::Def { name, func, decorators } => {
                self.exprs(decorators);
                self.bind(name);
                self.function(func);
            }
            StmtKind::Return(value) => self.exprs(value),
            StmtKind::With { items, body } => {
                for (item, target) in items {
                    self.expr(item);
                    target.iter().for_each(|t| self.target(t));
                }
                self.block(body);
            }
            StmtKind::Try { body, handlers, orelse, finally } => {
                self.block(body);
                for handler in handlers {
                    self.exprs(&handler.types);
                    handler.name.iter().for_each(|n| self.bind(n));
                    self.block(&handler.body);
                }
                self.block(orelse);
                self.block(finally);
            }
            StmtKind::Raise { value, cause } => {
                self.exprs(value);
                self.exprs(cause);
            }
            StmtKind::Assert { test, message } => {
                self.expr(test);
                self.exprs(message);
            }
            StmtKind::Del(targets) => targets.iter().for_each(|t| self.target(t)),
            StmtKind::Global(names) => self.globals.extend(names.iter().cloned()),
            StmtKind::Nonlocal(names) => self.nonlocals.extend(names.iter().cloned()),
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    self.bind(&bound_by_import(alias));
                }
            }
            StmtKind::FromImport { names, .. } => {
                for alias in names {
                    self.bind(alias.alias.as_ref().unwrap_or(&alias.name));
                }
            }
        }
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.bind(name),
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|t| self.target(t)),
            ExprKind::Starred(inner) => self.target(inner),
            _ => self.expr(target),
        }
    }

    fn exprs<'a>(&mut self, exprs: impl IntoIterator<Item = &'a Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Ellipsis
            | ExprKind::Int(_)
            | ExprKind::BigInt(_)
            | ExprKind::Float(_)
            | ExprKind::Imag(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::Error => {}
            ExprKind::FString(parts) => self.parts(parts),
            ExprKind::Name(name) => {
                self.used.insert(name.clone());
            }
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) | ExprKind::BoolOp(_, items) => {
                self.exprs(items);
            }
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    self.exprs(key);
                    self.expr(value);
                }
            }
            ExprKind::Starred(inner) | ExprKind::Unary(_, _, inner) | ExprKind::Attribute(inner, _, _) => {
                self.expr(inner)
            }
            ExprKind::Binary(_, _, pair) | ExprKind::Subscript(pair) => {
                self.expr(&pair.0);
                self.expr(&pair.1);
            }
            ExprKind::Compare(first, rest) => {
                self.expr(first);
                self.exprs(rest.iter().map(|(_, _, e)| e));
            }
            ExprKind::Ternary(t) => self.exprs([&t.test, &t.then, &t.orelse]),
            ExprKind::Lambda(func) => self.function(func),
            ExprKind::Walrus(name, value) => {
                self.bind(name);
                self.expr(value);
            }
            ExprKind::Slice(parts) => self.exprs(parts.iter().flatten()),
            ExprKind::Call(call) => {
                self.expr(&call.func);
                for arg in &call.args {
                    match arg {
                        Arg::Positional(e) | Arg::Star(e) | Arg::Keyword(_, _, e) | Arg::DoubleStar(e) => self.expr(e),
                    }
                }
            }
            ExprKind::ListComp(comp) | ExprKind::SetComp(comp) | ExprKind::DictComp(comp) => self.comp(comp, false),
            ExprKind::GenExp(comp) => self.comp(comp, true),
        }
    }

    fn parts(&mut self, parts: &[FPart]) {
        for part in parts {
            if let FPart::Value { value, spec, .. } = part {
                self.expr(value);
                self.parts(spec);
            }
        }
    }
}

/// The name that `import a.b` binds (`a`), or its alias.
pub fn bound_by_import(alias: &Alias) -> Name {
    match &alias.alias {
        Some(name) => name.clone(),
        None => alias.name.split('.').next().unwrap_or(&alias.name).into(),
    }
}

/// The names that a comprehension's targets bind, and which of them functions inside it use.
pub fn comp_names(comp: &Comp) -> (Vec<Name>, HashSet<Name>) {
    let mut own = Names::default();
    for clause in &comp.clauses {
        own.target(&clause.target);
    }
    let inner = Names::of_comp(comp, &[&comp.elt]);
    (own.bound, inner.captured)
}
