//! Walking a tree: the parts of an expression and of a statement, in order of evaluation as far as it matters.

use super::ast::{Arg, Block, Comp, Expr, ExprKind, FPart, Function, Stmt, StmtKind};

/// Calls `visit` for each direct part of an expression; bodies of lambdas are left out, their defaults are not.
pub fn parts<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::None | ExprKind::Bool(_) | ExprKind::Ellipsis | ExprKind::Int(_) | ExprKind::BigInt(_) => {}
        ExprKind::Float(_)
        | ExprKind::Imag(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_)
        | ExprKind::Name(_)
        | ExprKind::Error => {}
        ExprKind::FString(pieces) => fields(pieces, visit),
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) | ExprKind::BoolOp(_, items) => {
            items.iter().for_each(visit);
        }
        ExprKind::Dict(entries) => {
            for (key, value) in entries {
                key.iter().for_each(&mut *visit);
                visit(value);
            }
        }
        ExprKind::Starred(inner) | ExprKind::Unary(_, _, inner) => visit(inner),
        ExprKind::Walrus(_, inner) | ExprKind::Attribute(inner, ..) => visit(inner),
        ExprKind::Binary(_, _, pair) | ExprKind::Subscript(pair) => {
            visit(&pair.0);
            visit(&pair.1);
        }
        ExprKind::Compare(first, rest) => {
            visit(first);
            rest.iter().for_each(|(_, _, operand)| visit(operand));
        }
        ExprKind::Ternary(parts) => {
            visit(&parts.test);
            visit(&parts.then);
            visit(&parts.orelse);
        }
        ExprKind::Lambda(func) => defaults(func, visit),
        ExprKind::Slice(bounds) => bounds.iter().flatten().for_each(visit),
        ExprKind::Call(call) => {
            visit(&call.func);
            call.args.iter().for_each(|arg| match arg {
                Arg::Positional(value) | Arg::Star(value) | Arg::Keyword(_, _, value) | Arg::DoubleStar(value) => {
                    visit(value)
                }
            });
        }
        ExprKind::ListComp(comp) | ExprKind::SetComp(comp) | ExprKind::DictComp(comp) | ExprKind::GenExp(comp) => {
            comprehension(comp, visit);
        }
    }
}

fn comprehension<'a>(comp: &'a Comp, visit: &mut dyn FnMut(&'a Expr)) {
    for clause in &comp.clauses {
        visit(&clause.iter);
        visit(&clause.target);
        clause.conds.iter().for_each(&mut *visit);
    }
    visit(&comp.elt);
}

fn fields<'a>(pieces: &'a [FPart], visit: &mut dyn FnMut(&'a Expr)) {
    for piece in pieces {
        if let FPart::Value { value, spec, .. } = piece {
            visit(value);
            fields(spec, visit);
        }
    }
}

/// Calls `visit` for each default of a function's parameters.
pub fn defaults<'a>(func: &'a Function, visit: &mut dyn FnMut(&'a Expr)) {
    func.params.iter().filter_map(|param| param.default.as_ref()).for_each(visit);
}

/// Calls `visit` for each expression that is directly part of a statement: those of its blocks are left out.
pub fn expressions<'a>(stmt: &'a Stmt, visit: &mut dyn FnMut(&'a Expr)) {
    match &stmt.kind {
        StmtKind::Expr { value, .. } => visit(value),
        StmtKind::Assign { targets, value } => {
            visit(value);
            targets.iter().for_each(visit);
        }
        StmtKind::AugAssign { target, value, .. } => {
            visit(target);
            visit(value);
        }
        StmtKind::If { arms, .. } => arms.iter().for_each(|(test, _)| visit(test)),
        StmtKind::For { target, iter, .. } => {
            visit(iter);
            visit(target);
        }
        StmtKind::While { test, .. } => visit(test),
        StmtKind::Def { func, decorators, .. } => {
            decorators.iter().for_each(&mut *visit);
            defaults(func, visit);
        }
        StmtKind::Return(value) => value.iter().for_each(visit),
        StmtKind::With { items, .. } => {
            for (value, target) in items {
                visit(value);
                target.iter().for_each(&mut *visit);
            }
        }
        StmtKind::Try { handlers, .. } => handlers.iter().filter_map(|handler| handler.types.as_ref()).for_each(visit),
        StmtKind::Raise { value, cause } => value.iter().chain(cause).for_each(visit),
        StmtKind::Assert { test, message } => {
            visit(test);
            message.iter().for_each(visit);
        }
        StmtKind::Del(targets) => targets.iter().for_each(visit),
        StmtKind::Break | StmtKind::Continue | StmtKind::Pass => {}
        StmtKind::Global(_) | StmtKind::Nonlocal(_) | StmtKind::Import(_) | StmtKind::FromImport { .. } => {}
    }
}

/// The blocks of a statement, in order of writing; the body of a `def` is left out.
pub fn blocks(stmt: &Stmt) -> Vec<&Block> {
    match &stmt.kind {
        StmtKind::If { arms, orelse } => arms.iter().map(|(_, body)| body).chain([orelse]).collect(),
        StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => vec![body, orelse],
        StmtKind::With { body, .. } => vec![body],
        StmtKind::Try { body, handlers, orelse, finally } => {
            let handlers = handlers.iter().map(|handler| &handler.body);
            [body].into_iter().chain(handlers).chain([orelse, finally]).collect()
        }
        _ => Vec::new(),
    }
}
