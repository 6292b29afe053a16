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

/// Products, and what is like them.
pub const MATMUL: &str = include_str!("../../kernels/matmul.cu");

/// Convolutions and pooling.
pub const SPATIAL: &str = include_str!("../../kernels/spatial.cu");

/// Factorizations.
pub const LINALG: &str = include_str!("../../kernels/linalg.cu");

/// Fourier transforms.
pub const FFT: &str = include_str!("../../kernels/fft.cu");

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
