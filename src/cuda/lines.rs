//! Elements along a dimension, seen as rows whose elements go where they came from: what scans, softmax and normalizations work on.
#![allow(unsafe_code)]

use super::key::Key;
use super::launch::{self, Parameters, grid};
use super::loader::{Loader, Rows};
use super::sources::{self, LINES, REDUCE};
use super::types::{narrowed, register, stored};
use crate::base::DType;
use crate::base::error::Result;
use crate::base::shape::wrap_dim;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;
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

    /// The rows of the last `n` dimensions together; `None` where there is nothing in them.
    pub fn last(load: &Loader, n: usize) -> Option<Lines<'_>> {
        if load.sizes.contains(&0) {
            return None;
        }
        let mask: Vec<bool> = (0..load.sizes.len()).map(|i| i + n >= load.sizes.len()).collect();
        Some(Lines { load, rows: load.rows(&mask), inner: 1, side_by_side: false })
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.rows.count
    }

    /// The elements of each.
    pub fn length(&self) -> usize {
        self.rows.length
    }

    /// What a kernel's text begins with: the block's size and [`Loader::packed`].
    pub fn text(&self, block: usize, pack: usize) -> String {
        format!(
            "namespace tensh {{\nconstexpr uint32_t BLOCK = {block};\n{}}}  // namespace tensh\n",
            self.load.packed(&self.rows, pack)
        )
    }

    /// Elements that a thread reads and writes at once, where rows are whole packs, and so are stretches `within` them; `inputs` are read
    /// beside them.
    fn pack(&self, inputs: &[&View], within: usize) -> usize {
        let pack = self.load.pack(&self.rows);
        let straight =
            !self.side_by_side && self.inner == 1 && self.length().is_multiple_of(pack) && within.is_multiple_of(pack);
        let fits = straight && inputs.iter().all(|v| v.address().is_multiple_of(PACKED));
        if fits { pack } else { 1 }
    }

    /// Adds the loader's parameters, then the outputs, the `inputs` of a [`Store`], the number of rows, their length and how far apart their elements are written.
    ///
    /// # Errors
    /// When an operand is not on a device.
    pub fn add_to(
        &self,
        parameters: &mut Parameters,
        outs: &[View],
        inputs: &dyn Fn(&mut Parameters) -> Result<()>,
    ) -> Result<()> {
        self.load.add_to(parameters, &self.rows)?;
        for out in outs {
            parameters.writes(out)?;
        }
        inputs(parameters)?;
        parameters.int(self.count() as i64).int(self.length() as i64).int(self.inner as i64);
        Ok(())
    }
}

/// `struct Store`: `store(at, r, a)` writes to place `at` of each output an expression of `a`, and of the place `r` in the row;
/// `store.packs(at, r, a)` does so with neighbours.
#[derive(Clone, Copy, Debug)]
pub struct Store<'a> {
    /// The C type of `a`.
    pub argument: &'a str,
    /// The outputs' dtypes and expressions.
    pub outs: &'a [(DType, &'a str)],
    /// What the expressions name beside, as declared; these parameters stand behind those of the outputs.
    pub inputs: &'a [&'a str],
    /// A statement of `at` that declares what else they name, the same for all of a pack; then they name no place `r`.
    pub by: Option<&'a str>,
}

/// A [`Store`] as text.
#[derive(Debug)]
pub struct Stored {
    /// Its definition.
    pub text: String,
    /// The kernel parameters it is made of, as declared.
    pub declared: String,
    /// The statement that makes it.
    pub made: String,
}

