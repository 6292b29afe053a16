//! Elements by their ranks: `topk`, `kthvalue`, medians.
#![allow(unsafe_code)]

use super::rows::{self, BLOCK, ITEMS, Keys, Sorted, TILE};
use super::{dim_last, reduced, sortable, taken_back};
use crate::base::DType;
use crate::base::error::Result;
use crate::base::shape::{Shape, wrap_dim};
use crate::cuda::copy;
use crate::cuda::launch::{Parameters, grid};
use crate::cuda::loader::Loader;
use crate::cuda::scan;
use crate::cuda::sources::SELECT;
use crate::store::View;
use crate::store::cuda::driver::Function;
use crate::store::cuda::{Gpu, driver::Block};
use std::rc::Rc;

/// Which element of each row is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// The k-th, from 1.
    Nth(usize),
    /// The lower median; of rows with nan the first of these.
    Median,
    /// The lower median of what is not nan.
    NanMedian,
}

impl Rank {
    /// The rank, or 0 for one that depends on the row, and whether nan is skipped.
    fn words(self) -> (u32, u32) {
        match self {
            Rank::Nth(k) => (k as u32, 0),
            Rank::Median => (0, 0),
            Rank::NanMedian => (0, 1),
        }
    }
}

/// Whether a dtype's elements are chosen by rank.
fn ranked(x: &View) -> bool {
    sortable(x) && !matches!(x.dtype(), DType::Bool | DType::U16 | DType::U32 | DType::U64)
}

/// The `k` largest or smallest elements along `dim`, in order, and where they are; of equal ones the first.
///
/// # Errors
/// What the device refuses.
pub fn topk(gpu: &'static Gpu, x: &View, k: i64, dim: i64, largest: bool) -> Result<Option<(View, View)>> {
    let Ok(dim) = wrap_dim(dim, x.ndim()) else { return Ok(None) };
    let size = x.sizes().get(dim).copied().unwrap_or(1);
    if !ranked(x) || k < 0 || k > size {
        return Ok(None);
    }
    // A number is its own first, whatever `k` is.
    let k = if x.ndim() == 0 { 1 } else { k };
    if k == 0 {
        let mut sizes = Shape::from_slice(x.sizes());
        sizes.get_mut(dim).into_iter().for_each(|n| *n = 0);
        let none = |dtype| View::empty_on(gpu.device(), dtype, &sizes);
        return Ok(Some((none(x.dtype())?, none(DType::I64)?)));
    }
    let (rows, back) = dim_last(gpu, x, dim)?;
    let (n, k) = (size as usize, k as usize);
    let keys = Keys::of(x.dtype(), largest);
    let Sorted { values, indices } = if n > TILE && k * 4 <= n {
        let found = Search::new(gpu, &rows, n, keys)?.run(Rank::Nth(k))?;
        let mut sizes = rows.sizes().to_vec();
        sizes.iter_mut().last().into_iter().for_each(|last| *last = k as i64);
        let fresh = |dtype| View::empty_on(gpu.device(), dtype, &sizes);
        let (values, places) = (fresh(x.dtype())?, fresh(DType::I32)?);
        found.write(&values, Some(&places), None, k)?;
        rows::sort(gpu, &values, Some(&places), k, k, keys)?
    } else {
        rows::sort(gpu, &rows, None, n, k, keys)?
    };
    Ok(Some((taken_back(gpu, &values, &back)?, taken_back(gpu, &indices, &back)?)))
}

/// The element of a rank along a dimension, and where it is.
///
/// # Errors
/// What the device refuses.
pub fn nth(gpu: &'static Gpu, x: &View, rank: Rank, dim: i64, keepdim: bool) -> Result<Option<(View, View)>> {
    let Ok(dim) = wrap_dim(dim, x.ndim()) else { return Ok(None) };
    let n = x.sizes().get(dim).copied().unwrap_or(1) as usize;
    if !ranked(x) || matches!(rank, Rank::Nth(k) if k < 1 || k > n) {
        return Ok(None);
    }
    let (rows, _) = dim_last(gpu, x, dim)?;
    Ok(Some(chosen(gpu, &rows, rank, n, &reduced(x.sizes(), dim, keepdim))?))
}

