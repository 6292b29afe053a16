//! Runs programs: values, scopes, calls, statements, builtins, modules.
//!
//! A source is parsed, lowered to resolved code (`lower`, `code`), and walked (`stmt`, `expr`, `call`). A [`Session`]
//! does all three and keeps the variables. Values of other rooms come in through [`object::Object`].

#[macro_use]
pub mod builtin;
pub mod args;
mod assign;
pub mod attribute;
mod bind;
pub mod builtins;
pub mod bytes;
mod call;
pub mod code;
pub mod compare;
pub mod dict;
mod dropping;
mod expr;
mod format;
mod generator;
mod generic;
pub mod globals;
pub mod guard;
pub mod hash;
pub mod help;
pub mod interp;
pub mod iterate;
pub mod kind;
pub mod lower;
mod lower_expr;
pub mod manual;
pub mod methods;
pub mod module;
pub mod modules;
pub mod number;
pub mod object;
mod operators;
pub mod raise;
mod repr;
mod scope;
pub mod session;
pub mod set;
mod stmt;
mod subscript;
pub mod text;
pub mod torch;
mod union;
pub mod value;

pub use interp::Interp;
pub use raise::{Raise, Res, Uncaught};
pub use session::{Failure, Session};
pub use value::Value;
