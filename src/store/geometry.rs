//! Views made from views: no element is copied.

use super::view::View;
use crate::base::error::{Result, index_error, runtime};
use crate::base::shape::{Shape, contiguous_strides, numel, show, wrap_dim};
use smallvec::SmallVec;

impl View {
    fn geometry(&self) -> (Shape, Shape) {
        (Shape::from_slice(self.sizes()), Shape::from_slice(self.strides()))
    }

    /// One index along `dim`, which goes.
    ///
    /// # Errors
    /// torch's `IndexError` when `index` is out of range.
    pub fn select(&self, dim: usize, index: i64) -> Result<View> {
        let n = self.sizes()[dim];
        if index < -n || index >= n {
            return Err(index_error(format!("index {index} is out of bounds for dimension {dim} with size {n}")));
        }
        let index = if index < 0 { index + n } else { index };
        let (mut sizes, mut strides) = self.geometry();
        sizes.remove(dim);
        let stride = strides.remove(dim);
        Ok(self.reshaped(sizes, strides, self.offset() + index * stride))
    }

    /// `start..end` by `step` along `dim`; bounds are clamped as Python clamps them, `step` is positive.
    pub fn slice_dim(&self, dim: usize, start: i64, end: i64, step: i64) -> View {
        let n = self.sizes()[dim];
        let clamp = |v: i64| if v < 0 { v.saturating_add(n).max(0) } else { v.min(n) };
        let (start, end) = (clamp(start), clamp(end));
        let (mut sizes, mut strides) = self.geometry();
        sizes[dim] = if end > start { (end - start - 1) / step + 1 } else { 0 };
        let offset = self.offset() + start * strides[dim];
        strides[dim] = strides[dim].saturating_mul(step);
        self.reshaped(sizes, strides, offset)
    }

    /// `length` elements from `start` along `dim`; the caller has checked that they are there.
    pub fn narrow(&self, dim: usize, start: i64, length: i64) -> View {
        self.slice_dim(dim, start, start + length, 1)
    }

    /// Dimensions in the order given.
    pub fn permute(&self, order: &[usize]) -> View {
        let sizes = order.iter().map(|&d| self.sizes()[d]).collect();
        let strides = order.iter().map(|&d| self.strides()[d]).collect();
        self.reshaped(sizes, strides, self.offset())
    }

    /// Dimensions `a` and `b` exchanged.
    pub fn transpose(&self, a: usize, b: usize) -> View {
        let (mut sizes, mut strides) = self.geometry();
        if a != b {
            sizes.swap(a, b);
            strides.swap(a, b);
        }
        self.reshaped(sizes, strides, self.offset())
    }

    /// A new dimension of size 1 before `dim`.
    pub fn unsqueeze(&self, dim: usize) -> View {
        let (mut sizes, mut strides) = self.geometry();
        let stride = if dim < sizes.len() { sizes[dim] * strides[dim] } else { 1 };
        sizes.insert(dim, 1);
        strides.insert(dim, stride);
        self.reshaped(sizes, strides, self.offset())
    }

    /// Without those of `dims` that have size 1.
    pub fn squeeze(&self, dims: &[usize]) -> View {
        let keep = |d: &usize| self.sizes()[*d] != 1 || !dims.contains(d);
        let order: SmallVec<[usize; 6]> = (0..self.ndim()).filter(keep).collect();
        self.permute(&order)
    }

    /// Dimensions from the one whose elements lie nearest to the one whose lie furthest apart, as ATen's loops over several
    /// tensors of the same sizes order them: the first view that tells two dimensions apart decides, stretched ones do not.
    pub fn memory_order(views: &[View]) -> SmallVec<[usize; 6]> {
        let ndim = views.first().map_or(0, View::ndim);
        let further = |a: usize, b: usize| {
            views.iter().find_map(|v| match (v.strides()[a], v.strides()[b]) {
                (0, _) | (_, 0) => None,
                (s, t) if s != t => Some(s > t),
                _ => (v.sizes()[a] > v.sizes()[b]).then_some(true),
            })
        };
        let mut order: SmallVec<[usize; 6]> = (0..ndim).rev().collect();
        for i in 1..ndim {
            let mut at = i;
            for j in (0..i).rev() {
                match further(order[j], order[at]) {
                    Some(true) => {
                        order.swap(j, at);
                        at = j;
                    }
                    Some(false) => break,
                    None => {}
                }
            }
        }
        order
    }

    /// Stretched to `sizes` as broadcasting does it: new dimensions in front, stride 0 where stretched; -1 keeps a size.
    ///
    /// # Errors
    /// torch's `RuntimeError` when a dimension can't be stretched.
    pub fn expand(&self, sizes: &[i64]) -> Result<View> {
        let (have, want) = (self.ndim(), sizes.len());
        if want < have {
            return Err(runtime(format!(
                "expand({}{{{}}}, size={}): the number of sizes provided ({want}) must be greater or equal \
                 to the number of dimensions in the tensor ({have})",
                self.dtype().type_string(),
                show(self.sizes()),
                show(sizes)
            )));
        }
        if have == 0 && sizes.iter().any(|&n| n < 0) {
            return Err(runtime("numel: integer multiplication overflow"));
        }
        let mut out = Shape::from_slice(sizes);
        let mut strides: Shape = SmallVec::from_elem(0, want);
        for i in (0..want).rev() {
            let Some(d) = (i + have).checked_sub(want) else {
                if sizes[i] < 0 {
                    return Err(runtime(format!(
                        "The expanded size of the tensor ({}) isn't allowed in a leading, non-existing dimension {i}",
                        sizes[i]
                    )));
                }
                continue;
            };
            let n = self.sizes()[d];
            if sizes[i] == -1 || sizes[i] == n {
                out[i] = n;
                strides[i] = self.strides()[d];
            } else if n != 1 {
                return Err(runtime(format!(
                    "The expanded size of the tensor ({}) must match the existing size ({n}) at non-singleton dimension \
                     {i}.  Target sizes: {}.  Tensor sizes: {}",
                    sizes[i],
                    show(sizes),
                    show(self.sizes())
                )));
            }
        }
        Ok(self.reshaped(out, strides, self.offset()))
    }

