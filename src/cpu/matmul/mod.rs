//! Products of matrices and vectors, and what is built of them.
//!
//! `gemm` multiplies batches of strided matrices, `products` holds torch's named products with their shape and dtype
//! rules, `fused` the `add*` forms, `broadcast` is `matmul`, `einsum` contracts by subscripts. The others are thin.

pub mod broadcast;
pub mod distance;
pub mod einsum;
pub mod fused;
pub mod gemm;
pub mod products;
pub mod structured;
