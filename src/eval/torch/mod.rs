//! PyTorch in the evaluator: tensors as values, rows as functions and methods, and the modules below `torch`.

pub mod attributes;
pub mod autograd;
pub mod close;
pub mod context;
pub mod convert;
pub mod cuda;
pub mod data;
pub mod formula;
pub mod functions;
pub mod generator;
mod loose;
pub mod manual;
pub mod methods;
pub mod modules;
pub mod operators;
pub mod rows;
pub mod settings;
mod special_methods;
pub mod storage;
pub mod subscript;
pub mod switches;
pub mod tensor;
pub mod to;
pub mod types;
