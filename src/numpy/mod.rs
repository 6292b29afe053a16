//! ndarray's own face: how NumPy names, promotes and prints.

pub mod print;
mod print_float;
pub mod print_scalar;
