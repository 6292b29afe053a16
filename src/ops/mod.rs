//! The op table: what ops there are, each named in one row and nowhere else.
//!
//! A row is documentation, signatures and, for each signature, what computes it: a primitive (a scalar function that
//! fuses), a kernel (a function over views) or a formula (tensh source). Argument binding, messages, help, completion,
//! method, in-place and `out=` forms follow from the row.

pub mod args;
pub mod bind;
pub mod derivative;
mod overloads;
pub mod prim;
mod refuse;
pub mod signature;

pub mod table;

mod activation;
mod arith;
mod back;
mod batch;
mod combine;
mod compare;
mod create;
mod ctc;
mod decompose;
mod dropout;
mod fft;
mod index;
mod init;
mod join;
mod linalg;
mod loss;
mod math;
mod matmul;
mod norm;
mod padding;
mod property;
mod quantiles;
mod random;
mod reduce;
mod resample;
mod scan;
mod shape;
mod signal;
mod sort;
mod spatial;
mod special;

pub use args::{Arg, Args, In, Out};
pub use prim::Prim;
pub use table::{Form, Kind, Overload, Row, find, rows};

/// The table's files, one per topic.
pub(crate) const TOPICS: &[&[Row]] = &[
    arith::ROWS,
    back::ROWS,
    combine::ROWS,
    reduce::ROWS,
    quantiles::ROWS,
    scan::ROWS,
    matmul::ROWS,
    linalg::ROWS,
    decompose::ROWS,
    index::ROWS,
    sort::ROWS,
    join::ROWS,
    shape::ROWS,
    create::ROWS,
    random::ROWS,
    dropout::ROWS,
    special::ROWS,
    fft::ROWS,
    padding::ROWS,
    property::ROWS,
    signal::ROWS,
    loss::ROWS,
    ctc::ROWS,
    norm::ROWS,
    resample::ROWS,
    batch::ROWS,
    spatial::ROWS,
    compare::ROWS,
    math::ROWS,
    activation::ROWS,
    init::ROWS,
];
