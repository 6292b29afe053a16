//! `%explain`: an expression computed step by step, and what each step costs.
//!
//! Every call, operator, index and attribute in the expression is wrapped in a call of a function that looks at its value and gives
//! it on. Nothing is computed for being looked at, so that what would be joined to one Program still is.

use super::timing::span;
use crate::base::shape::show;
use crate::eval::builtin::Builtin;
use crate::eval::{Interp, Value};
use crate::lang::ast::{Arg, Block, Call, Expr, ExprKind, Stmt, StmtKind};
use crate::lang::unparse;
use crate::tensor::{Tensor, lazy};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A step: a part of the expression that gives a value of its own.
#[derive(Debug)]
pub struct Step {
    /// The part as it is written.
    source: String,
    /// What is called.
    op: String,
    /// The steps that it takes values of.
    operands: Vec<usize>,
    /// The names that it takes values of.
    names: Vec<String>,
}

/// What was seen of a step's value.
#[derive(Debug)]
struct Seen {
    step: usize,
    dtype: String,
    shape: String,
    device: String,
    /// Whether it waits to be joined with others.
    waits: bool,
    /// The bytes of its elements, and the memory that holds them.
    bytes: usize,
    memory: usize,
    at: Instant,
}

/// A Program that ran meanwhile: how many steps had been seen, what it read and wrote, and how long it took.
#[derive(Debug)]
struct Ran {
    after: usize,
    text: String,
    read: usize,
    written: usize,
    took: Option<Duration>,
}

#[derive(Debug, Default)]
struct Trace {
    seen: Vec<Seen>,
    ran: Vec<Ran>,
}

thread_local! {
    static TRACE: RefCell<Trace> = RefCell::default();
}

/// The function that each step's value goes through.
static LOOK: Builtin =
    Builtin::new("", "__look__", "step, value, /", "Looks at a step's value and gives it on.", |_, a| {
        let value = std::mem::replace(&mut a[1], Value::None);
        match (&a[0], &value) {
            (Value::Int(step @ 0..), value) => look(*step as usize, value),
            // The whole value: computed as at the end of a statement.
            (_, Value::Tensor(t)) => drop(t.view()?),
            _ => {}
        }
        Ok(value)
    });

fn look(step: usize, value: &Value) {
    let mut seen = Seen {
        step,
        dtype: value.type_name(),
        shape: String::new(),
        device: String::new(),
        waits: false,
        bytes: 0,
        memory: 0,
        at: Instant::now(),
    };
    if let Value::Tensor(t) = value {
        seen.dtype = t.dtype().name().to_owned();
        seen.shape = show(&t.sizes());
        seen.device = t.device().to_string();
        seen.waits = t.is_pending();
        seen.bytes = t.numel() * t.dtype().size();
        seen.memory = memory_of(t);
    }
    TRACE.with_borrow_mut(|trace| trace.seen.push(seen));
}

/// Wraps the steps of a single expression; `None`, and no change, where there is anything else.
pub fn wrap(block: &mut Block) -> Option<Vec<Step>> {
    let [Stmt { kind: StmtKind::Expr { value, .. }, .. }] = &mut block[..] else { return None };
    let mut steps = Vec::new();
    let (wrapped, _) = taken(value, &mut steps);
    *value = looked_at(-1, wrapped);
    Some(steps)
}

fn looked_at(step: i64, value: Expr) -> Expr {
    let span = value.span;
    let part = |kind| Expr { kind, span };
    let args = vec![Arg::Positional(part(ExprKind::Int(step))), Arg::Positional(value)];
    part(ExprKind::Call(Box::new(Call { func: part(ExprKind::Name(LOOK.name.into())), args })))
}

