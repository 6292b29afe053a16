//! Memory: storages and the strided views over them.
//!
//! Knows bytes, dtypes and strides; computes nothing.

pub mod allocator;
pub mod copies;
pub mod cuda;
pub mod geometry;
pub mod overlap;
pub mod storage;
pub mod view;
pub mod watch;

pub use storage::Storage;
pub use view::View;