impl Store<'_> {
    /// Adds all that it depends on to a key.
    pub fn key(&self, key: &mut Key) {
        key.text(self.argument).word(self.outs.len() as u32);
        self.outs.iter().for_each(|(dtype, expression)| _ = key.byte(*dtype as u8).text(expression));
        self.inputs.iter().chain(self.by.iter()).for_each(|input| _ = key.text(input));
        key.byte(u8::from(self.by.is_some()));
    }

    /// Its text.
    pub fn texts(&self) -> Stored {
        let Store { argument, outs, inputs, by } = *self;
        let by = by.map(|by| format!("        {by}\n"));
        let own = by.as_deref().unwrap_or_default();
        let outputs = outs.iter().enumerate().map(|(i, (d, _))| format!("{}* out{i}", stored(*d)));
        let fields: Vec<String> = outputs.chain(inputs.iter().map(|&i| i.to_owned())).collect();
        let mut text = format!("namespace tensh {{\nstruct Store {{\n    {};\n", fields.join(";\n    "));
        _ = write!(text, "    __device__ void operator()(uint64_t at, uint64_t r, {argument} a) const {{\n{own}");
        for (i, (dtype, expression)) in outs.iter().enumerate() {
            let value = narrowed(*dtype, &format!("cast<{}>({expression})", register(*dtype)));
            _ = writeln!(text, "        out{i}[at] = {value};");
        }
        let name = |field: &String| field.rsplit([' ', '*']).next().unwrap_or_default().to_owned();
        let names: Vec<String> = fields.iter().map(name).collect();
        _ = write!(
            text,
            "    }}\n    template <int N>\n    __device__ void packs(uint64_t at, uint64_t first, const {argument} (&all)[N]) const {{\n{own}"
        );
        // What is not constant is not read.
        let read = |field: &str| by.is_none() && field.starts_with("const ");
        for (field, name) in fields.iter().zip(&names).skip(outs.len()).filter(|(field, _)| read(field)) {
            let kind = field.trim_start_matches("const ").trim_end_matches(&name[..]).trim_end_matches([' ', '*']);
            _ = writeln!(
                text,
                "        const Pack<{kind}, N> {name} = *reinterpret_cast<const Pack<{kind}, N>*>(this->{name} + first);"
            );
        }
        for (i, (dtype, expression)) in outs.iter().enumerate() {
            let value = narrowed(*dtype, &format!("cast<{}>({expression})", register(*dtype)));
            let kind = format!("Pack<{}, N>", stored(*dtype));
            _ = writeln!(
                text,
                "        {kind} pack{i};\n#pragma unroll\n        for (int r = 0; r < N; r++) {{\n            const {argument} a = all[r];\n            \
                 pack{i}.at[r] = {value};\n        }}\n        *reinterpret_cast<{kind}*>(out{i} + at) = pack{i};"
            );
        }
        text.push_str("    }\n};\n}  // namespace tensh\n");
        Stored { text, declared: fields.join(", "), made: format!("const Store store = {{{}}};", names.join(", ")) }
    }
}

/// How rows are shared out.
#[derive(Clone, Copy, Debug)]
struct Shares {
    /// Threads of a block.
    block: usize,
    /// Threads for a row.
    lanes: usize,
    /// Elements that each of them keeps in registers; 0 for rows that do not fit.
    items: usize,
    /// Blocks for a row.
    parts: usize,
}

/// The boundary that packs of what is read beside the elements lie on.
const PACKED: usize = 64;

/// Bytes of what is known of a part of a row.
const PART: usize = 40;

/// Bytes of registers that a thread keeps elements in at the most.
const KEPT: usize = 128;

impl Shares {
    /// For rows that are read once where they fit into registers.
    fn new(gpu: &Gpu, lines: &Lines<'_>, pack: usize) -> Shares {
        let (count, n) = (lines.count(), lines.length());
        let threads = gpu.properties.multiprocessors.max(1) as usize * 1024;
        // Single elements take more registers to find.
        let most = (KEPT / lines.load.held() / if pack > 1 { pack } else { 2 }).max(1);
        let packs = n.div_ceil(pack);
        let kept = |block: usize, lanes: usize| {
            let each = packs.div_ceil(lanes);
            let each = if each > 6 { each.next_power_of_two() } else { each };
            Shares { block, lanes, items: each * pack, parts: 1 }
        };
        if lines.side_by_side {
            // Rows that lie in a cache line are read together, fewer where they are long; no fewer than memory gives at once.
            let least = 32 / lines.load.narrowest();
            let lanes = |(block, columns): (usize, usize)| (block / columns).min(n.div_ceil(4).next_power_of_two());
            let mut ways = [(256, 32), (1024, 32), (1024, 16), (1024, 8)].into_iter();
            return match ways.find(|&way| way.1 >= least && n <= lanes(way) * most) {
                Some(way) => kept(way.0, lanes(way)),
                None => Shares::long(threads, count, n, 512, 16),
            };
        }
        // A warp takes a row, more where there are too few rows to keep the device busy.
        let wanted = (threads / count.max(1)).max(32).min(packs.div_ceil(if pack > 1 { 2 } else { 4 })).max(1);
        let lanes = wanted.max(packs.div_ceil(most)).next_power_of_two();
        match lanes {
            0..=256 => kept(256, lanes),
            // Two blocks, so that one reads while the other computes.
            _ if packs <= 512 * most && count * 4096 >= threads => kept(512, 512.min(lanes)),
            _ if packs <= 1024 * most / 2 && count * 4096 >= threads => kept(1024, 1024),
            // Large blocks, so that few rows are under way at once and the second look finds them in the cache.
            _ => Shares::long(threads, count, n, 1024, 1024),
        }
    }

