//! The kernel texts, embedded, and which of them a kernel needs.

/// What every kernel begins with: element types, conversions, and functions of real numbers.
const ALWAYS: [&str; 2] = [include_str!("../../kernels/types.cu"), include_str!("../../kernels/math.cu")];

/// Functions of complex numbers.
const COMPLEX: &str = include_str!("../../kernels/complex.cu");

/// Functions that few kernels need: each text stands behind those that it calls.
const SPECIAL: [&str; 1] = [include_str!("../../kernels/special.cu")];

/// A kernel's whole text: the parts of the library that it needs, then itself.
pub fn with_library(kernel: &str, complex: bool) -> String {
    let mut parts: Vec<&str> = ALWAYS.to_vec();
    if complex {
        parts.push(COMPLEX);
    }
    let names: Vec<&str> = called(kernel);
    parts.extend(SPECIAL.iter().filter(|text| names.iter().any(|name| defines(text, name))));
    parts.push(kernel);
    parts.join("\n")
}

/// The names before opening parentheses.
fn called(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = text
        .match_indices('(')
        .map(|(at, _)| {
            let before = &text[..at];
            &before[before.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(0, |i| i + 1)..]
        })
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether a text has a function of this name.
fn defines(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| text[..at].ends_with(' ') && text[at + name.len()..].starts_with('('))
}