/// The expression with its steps wrapped, and its own number where it is a step.
fn taken(expr: &Expr, steps: &mut Vec<Step>) -> (Expr, Option<usize>) {
    let (mut parts, mut op) = (expr.clone(), String::new());
    let mut operands = Vec::new();
    match &mut parts.kind {
        ExprKind::Unary(o, _, a) if !is_number(a) => {
            op = o.text().to_owned();
            operands.push(&mut **a);
        }
        ExprKind::Binary(o, _, pair) => {
            op = o.text().to_owned();
            operands.extend([&mut pair.0, &mut pair.1]);
        }
        ExprKind::Compare(first, rest) => {
            if let [(o, _, second)] = &mut rest[..] {
                op = o.text().to_owned();
                operands.extend([&mut **first, second]);
            }
        }
        ExprKind::Subscript(pair) => {
            op = "[]".to_owned();
            operands.push(&mut pair.0);
        }
        ExprKind::Attribute(value, name, _) if !is_module(value) => {
            op = format!(".{name}");
            operands.push(&mut **value);
        }
        ExprKind::Call(call) => {
            op = match &mut call.func.kind {
                ExprKind::Attribute(value, name, _) => {
                    let name = name.to_string();
                    if !is_module(value) {
                        operands.push(&mut **value);
                    }
                    name
                }
                ExprKind::Name(name) => name.to_string(),
                _ => "call".to_owned(),
            };
            for arg in &mut call.args {
                match arg {
                    Arg::Positional(e) | Arg::Keyword(_, _, e) => operands.push(e),
                    Arg::Star(_) | Arg::DoubleStar(_) => {}
                }
            }
        }
        _ => {}
    }
    if op.is_empty() {
        return (parts, None);
    }
    let (mut numbers, mut names) = (Vec::new(), Vec::new());
    for operand in operands {
        if let ExprKind::Name(name) = &operand.kind {
            names.push(name.to_string());
        }
        let (wrapped, number) = taken(operand, steps);
        *operand = wrapped;
        numbers.extend(number);
    }
    let number = steps.len();
    steps.push(Step { source: unparse::expr(expr), op, operands: numbers, names });
    (looked_at(number as i64, parts), Some(number))
}

/// Has what is seen from now on remembered.
pub struct Tracing {
    /// What Programs were shown to before.
    viewer: Option<lazy::Viewer>,
    began: Instant,
}

/// Begins to remember.
pub fn begin(it: &mut Interp) -> Tracing {
    it.globals.set(LOOK.name, Value::Builtin(&LOOK));
    TRACE.take();
    let viewer = lazy::set_viewer(Some(Rc::new(|text, program, took| {
        let (read, written) = program.traffic();
        TRACE.with_borrow_mut(|trace| {
            let after = trace.seen.len();
            trace.ran.push(Ran { after, text: format!("{text} {program}"), read, written, took });
        });
    })));
    Tracing { viewer, began: Instant::now() }
}

impl Tracing {
    /// The table of what was seen since; `took` is the time of it all, `copy` the bytes that this machine copies in a second.
    pub fn report(self, it: &mut Interp, steps: &[Step], took: Duration, copy: f64) -> String {
        lazy::set_viewer(self.viewer);
        it.globals.remove(LOOK.name);
        let trace = TRACE.take();
        let head = ["source", "op", "shape", "dtype", "device", "result", "read", "written", "time", "GB/s", "of copy"];
        let mut rows = vec![head.map(str::to_owned)];
        let mut before = self.began;
        for (i, s) in trace.seen.iter().enumerate() {
            let Some(step) = steps.get(s.step) else { continue };
            let inputs = step.operands.iter().filter_map(|&o| trace.seen.iter().find(|s| s.step == o));
            let variables = step.names.iter().filter_map(|name| match it.globals.get(name) {
                Some(Value::Tensor(t)) => Some((memory_of(&t), t.numel() * t.dtype().size())),
                _ => None,
            });
            let sources: Vec<(usize, usize)> = variables.chain(inputs.map(|s| (s.memory, s.bytes))).collect();
            let view = s.memory != 0 && sources.iter().any(|&(memory, _)| memory == s.memory);
            let took = s.at - before;
            before = s.at;
            let result = match s {
                s if s.device.is_empty() => "value",
                s if s.waits => "waits",
                _ if view => "view",
                _ => "new",
            };
            let costs = if result == "new" {
                // A Program that was reduced as it was computed read what its inputs hold.
                let streamed = trace.ran.iter().find(|r| r.after == i && r.took.is_none());
                let read = streamed.map_or_else(|| sources.iter().map(|s| s.1).sum(), |program| program.read);
                traffic(read, s.bytes, took, copy)
            } else {
                [String::new(), String::new(), span(took.as_secs_f64()), String::new(), String::new()]
            };
            let [read, written, time, rate, share] = costs;
            let [op, shape, dtype, device] = [&step.op, &s.shape, &s.dtype, &s.device].map(Clone::clone);
            let source = shortened(&step.source);
            rows.push([source, op, shape, dtype, device, result.to_owned(), read, written, time, rate, share]);
        }
        let mut out = aligned(&rows);
        for program in &trace.ran {
            let costs = match program.took {
                Some(took) => {
                    let [read, written, time, rate, share] = traffic(program.read, program.written, took, copy);
                    format!("{read} read, {written} written, {time}, {rate} GB/s, {share} of copy")
                }
                None => format!("{} read, reduced as it is computed", bytes(program.read)),
            };
            out.push_str(&format!("{}\n    {costs}\n", program.text));
        }
        out.push_str(&format!("{} in all; this machine copies {:.1} GB/s\n", span(took.as_secs_f64()), copy / 1e9));
        out
    }
}

