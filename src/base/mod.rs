//! The vocabulary every other room speaks: source spans, errors, dtypes, scalars, devices and shapes.
//! Imports nothing of the crate; everyone may import it.

pub mod device;
pub mod dtype;
pub mod error;
pub mod interrupt;
pub mod limits;
pub mod promote;
pub mod scalar;
pub mod shape;
pub mod span;

pub use device::Device;
pub use dtype::DType;
pub use error::{Error, ErrorKind, Result};
pub use scalar::Scalar;
pub use shape::Shape;
pub use span::Span;
