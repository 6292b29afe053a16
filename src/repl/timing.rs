//! `%time` and `%timeit`: IPython's words for how long a statement takes.

use crate::eval::Value;
use crate::lang;
use crate::lang::ast::{Stmt, StmtKind};
use crate::tensor::lazy;
use std::time::Duration;

/// A span of time in three digits, as IPython writes it: `1.23 µs`, `45.6 ns`, `1min 3s`.
pub fn span(seconds: f64) -> String {
    if seconds >= 60.0 {
        let mut left = seconds as u64;
        let mut parts = Vec::new();
        for (suffix, length) in [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)] {
            let value = left / length;
            if value > 0 {
                left %= length;
                parts.push(format!("{value}{suffix}"));
            }
        }
        return parts.join(" ");
    }
    let order = if seconds > 0.0 { (-(seconds.log10().floor() as i32).div_euclid(3)).clamp(0, 3) } else { 3 };
    let (unit, scale) = [("s", 1.0), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9)][order as usize];
    format!("{} {unit}", crate::print::number::general(seconds * scale, 3))
}

/// A count with commas: `1,000,000`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The result of `%timeit`: the time of each run of `loops` loops.
pub fn report(runs: &[Duration], loops: u64) -> String {
    let each: Vec<f64> = runs.iter().map(|run| run.as_secs_f64() / loops as f64).collect();
    let n = each.len() as f64;
    let mean = each.iter().sum::<f64>() / n;
    let deviation = (each.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / n).sqrt();
    let s = |n: u64| if n == 1 { "" } else { "s" };
    format!(
        "{} ± {} per loop (mean ± std. dev. of {} run{}, {} loop{} each)",
        span(mean),
        span(deviation),
        runs.len(),
        s(runs.len() as u64),
        count(loops),
        s(loops)
    )
}

/// The source of a function `__timeit__(n, settle)` that runs a statement `n` times, each time with all that it computes: the value of
/// an expression is held until what waits is settled.
pub fn function(statement: &str) -> String {
    let mut text = statement.to_owned();
    if let Ok(block) = lang::parse(statement)
        && let Some(Stmt { kind: StmtKind::Expr { .. }, span }) = block.last()
    {
        text.insert_str(span.range().start, "__value = ");
    }
    let mut out = String::from("def __timeit__(__n, __settle):\n    for __i in range(__n):\n");
    for line in text.lines() {
        out.push_str("        ");
        out.push_str(line);
        out.push('\n');
    }
    out.push_str("        __settle()\n");
    out
}

crate::builtin_table! {
    /// What a timed statement calls.
    SETTLE of "tensh" {
        "settle" ("") "Computes what waits." => |_, _| {
            lazy::flush()?;
            Ok(Value::None)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_ipythons() {
        let cases = [
            (1.234_567e-6, "1.23 µs"),
            (45.6e-9, "45.6 ns"),
            (0.0, "0 ns"),
            (3.2e-10, "0.32 ns"),
            (0.25, "250 ms"),
            (12.3456, "12.3 s"),
            (63.0, "1min 3s"),
            (1e-3, "1 ms"),
            (123.4e-6, "123 µs"),
        ];
        for (seconds, want) in cases {
            assert_eq!(span(seconds), want);
        }
        assert_eq!([count(1), count(1000), count(1_000_000)], ["1", "1,000", "1,000,000"]);
    }

    #[test]
    fn what_is_timed_is_held() {
        let body = |statement| function(statement).lines().skip(2).map(str::trim).collect::<Vec<_>>().join("|");
        assert_eq!(body("a * 2"), "__value = a * 2|__settle()");
        assert_eq!(body("y = a; y + 1"), "y = a; __value = y + 1|__settle()");
        assert_eq!(body("y = a * 2"), "y = a * 2|__settle()");
    }

    #[test]
    fn reports_are_ipythons() {
        let runs = [Duration::from_micros(10), Duration::from_micros(20)];
        let want = "1.5 µs ± 500 ns per loop (mean ± std. dev. of 2 runs, 10 loops each)";
        assert_eq!(report(&runs, 10), want);
        assert!(report(&runs[..1], 1).ends_with("of 1 run, 1 loop each)"));
    }
}
