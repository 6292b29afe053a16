//! The module `itertools`.

use crate::eval::module::Module;

/// The module.
pub fn module() -> Module {
    Module::new("itertools", &[])
}
