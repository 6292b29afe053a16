//! Indexing on GPUs: reading and writing where indices or masks say, and elements in other places.

pub mod bins;
pub mod compact;
pub mod gather;
pub mod picks;
pub mod rearrange;
mod runs;
pub mod scatter;
pub mod spot;
pub mod subscript;
