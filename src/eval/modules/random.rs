//! The module `random`.

use crate::eval::module::Module;

/// The module.
pub fn module() -> Module {
    Module::new("random", &[])
}
