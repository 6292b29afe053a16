//! `%transfers`, `%mem` and `%breakeven`: what lies where, what moved, and from which size a GPU pays.

use super::explain::bytes;
use super::record::Record;
use super::timing::{count, span};
use super::variables;
use crate::base::{DType, Device};
use crate::eval::args::Args;
use crate::eval::torch::cuda;
use crate::eval::{Interp, Value};
use crate::lang;
use crate::lang::ast::{Expr, StmtKind};
use crate::store::View;
use crate::store::allocator;
use crate::store::cuda::driver;
use crate::store::cuda::ledger::{self, Direction, Transfer};
use crate::store::storage::live;
use crate::store::watch::resident;
use crate::tensor::devices::elsewhere;
use crate::tensor::{Tensor, lazy};
use std::time::{Duration, Instant};

/// The most of a line's text that is shown beside its copies.
const WIDTH: usize = 40;

/// Waits until the devices have done what was launched, so that a clock tells the whole time.
pub fn synchronize() {
    if driver::is_started() {
        // What went wrong there is told by whoever asks for the elements.
        let _ = driver::gpu(None).and_then(driver::Gpu::synchronize);
    }
}

/// What one entry copied in one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    direction: Direction,
    bytes: usize,
    time: Duration,
    /// The variables that held it when the entry had run.
    names: Vec<String>,
}

