//! What the grammar allows and Python does not: `return` outside a function, `break` outside a loop, and
//! declarations of names that come too late or find nothing. The words are CPython's.

use super::ast::{Block, Expr, ExprKind, Function, Name, Stmt, StmtKind};
use super::error::SyntaxError;
use super::walk;
use crate::base::Span;
use std::collections::{HashMap, HashSet};

/// Reports what is misplaced in a module's statements; `walruses` says whether there is a `:=` among them.
pub fn check(module: &Block, walruses: bool) -> Vec<SyntaxError> {
    let mut checker = Checker { errors: Vec::new(), scopes: vec![Scope::default()], walruses };
    checker.block(module, false);
    checker.errors
}

/// What is known of a function, or of the module, while its statements are walked.
#[derive(Default)]
struct Scope<'a> {
    /// `None` for the module.
    function: Option<&'a Function>,
    /// Names met so far, and whether they were bound; kept only where something is declared.
    met: Option<HashMap<&'a str, bool>>,
    globals: HashSet<&'a str>,
    nonlocals: HashSet<&'a str>,
}

/// What the comprehensions around an expression bind.
#[derive(Clone, Default)]
struct Bound<'a> {
    names: Vec<&'a str>,
    place: Place,
}

/// Where in a comprehension an expression stands.
#[derive(Clone, Copy, Default)]
enum Place {
    Iterable,
    Target,
    #[default]
    Other,
}

struct Checker<'a> {
    errors: Vec<SyntaxError>,
    scopes: Vec<Scope<'a>>,
    walruses: bool,
}

impl<'a> Checker<'a> {
    fn error(&mut self, message: impl Into<String>, span: Span) {
        self.errors.push(SyntaxError::new(message, span));
    }

    fn block(&mut self, block: &'a Block, in_loop: bool) {
        for stmt in block {
            self.statement(stmt, in_loop);
        }
    }

    fn statement(&mut self, stmt: &'a Stmt, in_loop: bool) {
        let in_function = self.scopes.len() > 1;
        if self.walruses {
            walk::expressions(stmt, &mut |expr| self.walrus(expr, &Bound::default()));
        }
        match &stmt.kind {
            StmtKind::Return(_) if !in_function => self.error("'return' outside function", stmt.span),
            StmtKind::Break if !in_loop => self.error("'break' outside loop", stmt.span),
            StmtKind::Continue if !in_loop => self.error("'continue' not properly in loop", stmt.span),
            StmtKind::FromImport { names, .. } if names.is_empty() && in_function => {
                self.error("import * only allowed at module level", stmt.span);
            }
            StmtKind::Global(names) => self.declare(names, true, stmt.span),
            StmtKind::Nonlocal(names) if !in_function => {
                self.error("nonlocal declaration not allowed at module level", stmt.span);
                let _ = names;
            }
            StmtKind::Nonlocal(names) => self.declare(names, false, stmt.span),
            _ => self.meet(stmt),
        }
        match &stmt.kind {
            StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                self.block(body, true);
                self.block(orelse, in_loop);
            }
            StmtKind::Def { func, .. } => self.function(func),
            _ => walk::blocks(stmt).into_iter().for_each(|block| self.block(block, in_loop)),
        }
    }

    fn function(&mut self, func: &'a Function) {
        let met = declares(&func.body).then(HashMap::new);
        self.scopes.push(Scope { function: Some(func), met, ..Scope::default() });
        self.block(&func.body, false);
        self.scopes.pop();
    }

    /// `global names` or `nonlocal names`.
    fn declare(&mut self, names: &'a [Name], global: bool, span: Span) {
        let word = if global { "global" } else { "nonlocal" };
        for name in names {
            let Some(scope) = self.scopes.last_mut() else { return };
            let is_param = scope.function.is_some_and(|func| func.params.iter().any(|param| param.name == *name));
            let (this, other) = match global {
                true => (&mut scope.globals, &scope.nonlocals),
                false => (&mut scope.nonlocals, &scope.globals),
            };
            this.insert(name);
            let both = other.contains(&**name);
            let met = scope.met.as_ref().and_then(|met| met.get(&**name)).copied();
            if is_param {
                self.error(format!("name '{name}' is parameter and {word}"), span);
            } else if met == Some(true) {
                self.error(format!("name '{name}' is assigned to before {word} declaration"), span);
            } else if met == Some(false) {
                self.error(format!("name '{name}' is used prior to {word} declaration"), span);
            } else if both {
                self.error(format!("name '{name}' is nonlocal and global"), span);
            } else if !global && !self.bound_outside(name) {
                self.error(format!("no binding for nonlocal '{name}' found"), span);
            }
        }
    }

    /// Whether a function around the innermost one binds `name`.
    fn bound_outside(&self, name: &str) -> bool {
        let around = self.scopes.iter().rev().skip(1).filter_map(|scope| Some((scope, scope.function?)));
        around.into_iter().any(|(scope, func)| {
            let param = func.params.iter().any(|param| &*param.name == name);
            let elsewhere = scope.globals.contains(name);
            !elsewhere && (param || scope.nonlocals.contains(name) || binds(&func.body, name))
        })
    }

    /// Checks each `:=` in an expression against the comprehensions around it.
    fn walrus(&mut self, expr: &'a Expr, bound: &Bound<'a>) {
        let comp = match &expr.kind {
            ExprKind::Walrus(name, _) => {
                let place = Span { end: expr.span.start + name.len() as u32, ..expr.span };
                let rebinds = bound.names.contains(&&**name);
                let message = match bound.place {
                    Place::Iterable => {
                        "assignment expression cannot be used in a comprehension iterable expression".to_owned()
                    }
                    Place::Target => {
                        format!("comprehension inner loop cannot rebind assignment expression target '{name}'")
                    }
                    Place::Other if rebinds => {
                        format!("assignment expression cannot rebind comprehension iteration variable '{name}'")
                    }
                    Place::Other => String::new(),
                };
                if !message.is_empty() {
                    self.error(message, place);
                }
                None
            }
            ExprKind::Lambda(func) => {
                let inside = Bound { names: Vec::new(), ..*bound };
                func.body.iter().for_each(|stmt| walk::expressions(stmt, &mut |expr| self.walrus(expr, &inside)));
                None
            }
            ExprKind::ListComp(comp) | ExprKind::SetComp(comp) | ExprKind::DictComp(comp) | ExprKind::GenExp(comp) => {
                Some(comp)
            }
            _ => None,
        };
        let Some(comp) = comp else {
            return walk::parts(expr, &mut |part| self.walrus(part, bound));
        };
        let mut inside = bound.clone();
        for clause in &comp.clauses {
            target_names(&clause.target, &mut |name| inside.names.push(name));
        }
        let iterable = Bound { place: Place::Iterable, ..inside.clone() };
        let target = Bound { place: Place::Target, ..inside.clone() };
        for clause in &comp.clauses {
            self.walrus(&clause.target, &target);
            self.walrus(&clause.iter, &iterable);
            clause.conds.iter().for_each(|cond| self.walrus(cond, &inside));
        }
        self.walrus(&comp.elt, &inside);
    }

    /// Notes the names in a statement, where that matters: in a scope that declares some.
    fn meet(&mut self, stmt: &'a Stmt) {
        let Some(met) = self.scopes.last_mut().and_then(|scope| scope.met.as_mut()) else { return };
        walk::expressions(stmt, &mut |expr| used(expr, met));
        bound_by(stmt, &mut |name| {
            met.insert(name, true);
        });
    }
}