/// The element of a rank among all.
///
/// # Errors
/// What the device refuses.
pub fn of_all(gpu: &'static Gpu, x: &View, rank: Rank) -> Result<Option<View>> {
    if !ranked(x) || i32::try_from(x.numel()).is_err() {
        return Ok(None);
    }
    let x = copy::contiguous(gpu, x)?;
    let n = x.numel();
    Ok(Some(chosen(gpu, &x, rank, n, &Shape::new())?.0))
}

fn chosen(gpu: &'static Gpu, rows: &View, rank: Rank, n: usize, sizes: &Shape) -> Result<(View, View)> {
    let keys = Keys::of(rows.dtype(), false);
    let (values, indices) =
        (View::empty_on(gpu.device(), rows.dtype(), sizes)?, View::empty_on(gpu.device(), DType::I64, sizes)?);
    if n > TILE {
        Search::new(gpu, rows, n, keys)?.run(rank)?.write(&values, None, Some(&indices), 1)?;
        return Ok((values, indices));
    }
    let sorted = rows::sort(gpu, rows, None, n, n, keys)?;
    let declared = "const U* sorted, const int64_t* from, U* out, int64_t* indices, uint64_t outer, uint32_t length, uint32_t rank, uint32_t \
                    skip";
    let body = "pick_sorted(sorted, from, out, indices, outer, length, rank, skip != 0)";
    let function = keys.kernels(gpu, &[SELECT], &[("pick", declared, body)])?[0];
    let outer = rows.numel() / n;
    let (nth, skip) = rank.words();
    let mut parameters = Parameters::new();
    parameters.reads(&sorted.values)?.reads(&sorted.indices)?.writes(&values)?.writes(&indices)?;
    parameters.int(outer as i64).word(n as u32).word(nth).word(skip);
    // SAFETY: the parameters are those of the text; the outputs have an element for every row.
    unsafe { parameters.launch(gpu, function, (grid(outer.div_ceil(BLOCK))?, 1), BLOCK as u32)? };
    Ok((values, indices))
}

/// A search for an element of each row.
struct Search<'a> {
    gpu: &'static Gpu,
    rows: &'a View,
    length: usize,
    keys: Keys,
    functions: Rc<[Function]>,
    /// The first digits, then the ranks.
    prefix: Block,
    left: Block,
}

const RANKS: &str = "uint64_t* prefix, uint32_t* left";

