//! Elements picked out and put in by index, mask or position.

pub mod along;
pub mod bins;
pub mod element;
pub mod gather;
pub mod likelihood;
pub mod masked;
pub mod plan;
pub mod scatter;
pub mod subscript;
pub mod triangle;
pub mod walk;