/// Whether a block holds a `global` or `nonlocal`, nested functions aside.
fn declares(block: &Block) -> bool {
    block.iter().any(|stmt| match &stmt.kind {
        StmtKind::Global(_) | StmtKind::Nonlocal(_) => true,
        _ => walk::blocks(stmt).into_iter().any(declares),
    })
}

/// Whether a block binds `name`, nested functions aside.
fn binds(block: &Block, name: &str) -> bool {
    block.iter().any(|stmt| {
        let mut found = false;
        bound_by(stmt, &mut |bound| found |= bound == name);
        found || walk::blocks(stmt).into_iter().any(|block| binds(block, name))
    })
}

fn used<'a>(expr: &'a Expr, met: &mut HashMap<&'a str, bool>) {
    if let ExprKind::Name(name) = &expr.kind {
        met.entry(name).or_insert(false);
    }
    walk::parts(expr, &mut |part| used(part, met));
}

/// Calls `visit` for each name that a statement itself binds.
fn bound_by<'a>(stmt: &'a Stmt, visit: &mut dyn FnMut(&'a str)) {
    match &stmt.kind {
        StmtKind::Assign { targets, .. } | StmtKind::Del(targets) => {
            targets.iter().for_each(|target| target_names(target, visit));
        }
        StmtKind::AugAssign { target, .. } | StmtKind::For { target, .. } => target_names(target, visit),
        StmtKind::With { items, .. } => {
            items.iter().filter_map(|(_, target)| target.as_ref()).for_each(|target| target_names(target, visit));
        }
        StmtKind::Def { name, .. } => visit(name),
        StmtKind::Try { handlers, .. } => handlers.iter().filter_map(|h| h.name.as_deref()).for_each(&mut *visit),
        StmtKind::Import(aliases) => {
            for import in aliases {
                let whole = import.alias.as_deref().unwrap_or(&import.name);
                visit(whole.split('.').next().unwrap_or(whole));
            }
        }
        StmtKind::FromImport { names, .. } => {
            names.iter().for_each(|import| visit(import.alias.as_deref().unwrap_or(&import.name)));
        }
        _ => {}
    }
    walk::expressions(stmt, &mut |expr| walrus_names(expr, visit));
}

fn target_names<'a>(target: &'a Expr, visit: &mut dyn FnMut(&'a str)) {
    match &target.kind {
        ExprKind::Name(name) => visit(name),
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().for_each(|item| target_names(item, visit)),
        ExprKind::Starred(inner) => target_names(inner, visit),
        _ => {}
    }
}

fn walrus_names<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a str)) {
    if let ExprKind::Walrus(name, _) = &expr.kind {
        visit(name);
    }
    walk::parts(expr, &mut |part| walrus_names(part, visit));
}
