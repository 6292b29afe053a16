//! Runs programs: values, scopes, calls, statements, builtins, modules.

pub mod text;
