//! Binary search in sorted sequences: `searchsorted` and `bucketize`.

use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::promote::promote;
use crate::base::shape::show;
use crate::cpu::index::element::{no_wide_unsigned, unsupported};
use crate::cpu::{copy, parallel};
use crate::store::View;

/// Values that a task looks for.
const PIECE: usize = 1 << 12;

/// The first place whose element is not below `value`, or above it with `right`; comparisons with a nan fail.
fn place<T: PartialOrd + Copy>(at: impl Fn(usize) -> T, n: usize, value: T, right: bool) -> usize {
    let (mut low, mut high) = (0, n);
    while low < high {
        let mid = low + (high - low) / 2;
        let beyond = if right { at(mid) > value } else { at(mid) >= value };
        // Both ends are chosen, not branched to: the next probe cannot be guessed.
        low = std::hint::select_unpredictable(beyond, low, mid + 1);
        high = std::hint::select_unpredictable(beyond, mid, high);
    }
    low
}

/// How values are looked for in sorted rows.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Whether behind equal elements, not before them.
    pub right: bool,
    /// The elements of a sorted row.
    pub length: usize,
    /// The sorted rows.
    pub rows: usize,
    /// The values of each row.
    pub each: usize,
    /// What they are compared in: `float64` or `int64`, and `float32` with its own.
    pub dtype: DType,
}

impl Places {
    /// torch's rules for `right` and `side`.
    ///
    /// # Errors
    /// Another side, or both.
    pub fn side(right: bool, side: Option<&str>) -> Result<bool> {
        match side {
            None => Ok(right),
            Some("right") => Ok(true),
            Some("left") if right => Err(runtime(
                "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True",
            )),
            Some("left") => Ok(false),
            Some(other) => {
                Err(runtime(format!("torch.searchsorted(): side can only be 'left' or 'right' but got {other}")))
            }
        }
    }

    /// Where `values`, a number with `scalar`, are looked for.
    ///
    /// # Errors
    /// torch's, for shapes and dtypes that don't fit.
    pub fn new(sorted: &View, values: &View, right: bool, scalar: bool) -> Result<Places> {
        if (scalar || values.ndim() == 0) && sorted.ndim() != 1 {
            return Err(runtime(format!(
                "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got \
                 boundaries tensor dim({}) and input value's dim(0) numel(1)",
                sorted.ndim()
            )));
        }
        if sorted.ndim() == 0 {
            return Err(runtime(
                "torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension",
            ));
        }
        let fits = sorted.ndim() == 1
            || (sorted.ndim() == values.ndim()
                && sorted.sizes()[..sorted.ndim() - 1] == values.sizes()[..values.ndim() - 1]);
        if !fits {
            return Err(runtime(format!(
                "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries \
                 tensor and input value tensor must match, but we got boundaries tensor {} and input value tensor {}",
                show(sorted.sizes()),
                show(values.sizes())
            )));
        }
        let dtype = promote(sorted.dtype(), values.dtype()).unwrap_or(DType::I64);
        // Where there is nothing to look for no kernel is asked.
        if values.numel() > 0 && (dtype == DType::Bool || dtype.is_complex()) {
            return Err(unsupported("searchsorted_out_cpu", dtype));
        }
        no_wide_unsigned("searchsorted_out_cpu", dtype)?;
        let length = sorted.sizes().last().copied().unwrap_or(1) as usize;
        let (rows, each) = match sorted.ndim() {
            1 => (1, values.numel()),
            _ => (sorted.numel() / length.max(1), values.sizes()[values.ndim() - 1] as usize),
        };
        let dtype = match dtype {
            _ if sorted.dtype() == DType::F32 && values.dtype() == DType::F32 => DType::F32,
            d if d.is_float() => DType::F64,
            _ => DType::I64,
        };
        Ok(Places { right, length, rows, each, dtype })
    }
}

/// Where to insert `values` into the sorted rows of `sorted` (its last dimension): before equal elements, or after them
/// with `right`. `sorter` gives the order of rows that are not sorted.
///
/// # Errors
/// torch's, for shapes, dtypes or a `side` that don't fit.
pub fn searchsorted(
    sorted: &View,
    values: &View,
    out_int32: bool,
    right: bool,
    side: Option<&str>,
    sorter: Option<&View>,
    scalar: bool,
) -> Result<View> {
    let right = Places::side(right, side)?;
    let sorter = sorter.map(|s| check_sorter(sorted, s)).transpose()?;
    let Places { length: n, rows, each, dtype, .. } = Places::new(sorted, values, right, scalar)?;
    let mut found = View::empty(DType::I64, values.sizes())?;
    let out = found.slice_mut::<i64>();
    macro_rules! run {
        ($T:ty, $dtype:expr) => {{
            let typed = |v: &View| copy::contiguous(&copy::cast(v, $dtype)?);
            let (edges, wanted) = (typed(sorted)?, typed(values)?);
            let (edges, wanted) = (edges.slice::<$T>(), wanted.slice::<$T>());
            let order = sorter.as_deref();
            let pieces = out.chunks_mut(PIECE).zip(wanted.chunks(PIECE)).enumerate();
            parallel::for_each(pieces, 1, |(piece, (out, wanted))| {
                for (k, (to, &v)) in out.iter_mut().zip(wanted).enumerate() {
                    let start = if rows == 1 { 0 } else { (piece * PIECE + k) / each.max(1) * n };
                    let row = &edges[start..start + n];
                    *to = match order {
                        None => place(|i| row[i], n, v, right),
                        Some(order) => place(|i| row[order[start + i] as usize], n, v, right),
                    } as i64;
                }
            });
        }};
    }
    match dtype {
        DType::F32 => run!(f32, DType::F32),
        DType::F64 => run!(f64, DType::F64),
        _ => run!(i64, DType::I64),
    }
    copy::cast(&found, if out_int32 { DType::I32 } else { DType::I64 })
}

/// Whether a sorter has the sizes of what it sorts, and holds indices.
///
/// # Errors
/// torch's, where not.
pub fn sorter_fits(sorted: &View, sorter: &View) -> Result<()> {
    if sorter.sizes() != sorted.sizes() {
        return Err(runtime(format!(
            "torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor {}and got sorter \
             tensor {}",
            show(sorted.sizes()),
            show(sorter.sizes())
        )));
    }
    if sorter.dtype() != DType::I64 {
        return Err(runtime(format!(
            "torch.searchsorted(): sorter must be a tensor of long dtype but got dtype {}",
            sorter.dtype().aten()
        )));
    }
    Ok(())
}

fn check_sorter(sorted: &View, sorter: &View) -> Result<Vec<i64>> {
    sorter_fits(sorted, sorter)?;
    let n = sorted.sizes().last().copied().unwrap_or(1);
    let order: Vec<i64> = sorter.to_vec();
    if order.iter().any(|&i| i < 0 || i >= n) {
        return Err(runtime("torch.searchsorted(): sorter index out of range"));
    }
    Ok(order)
}

/// [`searchsorted`] in one sequence of boundaries.
///
/// # Errors
/// torch's, for boundaries that are not a vector.
pub fn bucketize(values: &View, boundaries: &View, out_int32: bool, right: bool) -> Result<View> {
    if boundaries.ndim() != 1 {
        return Err(runtime(format!("boundaries tensor must be 1 dimension, but got dim({})", boundaries.ndim())));
    }
    searchsorted(boundaries, values, out_int32, right, None, None, false)
}