    /// Rows that are read twice.
    fn long(threads: usize, count: usize, n: usize, block: usize, lanes: usize) -> Shares {
        let blocks = count.div_ceil(block / lanes);
        let parts = (threads * 2 / block / blocks.max(1)).min(n / (lanes * 8)).clamp(1, 1024);
        Shares { block, lanes, items: 0, parts }
    }
}

/// Kernels that look at whole rows and then write their elements: `NAME_kept` for rows that registers hold, else `NAME_parts` for the
/// blocks' shares of a row and `NAME_written` for the elements.
#[derive(Debug)]
pub struct Whole<'a> {
    /// The text with the three kernels.
    pub text: &'a str,
    /// Their name.
    pub name: &'static str,
    /// What they have as template arguments, behind the number of elements: of all three, and of those that write.
    pub options: (&'a str, &'a str),
    /// The C type of what is known of a part, of at most [`PART`] bytes.
    pub part: &'a str,
    /// How elements are written.
    pub store: Store<'a>,
    /// What is read to do so.
    pub inputs: &'a [&'a View],
    /// Packs lie within stretches of so many elements of a row, where that is not 0.
    pub within: usize,
}

/// Runs such kernels; the parameters behind those of the outputs are added by `inputs`.
///
/// # Errors
/// What the device refuses.
pub fn run(
    gpu: &'static Gpu,
    lines: &Lines<'_>,
    whole: &Whole<'_>,
    outs: &[View],
    inputs: &dyn Fn(&mut Parameters) -> Result<()>,
) -> Result<()> {
    let pack = lines.pack(whole.inputs, whole.within);
    let Shares { block, lanes, items, parts } = Shares::new(gpu, lines, pack);
    let mut key = lines.load.key(&lines.rows);
    let (common, written) = whole.options;
    key.number(block).number(items).number(pack).text(common).text(written).text(whole.part);
    whole.store.key(&mut key);
    let functions = launch::by_key(gpu, whole.name, key, || kernels(gpu, lines, whole, block, (items, pack)))?;
    let mut parameters = Parameters::new();
    lines.add_to(&mut parameters, outs, inputs)?;
    let partial = gpu.allocate(if items > 0 { 0 } else { lines.count() * parts * PART })?;
    parameters.word(lanes as u32).word(u32::from(lines.side_by_side)).address(partial.address);
    let blocks = (grid(lines.count().div_ceil(block / lanes))?, parts as u32);
    for &function in functions.iter() {
        // SAFETY: the parameters are those of the text; outputs have an element for each that is read, and there is room for the parts.
        unsafe { parameters.launch(gpu, function, blocks, block as u32)? };
    }
    Ok(())
}

/// The kernels of such lines.
fn kernels(
    gpu: &Gpu,
    lines: &Lines<'_>,
    whole: &Whole<'_>,
    block: usize,
    (items, pack): (usize, usize),
) -> Result<Vec<Function>> {
    let Whole { name, part, options: (common, written), .. } = whole;
    let store = whole.store.texts();
    let load = format!("{}\n    {}", lines.load.made(), store.made);
    // Registers for half of the threads that a multiprocessor has room for, or three quarters of that.
    let threads = if items * lines.load.held() > 64 && block < 512 { 768 } else { 1024 };
    let room = if items > 8 { format!(", {}", threads / block) } else { String::new() };
    let head = format!("extern \"C\" __global__ void __launch_bounds__({block}{room})");
    let declared = format!(
        "{}, {}, uint64_t outer, uint64_t length, uint64_t inner, uint32_t lanes, uint32_t side_by_side, {part}* partial",
        lines.load.declared(),
        store.declared
    );
    let ends = "outer, length, inner, lanes, side_by_side != 0";
    let kernels = if items > 0 {
        format!(
            "{head} kept({declared}) {{\n    {load}\n    {name}_kept<{items}, {written}{common}>(load, store, {ends});\n}}\n"
        )
    } else {
        format!(
            "{head} parts({declared}) {{\n    {load}\n    \
             {name}_parts<{common}>(load, partial, outer, length, lanes, side_by_side != 0);\n}}\n\
             {head} written({declared}) {{\n    {load}\n    {name}_written<{written}{common}>(load, store, partial, {ends});\n}}\n"
        )
    };
    let names: &[&str] = if items > 0 { &["kept"] } else { &["parts", "written"] };
    let load_text = lines.text(block, pack);
    let text = sources::with(
        &[REDUCE, &load_text, LINES, whole.text, &store.text],
        format!("namespace tensh {{\n{kernels}}}  // namespace tensh"),
        lines.load.complex,
    );
    launch::functions(gpu, &text, names)
}
