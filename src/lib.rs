//! tensh, the tensor shell: PyTorch's names and meaning in one small binary.
//!
//! The rooms and who may import whom are held by `tests/layers.rs`:
//! base < store < cpu < cuda < ops < tensor < {engine, print}; base < lang; {lang, tensor} < formula < autograd;
//! {engine, autograd} < eval; numpy, io beside eval; {eval, print} < repl, golden < main.

pub mod autograd;
pub mod base;
pub mod command;
pub mod cpu;
pub mod cuda;
pub mod engine;
pub mod eval;
pub mod golden;
pub mod lang;
pub mod numpy;
pub mod ops;
pub mod print;
pub mod repl;
pub mod store;
pub mod tensor;
