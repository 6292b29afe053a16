//! Order: sorting, the largest elements, distinct elements, search.

pub mod introsort;
pub mod key;
pub mod lanes;
pub mod order;
pub mod search;
pub mod topk;
pub mod unique;
