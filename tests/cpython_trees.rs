//! Where python3 is at hand: its own parser must make the same trees, and accept what tensh accepts.

mod common;

use common::{ebnf::Grammar, spread};
use std::io::Write;
use std::process::{Command, Stdio};
use tensh::lang::{self, ast::*};

/// Sources whose trees are compared beside those of `syntax/cpython.txt`.
fn sources() -> Vec<String> {
    let corpus = include_str!("syntax/cpython.txt").split("---\n");
    let mut sources: Vec<String> = corpus.filter_map(|case| Some(case.rsplit_once("\n=> ")?.0.to_owned())).collect();
    sources.extend(include_str!("syntax/programs.txt").split("---\n").map(str::to_owned));
    let grammar = Grammar::tensh();
    sources.extend((1..=3000u64).map(|seed| grammar.statement(spread(seed + 77), 12 + (seed % 30) as usize)));
    sources
}

#[test]
fn trees_are_pythons() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/syntax/tree.py");
    let python = Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut python) = python else {
        println!("skipped: there is no python3");
        return;
    };
    let sources = sources();
    let mut stdin = python.stdin.take().expect("it is piped");
    let input = sources.join("\0");
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = python.wait_with_output().expect("python3 ends");
    writer.join().expect("the writer ends").expect("python3 reads");
    if !output.status.success() {
        println!("skipped: this python3 is too old");
        return;
    }
    let text = String::from_utf8(output.stdout).expect("it is UTF-8");
    let expected: Vec<&str> = text.split('\0').collect();
    assert_eq!(expected.len(), sources.len());
    let mut compared = 0;
    for (source, expected) in sources.iter().zip(expected) {
        let Ok(block) = lang::parse(source) else { continue };
        // `x[*a]: int` alone is refused by CPython 3.11's compiler, though its grammar has it.
        if expected.contains("can't use starred expression here") {
            continue;
        }
        // tensh takes fewer sources than Python, never more.
        assert!(!expected.starts_with("SyntaxError"), "{expected}\nof Python alone:\n{source}");
        assert_eq!(module(&block), expected, "\n{source}");
        compared += 1;
    }
    println!("{compared} trees are Python's");
    assert!(compared > 1000, "{compared}");
}

fn module(block: &Block) -> String {
    list(block, stmt)
}

fn list<T>(items: &[T], each: impl Fn(&T) -> String) -> String {
    format!("[{}]", items.iter().map(each).collect::<Vec<_>>().join(" "))
}

fn maybe<T>(item: &Option<T>, each: impl Fn(&T) -> String) -> String {
    item.as_ref().map_or("~".to_owned(), each)
}

fn name(name: &Name) -> String {
    name.to_string()
}

fn text(text: &str) -> String {
    let codes: Vec<String> = text.chars().map(|c| (c as u32).to_string()).collect();
    format!("'{}'", codes.join(" "))
}

fn alias(alias: &Alias) -> String {
    format!("(alias {} {})", alias.name, maybe(&alias.alias, name))
}

fn stmt(stmt: &Stmt) -> String {
    match &stmt.kind {
        StmtKind::Expr { value, .. } => format!("(expr {})", expr(value)),
        StmtKind::Assign { targets, value } => format!("(assign {} {})", list(targets, expr), expr(value)),
        StmtKind::AugAssign { target, op, value, .. } => {
            format!("(aug {} {} {})", expr(target), op.text(), expr(value))
        }
        StmtKind::If { arms, orelse } => {
            let rest = arms
                .iter()
                .rev()
                .fold(module(orelse), |rest, (test, body)| format!("[(if {} {} {rest})]", expr(test), module(body)));
            rest[1..rest.len() - 1].to_owned()
        }
        StmtKind::For { target, iter, body, orelse } => {
            format!("(for {} {} {} {})", expr(target), expr(iter), module(body), module(orelse))
        }
        StmtKind::While { test, body, orelse } => format!("(while {} {} {})", expr(test), module(body), module(orelse)),
        StmtKind::Break => "(break)".into(),
        StmtKind::Continue => "(continue)".into(),
        StmtKind::Pass => "(pass)".into(),
        StmtKind::Def { name, func, decorators } => {
            format!("(def {name} {} {} {})", list(&func.params, param), module(&func.body), list(decorators, expr))
        }
        StmtKind::Return(value) => format!("(return {})", maybe(value, expr)),
        StmtKind::With { items, body } => {
            let item = |(value, target): &(Expr, Option<Expr>)| format!("({} {})", expr(value), maybe(target, expr));
            format!("(with {} {})", list(items, item), module(body))
        }
        StmtKind::Try { body, handlers, orelse, finally } => {
            let handler =
                |h: &Handler| format!("({} {} {})", maybe(&h.types, expr), maybe(&h.name, name), module(&h.body));
            format!("(try {} {} {} {})", module(body), list(handlers, handler), module(orelse), module(finally))
        }
        StmtKind::Raise { value, cause } => format!("(raise {} {})", maybe(value, expr), maybe(cause, expr)),
        StmtKind::Assert { test, message } => format!("(assert {} {})", expr(test), maybe(message, expr)),
        StmtKind::Del(targets) => format!("(del {})", list(targets, expr)),
        StmtKind::Global(names) => format!("(global {})", list(names, name)),
        StmtKind::Nonlocal(names) => format!("(nonlocal {})", list(names, name)),
        StmtKind::Import(names) => format!("(import {})", list(names, alias)),
        StmtKind::FromImport { module, names, .. } => format!("(from {module} {})", list(names, alias)),
    }
}

