//! The exponential of a matrix: Taylor's series after scaling, then squaring (Moler and Van Loan, Nineteen dubious ways,
//! method 3). Everything is computed in double precision.

use super::check;
use super::field::Field;
use super::matrix::{Mat, Order, stack, unstack};
use crate::base::DType;
use crate::base::dtype::C64;
use crate::base::error::Result;
use crate::cpu::copy;
use crate::cpu::matmul::products::leading;
use crate::store::View;

/// `torch.linalg.matrix_exp`.
///
/// # Errors
/// torch's, for anything but square floating or complex matrices.
pub fn matrix_exp(a: &View) -> Result<View> {
    let name = "linalg.matrix_exp";
    check::square(a, name)?;
    check::inexact(a, name, true)?;
    let n = a.sizes()[a.ndim() - 1] as usize;
    let batch = leading(a.sizes(), 2);
    let out = if a.dtype().is_complex() {
        let all: Vec<Mat<C64>> = unstack::<C64>(&copy::cast(a, DType::C64)?).iter().map(exponential).collect();
        stack(&all, &batch, n, n, Order::Rows)?
    } else {
        let all: Vec<Mat<f64>> = unstack::<f64>(&copy::cast(a, DType::F64)?).iter().map(exponential).collect();
        stack(&all, &batch, n, n, Order::Rows)?
    };
    copy::cast(&out, a.dtype())
}

fn exponential<T: Field<Real = f64>>(a: &Mat<T>) -> Mat<T> {
    let n = a.rows;
    if !a.is_finite() {
        return Mat { rows: n, cols: n, data: vec![T::real(f64::NAN); n * n] };
    }
    let size = (0..n).map(|j| a.col(j).iter().map(|v| v.modulus()).sum::<f64>()).fold(0.0, f64::max);
    let squarings = if size > 0.5 { (size / 0.5).log2().ceil() as i32 } else { 0 };
    let mut scaled = a.clone();
    scaled.data.iter_mut().for_each(|v| *v = v.scale(0.5f64.powi(squarings)));
    // With a norm of one half, 18 terms leave less than a rounding error.
    let mut sum = Mat::identity(n, n);
    let mut term = Mat::identity(n, n);
    for k in 1..=18 {
        term = term.times(&scaled);
        term.data.iter_mut().for_each(|v| *v = v.scale(1.0 / f64::from(k)));
        sum.data.iter_mut().zip(&term.data).for_each(|(s, &t)| *s += t);
    }
    for _ in 0..squarings {
        sum = sum.times(&sum);
    }
    sum
}
