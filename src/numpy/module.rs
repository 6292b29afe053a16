//! The module `numpy`: what each name in it is.

use super::about::ABOUT;
use super::borrowed::BORROWED;
use super::creation::CREATION;
use super::dtype::{self, Abstract, ScalarType};
use super::functions::FUNCTIONS;
use super::methods::{SHARED, shared};
use super::samples::SAMPLES;
use super::ufunc::{self, UfuncObject};
use super::{linalg, random};
use crate::base::ErrorKind;
use crate::eval::kind::Type;
use crate::eval::module::Module;
use crate::eval::value::Value;
use std::rc::Rc;

/// Methods that are no functions of the module.
const METHODS_ONLY: &[&str] = &["conj"];

/// The function of that name.
pub fn function(name: &str) -> Option<Value> {
    if let Some(row) = [CREATION, FUNCTIONS, ABOUT, BORROWED, SAMPLES].into_iter().flatten().find(|f| f.name == name) {
        return Some(Value::Builtin(row));
    }
    if let Some(row) = ufunc::find(name) {
        return Some(Value::object(UfuncObject(row)));
    }
    shared(name).map(Value::Builtin)
}

fn lookup(name: &str) -> Option<Value> {
    if let Some(found) = function(name) {
        return Some(found);
    }
    if let Some(d) = dtype::scalar_type(name) {
        return Some(Value::object(ScalarType(d)));
    }
    Some(match name {
        "pi" => Value::Float(std::f64::consts::PI),
        "e" => Value::Float(std::f64::consts::E),
        "euler_gamma" => Value::Float(0.577_215_664_901_532_9),
        "inf" => Value::Float(f64::INFINITY),
        "nan" => Value::Float(f64::NAN),
        "newaxis" => Value::None,
        "True_" => super::scalar::NpScalar::value(true.into(), crate::base::DType::Bool),
        "False_" => super::scalar::NpScalar::value(false.into(), crate::base::DType::Bool),
        "ndarray" => Value::Type(Type::NdArray),
        "__version__" => Value::from("2.4.6"),
        "linalg" => Value::Module(Rc::new(linalg::module())),
        "random" => Value::Module(Rc::new(random::module())),
        "exceptions" => Value::Module(Rc::new(
            Module::new("numpy.exceptions", &[]).with("AxisError", Value::Type(Type::Exc(ErrorKind::AxisError))),
        )),
        _ => return Abstract::find(name),
    })
}

fn names() -> Vec<String> {
    let constants = ["pi", "e", "inf", "nan", "newaxis", "ndarray", "linalg", "random"];
    let scalars = dtype::all().map(|d| d.name());
    let methods = SHARED.iter().map(|m| m.name).filter(|n| !METHODS_ONLY.contains(n));
    let all = constants.into_iter().chain(scalars).chain(ufunc::names()).chain(methods);
    let mut names: Vec<String> = all.map(str::to_string).collect();
    names.sort();
    names.dedup();
    names
}

/// The module.
pub fn numpy() -> Module {
    let mut module = Module::new("numpy", &[CREATION, FUNCTIONS, ABOUT, BORROWED, SAMPLES]);
    module.lookup = lookup;
    module.others = names;
    module
}
