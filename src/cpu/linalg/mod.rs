//! Factorizations, equations and eigenvalues of matrices, batched over leading dimensions.
//!
//! The reference's results come from LAPACK, whose signs and orders show in print. Its unblocked algorithms are
//! therefore the rule here (`householder`, `lu`, `svd`, `tridiagonal`, `schur`, ...), written on one column-major matrix
//! type; where the feature `linalg` is on `faer` takes larger ones (`large`), but for the QR factorization, which is ours in
//! blocks (`blocked`). The functions over views stand in `solve`, `factor`, `spectrum` and `norms`.

pub mod balance;
pub mod blocked;
pub mod check;
pub mod cholesky;
pub mod device;
pub mod eigen;
pub mod exponential;
pub mod factor;
pub mod field;
pub mod householder;
pub mod large;
pub mod ldl;
pub mod least_squares;
pub mod lu;
pub mod matrix;
pub mod norms;
pub mod rotation;
pub mod schur_complex;
pub mod schur_real;
pub mod solve;
pub mod spectrum;
pub mod svd;
pub mod tridiagonal;
