//! The kernel texts, embedded, and which of them a kernel needs.

use super::compile::FUSED;
use smallvec::SmallVec;
use std::borrow::Cow;

/// What every kernel begins with: element types, conversions, and functions of real numbers.
const ALWAYS: [&str; 2] = [include_str!("../../kernels/types.cu"), include_str!("../../kernels/math.cu")];

/// Functions of complex numbers.
const COMPLEX: &str = include_str!("../../kernels/complex.cu");

/// Functions that few kernels need, each text with the namespace that its functions are in.
const SPECIAL: [(&str, &str); 4] = [
    ("special::", include_str!("../../kernels/special.cu")),
    ("bessel::", include_str!("../../kernels/bessel.cu")),
    ("polynomials::", include_str!("../../kernels/polynomials.cu")),
    ("incomplete_gamma::", include_str!("../../kernels/incomplete_gamma.cu")),
];

/// Reductions.
pub static REDUCE: &str = include_str!("../../kernels/reduce.cu");

/// Walks over several operands.
pub static WALK: &str = include_str!("../../kernels/walk.cu");

/// Reading and writing by indices.
pub static INDEX: &str = include_str!("../../kernels/index.cu");

/// Finding the elements that a mask names.
pub static COMPACT: &str = include_str!("../../kernels/compact.cu");

/// Elements in other places, by rules.
pub static REARRANGE: &str = include_str!("../../kernels/rearrange.cu");

/// Elements between two layouts.
pub static MOVES: &str = include_str!("../../kernels/moves.cu");

/// Several copies in one launch.
pub static JOIN: &str = include_str!("../../kernels/join.cu");

/// Triangles' positions, and bytes repeated.
pub static CREATE: &str = include_str!("../../kernels/create.cu");

/// Products, and what is like them.
pub static MATMUL: &str = include_str!("../../kernels/matmul.cu");

/// Convolutions and pooling.
pub static SPATIAL: &str = include_str!("../../kernels/spatial.cu");

/// Factorizations.
pub static LINALG: &str = include_str!("../../kernels/linalg.cu");

/// Rows of elements that are written back as they lie.
pub static LINES: &str = include_str!("../../kernels/lines.cu");

/// Softmax.
pub static SOFTMAX: &str = include_str!("../../kernels/softmax.cu");

/// Normalizations.
pub static NORM: &str = include_str!("../../kernels/norm.cu");

/// Running totals.
pub static SCAN: &str = include_str!("../../kernels/scan.cu");

/// Sorting by digits.
pub static SORT: &str = include_str!("../../kernels/sort.cu");

/// Elements by their ranks; behind [`SORT`].
pub static SELECT: &str = include_str!("../../kernels/select.cu");

/// Random numbers.
pub static RANDOM: &str = include_str!("../../kernels/random.cu");

/// Samples that take as many random words as they need; behind [`RANDOM`].
pub static SAMPLES: &str = include_str!("../../kernels/samples.cu");

/// What is done with sorted elements; behind [`SORT`].
pub static SEARCH: &str = include_str!("../../kernels/search.cu");

/// Places in sorted rows.
pub static BUCKET: &str = include_str!("../../kernels/bucket.cu");

/// The texts above: a kernel is told from others by which of them it has, and not by what they say.
static LIBRARY: [&str; 21] = [
    REDUCE, WALK, INDEX, COMPACT, REARRANGE, MOVES, JOIN, CREATE, MATMUL, SPATIAL, LINALG, LINES, SOFTMAX, NORM, SCAN,
    SORT, SELECT, RANDOM, SAMPLES, SEARCH, BUCKET,
];

/// What a kernel's text is made of: most of it is the library's, so that it is put together when it is to be compiled and not before.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    texts: SmallVec<[&'a str; 8]>,
    kernel: Cow<'a, str>,
    complex: bool,
    fused: bool,
}

/// A kernel, with the texts that it is made of.
pub fn with<'a>(texts: &[&'a str], kernel: impl Into<Cow<'a, str>>, complex: bool) -> Text<'a> {
    Text { texts: SmallVec::from_slice(texts), kernel: kernel.into(), complex, fused: false }
}

impl Text<'_> {
    /// The same, with products and sums that may be rounded as one.
    pub fn fused(self) -> Self {
        Text { fused: true, ..self }
    }

    /// What tells this kernel from all others: the library's texts by their number, and all else as it is.
    pub fn key(&self) -> String {
        let mark = |i: usize| char::from_u32(0xe000 + i as u32).unwrap_or_default();
        let mut key = String::with_capacity(self.kernel.len() + 64);
        key.push(mark(usize::from(self.complex) + 2 * usize::from(self.fused)));
        for text in &self.texts {
            let own = |l: &&str| std::ptr::eq(l.as_ptr(), text.as_ptr()) && l.len() == text.len();
            match LIBRARY.iter().position(own) {
                Some(i) => key.push(mark(i)),
                None => key.push_str(text),
            }
        }
        key.push_str(&self.kernel);
        key
    }

    /// The whole text: the parts of the library that the kernel needs, the texts it is made of, then itself.
    pub fn whole(&self) -> String {
        let mut parts: Vec<&str> = Vec::from(ALWAYS);
        if self.complex {
            parts.push(COMPLEX);
        }
        parts.extend(SPECIAL.iter().filter(|(name, _)| self.kernel.contains(name)).map(|(_, text)| text));
        parts.extend(self.texts.iter().copied());
        parts.push(&self.kernel);
        let text = parts.join("\n");
        if self.fused { format!("{FUSED}{text}") } else { text }
    }
}
