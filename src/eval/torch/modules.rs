//! The modules `torch`, `torch.linalg`, `torch.nn.functional`, ... and torch's names among the builtins.

use super::cuda;
use super::functions::{FUNCTIONS, TESTING};
use super::loose::{FUNCTIONAL, LOOSE};
use super::rows::RowFn;
use super::switches::{self, SWITCHES};
use super::{settings, types};
use crate::base::{DType, Device};
use crate::eval::args::Args;
use crate::eval::builtin::Builtin;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::manual::{self, Manual};
use crate::eval::module::Module;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::ops::table::{Row, find, rows};
use std::any::Any;
use std::rc::Rc;

/// Modules below `torch` whose functions are rows.
const BELOW: &[Entry] = &[
    ("linalg", "torch.linalg", |n| row("linalg", n)),
    ("special", "torch.special", |n| row("special", n)),
    ("fft", "torch.fft", |n| row("fft", n)),
    ("signal", "torch.signal", |n| {
        module_below(n, &[("windows", "torch.signal.windows", |n| row("signal.windows", n))])
    }),
    ("nn", "torch.nn", |n| {
        module_below(
            n,
            &[
                ("functional", "torch.nn.functional", functional),
                ("init", "torch.nn.init", init),
                ("utils", "torch.nn.utils", |n| module_below(n, &[("rnn", "torch.nn.utils.rnn", |_| None)])),
            ],
        )
    }),
    ("cuda", "torch.cuda", |n| match n {
        "OutOfMemoryError" | "AcceleratorError" => torch_name(n),
        "random" => module_below(n, &[("random", "torch.cuda.random", |_| None)]),
        _ => cuda::name(n),
    }),
    ("random", "torch.random", random),
    ("autograd", "torch.autograd", autograd_name),
    ("func", "torch.func", |_| None),
    ("testing", "torch.testing", |n| row("testing", n)),
];

fn functional(name: &str) -> Option<Value> {
    row("nn.functional", name)
}

fn init(name: &str) -> Option<Value> {
    row("nn.init", name)
}

fn random(name: &str) -> Option<Value> {
    FUNCTIONS
        .iter()
        .find(|f| {
            f.name == name
                && matches!(
                    name,
                    "manual_seed" | "seed" | "initial_seed" | "get_rng_state" | "set_rng_state" | "fork_rng"
                )
        })
        .map(Value::Builtin)
}

/// Modes stand under `torch.autograd`, too.
fn autograd_name(name: &str) -> Option<Value> {
    let modes = ["no_grad", "enable_grad", "inference_mode", "set_grad_enabled"];
    let below = |full, functions| Some(Value::Module(Rc::new(Module::new(full, functions))));
    match name {
        "functional" => below("torch.autograd.functional", &[super::autograd::library::FUNCTIONAL]),
        "graph" => below("torch.autograd.graph", &[super::autograd::saved::FUNCTIONS]),
        "GradcheckError" => Some(Value::Type(Type::Exc(crate::base::ErrorKind::GradcheckError))),
        _ => FUNCTIONS.iter().find(|f| f.name == name && modes.contains(&name)).map(Value::Builtin),
    }
}

fn row(prefix: &str, name: &str) -> Option<Value> {
    let path = format!("{prefix}.{name}");
    let (row, form) = find(&path)?;
    Some(RowFn::function(row, form, &path))
}

type Entry = (&'static str, &'static str, fn(&str) -> Option<Value>);

fn module_below(name: &str, table: &'static [Entry]) -> Option<Value> {
    let (short, full, lookup) = table.iter().find(|e| e.0 == name)?;
    let functions: &'static [&'static [Builtin]] = match *short {
        "cuda" => &[cuda::FUNCTIONS, cuda::random::FUNCTIONS],
        "random" if full.starts_with("torch.cuda") => &[cuda::random::FUNCTIONS],
        "testing" => &[TESTING, super::autograd::library::MAKING],
        "utils" => &[super::autograd::library::UTILS],
        "rnn" => &[super::autograd::library::SEQUENCES],
        "autograd" => {
            &[super::autograd::FUNCTIONS, super::autograd::anomaly::FUNCTIONS, super::autograd::library::CHECKS]
        }
        "func" => &[super::autograd::library::FUNC],
        "functional" => &[FUNCTIONAL],
        _ => &[],
    };
    let mut module = Module::new(full, functions);
    module.lookup = *lookup;
    module.others = match *short {
        "linalg" => || below_names("linalg."),
        "special" => || below_names("special."),
        "fft" => || below_names("fft."),
        "functional" => || below_names("nn.functional."),
        "init" => || below_names("nn.init."),
        "windows" => || below_names("signal.windows."),
        "signal" => || vec!["windows".into()],
        "nn" => || vec!["functional".into(), "init".into(), "utils".into()],
        "utils" => || vec!["rnn".into()],
        _ => Vec::new,
    };
    Some(Value::Module(Rc::new(module)))
}

