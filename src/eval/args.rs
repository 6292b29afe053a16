//! The arguments of a call.

use super::raise::Res;
use super::value::Value;
use crate::base::error::type_error;
use crate::lang::ast::Name;
use smallvec::SmallVec;

/// Positional and keyword arguments.
#[derive(Clone, Default)]
pub struct Args {
    /// By position.
    pub pos: SmallVec<[Value; 6]>,
    /// By name, in order of writing.
    pub kw: Vec<(Name, Value)>,
}

impl Args {
    /// Positional arguments only.
    pub fn of(values: impl IntoIterator<Item = Value>) -> Args {
        Args { pos: values.into_iter().collect(), kw: Vec::new() }
    }

    /// Adds a keyword argument.
    ///
    /// # Errors
    /// `TypeError` when it is there already.
    pub fn keyword(&mut self, func: impl FnOnce() -> String, name: Name, value: Value) -> Res<()> {
        if self.kw.iter().any(|(n, _)| *n == name) {
            return Err(type_error(format!("{} got multiple values for keyword argument '{name}'", func())).into());
        }
        self.kw.push((name, value));
        Ok(())
    }
}
