//! The kernel texts, embedded, and which of them a kernel needs.

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
pub const REDUCE: &str = include_str!("../../kernels/reduce.cu");

/// Walks over several operands.
pub const WALK: &str = include_str!("../../kernels/walk.cu");

/// Reading and writing by indices.
pub const INDEX: &str = include_str!("../../kernels/index.cu");

/// Finding the elements that a mask names.
pub const COMPACT: &str = include_str!("../../kernels/compact.cu");

/// Elements in other places, by rules.
pub const REARRANGE: &str = include_str!("../../kernels/rearrange.cu");

/// Elements between two layouts.
pub const MOVES: &str = include_str!("../../kernels/moves.cu");

/// Several copies in one launch.
pub const JOIN: &str = include_str!("../../kernels/join.cu");
/// Products, and what is like them.
pub const MATMUL: &str = include_str!("../../kernels/matmul.cu");

/// Convolutions and pooling.
pub const SPATIAL: &str = include_str!("../../kernels/spatial.cu");

/// Factorizations.
pub const LINALG: &str = include_str!("../../kernels/linalg.cu");

/// Rows of elements that are written back as they lie.
pub const LINES: &str = include_str!("../../kernels/lines.cu");

/// Softmax.
pub const SOFTMAX: &str = include_str!("../../kernels/softmax.cu");

/// Normalizations.
pub const NORM: &str = include_str!("../../kernels/norm.cu");

/// Running totals.
pub const SCAN: &str = include_str!("../../kernels/scan.cu");

/// Sorting by digits.
pub const SORT: &str = include_str!("../../kernels/sort.cu");

/// Elements by their ranks; behind [`SORT`].
pub const SELECT: &str = include_str!("../../kernels/select.cu");

/// Random numbers.
pub const RANDOM: &str = include_str!("../../kernels/random.cu");

/// What is done with sorted elements; behind [`SORT`].
pub const SEARCH: &str = include_str!("../../kernels/search.cu");

/// Places in sorted rows.
pub const BUCKET: &str = include_str!("../../kernels/bucket.cu");

/// A kernel's whole text: the parts of the library that it needs, the texts it is made of, then itself.
pub fn with(texts: &[&str], kernel: &str, complex: bool) -> String {
    let mut parts: Vec<&str> = ALWAYS.to_vec();
    if complex {
        parts.push(COMPLEX);
    }
    parts.extend(SPECIAL.iter().filter(|(name, _)| kernel.contains(name)).map(|(_, text)| text));
    parts.extend(texts);
    parts.push(kernel);
    parts.join("\n")
}
