//! A strided view of a storage: the concrete form of a tensor.
#![allow(unsafe_code)]

use super::cuda::{Gpu, driver};
use super::storage::Storage;
use crate::base::dtype::Element;
use crate::base::error::{Result, runtime};
use crate::base::interrupt;
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::{Shape, contiguous_strides, numel, show};
use crate::base::{DType, Device, Error};
use crate::dispatch;
use ndarray::{ArrayViewD, ArrayViewMutD, IxDyn, ShapeBuilder};
use std::rc::Rc;

/// Elements copied between two looks for an interrupt.
const PIECE: usize = 1 << 16;

/// Elements of one dtype at `offset + sum(index[d] * stride[d])` of a storage, all counted in elements.
///
/// Cloning shares the memory. The interpreter is single-threaded; a kernel takes slices or array views for the
/// length of its call, reads its inputs and writes only its own output.
#[derive(Debug)]
pub struct View {
    storage: Rc<Storage>,
    dtype: DType,
    sizes: Shape,
    strides: Shape,
    offset: i64,
}

impl Clone for View {
    #[inline]
    fn clone(&self) -> View {
        // A slice's numbers are copied at once, a vector's clones one by one.
        self.reshaped(Shape::from_slice(&self.sizes), Shape::from_slice(&self.strides), self.offset)
    }
}

impl View {
    /// Fresh contiguous memory with arbitrary contents.
    ///
    /// # Errors
    /// torch's `RuntimeError` when it does not fit in memory.
    pub fn empty(dtype: DType, sizes: &[i64]) -> Result<View> {
        Self::allocate(Device::Cpu, dtype, sizes, false)
    }

    /// As [`View::empty`], on a device.
    ///
    /// # Errors
    /// As [`View::empty`]; torch's `OutOfMemoryError` on a GPU.
    pub fn empty_on(device: Device, dtype: DType, sizes: &[i64]) -> Result<View> {
        Self::allocate(device, dtype, sizes, false)
    }

    /// As [`View::empty_on`], of zeros.
    ///
    /// # Errors
    /// As [`View::empty_on`].
    pub fn zeros_on(device: Device, dtype: DType, sizes: &[i64]) -> Result<View> {
        Self::allocate(device, dtype, sizes, true)
    }

    /// Fresh contiguous memory of zeros.
    ///
    /// # Errors
    /// As [`View::empty`].
    pub fn zeros(dtype: DType, sizes: &[i64]) -> Result<View> {
        Self::allocate(Device::Cpu, dtype, sizes, true)
    }

    /// Sizes, dtype and device for those who look at nothing else: one zero stands for all elements.
    ///
    /// # Errors
    /// As [`View::empty_on`].
    pub fn outline(device: Device, dtype: DType, sizes: &[i64]) -> Result<View> {
        let storage = match device {
            Device::Cuda(index) => Storage::zero_on(driver::gpu(index)?)?,
            _ => Storage::new(dtype.size(), true)?,
        };
        let (sizes, strides) = (Shape::from_slice(sizes), Shape::from_elem(0, sizes.len()));
        Ok(View { storage: Rc::new(storage), dtype, sizes, strides, offset: 0 })
    }

    #[inline]
    fn allocate(device: Device, dtype: DType, sizes: &[i64], zeroed: bool) -> Result<View> {
        if let Some(n) = sizes.iter().find(|n| **n < 0) {
            return Err(runtime(format!("Trying to create tensor with negative dimension {n}: {}", show(sizes))));
        }
        let bytes = numel(sizes).and_then(|n| n.checked_mul(dtype.size() as i64)).ok_or_else(|| too_large(sizes))?;
        let storage = Rc::new(storage_on(device, bytes as usize, zeroed)?);
        Ok(View { storage, dtype, sizes: Shape::from_slice(sizes), strides: contiguous_strides(sizes), offset: 0 })
    }

