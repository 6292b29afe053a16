//! Switches of torch's, most of which change nothing here but are remembered: threads, determinism, precision of products; and the
//! modules that tell what a build can do (`torch.backends`, `torch.version`).

use crate::base::error::{runtime, value_error};
use crate::cpu::parallel;
use crate::cuda::blas;
use crate::eval::builtin::Builtin;
use crate::eval::module::Module;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::tensor::grad::Anomaly;
use std::cell::{Cell, RefCell};

thread_local! {
    static THREADS: Cell<Option<i64>> = const { Cell::new(None) };
    /// 0 off, 1 warns, 2 is an error: `torch.get_deterministic_debug_mode`.
    static DETERMINISTIC: Cell<i64> = const { Cell::new(0) };
    static PRECISION: RefCell<&'static str> = const { RefCell::new("highest") };
}

const PRECISIONS: &[&str] = &["highest", "high", "medium"];
const MODES: &[&str] = &["default", "warn", "error"];

/// Sets the precision of `float32` products; what is below the highest rounds their factors to TF32 on GPUs.
fn set_precision(precision: &'static str) {
    PRECISION.replace(precision);
    blas::allow_tf32(precision != "highest");
}

fn threads(value: &Value, function: &str) -> Res<i64> {
    match value {
        Value::Int(n) if *n > 0 => Ok(*n),
        Value::Int(_) => Err(runtime(format!("{function} expects a positive integer")).into()),
        other => Err(runtime(format!("{function} expects an int, but got {}", other.type_name())).into()),
    }
}

crate::builtin_table! {
    /// Functions of `torch`.
    SWITCHES of "torch" {
        "get_num_threads" ("") "Threads that ops use." => |_, _| Ok(match THREADS.get() {
            Some(n) => Value::Int(n),
            None => Value::count(parallel::threads()),
        });
        "set_num_threads" ("num, /") "Remembered; the number of threads is settled at start." => |_, a| {
            THREADS.set(Some(threads(&a[0], "set_num_threads")?));
            Ok(Value::None)
        };
        "get_num_interop_threads" ("") "Threads that run ops side by side." => |_, _| Ok(Value::Int(1));
        "set_num_interop_threads" ("num, /") "Accepted; ops run one after the other." => |_, a| {
            threads(&a[0], "set_num_interop_threads").map(|_| Value::None)
        };
        "use_deterministic_algorithms" ("mode, *, warn_only=False") "Remembered; every op is deterministic." => |_, a| {
            let on = !matches!(a[0], Value::Bool(false));
            DETERMINISTIC.set(match (on, matches!(a[1], Value::Bool(true))) {
                (false, _) => 0,
                (true, true) => 1,
                (true, false) => 2,
            });
            Ok(Value::None)
        };
        "are_deterministic_algorithms_enabled" ("") "Whether deterministic algorithms were asked for." => |_, _| Ok(Value::Bool(DETERMINISTIC.get() > 0));
        "is_deterministic_algorithms_warn_only_enabled" ("") "Whether others would only warn." => |_, _| Ok(Value::Bool(DETERMINISTIC.get() == 1));
        "get_deterministic_debug_mode" ("") "0 off, 1 warns, 2 is an error." => |_, _| Ok(Value::Int(DETERMINISTIC.get()));
        "set_deterministic_debug_mode" ("debug_mode") "Sets the mode, by number or by name." => |_, a| {
            let mode = match &a[0] {
                Value::Int(i) if (0..3).contains(i) => Some(*i),
                other => MODES.iter().position(|m| other.as_str() == Some(*m)).map(|i| i as i64),
            };
            let Some(mode) = mode else {
                let shown = a[0].as_str().map_or_else(|| a[0].type_name(), str::to_owned);
                return Err(runtime(format!("invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got {shown}")).into());
            };
            DETERMINISTIC.set(mode);
            Ok(Value::None)
        };
        "set_float32_matmul_precision" ("precision") "Whether GPUs may round the factors of float32 products to TF32: not with 'highest'." => |_, a| {
            match PRECISIONS.iter().find(|p| a[0].as_str() == Some(**p)) {
                Some(precision) => {
                    set_precision(precision);
                    Ok(Value::None)
                }
                None => Err(value_error("precision must be one of 'highest', 'high', 'medium'").into()),
            }
        };
        "get_float32_matmul_precision" ("") "The precision of float32 products." => |_, _| Ok(Value::from(PRECISION.with_borrow(|p| *p)));
        "set_flush_denormal" ("mode, /") "Accepted; denormal numbers stay what they are." => |_, _| Ok(Value::Bool(true));
        "compiled_with_cxx11_abi" ("") "Always true, as in PyTorch since 2.7." => |_, _| Ok(Value::Bool(true));
        "is_anomaly_enabled" ("") "Whether walks look for what goes wrong." => |_, _| Ok(Value::Bool(Anomaly::now().on));
        "is_anomaly_check_nan_enabled" ("") "Whether they refuse nan." => |_, _| Ok(Value::Bool(Anomaly::now().nan));
        "is_autocast_enabled" ("device_type=None") "Whether dtypes are chosen by themselves." => |_, _| Ok(Value::Bool(false));
        "is_autocast_cpu_enabled" ("") "Whether dtypes are chosen by themselves." => |_, _| Ok(Value::Bool(false));
        "is_warn_always_enabled" ("") "Whether every warning is shown." => |_, _| Ok(Value::Bool(false));
    }
}

