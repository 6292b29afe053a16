//! The module `time`.

use crate::base::error::value_error;
use crate::base::interrupt;
use crate::eval::module::Module;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::tensor::lazy;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

builtin_table! {
    /// Functions of time.
    TABLE of "time" {
        "time" ("") "Return the seconds since 1970." => |_, _| Ok(Value::Float(since_epoch().as_secs_f64()));
        "time_ns" ("") "Return the nanoseconds since 1970." => |_, _| Ok(Value::Int(since_epoch().as_nanos() as i64));
        "perf_counter" ("") "Return the seconds of a clock for measuring." => |_, _| Ok(Value::Float(running().as_secs_f64()));
        "perf_counter_ns" ("") "Return the nanoseconds of a clock for measuring." =>
            |_, _| Ok(Value::Int(running().as_nanos() as i64));
        "monotonic" ("") "Return the seconds of a clock that never goes back." => |_, _| Ok(Value::Float(running().as_secs_f64()));
        "process_time" ("") "Return the seconds since the start." => |_, _| Ok(Value::Float(running().as_secs_f64()));
        "sleep" ("seconds, /") "Wait some seconds." => |it, a| {
            let seconds = it.real(&a[0])?;
            if seconds < 0.0 || seconds.is_nan() {
                return Err(value_error("sleep length must be non-negative").into());
            }
            sleep(seconds)
        };
    }
}

// Who looks at a clock means the work so far: what waits is computed first. Should that fail, the tensors keep the error.
fn since_epoch() -> Duration {
    let _ = lazy::flush();
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn running() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let _ = lazy::flush();
    START.get_or_init(Instant::now).elapsed()
}

/// Waits in short naps, so that Ctrl-C is heard.
fn sleep(seconds: f64) -> Res {
    let start = Instant::now();
    loop {
        interrupt::check()?;
        let left = seconds - start.elapsed().as_secs_f64();
        if left <= 0.0 {
            return Ok(Value::None);
        }
        std::thread::sleep(Duration::from_secs_f64(left.min(0.02)));
    }
}

/// The module.
pub fn module() -> Module {
    Module::new("time", &[TABLE])
}
