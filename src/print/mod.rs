//! From values to text: numbers, tensors, diagnostics. Never computes, never touches the terminal.

pub mod diagnostic;
mod excerpt;
pub mod markup;
pub mod number;
pub mod objects;
pub mod python;
pub mod suggest;
pub mod tensor;
