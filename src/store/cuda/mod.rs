//! Memory on NVIDIA GPUs: the driver, the caching allocator, and the ledger of what moved between host and device.
//!
//! Nothing here touches CUDA before somebody asks for a device.

pub mod driver;
mod event;
pub mod ledger;
pub mod pool;
mod remote;
mod staging;
mod word;

pub use driver::{Block, Gpu};
pub(super) use remote::Remote;
pub use remote::check;
pub use word::Word;