    /// Fresh contiguous memory for as many elements of a dtype.
    ///
    /// # Errors
    /// As [`View::empty`].
    #[inline]
    pub fn empty_like(&self, dtype: DType) -> Result<View> {
        let storage = Rc::new(Storage::new(self.numel() * dtype.size(), false)?);
        let (sizes, strides) = (Shape::from_slice(&self.sizes), contiguous_strides(&self.sizes));
        Ok(View { storage, dtype, sizes, strides, offset: 0 })
    }

    /// Fresh contiguous memory with every element set to `value`.
    ///
    /// # Errors
    /// As [`View::empty`].
    pub fn full(dtype: DType, sizes: &[i64], value: Scalar) -> Result<View> {
        let mut out = Self::empty(dtype, sizes)?;
        dispatch!(dtype, all T => out.slice_mut::<T>().fill(T::from_scalar(value)));
        Ok(out)
    }

    /// A zero-dimensional view of one element.
    ///
    /// # Errors
    /// As [`View::empty`].
    pub fn scalar(dtype: DType, value: Scalar) -> Result<View> {
        Self::full(dtype, &[], value)
    }

    /// A contiguous copy of `data`, row-major; `data.len()` is the product of `sizes`.
    ///
    /// # Errors
    /// As [`View::empty`].
    pub fn from_slice<T: Element>(data: &[T], sizes: &[i64]) -> Result<View> {
        debug_assert_eq!(numel(sizes), Some(data.len() as i64));
        let mut out = Self::empty(T::DTYPE, sizes)?;
        for (to, from) in out.slice_mut::<T>().chunks_mut(PIECE).zip(data.chunks(PIECE)) {
            interrupt::poll();
            to.copy_from_slice(from);
        }
        Ok(out)
    }

    /// A one-dimensional copy of `data`.
    ///
    /// # Errors
    /// As [`View::empty`].
    pub fn vector<T: Element>(data: &[T]) -> Result<View> {
        Self::from_slice(data, &[data.len() as i64])
    }

    /// Another look at the same storage, checked to lie inside it.
    ///
    /// # Errors
    /// torch's `RuntimeError` when sizes, strides and offset reach outside the storage.
    pub fn with_geometry(&self, sizes: &[i64], strides: &[i64], offset: i64) -> Result<View> {
        let item = self.dtype.size() as i64;
        if numel(sizes) != Some(0) {
            let (mut low, mut high) = (offset, offset);
            for (&n, &s) in sizes.iter().zip(strides) {
                let reach = (n - 1).saturating_mul(s);
                let end = if reach < 0 { &mut low } else { &mut high };
                *end = end.saturating_add(reach);
            }
            let need = high.saturating_add(1).saturating_mul(item);
            if low < 0 || need > self.storage.bytes() as i64 {
                return Err(runtime(format!(
                    "setStorage: sizes {}, strides {}, storage offset {offset}, and itemsize {item} requiring a storage \
                     size of {need} are out of bounds for storage of size {}",
                    show(sizes),
                    show(strides),
                    self.storage.bytes()
                )));
            }
        }
        Ok(self.reshaped(Shape::from_slice(sizes), Shape::from_slice(strides), offset))
    }

    /// Another look at the same storage; the caller has derived the geometry from this view's, so it lies inside.
    pub(super) fn reshaped(&self, sizes: Shape, strides: Shape, offset: i64) -> View {
        View { storage: Rc::clone(&self.storage), dtype: self.dtype, sizes, strides, offset }
    }

    /// The same bytes as another dtype with the geometry given in that dtype's elements (`view(dtype)`, `.real`).
    ///
    /// # Errors
    /// As [`View::with_geometry`].
    pub fn reinterpret(&self, dtype: DType, sizes: &[i64], strides: &[i64], offset: i64) -> Result<View> {
        View { dtype, ..self.clone() }.with_geometry(sizes, strides, offset)
    }

    /// The element type.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The sizes.
    #[inline]
    pub fn sizes(&self) -> &[i64] {
        &self.sizes
    }

