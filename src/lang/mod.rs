//! From text to syntax tree. Never sees a tensor.

pub mod ast;
