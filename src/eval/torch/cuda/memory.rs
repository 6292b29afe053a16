//! `torch.cuda.memory_stats` and `memory_summary`: the allocator's numbers under PyTorch's names.

use crate::store::cuda::Gpu;
use crate::store::cuda::pool::{Metric, Statistics, Tally};

/// Metrics in the table's order: PyTorch's name, the table's, and whether it counts bytes. A block that is given out is active.
const METRICS: [(&str, &str, Metric); 9] = [
    ("allocated_bytes", "Allocated memory", Metric::Allocated),
    ("active_bytes", "Active memory", Metric::Allocated),
    ("requested_bytes", "Requested memory", Metric::Requested),
    ("reserved_bytes", "GPU reserved memory", Metric::Reserved),
    ("inactive_split_bytes", "Non-releasable memory", Metric::Split),
    ("allocation", "Allocations", Metric::Blocks),
    ("active", "Active allocs", Metric::Blocks),
    ("segment", "GPU reserved segments", Metric::Segments),
    ("inactive_split", "Non-releasable allocs", Metric::Splits),
];

/// What blocks may be too large for; there is no such bound here.
const OVERSIZE: [(&str, &str); 2] =
    [("oversize_allocations", "Oversize allocations"), ("oversize_segments", "Oversize GPU segments")];

/// The parts that each metric is told of.
const POOLS: [(&str, &str); 3] =
    [("all", ""), ("large_pool", "      from large pool"), ("small_pool", "      from small pool")];

/// The numbers of a tally, by name.
fn parts(tally: &Tally) -> [(&'static str, usize); 4] {
    [("current", tally.current), ("peak", tally.peak), ("allocated", tally.allocated), ("freed", tally.freed)]
}

/// The allocator's numbers under PyTorch's names, in order.
pub fn numbers(s: &Statistics) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    for (name, _, metric) in METRICS {
        for ((pool, _), tally) in POOLS.iter().zip(s.tally(metric)) {
            out.extend(parts(tally).map(|(part, n)| (format!("{name}.{pool}.{part}"), n)));
        }
    }
    for (name, _) in OVERSIZE {
        out.extend(parts(&Tally::default()).map(|(part, n)| (format!("{name}.{part}"), n)));
    }
    let segments = s.tally(Metric::Segments)[0];
    out.extend([
        ("max_split_size".to_owned(), usize::MAX >> 1),
        ("num_alloc_retries".to_owned(), s.retries),
        ("num_device_alloc".to_owned(), segments.allocated),
        ("num_device_free".to_owned(), segments.freed),
        ("num_ooms".to_owned(), s.failures),
        ("num_sync_all_streams".to_owned(), 0),
    ]);
    out.sort();
    out
}

/// A number in the unit that suits another, cut down to whole ones.
fn scaled(n: usize, measure: usize, step: usize, least: f64, units: &[&'static str]) -> (usize, &'static str) {
    let (mut n, mut measure, mut unit) = (n, measure as f64, 0);
    while unit + 1 < units.len() && measure >= least {
        n /= step;
        measure /= step as f64;
        unit += 1;
    }
    (n, units[unit])
}

fn size(n: usize, measure: usize) -> String {
    let (n, unit) = scaled(n, measure, 1024, 768.0 * 1024.0, &["B  ", "KiB", "MiB", "GiB", "TiB", "PiB"]);
    format!("{n:6} {unit}")
}

fn count(n: usize, measure: usize) -> String {
    let (n, unit) = scaled(n, measure, 1000, 750e3, &[" ", "K", "M"]);
    format!("{n:7} {unit} ")
}

/// A line of the table: a tally in the units of the whole's.
fn row(name: &str, tally: &Tally, whole: &Tally, show: fn(usize, usize) -> String) -> String {
    let cells: Vec<String> = parts(tally).iter().zip(parts(whole)).map(|((_, n), (_, all))| show(*n, all)).collect();
    format!(" {name:<21} | {} ", cells.join(" | "))
}

/// The allocator's numbers as PyTorch's table.
pub fn summary(gpu: &Gpu, abbreviated: bool) -> String {
    let s = gpu.statistics();
    let (double, single) = ("=".repeat(75), "-".repeat(75));
    let mut lines = vec![
        double.clone(),
        format!(" {:16} PyTorch CUDA memory summary, device ID {:<17} ", "", gpu.index),
        single.clone(),
        format!("  {:9} CUDA OOMs: {:<12} | {:6} cudaMalloc retries: {:<8}  ", "", s.failures, "", s.retries),
        double.clone(),
        "        Metric         | Cur Usage  | Peak Usage | Tot Alloc  | Tot Freed  ".to_owned(),
    ];
    for (key, name, metric) in METRICS {
        lines.push(single.clone());
        let tallies = s.tally(metric);
        let show = if key.ends_with("bytes") { size } else { count };
        for ((_, pool), tally) in POOLS.iter().zip(tallies).take(if abbreviated { 1 } else { 3 }) {
            lines.push(row(if pool.is_empty() { name } else { pool }, tally, &tallies[0], show));
        }
    }
    for (_, name) in OVERSIZE {
        lines.push(single.clone());
        lines.push(row(name, &Tally::default(), &Tally::default(), count));
    }
    lines.push(double);
    format!("|{}|\n", lines.join("|\n|"))
}
