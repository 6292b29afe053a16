//! From syntax tree to source text, with no more parentheses than needed.
//!
//! Parsing the text gives the tree again, spans aside. Where the parser recovered from an error the text is `...`.
//! A string in a field of an f-string is written as it is: Python before 3.12 allows no backslash there.

mod level;

use super::ast::*;
use level::{Level, level};
use std::fmt::Write;

/// The source text of statements, each with its line end.
pub fn block(statements: &[Stmt]) -> String {
    let mut out = Writer::default();
    out.block(statements);
    out.text
}

/// The source text of an expression.
pub fn expr(expr: &Expr) -> String {
    let mut out = Writer::default();
    out.expr(expr, Level::STARRED);
    out.text
}

#[derive(Default)]
struct Writer {
    text: String,
    indent: usize,
    /// Quotes that may not occur: those of the f-strings around.
    outer: Vec<&'static str>,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes items with commas between.
    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            each(self, item);
        }
    }

    fn names(&mut self, keyword: &str, names: &[Name]) {
        self.put(keyword);
        self.list(names, |out, name| out.put(name));
    }

    fn line(&mut self, write: impl FnOnce(&mut Self)) {
        self.put(&"    ".repeat(self.indent));
        write(self);
        self.put("\n");
    }

    fn block(&mut self, statements: &[Stmt]) {
        statements.iter().for_each(|stmt| self.statement(stmt));
    }

    /// Writes a clause: its head, a colon, and its block.
    fn clause(&mut self, body: &[Stmt], head: impl FnOnce(&mut Self)) {
        self.line(|out| {
            head(out);
            out.put(":");
        });
        self.indent += 1;
        if body.is_empty() {
            self.line(|out| out.put("pass"));
        }
        self.block(body);
        self.indent -= 1;
    }

    fn optional_clause(&mut self, keyword: &str, body: &[Stmt]) {
        if !body.is_empty() {
            self.clause(body, |out| out.put(keyword));
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::If { arms, orelse } => {
                for (index, (test, body)) in arms.iter().enumerate() {
                    self.clause(body, |out| {
                        out.put(if index == 0 { "if " } else { "elif " });
                        out.expr(test, Level::NAMED);
                    });
                }
                self.optional_clause("else", orelse);
            }
            StmtKind::For { target, iter, body, orelse } => {
                self.clause(body, |out| {
                    out.put("for ");
                    out.target(target);
                    out.put(" in ");
                    out.open_tuple(iter);
                });
                self.optional_clause("else", orelse);
            }
            StmtKind::While { test, body, orelse } => {
                self.clause(body, |out| {
                    out.put("while ");
                    out.expr(test, Level::NAMED);
                });
                self.optional_clause("else", orelse);
            }
            StmtKind::Def { name, func, decorators } => {
                for decorator in decorators {
                    self.line(|out| {
                        out.put("@");
                        out.expr(decorator, Level::NAMED);
                    });
                }
                self.clause(&func.body, |out| {
                    let _ = write!(out.text, "def {name}(");
                    out.params(&func.params);
                    out.put(")");
                });
            }
            StmtKind::With { items, body } => self.clause(body, |out| {
                out.put("with ");
                out.list(items, |out, (value, target)| {
                    // A tuple for the first item would read as a list of items.
                    let grouped = matches!(value.kind, ExprKind::Tuple(_) | ExprKind::GenExp(_));
                    out.wrapped(grouped && items.len() == 1 && target.is_none(), |out| {
                        out.expr(value, Level::EXPRESSION)
                    });
                    if let Some(target) = target {
                        out.put(" as ");
                        out.expr(target, Level::of_rule("bitwise_or"));
                    }
                });
            }),
            StmtKind::Try { body, handlers, orelse, finally } => {
                self.clause(body, |out| out.put("try"));
                for handler in handlers {
                    self.clause(&handler.body, |out| {
                        out.put("except");
                        if let Some(types) = &handler.types {
                            out.put(" ");
                            out.expr(types, Level::EXPRESSION);
                        }
                        if let Some(name) = &handler.name {
                            let _ = write!(out.text, " as {name}");
                        }
                    });
                }
                self.optional_clause("else", orelse);
                self.optional_clause("finally", finally);
            }
            _ => self.line(|out| out.simple(stmt)),
        }
    }

    fn simple(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Expr { value, quiet } => {
                self.open_tuple(value);
                self.put(if *quiet { ";" } else { "" });
            }
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    self.target(target);
                    self.put(" = ");
                }
                self.open_tuple(value);
            }
            StmtKind::AugAssign { target, op, value, .. } => {
                self.expr(target, Level::PRIMARY);
                let _ = write!(self.text, " {}= ", op.text());
                self.open_tuple(value);
            }
            StmtKind::Break => self.put("break"),
            StmtKind::Continue => self.put("continue"),
            StmtKind::Return(value) => {
                self.put("return");
                if let Some(value) = value {
                    self.put(" ");
                    self.open_tuple(value);
                }
            }
            StmtKind::Raise { value, cause } => {
                self.put("raise");
                for (word, part) in [(" ", value), (" from ", cause)] {
                    if let Some(part) = part {
                        self.put(word);
                        self.expr(part, Level::EXPRESSION);
                    }
                }
            }
            StmtKind::Assert { test, message } => {
                self.put("assert ");
                self.expr(test, Level::EXPRESSION);
                if let Some(message) = message {
                    self.put(", ");
                    self.expr(message, Level::EXPRESSION);
                }
            }
            StmtKind::Del(targets) => {
                self.put("del ");
                self.list(targets, |out, target| out.expr(target, Level::PRIMARY));
            }
            StmtKind::Global(names) => self.names("global ", names),
            StmtKind::Nonlocal(names) => self.names("nonlocal ", names),
            StmtKind::Import(aliases) => {
                self.put("import ");
                self.list(aliases, Self::alias);
            }
            StmtKind::FromImport { module, names, .. } => {
                let _ = write!(self.text, "from {module} import ");
                match &names[..] {
                    [] => self.put("*"),
                    names => self.list(names, Self::alias),
                }
            }
            // The compound statements have been written, and `pass` is what is left.
            _ => self.put("pass"),
        }
    }

    fn alias(&mut self, alias: &Alias) {
        self.put(&alias.name);
        if let Some(name) = &alias.alias {
            let _ = write!(self.text, " as {name}");
        }
    }

    fn params(&mut self, params: &[Param]) {
        let positional = params.iter().filter(|param| param.kind == ParamKind::Positional).count();
        let star = params.iter().any(|param| param.kind == ParamKind::Star);
        let bare = params.iter().position(|param| param.kind == ParamKind::Keyword).filter(|_| !star);
        for (index, param) in params.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            if index > 0 && index == positional {
                self.put("/, ");
            }
            if Some(index) == bare {
                self.put("*, ");
            }
            self.put(match param.kind {
                ParamKind::Star => "*",
                ParamKind::DoubleStar => "**",
                _ => "",
            });
            self.put(&param.name);
            if let Some(default) = &param.default {
                self.put("=");
                self.expr(default, Level::EXPRESSION);
            }
        }
        if positional > 0 && positional == params.len() {
            self.put(", /");
        }
    }

    /// Writes an expression where a tuple needs no parentheses.
    fn open_tuple(&mut self, expr: &Expr) {
        self.expr(expr, Level::TUPLE);
    }

    /// Writes a target: a tuple of several needs no parentheses.
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Tuple(items) if !items.is_empty() => self.items(items, true),
            _ => self.expr(target, Level::STARRED),
        }
    }

    fn wrapped(&mut self, wrap: bool, write: impl FnOnce(&mut Self)) {
        if wrap {
            self.put("(");
        }
        write(self);
        if wrap {
            self.put(")");
        }
    }

    fn items(&mut self, items: &[Expr], tuple: bool) {
        self.list(items, |out, item| out.expr(item, Level::STARRED));
        if tuple && items.len() == 1 {
            self.put(",");
        }
    }

    fn expr(&mut self, expr: &Expr, min: Level) {
        if let ExprKind::Tuple(items) = &expr.kind {
            // Without parentheses an item may not be a `:=`.
            let named = items.iter().any(|item| matches!(item.kind, ExprKind::Walrus(..)));
            let wrap = min > Level::TUPLE || items.is_empty() || named;
            return self.wrapped(wrap, |out| out.items(items, true));
        }
        let own = level(expr);
        // A `:=` on its own is no statement, and no value of one.
        let wrap = own < min || (min == Level::TUPLE && own == Level::NAMED);
        self.wrapped(wrap, |out| out.bare(expr, own));
    }

    fn bare(&mut self, expr: &Expr, own: Level) {
        match &expr.kind {
            ExprKind::None => self.put("None"),
            ExprKind::Bool(value) => self.put(if *value { "True" } else { "False" }),
            ExprKind::Ellipsis | ExprKind::Error => self.put("..."),
            ExprKind::Int(value) => {
                let _ = write!(self.text, "{value}");
            }
            ExprKind::BigInt(digits) => self.put(digits),
            ExprKind::Float(value) => self.float(*value),
            ExprKind::Imag(value) => {
                self.float(*value);
                self.put("j");
            }
            ExprKind::Str(text) => self.string(text),
            ExprKind::Bytes(data) => self.bytes(data),
            ExprKind::FString(parts) => self.fstring(parts),
            ExprKind::Name(name) => self.put(name),
            ExprKind::Tuple(items) => self.items(items, true),
            ExprKind::List(items) => self.between("[", "]", |out| out.items(items, false)),
            ExprKind::Set(items) => self.between("{", "}", |out| out.items(items, false)),
            ExprKind::Dict(entries) => self.between("{", "}", |out| {
                out.list(entries, |out, (key, value)| match key {
                    Some(key) => out.pair(key, value),
                    None => {
                        out.put("**");
                        out.expr(value, Level::of_rule("bitwise_or"));
                    }
                })
            }),
            ExprKind::Starred(inner) => {
                self.put("*");
                self.expr(inner, Level::of_rule("bitwise_or"));
            }
            ExprKind::Unary(op, _, operand) => {
                self.put(op.text());
                self.put(if *op == UnOp::Not { " " } else { "" });
                self.expr(operand, own);
            }
            ExprKind::Binary(op, _, pair) => {
                let (left, right) = match op {
                    BinOp::Pow => (own.tighter(), Level::of_rule("factor")),
                    _ => (own, own.tighter()),
                };
                self.expr(&pair.0, left);
                let _ = write!(self.text, " {} ", op.text());
                self.expr(&pair.1, right);
            }
            ExprKind::BoolOp(op, operands) => {
                for (index, operand) in operands.iter().enumerate() {
                    if index > 0 {
                        let _ = write!(self.text, " {} ", op.text());
                    }
                    self.expr(operand, own.tighter());
                }
            }
            ExprKind::Compare(first, rest) => {
                self.expr(first, own.tighter());
                for (op, _, operand) in rest {
                    let _ = write!(self.text, " {} ", op.text());
                    self.expr(operand, own.tighter());
                }
            }
            ExprKind::Ternary(parts) => {
                self.expr(&parts.then, own.tighter());
                self.put(" if ");
                self.expr(&parts.test, own.tighter());
                self.put(" else ");
                self.expr(&parts.orelse, own);
            }
            ExprKind::Lambda(func) => self.lambda(func),
            ExprKind::Walrus(name, value) => {
                let _ = write!(self.text, "{name} := ");
                self.expr(value, Level::EXPRESSION);
            }
            ExprKind::Attribute(value, name, _) => {
                // `1.x` would begin a float.
                self.wrapped(matches!(value.kind, ExprKind::Int(_) | ExprKind::BigInt(_)), |out| {
                    out.expr(value, Level::PRIMARY);
                });
                let _ = write!(self.text, ".{name}");
            }
            ExprKind::Subscript(pair) => {
                self.expr(&pair.0, Level::PRIMARY);
                self.between("[", "]", |out| match &pair.1.kind {
                    ExprKind::Tuple(items) if !items.is_empty() => out.items(items, true),
                    _ => out.expr(&pair.1, Level::STARRED),
                });
            }
            ExprKind::Slice(bounds) => self.slice(bounds),
            ExprKind::Call(call) => {
                self.expr(&call.func, Level::PRIMARY);
                self.between("(", ")", |out| out.arguments(&call.args));
            }
            ExprKind::ListComp(comp) => self.between("[", "]", |out| out.comprehension(comp)),
            ExprKind::SetComp(comp) => self.between("{", "}", |out| out.comprehension(comp)),
            ExprKind::GenExp(comp) => self.between("(", ")", |out| out.comprehension(comp)),
            ExprKind::DictComp(comp) => self.between("{", "}", |out| {
                match &comp.elt.kind {
                    ExprKind::Tuple(pair) if pair.len() == 2 => out.pair(&pair[0], &pair[1]),
                    _ => out.expr(&comp.elt, Level::EXPRESSION),
                }
                out.clauses(&comp.clauses);
            }),
        }
    }

    fn between(&mut self, open: &str, close: &str, write: impl FnOnce(&mut Self)) {
        self.put(open);
        write(self);
        self.put(close);
    }

    fn pair(&mut self, key: &Expr, value: &Expr) {
        self.expr(key, Level::EXPRESSION);
        self.put(": ");
        self.expr(value, Level::EXPRESSION);
    }

    fn lambda(&mut self, func: &Function) {
        self.put(if func.params.is_empty() { "lambda" } else { "lambda " });
        self.params(&func.params);
        self.put(": ");
        if let Some(StmtKind::Return(Some(value))) = func.body.first().map(|stmt| &stmt.kind) {
            self.expr(value, Level::EXPRESSION);
        }
    }

    fn slice(&mut self, bounds: &[Option<Expr>; 3]) {
        for (index, bound) in bounds.iter().enumerate() {
            if index == 1 || (index == 2 && bound.is_some()) {
                self.put(":");
            }
            if let Some(bound) = bound {
                self.expr(bound, Level::EXPRESSION);
            }
        }
    }

    fn arguments(&mut self, args: &[Arg]) {
        if let [Arg::Positional(Expr { kind: ExprKind::GenExp(comp), .. })] = args {
            return self.comprehension(comp);
        }
        self.list(args, |out, arg| match arg {
            Arg::Positional(value) => out.expr(value, Level::NAMED),
            Arg::Star(value) => {
                out.put("*");
                out.expr(value, Level::EXPRESSION);
            }
            Arg::Keyword(name, _, value) => {
                let _ = write!(out.text, "{name}=");
                out.expr(value, Level::EXPRESSION);
            }
            Arg::DoubleStar(value) => {
                out.put("**");
                out.expr(value, Level::EXPRESSION);
            }
        });
    }

    fn comprehension(&mut self, comp: &Comp) {
        self.expr(&comp.elt, Level::NAMED);
        self.clauses(&comp.clauses);
    }

    fn clauses(&mut self, clauses: &[CompFor]) {
        let operand = Level::EXPRESSION.tighter();
        for clause in clauses {
            self.put(" for ");
            self.target(&clause.target);
            self.put(" in ");
            self.expr(&clause.iter, operand);
            for condition in &clause.conds {
                self.put(" if ");
                self.expr(condition, operand);
            }
        }
    }

    /// Writes the shortest text that reads back as the value; an infinity as a number too large.
    fn float(&mut self, value: f64) {
        if value.is_infinite() {
            return self.put("1e999");
        }
        let _ = write!(self.text, "{value:?}");
    }

    /// Writes a string in quotes that the f-strings around do not use.
    fn string(&mut self, text: &str) {
        if self.outer.is_empty() {
            let quote = if text.contains('\'') && !text.contains('"') { "\"" } else { "'" };
            self.put(quote);
            self.escaped(text, quote, false);
            return self.put(quote);
        }
        // Inside a field no backslash may stand: the text goes between quotes that are free, as it is.
        let quote = ["'", "\"", "'''", "\"\"\""].into_iter().find(|quote| !self.outer.contains(quote)).unwrap_or("'");
        self.put(quote);
        self.put(text);
        self.put(quote);
    }

    fn bytes(&mut self, data: &[u8]) {
        // Inside a field no backslash may stand, but any byte may stand between quotes that are free.
        let quote = ["'", "\"", "'''", "\"\"\""].into_iter().find(|quote| !self.outer.contains(quote)).unwrap_or("'");
        let _ = write!(self.text, "b{quote}");
        for byte in data {
            match byte {
                b' '..=b'~' if !matches!(byte, b'\\' | b'\'' | b'"') => self.text.push(*byte as char),
                b'\n' if quote.len() == 3 => self.text.push('\n'),
                _ => {
                    let _ = write!(self.text, "\\x{byte:02x}");
                }
            }
        }
        self.put(quote);
    }

    fn escaped(&mut self, text: &str, quote: &str, field: bool) {
        for c in text.chars() {
            match c {
                '\n' => self.put("\\n"),
                '\r' => self.put("\\r"),
                '\t' => self.put("\\t"),
                '\\' => self.put("\\\\"),
                '{' if field => self.put("{{"),
                '}' if field => self.put("}}"),
                c if quote.starts_with(c) => {
                    let _ = write!(self.text, "\\{c}");
                }
                c if (c as u32) < 32 || c as u32 == 127 => {
                    let _ = write!(self.text, "\\x{:02x}", c as u32);
                }
                c => self.text.push(c),
            }
        }
    }

    fn fstring(&mut self, parts: &[FPart]) {
        // The outermost takes the longest quotes, so that the strings in its fields find shorter ones.
        let free = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| !self.outer.contains(quote));
        let quote = free.unwrap_or("'");
        self.put("f");
        self.put(quote);
        self.outer.push(quote);
        self.pieces(parts, quote, false);
        self.outer.pop();
        self.put(quote);
    }

    fn pieces(&mut self, parts: &[FPart], quote: &str, spec: bool) {
        for part in parts {
            match part {
                FPart::Text(text) => self.escaped(text, quote, !spec),
                FPart::Value { value, label, conversion, spec } => {
                    let start = self.text.len();
                    self.put("{");
                    match label {
                        Some(label) => self.put(label),
                        None => {
                            // A colon or `!=` at the outermost level would end the value.
                            let wrap = matches!(value.kind, ExprKind::Lambda(_) | ExprKind::Walrus(..));
                            self.wrapped(wrap, |out| out.expr(value, Level::TUPLE));
                        }
                    }
                    // Of `{{` an f-string would make one brace.
                    if self.text[start..].starts_with("{{") {
                        self.text.insert(start + 1, ' ');
                    }
                    let silent = label.is_some() && *conversion == Some('r') && spec.is_empty();
                    if let Some(letter) = conversion.filter(|_| !silent) {
                        let _ = write!(self.text, "!{letter}");
                    }
                    // A labelled field without a conversion had a spec, be it an empty one: else it would have `!r`.
                    if !spec.is_empty() || (label.is_some() && conversion.is_none()) {
                        self.put(":");
                        self.pieces(spec, quote, true);
                    }
                    self.put("}");
                }
            }
        }
    }
}