impl<'a> Search<'a> {
    fn new(gpu: &'static Gpu, rows: &'a View, length: usize, keys: Keys) -> Result<Search<'a>> {
        let ranks = |body: &str| format!("const Ranks ranks = {{prefix, left}}; {body}");
        let functions = keys.kernels(
            gpu,
            &[SELECT],
            &[
                (
                    "count_nan",
                    "const U* words, uint32_t* nans, uint64_t length, uint32_t parts",
                    "count_nans(words, nans, length, parts)",
                ),
                (
                    "begin",
                    &format!("{RANKS}, const uint32_t* nans, uint64_t outer, uint32_t length, uint32_t rank, uint32_t skip"),
                    &ranks("begin_ranks(ranks, nans, outer, length, rank, skip != 0)"),
                ),
                (
                    "count_digits_of",
                    &format!("{RANKS}, const U* words, uint32_t* counts, uint64_t length, uint32_t parts, uint32_t shift"),
                    &ranks("count_beginning(words, ranks, counts, length, parts, shift)"),
                ),
                ("choose", &format!("{RANKS}, uint32_t* counts"), &ranks("choose_digit(ranks, counts)")),
                (
                    "count_tiles",
                    &format!("{RANKS}, const U* words, int64_t* counts, uint64_t length, uint32_t tiles"),
                    &ranks(&format!("count_before<{ITEMS}>(words, ranks, counts, length, tiles)")),
                ),
                (
                    "write",
                    &format!(
                        "{RANKS}, const U* words, const int64_t* ends, U* out, uint32_t* places, int64_t* indices, uint64_t length, \
                         uint32_t tiles, uint32_t keep, uint32_t alone"
                    ),
                    &ranks(&format!(
                        "write_before<{ITEMS}>(words, ranks, ends, out, places, indices, length, tiles, keep, alone != 0)"
                    )),
                ),
            ],
        )?;
        let outer = rows.numel() / length;
        Ok(Search {
            gpu,
            rows,
            length,
            keys,
            functions,
            prefix: gpu.allocate(outer * 8)?,
            left: gpu.allocate(outer * 4)?,
        })
    }

    fn outer(&self) -> usize {
        self.rows.numel() / self.length
    }

    fn ranks(&self) -> Parameters {
        let mut parameters = Parameters::new();
        parameters.address(self.prefix.address).address(self.left.address);
        parameters
    }

    /// Finds the element of a rank in every row.
    fn run(self, rank: Rank) -> Result<Search<'a>> {
        let (gpu, outer, n) = (self.gpu, self.outer(), self.length);
        let busy = gpu.properties.multiprocessors.max(1) as usize * 8;
        let parts = busy.div_ceil(outer).min(n.div_ceil(BLOCK * 8)).max(1);
        let spread = (grid(outer * parts)?, 1);
        let nans = gpu.allocate(outer * 4)?;
        let (nth, skip) = rank.words();
        if nth == 0 {
            gpu.fill(nans.address, 0, outer * 4)?;
            let mut parameters = Parameters::new();
            parameters.reads(self.rows)?.address(nans.address).int(n as i64).word(parts as u32);
            // SAFETY: the parameters are those of the text, as of every launch here; there is a counter for every row.
            unsafe { parameters.launch(gpu, self.functions[0], spread, BLOCK as u32)? };
        }
        let mut parameters = self.ranks();
        parameters.address(nans.address).int(outer as i64).word(n as u32).word(nth).word(skip);
        // SAFETY: there is a rank for every row.
        unsafe { parameters.launch(gpu, self.functions[1], (grid(outer.div_ceil(BLOCK))?, 1), BLOCK as u32)? };
        let counts = gpu.allocate(outer * 1024)?;
        gpu.fill(counts.address, 0, outer * 1024)?;
        for shift in (0..self.keys.dtype.size() as u32).rev().map(|d| 8 * d) {
            let mut parameters = self.ranks();
            parameters.reads(self.rows)?.address(counts.address).int(n as i64).word(parts as u32).word(shift);
            // SAFETY: there are 256 counters for every row.
            unsafe { parameters.launch(gpu, self.functions[2], spread, BLOCK as u32)? };
            let mut parameters = self.ranks();
            parameters.address(counts.address);
            // SAFETY: as above.
            unsafe { parameters.launch(gpu, self.functions[3], (grid(outer)?, 1), BLOCK as u32)? };
        }
        Ok(self)
    }

    /// Writes the `keep` elements up to the one found with their `places`, or that one alone with its index.
    fn write(&self, out: &View, places: Option<&View>, indices: Option<&View>, keep: usize) -> Result<()> {
        let (gpu, outer, n) = (self.gpu, self.outer(), self.length);
        let tiles = n.div_ceil(TILE);
        let blocks = (grid(outer * tiles)?, 1);
        let counts = View::empty_on(gpu.device(), DType::I64, &[outer as i64, tiles as i64])?;
        let mut parameters = self.ranks();
        parameters.reads(self.rows)?.writes(&counts)?.int(n as i64).word(tiles as u32);
        // SAFETY: there is a counter for every tile.
        unsafe { parameters.launch(gpu, self.functions[4], blocks, BLOCK as u32)? };
        let Some(ends) = scan::running(gpu, Loader::of(&counts), 1, None, false)? else { return Ok(()) };
        let mut parameters = self.ranks();
        parameters.reads(self.rows)?.reads(&ends)?.writes(out)?;
        for view in [places, indices] {
            parameters.writes_if(view)?;
        }
        parameters.int(n as i64).word(tiles as u32).word(keep as u32).word(u32::from(indices.is_some()));
        // SAFETY: the outputs have `keep` elements for every row.
        unsafe { parameters.launch(gpu, self.functions[5], blocks, BLOCK as u32) }
    }
}