fn below_names(prefix: &str) -> Vec<String> {
    let own = rows().flat_map(Row::functions);
    own.filter_map(|n| n.strip_prefix(prefix).map(str::to_string)).filter(|n| !n.contains('.')).collect()
}

/// What `torch.<name>` is, besides the functions of [`FUNCTIONS`].
fn torch_name(name: &str) -> Option<Value> {
    if name.contains('.') {
        return None;
    }
    if let Some((row, form)) = find(name) {
        return Some(RowFn::function(row, form, name));
    }
    if let Some(dtype) = DType::parse(name) {
        return Some(Value::DType(dtype));
    }
    Some(match name {
        "frombuffer" => return super::autograd::library::OWN.iter().find(|f| f.name == name).map(Value::Builtin),
        "vmap" => return super::autograd::library::FUNC.iter().find(|f| f.name == name).map(Value::Builtin),
        "pi" => Value::Float(std::f64::consts::PI),
        "e" => Value::Float(std::f64::consts::E),
        "inf" => Value::Float(f64::INFINITY),
        "nan" => Value::Float(f64::NAN),
        "newaxis" => Value::None,
        "default_generator" => super::generator::GeneratorObject::default_one(),
        "__version__" => Value::from(switches::VERSION),
        "OutOfMemoryError" => Value::Type(Type::Exc(crate::base::ErrorKind::OutOfMemoryError)),
        "AcceleratorError" => Value::Type(Type::Exc(crate::base::ErrorKind::AcceleratorError)),
        "has_lapack" | "has_mkl" | "has_openmp" => Value::Bool(true),
        _ => {
            let switches = || switches::module(name).map(|m| Value::Module(Rc::new(m)));
            return types::named(name)
                .or_else(|| settings::named(name))
                .or_else(|| module_below(name, BELOW))
                .or_else(switches);
        }
    })
}

fn torch_names() -> Vec<String> {
    let mut names = below_names("");
    names.extend(DType::ALL.iter().map(|d| d.name().to_string()));
    names.extend(["pi", "e", "inf", "nan", "newaxis", "strided"].map(str::to_string));
    names.extend(["Tensor", "Size", "device", "dtype", "layout", "memory_format", "Generator"].map(str::to_string));
    names.extend(["backends", "version", "mps", "xpu", "accelerator"].map(str::to_string));
    names.extend(BELOW.iter().map(|b| b.0.to_string()));
    names.retain(|n| !n.starts_with('_'));
    names
}

/// The module `torch`.
pub fn torch() -> Module {
    let mut module = Module::new("torch", &[FUNCTIONS, LOOSE, SWITCHES]);
    module.lookup = torch_name;
    module.others = torch_names;
    module
}

/// Names that stand in front of the builtins: devices, and functions that Python and torch share.
fn in_front(name: &str) -> Option<Value> {
    match name {
        "cuda" => return Some(Value::Device(Device::Cuda(None))),
        "cpu" => return Some(Value::Device(Device::Cpu)),
        "torch" => return Some(Value::Module(Rc::new(torch()))),
        _ => {}
    }
    let builtin = crate::eval::builtins::module().get(name)?;
    if !matches!(builtin, Value::Builtin(_)) {
        return None;
    }
    let (row, form) = find(name)?;
    Some(Value::object(Shared { builtin, torch: RowFn::function(row, form, name) }))
}

/// Makes torch's names known to an evaluator, behind Python's own.
pub fn install(it: &mut Interp) {
    let mut front = Module::new("builtins", &[]);
    front.lookup = in_front;
    it.globals.builtins.insert(0, Rc::new(front));
    it.globals.builtins.push(Rc::new(torch()));
}

/// A function that Python and torch both have: a tensor as first argument takes torch's.
struct Shared {
    builtin: Value,
    torch: Value,
}

impl Object for Shared {
    fn type_name(&self) -> &str {
        "builtin_function_or_method"
    }

    fn kind(&self) -> Type {
        Type::Builtin
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        let first = args.pos.first().or_else(|| args.kw.iter().find(|(n, _)| &**n == "input").map(|(_, v)| v));
        let torch =
            matches!(first, Some(Value::Tensor(_))) && !matches!(args.kw.first(), Some((n, _)) if &**n == "key");
        it.call(if torch { &self.torch } else { &self.builtin }, args).map(Some)
    }

    fn get_attr(&self, it: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        it.find_attr(&self.builtin, name)
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        it.repr(&self.builtin)
    }

    fn manual(&self) -> Option<Manual> {
        let mut both = manual::of(&self.builtin)?;
        let torch = manual::of(&self.torch)?;
        both.doc = format!("{}\n\nOf a tensor, {}:\n{}", both.doc, torch.signatures.join("\n"), torch.doc);
        both.keywords.extend(torch.keywords);
        both.source = torch.source;
        Some(both)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
