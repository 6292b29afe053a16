//! From values to text: numbers, tensors, diagnostics. Never computes, never touches the terminal.

pub mod number;
pub mod objects;
pub mod tensor;