    /// The strides, in elements.
    #[inline]
    pub fn strides(&self) -> &[i64] {
        &self.strides
    }

    /// Where the first element lies in the storage, in elements.
    #[inline]
    pub fn offset(&self) -> i64 {
        self.offset
    }

    /// Number of dimensions.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.sizes.len()
    }

    /// Number of elements.
    #[inline]
    pub fn numel(&self) -> usize {
        self.sizes.iter().product::<i64>() as usize
    }

    /// The sizes as ndarray's index type.
    pub fn dims(&self) -> Vec<usize> {
        self.sizes.iter().map(|&n| n as usize).collect()
    }

    /// The memory behind the view.
    #[inline]
    pub fn storage(&self) -> &Rc<Storage> {
        &self.storage
    }

    /// Whether both look at the same storage.
    pub fn shares(&self, other: &View) -> bool {
        Rc::ptr_eq(&self.storage, &other.storage)
    }

    /// Whether no other view looks at the storage.
    pub fn is_alone(&self) -> bool {
        Rc::strong_count(&self.storage) == 1
    }

    /// Row-major without gaps; dimensions of size 1 may have any stride.
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        if let ([_], [1]) = (&self.sizes[..], &self.strides[..]) {
            return true;
        }
        let mut expect = 1;
        for (&n, &s) in self.sizes.iter().zip(&self.strides).rev() {
            if n != 1 {
                if s != expect {
                    return self.sizes.contains(&0);
                }
                expect *= n;
            }
        }
        true
    }

    /// Whether some index pairs lie on the same element (an expanded dimension).
    pub fn overlaps_itself(&self) -> bool {
        if self.numel() <= 1 || self.is_contiguous() {
            return false;
        }
        let mut dims: Vec<(i64, i64)> =
            self.strides.iter().zip(&self.sizes).filter(|d| *d.1 > 1).map(|(&s, &n)| (s.abs(), n)).collect();
        dims.sort_unstable();
        let mut reach = 0;
        for (s, n) in dims {
            if s <= reach {
                return true;
            }
            reach += s * (n - 1);
        }
        false
    }

    /// The address of the first element, on whatever device it lies; for comparing and showing.
    pub fn address(&self) -> usize {
        self.storage.address().wrapping_add_signed(self.offset as isize * self.dtype.size() as isize)
    }

    /// Where it lives.
    #[inline]
    pub fn device(&self) -> Device {
        self.storage.device()
    }

    /// The first element, for a function of the CPU that reads.
    #[inline]
    pub fn data_ptr(&self) -> *const u8 {
        self.host(false).cast_const()
    }

    /// The first element, for a function of the CPU that writes.
    #[inline]
    pub fn data_ptr_mut(&self) -> *mut u8 {
        self.host(true)
    }

    #[inline]
    fn host(&self, writes: bool) -> *mut u8 {
        let item = self.dtype.size();
        let start = self.offset as isize * item as isize;
        let range = || start as usize..start as usize + self.reach() * item;
        self.storage.host(range, writes).wrapping_offset(start)
    }

    /// The first element in a device's memory, for a kernel that reads; `None` for a view of the host's.
    pub fn on_device(&self) -> Option<(&'static Gpu, u64)> {
        self.storage.on_device().map(|(gpu, base)| (gpu, base + self.start()))
    }

    /// As [`View::on_device`], for a kernel that writes.
    pub fn on_device_mut(&self) -> Option<(&'static Gpu, u64)> {
        self.storage.on_device_mut().map(|(gpu, base)| (gpu, base + self.start()))
    }

    /// Bytes before the first element.
    fn start(&self) -> u64 {
        self.offset as u64 * self.dtype.size() as u64
    }

    /// Fresh memory of the same sizes and strides on another device, with these elements; the view reaches over no more memory than it
    /// has elements.
    ///
    /// # Errors
    /// When memory is short; what the driver refuses.
    pub fn moved(&self, device: Device) -> Result<View> {
        let bytes = self.reach() * self.dtype.size();
        let storage = storage_on(device, bytes, false)?;
        self.storage.copy_to(self.start() as usize, &storage, bytes)?;
        Ok(View { storage: Rc::new(storage), offset: 0, ..self.clone() })
    }

    /// The elements of a contiguous view, in order.
    ///
    /// # Panics
    /// If the view is not contiguous or `T` is not its element type; both are errors of the caller.
    pub fn slice<T: Element>(&self) -> &[T] {
        assert!(T::DTYPE == self.dtype && self.is_contiguous(), "slice of a {} view", self.dtype);
        // SAFETY: the geometry lies inside the storage (checked when it was made), which is aligned and outlives `self`.
        unsafe { std::slice::from_raw_parts(self.data_ptr().cast(), self.numel()) }
    }

    /// The elements of a contiguous view, to be written.
    ///
    /// # Panics
    /// As [`View::slice`].
    pub fn slice_mut<T: Element>(&mut self) -> &mut [T] {
        assert!(T::DTYPE == self.dtype && self.is_contiguous(), "slice of a {} view", self.dtype);
        // SAFETY: as in `slice`; kernels write only their own output, so no other slice of it is alive.
        unsafe { std::slice::from_raw_parts_mut(self.data_ptr_mut().cast(), self.numel()) }
    }

    /// The elements as an ndarray view, strides and all.
    ///
    /// # Panics
    /// If `T` is not the element type; an error of the caller.
    pub fn array<T: Element>(&self) -> ArrayViewD<'_, T> {
        let shape = self.parts::<T>();
        // SAFETY: the geometry lies inside the storage; strides are not negative (torch has none).
        unsafe { ArrayViewD::from_shape_ptr(shape, self.data_ptr().cast()) }
    }

    /// The elements as an ndarray view to be written; the view does not overlap itself.
    ///
    /// # Panics
    /// If `T` is not the element type; an error of the caller.
    pub fn array_mut<T: Element>(&mut self) -> ArrayViewMutD<'_, T> {
        let shape = self.parts::<T>();
        // SAFETY: as in `array`; kernels write only their own output.
        unsafe { ArrayViewMutD::from_shape_ptr(shape, self.data_ptr_mut().cast()) }
    }

    /// The same elements under the unsigned or complex dtype of their width: what moves of elements work on.
    pub fn words(&self) -> View {
        let dtype = match self.dtype.size() {
            1 => DType::U8,
            2 => DType::U16,
            4 => DType::U32,
            8 => DType::U64,
            _ => DType::C64,
        };
        View { dtype, ..self.clone() }
    }

    /// How many elements of storage lie between the view's first and last, both counted.
    fn reach(&self) -> usize {
        if self.numel() == 0 {
            return 0;
        }
        self.sizes.iter().zip(&self.strides).map(|(&n, &s)| ((n - 1) * s) as usize).sum::<usize>() + 1
    }

    /// The memory from the view's first element to its last, gaps included; indexed by `sum(index[d] * stride[d])`.
    ///
    /// # Panics
    /// If `T` is not the element type; an error of the caller.
    pub fn span<T: Element>(&self) -> &[T] {
        assert!(T::DTYPE == self.dtype, "span of a {} view", self.dtype);
        // SAFETY: first and last element lie inside the storage; strides are not negative.
        unsafe { std::slice::from_raw_parts(self.data_ptr().cast(), self.reach()) }
    }

    /// As [`View::span`], to be written; the view may overlap itself.
    ///
    /// # Panics
    /// As [`View::span`].
    pub fn span_mut<T: Element>(&mut self) -> &mut [T] {
        assert!(T::DTYPE == self.dtype, "span of a {} view", self.dtype);
        // SAFETY: as in `span`; kernels write only their own output, so no other slice of it is alive.
        unsafe { std::slice::from_raw_parts_mut(self.data_ptr_mut().cast(), self.reach()) }
    }

    fn parts<T: Element>(&self) -> ndarray::StrideShape<IxDyn> {
        assert!(T::DTYPE == self.dtype, "array of a {} view", self.dtype);
        let strides: Vec<usize> = self.strides.iter().map(|&s| s as usize).collect();
        IxDyn(&self.dims()).strides(IxDyn(&strides))
    }

    /// Offset from [`View::data_ptr`], in elements, of the element with row-major number `index`.
    pub fn offset_of(&self, mut index: usize) -> isize {
        let mut at = 0;
        for (&n, &s) in self.sizes.iter().zip(&self.strides).rev() {
            let n = (n as usize).max(1);
            at += (index % n) as i64 * s;
            index /= n;
        }
        at as isize
    }

    /// The element with row-major number `index` (below `numel`).
    pub fn get(&self, index: usize) -> Scalar {
        assert!(index < self.numel(), "element {index} of {}", self.numel());
        let at = self.offset_of(index);
        // SAFETY: the index is below `numel`, so the element lies inside the storage.
        let first = self.near(at).wrapping_offset(at * self.dtype.size() as isize).cast_const();
        dispatch!(self.dtype, all T => unsafe { first.cast::<T>().read() }.to_scalar())
    }

    /// The first element, for a look at the one that lies `at` elements further on: of a device's memory its surroundings are fetched,
    /// so that a look at many takes few copies and a look at few does not take all.
    #[inline]
    fn near(&self, at: isize) -> *mut u8 {
        const PAGE: usize = 4096;
        let item = self.dtype.size();
        let start = self.offset as isize * item as isize;
        let range = || {
            let byte = (start + at * item as isize) as usize;
            let whole = start as usize..start as usize + self.reach() * item;
            let page = byte / PAGE * PAGE;
            whole.start.max(page)..whole.end.min(page + PAGE)
        };
        self.storage.host(range, false).wrapping_offset(start)
    }

    /// Sets the element with row-major number `index` (below `numel`).
    pub fn set(&self, index: usize, value: Scalar) {
        assert!(index < self.numel(), "element {index} of {}", self.numel());
        let at = self.offset_of(index);
        // SAFETY: as in `get`; nothing holds a slice of the storage while the interpreter sets an element.
        dispatch!(self.dtype, all T => unsafe { self.data_ptr_mut().cast::<T>().offset(at).write(T::from_scalar(value)) });
    }

    /// All elements in row-major order, converted to `T`.
    pub fn to_vec<T: Cast>(&self) -> Vec<T> {
        if self.dtype == T::DTYPE {
            return interrupt::polled(self.array::<T>().iter()).copied().collect();
        }
        let mut all = Vec::with_capacity(self.numel());
        self.each_block(&mut |block| all.extend(block.iter().map(|&v| T::from_scalar(v))));
        all
    }

    /// Hands over all elements in row-major order, some at a time: pairs of dtypes meet without a loop for each pair.
    fn each_block(&self, take: &mut dyn FnMut(&[Scalar])) {
        let mut block = [Scalar::Int(0); 256];
        dispatch!(self.dtype, all S => {
            let array = self.array::<S>();
            let mut values = array.iter();
            while values.len() > 0 {
                interrupt::poll();
                let n = values.len().min(block.len());
                block.iter_mut().zip(values.by_ref().take(n)).for_each(|(to, v)| *to = v.to_scalar());
                take(&block[..n]);
            }
        });
    }
}

#[inline]
fn storage_on(device: Device, bytes: usize, zeroed: bool) -> Result<Storage> {
    match device {
        Device::Cuda(index) => Storage::on(driver::gpu(index)?, bytes, zeroed),
        _ => Storage::new(bytes, zeroed),
    }
}

#[cold]
fn too_large(sizes: &[i64]) -> Error {
    runtime(format!("Storage size calculation overflowed with sizes={}", show(sizes)))
}