    /// The diagonal of dimensions `a` and `b`, shifted up by `shift`, as the last dimension.
    pub fn diagonal(&self, shift: i64, a: usize, b: usize) -> View {
        let (rows, cols) = (self.sizes()[a], self.sizes()[b]);
        let length = if shift >= 0 { rows.min(cols - shift) } else { (rows + shift).min(cols) }.max(0);
        let (sa, sb) = (self.strides()[a], self.strides()[b]);
        let skip = match length {
            0 => 0,
            _ if shift >= 0 => shift * sb,
            _ => -shift * sa,
        };
        let order: SmallVec<[usize; 6]> = (0..self.ndim()).filter(|d| *d != a && *d != b).collect();
        let (mut sizes, mut strides) = self.permute(&order).geometry();
        sizes.push(length);
        strides.push(sa + sb);
        self.reshaped(sizes, strides, self.offset() + skip)
    }

    /// Windows of `size` every `step` along `dim`, the windows' elements as a new last dimension.
    ///
    /// # Errors
    /// torch's `RuntimeError` for a window larger than the dimension or a step below 1.
    pub fn unfold(&self, dim: i64, size: i64, step: i64) -> Result<View> {
        let at = wrap_dim(dim, self.ndim())?;
        let n = if self.ndim() == 0 { 1 } else { self.sizes()[at] };
        if size > n {
            return Err(runtime(format!("maximum size for tensor at dimension {at} is {n} but size is {size}")));
        }
        if size < 0 {
            return Err(runtime(format!("size is {size} but must be >= 0")));
        }
        if step <= 0 {
            return Err(runtime(format!("step is {step} but must be > 0")));
        }
        let (mut sizes, mut strides) = self.geometry();
        let stride = if self.ndim() == 0 { 1 } else { strides[at] };
        if self.ndim() > 0 {
            sizes[at] = (n - size) / step + 1;
            strides[at] *= step;
        }
        sizes.push(size);
        strides.push(stride);
        Ok(self.reshaped(sizes, strides, self.offset()))
    }

    /// The same elements under other sizes, when strides can express it; `None` when a copy would be needed.
    pub fn try_view(&self, sizes: &[i64]) -> Option<View> {
        let strides = if self.is_contiguous() {
            contiguous_strides(sizes)
        } else {
            view_strides(self.sizes(), self.strides(), sizes)?
        };
        Some(self.reshaped(Shape::from_slice(sizes), strides, self.offset()))
    }
}

/// Strides under which a tensor of `old` sizes and strides is seen with `new` sizes (same number of elements).
///
/// Runs of old dimensions that step evenly into each other are one chunk; new dimensions must fill chunks whole.
fn view_strides(old: &[i64], old_strides: &[i64], new: &[i64]) -> Option<Shape> {
    if numel(old) == Some(0) {
        return Some(contiguous_strides(new));
    }
    let mut strides: Shape = SmallVec::from_elem(1, new.len());
    let Some(&last) = old_strides.last() else { return Some(strides) };
    let (mut at, mut base, mut chunk) = (new.len(), last, 1);
    for d in (0..old.len()).rev() {
        chunk *= old[d];
        let ends = d == 0 || (old[d - 1] != 1 && old_strides[d - 1] != chunk * base);
        if !ends {
            continue;
        }
        let mut filled = 1;
        while at > 0 && (filled < chunk || new[at - 1] == 1) {
            at -= 1;
            strides[at] = filled * base;
            filled *= new[at];
        }
        if filled != chunk {
            return None;
        }
        if d > 0 {
            base = old_strides[d - 1];
            chunk = 1;
        }
    }
    (at == 0).then_some(strides)
}

/// Replaces a -1 among `sizes` by what makes them hold `count` elements.
///
/// # Errors
/// torch's `RuntimeError`s.
pub fn infer_size(sizes: &[i64], count: usize) -> Result<Shape> {
    let count = count as i64;
    let invalid = || runtime(format!("shape '{}' is invalid for input of size {count}", show(sizes)));
    let mut out = Shape::from_slice(sizes);
    let (mut known, mut free) = (1i64, None);
    for (i, &s) in sizes.iter().enumerate() {
        match s {
            -1 if free.is_some() => return Err(runtime("only one dimension can be inferred")),
            -1 => free = Some(i),
            s if s < 0 => {
                return Err(runtime(format!("invalid shape dimension {s} at index {i} of shape {}", show(sizes))));
            }
            s => known = known.checked_mul(s).ok_or_else(invalid)?,
        }
    }
    match free {
        Some(_) if known == 0 && count == 0 => Err(runtime(format!(
            "cannot reshape tensor of 0 elements into shape {} because the unspecified dimension size -1 can be any \
             value and is ambiguous",
            show(sizes)
        ))),
        Some(i) if known > 0 && count % known == 0 => {
            out[i] = count / known;
            Ok(out)
        }
        None if known == count => Ok(out),
        _ => Err(invalid()),
    }
}
