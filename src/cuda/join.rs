//! Several copies of contiguous pieces in one launch: what `cat` and `stack` come down to.
#![allow(unsafe_code)]

use super::index::picks::word;
use super::key::Key;
use super::launch::{self, Parameters};
use super::sources::{self, JOIN, WALK};
use crate::base::error::{Result, runtime};
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;
use smallvec::SmallVec;

/// Threads of a block.
const THREADS: usize = 256;

/// Pieces of a launch: their fields fit a kernel's parameters.
const MOST: usize = 64;

/// The widest words that are moved.
const WORD: u64 = 16;

/// A copy of rows, all in bytes: one after the other from here, and there `pitch` apart.
struct Piece {
    from: u64,
    to: u64,
    rows: u64,
    width: u64,
    pitch: u64,
}

impl Piece {
    /// That of a pair of views, if it is such a copy.
    fn of(from: &View, to: &View) -> Option<Piece> {
        if from.dtype() != to.dtype() || from.sizes() != to.sizes() || !from.is_contiguous() || from.shares(to) {
            return None;
        }
        let item = to.dtype().size() as u64;
        let (mut width, mut rows, mut pitch) = (1, 1, 0);
        for (&n, &s) in to.sizes().iter().zip(to.strides()).rev().filter(|(n, _)| **n != 1) {
            if rows == 1 && s == width {
                width *= n;
            } else if rows == 1 || s == pitch * rows {
                pitch = if rows == 1 { s } else { pitch };
                rows *= n;
            } else {
                return None;
            }
        }
        let (_, source) = from.on_device()?;
        let (_, target) = to.on_device_mut()?;
        let (width, pitch) = (width as u64 * item, pitch as u64 * item);
        Some(Piece { from: source, to: target, rows: rows as u64, width, pitch })
    }

    fn bytes(&self) -> u64 {
        self.rows * self.width
    }
}

/// Copies what is a piece and gives back the rest.
///
/// # Errors
/// What the device refuses.
pub fn copy(pairs: &[(View, View)]) -> Result<Vec<(View, View)>> {
    let (Some((first, _)), true) = (pairs.first(), pairs.len() > 1) else { return Ok(pairs.to_vec()) };
    let Some((gpu, _)) = first.on_device() else { return Err(runtime("internal: a copy on the host")) };
    let (mut pieces, mut rest) = (Vec::new(), Vec::new());
    for (from, to) in pairs.iter().filter(|(_, to)| to.numel() > 0) {
        match Piece::of(from, to) {
            Some(piece) => pieces.push(piece),
            None => rest.push((from.clone(), to.clone())),
        }
    }
    pieces.chunks(MOST).try_for_each(|pieces| launched(gpu, pieces))?;
    Ok(rest)
}

fn launched(gpu: &'static Gpu, pieces: &[Piece]) -> Result<()> {
    let all = pieces.iter().fold(WORD, |all, p| all | p.from | p.to | p.width | p.pitch);
    let width = 1u64 << all.trailing_zeros();
    let mut key = Key::new();
    key.number(width as usize);
    let function = launch::by_key(gpu, "join", key, || kernel(gpu, width as usize))?[0];
    let mut fields: SmallVec<[i64; MOST * 5]> = SmallVec::new();
    for p in pieces {
        fields.extend([p.from, p.to, p.rows, p.width / width, p.pitch / width].map(|n| n as i64));
    }
    fields.resize(MOST * 5, 0);
    let largest = pieces.iter().map(Piece::bytes).max().unwrap_or(0) / width;
    let most = (gpu.properties.multiprocessors.max(1) as usize * 16).div_ceil(pieces.len()).max(4);
    let blocks = (largest as usize).div_ceil(THREADS).clamp(1, most) as u32;
    let mut parameters = Parameters::new();
    parameters.ints(&fields);
    // SAFETY: the parameters are those of the text; every piece lies within two views that the caller holds.
    unsafe { parameters.launch(gpu, function, (blocks, pieces.len() as u32), THREADS as u32) }
}

/// The kernel that copies pieces by words of so many bytes.
fn kernel(gpu: &Gpu, width: usize) -> Result<Vec<Function>> {
    let text = format!(
        "namespace tensh {{\ntypedef {} S;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) join(const Pieces<S, \
         {MOST}> pieces) {{\n    join_pieces(pieces);\n}}\n}}  // namespace tensh\n",
        word(width)
    );
    launch::functions(gpu, &sources::with(&[WALK, JOIN], &text, false), &["join"])
}
