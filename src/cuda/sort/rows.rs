//! Contiguous rows, sorted.
#![allow(unsafe_code)]

use crate::base::DType;
use crate::base::error::Result;
use crate::cuda::key::Key;
use crate::cuda::launch::{self, Parameters, grid};
use crate::cuda::loader::Loader;
use crate::cuda::scan;
use crate::cuda::sources::{self, SORT};
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;
use std::rc::Rc;

/// Threads of a block.
pub const BLOCK: usize = 256;

/// Blocks that a multiprocessor is to have room for.
const ROOM: usize = 3;

/// Elements of a thread in a tile.
pub const ITEMS: usize = 16;

/// Elements of a tile.
pub const TILE: usize = BLOCK * ITEMS;

/// Rows up to this length are sorted by counting.
const SHORT: usize = 128;

/// How words of memory are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Their dtype.
    pub dtype: DType,
    /// Whether the largest come first.
    pub descending: bool,
}

impl Keys {
    /// The order of a dtype's elements.
    pub fn of(dtype: DType, descending: bool) -> Keys {
        Keys { dtype, descending }
    }

    /// The C type of words of their size.
    pub fn word(self) -> &'static str {
        match self.dtype.size() {
            1 => "uint8_t",
            2 => "uint16_t",
            4 => "uint32_t",
            _ => "uint64_t",
        }
    }

    /// Elements of a thread in a pass over memory: as many as leave registers for several blocks.
    fn items(self) -> usize {
        if self.dtype.size() > 4 { ITEMS / 2 } else { ITEMS }
    }

    /// The definitions that the kernels' texts begin with.
    pub fn text(self) -> String {
        let (kind, infinity) = match self.dtype {
            DType::F16 => (2, "0x7c00"),
            DType::BF16 => (2, "0x7f80"),
            DType::F32 => (2, "0x7f800000u"),
            DType::F64 => (2, "0x7ff0000000000000ull"),
            DType::I8 | DType::I16 | DType::I32 | DType::I64 => (1, "0"),
            _ => (0, "0"),
        };
        format!(
            "namespace tensh {{\ntypedef {} U;\nconstexpr int KIND = {kind};\nconstexpr U INF = {infinity};\nconstexpr bool DESCENDING = \
             {};\n}}  // namespace tensh\n",
            self.word(),
            self.descending
        )
    }

    fn key(self) -> Key {
        let mut key = Key::new();
        key.byte(self.dtype as u8).byte(u8::from(self.descending));
        key
    }

    /// Kernels over such words, by names, declared parameters and bodies. They leave registers for [`ROOM`] blocks at once.
    ///
    /// # Errors
    /// What the compiler or the driver refuses.
    pub fn kernels(self, gpu: &Gpu, texts: &[&str], kernels: &[(&str, &str, &str)]) -> Result<Rc<[Function]>> {
        let mut key = self.key();
        kernels.iter().for_each(|(name, parameters, body)| _ = key.text(name).text(parameters).text(body));
        // They call functions of these texts alone.
        launch::by_key(gpu, "keys", key, || self.compiled(gpu, texts, kernels))
    }

    fn compiled(self, gpu: &Gpu, texts: &[&str], kernels: &[(&str, &str, &str)]) -> Result<Vec<Function>> {
        let keys = self.text();
        let mut all = vec![&keys[..], SORT];
        all.extend(texts);
        let bodies: Vec<String> = kernels
            .iter()
            .map(|(name, parameters, body)| {
                format!("extern \"C\" __global__ void __launch_bounds__({BLOCK}, {ROOM}) {name}({parameters}) {{ {body}; }}\n")
            })
            .collect();
        let text = format!("namespace tensh {{\n{}}}  // namespace tensh", bodies.concat());
        let names: Vec<&str> = kernels.iter().map(|k| k.0).collect();
        launch::functions(gpu, &sources::with(&all, &text, false), &names)
    }
}

/// Sorted elements, and where in their rows they came from.
#[derive(Debug)]
pub struct Sorted {
    /// The elements.
    pub values: View,
    /// Where they came from.
    pub indices: View,
}

