//! Numeric functions over views, and the loops of the primitives.
//!
//! Everything here runs on the host, knows no tensor and no op name, and returns fresh memory.

pub mod block;
pub mod copy;
pub mod create;
pub mod fft;
pub mod index;
pub mod isa;
pub mod join;
pub mod linalg;
pub mod matmul;
pub mod parallel;
pub mod place;
pub mod progress;
pub mod random;
pub mod rearrange;
pub mod reduce;
pub mod scan;
pub mod shape;
pub mod sort;
pub mod spatial;
pub mod special;
pub mod split;
pub mod streamed;
pub mod vector;
pub mod window;
