//! Elements along a dimension, seen as rows whose elements go where they came from: what scans, softmax and sorting work on.

use super::launch::Parameters;
use super::loader::{Loader, Rows};
use super::types::{narrowed, register, stored};
use crate::base::DType;
use crate::base::error::Result;
use crate::base::shape::wrap_dim;
use crate::store::View;
use std::fmt::Write;

/// A loader's rows along a dimension.
#[derive(Debug)]
pub struct Lines<'a> {
    /// The elements.
    pub load: &'a Loader,
    /// Their rows.
    pub rows: Rows,
    /// How far apart a row's elements are written.
    pub inner: usize,
    /// Whether neighbouring threads had better take neighbouring rows.
    pub side_by_side: bool,
}

impl Lines<'_> {
    /// The rows along `dim`; `None` where there is no such dimension, or nothing in it.
    pub fn along(load: &Loader, dim: i64) -> Option<Lines<'_>> {
        let d = wrap_dim(dim, load.sizes.len()).ok()?;
        if load.sizes.contains(&0) {
            return None;
        }
        let mask: Vec<bool> = (0..load.sizes.len()).map(|i| i == d).collect();
        let rows = load.rows(&mask);
        let inner = load.sizes.iter().skip(d + 1).product::<i64>() as usize;
        let side_by_side = rows.side_by_side();
        Some(Lines { load, rows, inner, side_by_side })
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.rows.count
    }

    /// The elements of each.
    pub fn length(&self) -> usize {
        self.rows.length
    }

    /// What a kernel's text begins with: the block's size and [`Loader::text`].
    pub fn text(&self, block: usize) -> String {
        format!(
            "namespace tensh {{\nconstexpr uint32_t BLOCK = {block};\n{}}}  // namespace tensh\n",
            self.load.text(&self.rows)
        )
    }

    /// Adds the loader's parameters, then the outputs, the number of rows, their length and how far apart their elements are written.
    ///
    /// # Errors
    /// When an operand is not on a device.
    pub fn add_to(&self, parameters: &mut Parameters, outs: &[View]) -> Result<()> {
        self.load.add_to(parameters, &self.rows)?;
        for out in outs {
            parameters.writes(out)?;
        }
        parameters.int(self.count() as i64).int(self.length() as i64).int(self.inner as i64);
        Ok(())
    }
}

/// `struct Store`: `store(at, a)` writes to each output an expression of `a`; with the kernel parameters it is made of, as declared,
/// and the statement that makes it.
pub fn store(argument: &str, outs: &[(DType, &str)]) -> (String, String, String) {
    let fields: Vec<String> = outs.iter().enumerate().map(|(i, (d, _))| format!("{}* o{i}", stored(*d))).collect();
    let mut text = format!("namespace tensh {{\nstruct Store {{\n    {};\n", fields.join(";\n    "));
    _ = writeln!(text, "    __device__ void operator()(uint64_t at, {argument} a) const {{");
    for (i, (dtype, expression)) in outs.iter().enumerate() {
        let value = narrowed(*dtype, &format!("cast<{}>({expression})", register(*dtype)));
        _ = writeln!(text, "        o{i}[at] = {value};");
    }
    text.push_str("    }\n};\n}  // namespace tensh\n");
    let names: Vec<String> = (0..outs.len()).map(|i| format!("o{i}")).collect();
    (text, fields.join(", "), format!("const Store store = {{{}}};", names.join(", ")))
}
