//! What slides over images, signals and volumes: convolutions and pooling, over one to three dimensions at the end of a tensor.
//!
//! Fewer dimensions are taken as three, the missing ones first and of size 1.

pub mod convolve;
mod direct;
pub mod pool;

/// One value a dimension, from the outermost.
pub type Triple = [usize; 3];

/// Values of up to three dimensions, `missing` before them.
pub fn triple(values: &[i64], missing: usize) -> Triple {
    let mut out = [missing; 3];
    let first = 3 - values.len().min(3);
    for (o, &v) in out[first..].iter_mut().zip(values) {
        *o = usize::try_from(v).unwrap_or(0);
    }
    out
}