/// The first `keep` elements of each row of a contiguous view's `length` elements in order; `places` are numbers of the elements,
/// their places in their rows if they have none.
///
/// # Errors
/// What the device refuses.
pub fn sort(
    gpu: &'static Gpu,
    x: &View,
    places: Option<&View>,
    length: usize,
    keep: usize,
    keys: Keys,
) -> Result<Sorted> {
    let outer = x.numel() / length;
    let whole = length > TILE;
    let mut sizes = x.sizes().to_vec();
    if let Some(last) = sizes.last_mut() {
        *last = if whole { length } else { keep } as i64;
    }
    let out = Sorted {
        values: View::empty_on(gpu.device(), x.dtype(), &sizes)?,
        indices: View::empty_on(gpu.device(), DType::I64, &sizes)?,
    };
    if whole {
        long(gpu, x, places, length, keys, &out)?;
        if keep < length {
            let first = |v: &View| super::super::copy::contiguous(gpu, &v.narrow(v.ndim() - 1, 0, keep as i64));
            return Ok(Sorted { values: first(&out.values)?, indices: first(&out.indices)? });
        }
        return Ok(out);
    }
    let mut parameters = Parameters::new();
    parameters.reads(x)?;
    parameters.reads_if(places)?;
    parameters.writes(&out.values)?.writes(&out.indices)?;
    let short = length <= SHORT;
    let items = if short { 0 } else { length.div_ceil(BLOCK).next_power_of_two() };
    let mut key = keys.key();
    key.number(items);
    let function = launch::by_key(gpu, "sort rows", key, || {
        let (rows, call) = match short {
            true => ("uint64_t outer, ", "sort_short(words, places, out, indices, outer, length, keep)".to_owned()),
            false => ("", format!("sort_block<{items}>(words, places, out, indices, length, keep)")),
        };
        let declared = format!(
            "const U* words, const uint32_t* places, U* out, int64_t* indices, {rows}uint32_t length, uint32_t keep"
        );
        keys.compiled(gpu, &[], &[("sort_rows", &declared, &call)])
    })?[0];
    let blocks = if short { outer.div_ceil(BLOCK / length) } else { outer };
    if short {
        parameters.int(outer as i64);
    }
    parameters.word(length as u32).word(keep as u32);
    // SAFETY: the parameters are those of the text; the outputs have `keep` elements for every row.
    unsafe { parameters.launch(gpu, function, (grid(blocks)?, 1), BLOCK as u32)? };
    Ok(out)
}

/// The digits, by their shifts, in which elements differ: all of them where looking is not worth it.
fn digits(gpu: &'static Gpu, x: &View, keys: Keys, varying: Function) -> Result<Vec<u32>> {
    let all = (0..keys.dtype.size() as u32).map(|d| 8 * d);
    if keys.dtype.size() < 8 || keys.dtype.is_float() {
        return Ok(all.collect());
    }
    let bits = gpu.allocate(8)?;
    gpu.fill(bits.address, 0, 8)?;
    let mut parameters = Parameters::new();
    parameters.reads(x)?.int(x.numel() as i64).address(bits.address);
    let blocks = (gpu.properties.multiprocessors.max(1) as usize * 8).min(x.numel().div_ceil(TILE));
    // SAFETY: the parameters are those of the text; there is room for 64 bits.
    unsafe { parameters.launch(gpu, varying, (blocks as u32, 1), BLOCK as u32)? };
    let used = gpu.read_number(bits.address)?;
    let digits: Vec<u32> = all.filter(|shift| used >> shift & 255 != 0).collect();
    Ok(if digits.is_empty() { vec![0] } else { digits })
}

/// Rows that a block does not hold: a pass over memory for each digit.
fn long(gpu: &'static Gpu, x: &View, places: Option<&View>, length: usize, keys: Keys, out: &Sorted) -> Result<()> {
    let outer = x.numel() / length;
    let items = keys.items();
    let tiles = length.div_ceil(BLOCK * items);
    let functions = keys.kernels(
        gpu,
        &[],
        &[
            (
                "count",
                "const U* words, uint32_t* counts, uint64_t length, uint32_t tiles, uint32_t shift",
                &format!("count_digits<{items}>(words, counts, length, tiles, shift)"),
            ),
            (
                "scatter",
                "const U* words, const uint32_t* places, const int32_t* ends, U* out, uint32_t* out_places, int64_t* indices, uint64_t \
                 length, uint32_t tiles, uint32_t shift",
                &format!("scatter_tile<{items}>(words, places, ends, out, out_places, indices, length, tiles, shift)"),
            ),
            ("varying", "const U* words, uint64_t count, uint32_t* out", "varying_bits(words, count, out)"),
        ],
    )?;
    let digits = digits(gpu, x, keys, functions[2])?;
    let blocks = (grid(outer * tiles)?, 1);
    let fresh = |dtype| View::empty_on(gpu.device(), dtype, x.sizes());
    let counts = View::empty_on(gpu.device(), DType::I32, &[outer as i64, (tiles * 256) as i64])?;
    let mut from: (View, Option<View>) = (x.clone(), places.cloned());
    for (pass, &shift) in digits.iter().enumerate() {
        let mut parameters = Parameters::new();
        parameters.reads(&from.0)?.writes(&counts)?.int(length as i64).word(tiles as u32).word(shift);
        // SAFETY: the parameters are those of the text; there is a counter for each digit of each tile.
        unsafe { parameters.launch(gpu, functions[0], blocks, BLOCK as u32)? };
        let Some(ends) = scan::running(gpu, Loader::of(&counts), 1, Some(DType::I32), false)? else { break };
        let last = pass + 1 == digits.len();
        let to = if last { (out.values.clone(), None) } else { (fresh(x.dtype())?, Some(fresh(DType::I32)?)) };
        let mut parameters = Parameters::new();
        parameters.reads(&from.0)?;
        parameters.reads_if(from.1.as_ref())?;
        parameters.reads(&ends)?.writes(&to.0)?;
        match &to.1 {
            Some(places) => _ = parameters.writes(places)?.address(0),
            None => _ = parameters.address(0).writes(&out.indices)?,
        }
        parameters.int(length as i64).word(tiles as u32).word(shift);
        // SAFETY: as above; every element has its place in the outputs.
        unsafe { parameters.launch(gpu, functions[1], blocks, BLOCK as u32)? };
        from = to;
    }
    Ok(())
}