fn param(param: &Param) -> String {
    let kind = match param.kind {
        ParamKind::Positional => "positional",
        ParamKind::Normal => "normal",
        ParamKind::Keyword => "keyword",
        ParamKind::Star => "star",
        ParamKind::DoubleStar => "doublestar",
    };
    format!("({kind} {} {})", param.name, maybe(&param.default, expr))
}

fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::None => "None".into(),
        ExprKind::Bool(true) => "True".into(),
        ExprKind::Bool(false) => "False".into(),
        ExprKind::Ellipsis => "...".into(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::BigInt(digits) => digits.to_string(),
        ExprKind::Float(value) => format!("f{:016x}", value.to_bits()),
        ExprKind::Imag(value) => format!("j{:016x}", value.to_bits()),
        ExprKind::Str(value) => text(value),
        ExprKind::Bytes(data) => tensh::eval::bytes::repr(data),
        ExprKind::FString(parts) => format!("(fstring {})", pieces(parts)),
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Tuple(items) => format!("(tuple {})", list(items, expr)),
        ExprKind::List(items) => format!("(list {})", list(items, expr)),
        ExprKind::Set(items) => format!("(set {})", list(items, expr)),
        ExprKind::Dict(entries) => {
            format!("(dict {})", list(entries, |(key, value)| format!("({} {})", maybe(key, expr), expr(value))))
        }
        ExprKind::Starred(inner) => format!("(* {})", expr(inner)),
        ExprKind::Unary(op, _, operand) => format!("({} {})", op.text(), expr(operand)),
        ExprKind::Binary(op, _, pair) => format!("({} {} {})", op.text(), expr(&pair.0), expr(&pair.1)),
        ExprKind::BoolOp(op, operands) => format!("({} {})", op.text(), list(operands, expr)),
        ExprKind::Compare(first, rest) => {
            let rest = list(rest, |(op, _, operand)| format!("({} {})", op.text(), expr(operand)));
            format!("(compare {} {rest})", expr(first))
        }
        ExprKind::Ternary(t) => format!("(ternary {} {} {})", expr(&t.test), expr(&t.then), expr(&t.orelse)),
        ExprKind::Lambda(func) => match &func.body[..] {
            [Stmt { kind: StmtKind::Return(Some(value)), .. }] => {
                format!("(lambda {} {})", list(&func.params, param), expr(value))
            }
            body => panic!("a lambda's body is {body:?}"),
        },
        ExprKind::Walrus(name, value) => format!("(:= {name} {})", expr(value)),
        ExprKind::Attribute(value, name, _) => format!("(. {} {name})", expr(value)),
        ExprKind::Subscript(pair) => format!("(sub {} {})", expr(&pair.0), expr(&pair.1)),
        ExprKind::Slice(bounds) => format!("(slice {})", list(&bounds[..], |bound| maybe(bound, expr))),
        ExprKind::Call(call) => format!("(call {} {})", expr(&call.func), arguments(&call.args)),
        ExprKind::ListComp(c) => format!("(listcomp {})", comp(c)),
        ExprKind::SetComp(c) => format!("(setcomp {})", comp(c)),
        ExprKind::DictComp(c) => format!("(dictcomp {})", comp(c)),
        ExprKind::GenExp(c) => format!("(genexp {})", comp(c)),
        ExprKind::Error => "(error)".into(),
    }
}

/// Python keeps arguments with and without a name apart.
fn arguments(args: &[Arg]) -> String {
    let mut plain = Vec::new();
    let mut named = Vec::new();
    for arg in args {
        match arg {
            Arg::Positional(value) => plain.push(expr(value)),
            Arg::Star(value) => plain.push(format!("(* {})", expr(value))),
            Arg::Keyword(name, _, value) => named.push(format!("({name} {})", expr(value))),
            Arg::DoubleStar(value) => named.push(format!("(~ {})", expr(value))),
        }
    }
    format!("[{}] [{}]", plain.join(" "), named.join(" "))
}

fn comp(comp: &Comp) -> String {
    let clause = |c: &CompFor| format!("({} {} {})", expr(&c.target), expr(&c.iter), list(&c.conds, expr));
    format!("{} {}", expr(&comp.elt), list(&comp.clauses, clause))
}

/// The parts of an f-string; as in Python, a label is text before its value.
fn pieces(parts: &[FPart]) -> String {
    let (mut out, mut run) = (Vec::new(), String::new());
    for part in parts {
        match part {
            FPart::Text(value) => run.push_str(value),
            FPart::Value { value, label, conversion, spec } => {
                run.push_str(label.as_deref().unwrap_or(""));
                if !run.is_empty() {
                    out.push(text(&std::mem::take(&mut run)));
                }
                let conversion = conversion.map_or("~".to_owned(), String::from);
                out.push(format!("(value {} {conversion} {})", expr(value), pieces(spec)));
            }
        }
    }
    if !run.is_empty() {
        out.push(text(&run));
    }
    format!("[{}]", out.join(" "))
}