crate::builtin_table! {
    /// What `torch.mps`, `torch.xpu` and most of `torch.backends` know to say here.
    ABSENT of "torch" {
        "is_available" ("") "Whether it can be used." => |_, _| Ok(Value::Bool(false));
        "is_built" ("") "Whether it was built in." => |_, _| Ok(Value::Bool(false));
        "device_count" ("") "How many devices there are." => |_, _| Ok(Value::Int(0));
        "manual_seed" ("seed") "Ignored: there is no device." => |_, _| Ok(Value::None);
        "empty_cache" ("") "Ignored: there is no device." => |_, _| Ok(Value::None);
    }
}

crate::builtin_table! {
    /// What libraries say that PyTorch's build holds.
    PRESENT of "torch.backends" {
        "is_available" ("") "Whether it can be used." => |_, _| Ok(Value::Bool(true));
        "is_built" ("") "Whether it was built in." => |_, _| Ok(Value::Bool(true));
    }
}

/// A module of this file by its dotted name below `torch.`.
pub fn module(name: &str) -> Option<Module> {
    let absent: &'static [&'static [Builtin]] = &[ABSENT];
    let present: &'static [&'static [Builtin]] = &[PRESENT];
    let below = |name: &str| module(name).map(|m| Value::Module(std::rc::Rc::new(m)));
    Some(match name {
        "mps" => Module::new("torch.mps", absent),
        "xpu" => Module::new("torch.xpu", absent),
        "accelerator" => Module::new("torch.accelerator", &[super::cuda::ACCELERATOR]),
        "version" => Module::new("torch.version", &[])
            .with("__version__", Value::from(VERSION))
            .with("cuda", Value::from("13.0"))
            .with("hip", Value::None),
        "backends" => {
            let mut all = Module::new("torch.backends", &[]);
            for (short, full) in BACKENDS {
                if let Some(value) = below(full) {
                    all = all.with(short, value);
                }
            }
            all
        }
        "backends.cudnn" => Module::new("torch.backends.cudnn", present)
            .with("enabled", Value::Bool(true))
            .with("deterministic", Value::Bool(false))
            .with("benchmark", Value::Bool(false))
            .with("allow_tf32", Value::Bool(true)),
        "backends.cuda" => match below("backends.cuda.matmul") {
            Some(matmul) => Module::new("torch.backends.cuda", present).with("matmul", matmul),
            None => return None,
        },
        "backends.cuda.matmul" => Module {
            lookup: |name| (name == "allow_tf32").then(|| Value::Bool(blas::allows_tf32())),
            others: || vec!["allow_tf32".to_owned()],
            switch: |name, value| {
                let known = name == "allow_tf32";
                if known {
                    set_precision(if matches!(value, Value::Bool(true)) { "high" } else { "highest" });
                }
                known
            },
            ..Module::new("torch.backends.cuda.matmul", &[])
        },
        "backends.mps" => Module::new("torch.backends.mps", absent),
        "backends.mkl" => Module::new("torch.backends.mkl", present),
        "backends.mkldnn" => Module::new("torch.backends.mkldnn", present),
        "backends.openmp" => Module::new("torch.backends.openmp", present),
        _ => return None,
    })
}

/// The version of PyTorch that tensh follows, as its wheel for Linux names it.
pub const VERSION: &str = "2.11.0+cu130";

const BACKENDS: &[(&str, &str)] = &[
    ("cudnn", "backends.cudnn"),
    ("cuda", "backends.cuda"),
    ("mps", "backends.mps"),
    ("mkl", "backends.mkl"),
    ("mkldnn", "backends.mkldnn"),
    ("openmp", "backends.openmp"),
];