/// Notes what the newest entry copied, and for which variables, while they still hold it.
pub fn note(it: &Interp, record: &mut Record) {
    let all = ledger::since(record.transfers);
    record.transfers = ledger::total().count;
    let Some(entry) = record.entries.last_mut().filter(|_| !all.is_empty()) else { return };
    for direction in [Direction::Up, Direction::Down, Direction::Across] {
        let these: Vec<&Transfer> = all.iter().filter(|t| t.direction == direction).collect();
        if these.is_empty() {
            continue;
        }
        let mut names: Vec<String> = Vec::new();
        for name in these.iter().filter_map(|t| owner(it, t.address)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let (bytes, time) = (these.iter().map(|t| t.bytes).sum(), these.iter().map(|t| t.time).sum());
        entry.moved.push(Moved { direction, bytes, time, names });
    }
}

/// `%transfers`: every copy between the host and the devices, by the line that made it.
pub fn transfers(record: &Record) -> String {
    let total = ledger::total();
    if total.count == 0 {
        return "nothing has moved between the host and a device\n".to_owned();
    }
    let mut out = String::from("  In   direction        bytes         time   GB/s  variable  statement\n");
    for entry in &record.entries {
        let source: String =
            entry.source.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(WIDTH).collect();
        for moved in &entry.moved {
            let rate = moved.bytes as f64 / moved.time.as_secs_f64().max(1e-9) / 1e9;
            out.push_str(&format!(
                "{:>4}   {:<9} {:>12} {:>12} {:>6.1}  {:<8}  {source}\n",
                entry.number,
                match moved.direction {
                    Direction::Up => "to GPU",
                    Direction::Down => "to CPU",
                    Direction::Across => "GPU to GPU",
                },
                bytes(moved.bytes),
                span(moved.time.as_secs_f64()),
                rate,
                moved.names.join(", "),
            ));
        }
    }
    out.push_str(&format!("{} copies, {} together\n", count(total.count as u64), bytes(total.bytes)));
    for row in elsewhere() {
        let calls = if row.calls == 1 { "call" } else { "calls" };
        let (n, moved) = (count(row.calls as u64), bytes(row.bytes));
        out.push_str(&format!("{} ran on the CPU: {n} {calls}, {moved} moved\n", row.row));
    }
    out
}

/// The variable whose memory an address lies in.
fn owner(it: &Interp, address: u64) -> Option<String> {
    let inside = |view: &View| {
        let start = view.storage().address() as u64;
        view.device() != Device::Cpu && (start..start + view.storage().bytes() as u64).contains(&address)
    };
    let all = variables::variables(it).into_iter();
    all.filter(|(_, value)| ready(value).is_some_and(|view| inside(&view))).map(|(name, _)| name).next()
}

/// A tensor's elements, if they are there.
fn ready(value: &Value) -> Option<View> {
    match value {
        Value::Tensor(t) => t.peek(View::clone),
        _ => None,
    }
}

/// `%mem`: the memory of the host and of each device in use, and the variables that hold it.
pub fn memory(it: &Interp) -> String {
    let (now, most) = live();
    let mut out = format!("tensors  {} now, {} at most\n", bytes(now), bytes(most));
    if let Some((now, peak)) = resident() {
        out.push_str(&format!("process  {} now, {} at most\n", bytes(now), bytes(peak)));
    }
    if let Some(cached) = allocator::cached() {
        out.push_str(&format!("cached   {}, given back a second after it was last used\n", bytes(cached)));
    }
    if !driver::is_started() {
        return out;
    }
    for index in 0..driver::count() {
        let Ok(gpu) = driver::gpu(u8::try_from(index).ok()) else { continue };
        let s = gpu.statistics();
        if s.reserved().peak == 0 {
            continue;
        }
        let free = gpu.memory().map_or(0, |m| m.0);
        out.push_str(&format!(
            "cuda:{index}   {} in tensors, {} at most; {} held, {} free of {} ({})\n",
            bytes(s.allocated().current),
            bytes(s.allocated().peak),
            bytes(s.reserved().current),
            bytes(free),
            bytes(gpu.properties.memory),
            gpu.properties.name
        ));
        for (name, size) in cuda::holders(it, gpu.device()) {
            out.push_str(&format!("         {:>9}  {name}\n", bytes(size)));
        }
    }
    out
}

/// Sizes that an expression is timed at: as many times the elements that its tensors have.
const STEPS: [f64; 7] = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/// The most elements of all tensors together that are tried.
const MOST: f64 = 2e8;

/// Where a size takes longer, larger ones are not tried.
const PATIENCE: Duration = Duration::from_secs(1);

/// The times of one size.
struct Row {
    elements: usize,
    cpu: f64,
    gpu: f64,
    copied: f64,
}

/// `%breakeven EXPRESSION`: its time on both devices over sizes, copies included, and from which size the GPU wins.
///
/// # Errors
/// What to say on stderr.
pub fn breakeven(it: &mut Interp, text: &str) -> Result<String, String> {
    let gpu = driver::gpu(None).map_err(|e| e.to_string())?;
    let tensors: Vec<(String, Tensor)> = names(text)?
        .into_iter()
        .filter_map(|name| match it.globals.get(&name) {
            Some(Value::Tensor(t)) => Some((name, t)),
            _ => None,
        })
        .collect();
    let largest = tensors.iter().map(|(_, t)| t.numel()).max().unwrap_or(0);
    if largest == 0 {
        return Err("UsageError: %breakeven takes an expression over variables that are tensors".to_owned());
    }
    let parameters: Vec<&str> = tensors.iter().map(|(name, _)| name.as_str()).collect();
    let parameters = parameters.join(", ");
    let define = |it: &mut Interp, body: &str| {
        it.define(&format!("def __breakeven__({parameters}):\n{body}"), "__breakeven__").map_err(|e| e.to_string())
    };
    let plain = define(it, &format!("    return {text}\n"))?;
    let moves: String = tensors.iter().map(|(name, _)| format!("    {name} = {name}.cuda()\n")).collect();
    let there_and_back = define(it, &format!("{moves}    __r = {text}\n    return __r.cpu()\n"))?;
    let mut rows: Vec<Row> = Vec::new();
    for step in STEPS {
        let scaled: Vec<Vec<i64>> = tensors.iter().map(|(_, t)| grown(&t.sizes(), step / largest as f64)).collect();
        let elements: i64 = scaled.iter().map(|s| s.iter().product::<i64>()).sum();
        if elements as f64 > MOST {
            break;
        }
        let mut host = Vec::new();
        for ((_, t), sizes) in tensors.iter().zip(&scaled) {
            host.push(Value::Tensor(sample(t.dtype(), sizes).map_err(|e| e.to_string())?));
        }
        let mut there = Vec::new();
        for value in &host {
            let Value::Tensor(t) = value else { continue };
            there.push(Value::Tensor(t.to_device(gpu.device()).map_err(|e| e.to_string())?));
        }
        let cpu = time(it, &plain, &host)?;
        rows.push(Row {
            elements: elements as usize,
            cpu,
            gpu: time(it, &plain, &there)?,
            copied: time(it, &there_and_back, &host)?,
        });
        if rows.last().is_some_and(|row| row.cpu.max(row.gpu).max(row.copied) > PATIENCE.as_secs_f64()) {
            break;
        }
    }
    Ok(table(&rows, &gpu.properties.name))
}

/// The names that an expression looks up.
fn names(text: &str) -> Result<Vec<String>, String> {
    let block = lang::parse(text).map_err(|errors| errors.first().map_or_else(String::new, ToString::to_string))?;
    let [stmt] = &block[..] else { return Err("UsageError: %breakeven takes one expression".to_owned()) };
    let StmtKind::Expr { value: expr, .. } = &stmt.kind else {
        return Err("UsageError: %breakeven takes one expression".to_owned());
    };
    let mut found = Vec::new();
    collect(expr, &mut found);
    Ok(found)
}

fn collect(expr: &Expr, found: &mut Vec<String>) {
    if let lang::ast::ExprKind::Name(name) = &expr.kind
        && !found.iter().any(|n| **n == **name)
    {
        found.push(name.to_string());
    }
    lang::walk::parts(expr, &mut |part| collect(part, found));
}

/// Sizes with about `factor` times the elements: equal sizes stay equal, so that what fits together goes on fitting.
fn grown(sizes: &[i64], factor: f64) -> Vec<i64> {
    let free = sizes.iter().filter(|n| **n > 1).count().max(1) as f64;
    let each = factor.powf(1.0 / free);
    sizes.iter().map(|&n| if n > 1 { ((n as f64 * each).round() as i64).max(2) } else { n }).collect()
}

/// A tensor of these sizes to compute with.
fn sample(dtype: DType, sizes: &[i64]) -> crate::base::error::Result<Tensor> {
    Ok(Tensor::new(View::full(dtype, sizes, crate::base::Scalar::Int(1))?))
}

/// Seconds that a call takes: the median of several, behind one that makes everything ready.
fn time(it: &mut Interp, function: &Value, args: &[Value]) -> Result<f64, String> {
    let mut one = || -> Result<f64, String> {
        let began = Instant::now();
        let value = it.call(function, Args::of(args.to_vec())).map_err(|raise| it.uncaught(raise).error.to_string())?;
        if let Value::Tensor(t) = &value {
            t.view().map_err(|e| e.to_string())?;
        }
        lazy::flush().map_err(|e| e.to_string())?;
        synchronize();
        Ok(began.elapsed().as_secs_f64())
    };
    let first = one()?;
    let runs = if first > 0.2 { 1 } else { 7 };
    let mut times = (0..runs).map(|_| one()).collect::<Result<Vec<f64>, String>>()?;
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

fn table(rows: &[Row], name: &str) -> String {
    let mut out = format!("    elements          CPU          GPU   GPU, with copies there and back   ({name})\n");
    for row in rows {
        out.push_str(&format!(
            "{:>12} {:>12} {:>12} {:>12}\n",
            count(row.elements as u64),
            span(row.cpu),
            span(row.gpu),
            span(row.copied)
        ));
    }
    let from = |wins: &dyn Fn(&Row) -> bool| -> String {
        // The first size from which it goes on winning.
        let lost = rows.iter().rposition(|row| !wins(row)).map_or(0, |i| i + 1);
        match rows.get(lost) {
            Some(row) => format!("wins from {} elements", count(row.elements as u64)),
            None => "does not win at these sizes".to_owned(),
        }
    };
    out.push_str(&format!(
        "the GPU {} that are there already, and {} when they are copied there and back\n",
        from(&|row| row.gpu < row.cpu),
        from(&|row| row.copied < row.cpu)
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::grown;

    #[test]
    fn sizes_that_fit_together_go_on_fitting() {
        assert_eq!(grown(&[10, 10], 100.0), [100, 100]);
        assert_eq!(grown(&[1, 10], 10.0), [1, 100]);
        assert_eq!(grown(&[], 10.0), [0i64; 0]);
        let (a, b) = (grown(&[30, 20], 16.0), grown(&[20, 7], 16.0));
        assert_eq!(a[1], b[0]);
    }
}