/// The memory of a computed tensor, 0 while it waits.
fn memory_of(t: &Tensor) -> usize {
    t.peek(|view| view.storage().address()).unwrap_or(0)
}

fn is_number(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Int(_) | ExprKind::BigInt(_) | ExprKind::Float(_) | ExprKind::Imag(_))
}

/// Whether an expression names a module, as `torch` and `torch.nn.functional` do.
fn is_module(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => matches!(&**name, "torch" | "F" | "np" | "numpy" | "math"),
        ExprKind::Attribute(value, _, _) => is_module(value),
        _ => false,
    }
}

/// At most so many characters of a line.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

/// What is told of bytes and time: read, written, time, bytes a second, and these as a share of a copy's.
fn traffic(read: usize, written: usize, took: Duration, copy: f64) -> [String; 5] {
    let rate = (read + written) as f64 / took.as_secs_f64().max(1e-9);
    let share = if copy > 0.0 { format!("{:.0}%", 100.0 * rate / copy) } else { String::new() };
    [bytes(read), bytes(written), span(took.as_secs_f64()), format!("{:.2}", rate / 1e9), share]
}

/// A number of bytes in three digits: `4 B`, `12.0 MB`.
pub fn bytes(n: usize) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (n as f64, 0);
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1e3;
        unit += 1;
    }
    if unit == 0 || value >= 99.95 {
        format!("{value:.0} {}", units[unit])
    } else {
        format!("{value:.1} {}", units[unit])
    }
}

/// Rows with their cells below each other; numbers stand at the right.
fn aligned(rows: &[[String; 11]]) -> String {
    let width = |c: usize| rows.iter().map(|row| row[c].chars().count()).max().unwrap_or(0);
    let widths: [usize; 11] = std::array::from_fn(width);
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (c, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[c] - cell.chars().count());
            line.push_str(&if c < 6 { format!("{cell}{pad}  ") } else { format!("{pad}{cell}  ") });
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_wrapped_and_knows_its_operands() {
        let mut block = crate::lang::parse("(a * 2 + torch.exp(b))[0].sum(dim=-1)").expect("parses");
        let steps = wrap(&mut block).expect("one expression");
        let sources: Vec<&str> = steps.iter().map(|s| s.source.as_str()).collect();
        let first = ["a * 2", "torch.exp(b)", "a * 2 + torch.exp(b)", "(a * 2 + torch.exp(b))[0]"];
        assert_eq!(sources[..4], first);
        assert_eq!(steps[2].operands, [0, 1]);
        assert_eq!((&*steps[1].names, &*steps[4].op), (&["b".to_owned()][..], "sum"));
        let want = "__look__(-1, __look__(4, __look__(3, __look__(2, __look__(0, a * 2) + __look__(1, torch.exp(b)))[0]).sum(dim=-1)))";
        assert_eq!(unparse::block(&block).trim_end(), want);
        let mut other = crate::lang::parse("a = 1").expect("parses");
        assert!(wrap(&mut other).is_none());
    }

    #[test]
    fn bytes_have_three_digits() {
        assert_eq!(
            [bytes(4), bytes(4000), bytes(12_345_678), bytes(200_000_000)],
            ["4 B", "4.0 kB", "12.3 MB", "200 MB"]
        );
    }
}
