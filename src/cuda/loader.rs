//! Elements on their way into a kernel: a view's, or those of an expression that is computed where they are asked for.

use super::key::Key;
use super::launch::Parameters;
use super::types::{loaded, narrowed, register, rounded, stored};
use crate::base::error::{Result, runtime};
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::store::View;
use smallvec::SmallVec;
use std::fmt::Write;

/// Elements of one dtype, over sizes.
#[derive(Clone, Debug)]
pub struct Loader {
    /// Their dtype.
    pub dtype: DType,
    /// The sizes that they are of.
    pub sizes: Shape,
    /// What they are read from, each of the same sizes.
    pub operands: Vec<View>,
    /// Numbers in the expression.
    pub numbers: Vec<(Scalar, DType)>,
    /// Statements from `x0`, ... and `n0`, ... (the operands' and numbers' registers) on.
    pub code: String,
    /// The register that holds the element behind them.
    pub value: String,
    /// Values that are written on the way, where to, and the register of each: every element is asked for once.
    pub kept: Vec<(View, String)>,
    /// Whether complex numbers occur.
    pub complex: bool,
}

/// The dimensions of a loader in two groups, each in row-major order, with as few dimensions as the operands allow.
#[derive(Debug)]
pub struct Rows {
    /// Sizes and the operands' strides of the dimensions that stay: `sizes, strides of operand 0, ...`.
    outer: Vec<SmallVec<[i64; 6]>>,
    /// Those that go.
    inner: Vec<SmallVec<[i64; 6]>>,
    /// Number of rows.
    pub count: usize,
    /// Elements a row.
    pub length: usize,
}

impl Loader {
    /// A view's elements.
    pub fn of(view: &View) -> Loader {
        Loader {
            dtype: view.dtype(),
            sizes: Shape::from_slice(view.sizes()),
            operands: vec![view.clone()],
            numbers: Vec::new(),
            code: String::new(),
            value: "x0".to_owned(),
            kept: Vec::new(),
            complex: view.dtype().is_complex(),
        }
    }

    /// An expression of views that broadcast to `sizes`: it is over `v0`, `v1`, ..., their elements in dtype `by`, which it has itself.
    /// Views of the host have one element, and come as numbers.
    ///
    /// # Errors
    /// When a view does not broadcast.
    pub fn over(views: &[&View], sizes: &[i64], by: DType, expression: &str) -> Result<Loader> {
        let mut out = Loader {
            dtype: by,
            sizes: Shape::from_slice(sizes),
            operands: Vec::new(),
            numbers: Vec::new(),
            code: String::new(),
            value: expression.to_owned(),
            kept: Vec::new(),
            complex: by.is_complex() || views.iter().any(|v| v.dtype().is_complex()),
        };
        for (i, view) in views.iter().enumerate() {
            let from = if view.on_device().is_some() {
                out.operands.push(view.expand(sizes)?);
                format!("x{}", out.operands.len() - 1)
            } else {
                out.numbers.push((view.get(0), view.dtype()));
                format!("n{}", out.numbers.len() - 1)
            };
            _ = writeln!(out.code, "        const {0} v{i} = cast<{0}>({from});", register(by));
        }
        Ok(out)
    }

    /// The same elements, converted to a dtype.
    pub fn cast(mut self, dtype: DType) -> Loader {
        if dtype != self.dtype {
            let value = rounded(dtype, &format!("cast<{}>({})", register(dtype), self.value));
            _ = writeln!(self.code, "        const {} converted = {value};", register(dtype));
            self.value = "converted".to_owned();
            self.complex |= dtype.is_complex();
            self.dtype = dtype;
        }
        self
    }

    /// These elements joined with those of views that broadcast to their sizes: an expression of `e`, the element, and `e0`, `e1`, ...,
    /// the views', all in a float dtype `by`; it has the dtype `to`.
    ///
    /// # Errors
    /// When a view does not broadcast.
    pub fn with(self, views: &[&View], by: DType, to: DType, expression: &str) -> Result<Loader> {
        let mut out = self.cast(by);
        _ = writeln!(out.code, "        const {} e = {};", register(by), out.value);
        for (i, view) in views.iter().enumerate() {
            _ = writeln!(out.code, "        const {0} e{i} = cast<{0}>(x{1});", register(by), out.operands.len());
            out.operands.push(view.expand(&out.sizes)?);
        }
        (out.value, out.dtype) = (expression.to_owned(), to);
        Ok(out)
    }

    /// Pairs, of an expression of `e` and `e0`, ... as [`with`](Self::with) has them, and another: complex numbers of two floats of the dtype `by`.
    ///
    /// # Errors
    /// When a view does not broadcast.
    pub fn paired(self, views: &[&View], by: DType, first: &str, second: &str) -> Result<Loader> {
        let to = by.complex().unwrap_or(DType::C64);
        self.with(views, by, to, &format!("{}({first}, {second})", register(to)))
    }

    /// Bytes of the smallest elements that it reads, of at most 32.
    pub fn narrowest(&self) -> usize {
        self.operands.iter().map(|v| v.dtype().size()).min().unwrap_or(1).min(32)
    }

    /// Bytes of registers that an element takes: as it is read, or as it was made.
    pub fn held(&self) -> usize {
        let read: usize = self.operands.iter().map(|v| v.dtype().size()).sum();
        read.max(self.dtype.opmath().size()).max(4)
    }

    /// The dimensions, those that are masked as the rows' own.
    pub fn rows(&self, mask: &[bool]) -> Rows {
        let group = |wanted: bool| {
            let mut out: Vec<SmallVec<[i64; 6]>> = vec![SmallVec::new(); self.memories().count() + 1];
            for (d, &n) in self.sizes.iter().enumerate().filter(|&(d, n)| mask[d] == wanted && *n != 1) {
                let strides = || self.memories().map(|v| v.strides()[d]);
                let joins =
                    !out[0].is_empty() && out[1..].iter().zip(strides()).all(|(s, own)| s.last() == Some(&(own * n)));
                match (joins, out[0].last_mut()) {
                    (true, Some(last)) => {
                        *last *= n;
                        out[1..].iter_mut().zip(strides()).for_each(|(s, own)| {
                            s.pop();
                            s.push(own);
                        });
                    }
                    _ => out.iter_mut().zip(std::iter::once(n).chain(strides())).for_each(|(s, own)| s.push(own)),
                }
            }
            if out[0].is_empty() {
                out.iter_mut().enumerate().for_each(|(i, s)| s.push(i64::from(i == 0)));
            }
            out
        };
        let (outer, inner) = (group(false), group(true));
        let product = |group: &[SmallVec<[i64; 6]>]| group[0].iter().product::<i64>() as usize;
        Rows { count: product(&outer), length: product(&inner), outer, inner }
    }

    /// `struct Load`: `load.row(o)` gives a row's place, `load(row, r)` an element of it; and the parameters that its fields come from.
    /// `load.at(row, r)`, `load.read(place)` and `load.made(place, raw)` are the steps to that element: its place, what is read there, and
    /// what is computed and written. `load.packs(row, r)` reads the r-th pack of elements, which are single ones here, and `load.one(packs, k)` is the k-th of them.
    pub fn text(&self, rows: &Rows) -> String {
        self.packed(rows, 1)
    }

    /// As [`text`](Self::text), with as many elements in a pack.
    pub fn packed(&self, rows: &Rows, pack: usize) -> String {
        let (outer, inner) = (rows.outer[0].len(), rows.inner[0].len());
        let operands = self.memories().count();
        let mut out = String::new();
        _ = writeln!(
            out,
            "struct Dims {{ int64_t outer[{}][{outer}]; int64_t inner[{}][{inner}]; }};",
            operands + 1,
            operands + 1
        );
        _ = writeln!(out, "struct Place {{ int64_t at[{}]; }};", operands.max(1));
        let raw = self.operands.iter().enumerate().map(|(k, v)| format!(" {} x{k};", stored(v.dtype())));
        _ = writeln!(out, "struct Raw {{{} }};", raw.collect::<String>());
        _ = writeln!(out, "struct Load {{\n    Dims dims;");
        for field in self.fields() {
            _ = writeln!(out, "    {field};");
        }
        out.push_str("    __device__ Place row(uint64_t o) const {\n        Place p;\n");
        for k in 0..operands {
            _ = writeln!(out, "        p.at[{k}] = 0;");
        }
        offsets(&mut out, ("o", rows.count), "outer", &rows.outer);
        out.push_str("        return p;\n    }\n    __device__ Place at(Place p, uint64_t r) const {\n");
        offsets(&mut out, ("r", rows.length), "inner", &rows.inner);
        out.push_str("        return p;\n    }\n    __device__ Raw read(Place p) const {\n        Raw x;\n");
        for k in 0..self.operands.len() {
            _ = writeln!(out, "        x.x{k} = i{k}[p.at[{k}]];");
        }
        out.push_str("        return x;\n    }\n");
        self.packs(&mut out, rows, pack);
        _ = writeln!(out, "    __device__ {} made(const Place& p, const Raw& raw) const {{", register(self.dtype));
        for (k, view) in self.operands.iter().enumerate() {
            let read = loaded(view.dtype(), &format!("raw.x{k}"));
            _ = writeln!(out, "        const {} x{k} = {read};", register(view.dtype()));
        }
        if self.code.contains("flag") {
            // Only integers are divided with a look at it.
            out.push_str("        uint32_t* const flag = nullptr;\n");
        }
        out.push_str(&self.code);
        for (k, (view, value)) in self.kept.iter().enumerate() {
            let value = narrowed(view.dtype(), value);
            _ = writeln!(out, "        w{k}[p.at[{}]] = {value};", self.operands.len() + k);
        }
        _ = writeln!(out, "        return {};\n    }}", self.value);
        _ = writeln!(
            out,
            "    __device__ {} operator()(Place p, uint64_t r) const {{\n        p = at(p, r);\n        return made(p, read(p));\n    }}\n}};",
            register(self.dtype)
        );
        out
    }

    /// Elements that a thread reads at once: as many as 16 bytes hold, where neighbours in a row lie side by side or are the same element
    /// again, and rows and stretches of them begin on such boundaries.
    pub fn pack(&self, rows: &Rows) -> usize {
        let moving = || self.operands.iter().enumerate().filter(|(k, _)| !rows.still(*k));
        let pack = moving().map(|(_, v)| 16 / v.dtype().size()).min().unwrap_or(1);
        let begins = |k: usize, group: &[SmallVec<[i64; 6]>]| {
            group[k + 1].iter().zip(&group[0]).all(|(s, n)| *n == 1 || s % pack as i64 == 0)
        };
        let whole = rows.inner[0].len() == 1 || rows.inner[0].last().is_none_or(|n| n % pack as i64 == 0);
        let fits = moving().all(|(k, v)| {
            let mut inner = rows.inner.clone();
            let last = inner[k + 1].pop();
            inner[0].pop();
            last == Some(1)
                && v.address().is_multiple_of(pack * v.dtype().size())
                && begins(k, &rows.outer)
                && begins(k, &inner)
        });
        // What is written on the way is so best by neighbouring threads.
        if fits && whole && self.kept.is_empty() && rows.length >= pack { pack } else { 1 }
    }

    fn packs(&self, out: &mut String, rows: &Rows, pack: usize) {
        let still = |k: usize| pack == 1 || rows.still(k);
        let fields = self.operands.iter().enumerate().map(|(k, v)| match stored(v.dtype()) {
            stored if still(k) => format!(" {stored} x{k};"),
            stored => format!(" Pack<{stored}, {pack}> x{k};"),
        });
        _ = writeln!(
            out,
            "    static constexpr int PACK = {pack};\n    struct Packs {{{} }};",
            fields.collect::<String>()
        );
        _ = writeln!(
            out,
            "    __device__ Packs packs(Place p, uint64_t r) const {{\n        p = at(p, r * {pack});\n        Packs x;"
        );
        for (k, view) in self.operands.iter().enumerate() {
            _ = match still(k) {
                true => writeln!(out, "        x.x{k} = i{k}[p.at[{k}]];"),
                false => writeln!(
                    out,
                    "        x.x{k} = *reinterpret_cast<const Pack<{}, {pack}>*>(i{k} + p.at[{k}]);",
                    stored(view.dtype())
                ),
            };
        }
        out.push_str(
            "        return x;\n    }\n    __device__ Raw one(const Packs& x, int k) const {\n        Raw raw;\n",
        );
        for k in 0..self.operands.len() {
            _ = writeln!(out, "        raw.x{k} = x.x{k}{};", if still(k) { "" } else { ".at[k]" });
        }
        out.push_str("        return raw;\n    }\n");
    }

    /// All that [`text`](Self::text), [`declared`](Self::declared) and [`made`](Self::made) depend on, in short.
    pub fn key(&self, rows: &Rows) -> Key {
        let mut key = Key::new();
        key.byte(self.dtype as u8).byte(u8::from(self.complex));
        for count in [self.operands.len(), self.numbers.len(), self.kept.len()] {
            key.word(count as u32);
        }
        self.memories().for_each(|v| _ = key.byte(v.dtype() as u8));
        self.numbers.iter().for_each(|n| _ = key.byte(n.1 as u8));
        for (group, end) in [(&rows.outer, rows.count), (&rows.inner, rows.length)] {
            key.byte(group[0].len() as u8).byte(u8::from(u32::try_from(end).is_ok()));
            for strides in &group[1..] {
                key.byte(match strides[..] {
                    [1] => 1,
                    [0] => 0,
                    [.., 0] => 3,
                    _ => 2,
                });
            }
        }
        self.kept.iter().for_each(|(_, value)| _ = key.text(value));
        key.text(&self.value).text(&self.code);
        key
    }

    /// All that it reads and writes, in the order of the strides.
    fn memories(&self) -> impl Iterator<Item = &View> {
        self.operands.iter().chain(self.kept.iter().map(|k| &k.0))
    }

    fn fields(&self) -> Vec<String> {
        let inputs = self.operands.iter().enumerate().map(|(k, v)| format!("const {}* i{k}", stored(v.dtype())));
        let numbers = self.numbers.iter().enumerate().map(|(k, n)| format!("{} n{k}", register(n.1)));
        let kept = self.kept.iter().enumerate().map(|(k, (v, _))| format!("{}* w{k}", stored(v.dtype())));
        inputs.chain(numbers).chain(kept).collect()
    }

    /// The kernel parameters that a `Load` is made of, as declared.
    pub fn declared(&self) -> String {
        let mut all = vec!["const Dims dims".to_owned()];
        all.extend(self.fields());
        all.join(", ")
    }

    /// `Load` made of these parameters.
    pub fn made(&self) -> String {
        let inputs = (0..self.operands.len()).map(|k| format!("i{k}"));
        let numbers = (0..self.numbers.len()).map(|k| format!("n{k}"));
        let kept = (0..self.kept.len()).map(|k| format!("w{k}"));
        let all: Vec<String> = std::iter::once("dims".to_owned()).chain(inputs).chain(numbers).chain(kept).collect();
        format!("const Load load = {{{}}};", all.join(", "))
    }

    /// Adds the parameters themselves.
    ///
    /// # Errors
    /// When an operand is not on a device.
    pub fn add_to(&self, parameters: &mut Parameters, rows: &Rows) -> Result<()> {
        let dims: Vec<i64> = rows.outer.iter().chain(&rows.inner).flatten().copied().collect();
        parameters.ints(&dims);
        for view in &self.operands {
            let Some((_, address)) = view.on_device() else {
                return Err(runtime("internal: an operand of the host's"));
            };
            parameters.address(address);
        }
        for &(value, dtype) in &self.numbers {
            parameters.number(value, dtype);
        }
        for (view, _) in &self.kept {
            let Some((_, address)) = view.on_device_mut() else {
                return Err(runtime("internal: an output of the host's"));
            };
            parameters.address(address);
        }
        Ok(())
    }
}

impl Rows {
    /// Whether an operand has fewer elements than the rows.
    pub fn is_shared(&self, operand: usize) -> bool {
        let stays =
            |group: &[SmallVec<[i64; 6]>]| group[operand + 1].iter().zip(&group[0]).any(|(s, n)| *s == 0 && *n != 1);
        stays(&self.outer) || stays(&self.inner)
    }

    /// Whether an operand's element is the same for neighbours in a row.
    fn still(&self, operand: usize) -> bool {
        self.inner[operand + 1].last() == Some(&0)
    }

    /// Whether rows lie side by side in memory, so that neighbouring threads had better take neighbouring rows.
    pub fn side_by_side(&self) -> bool {
        let step = |group: &[SmallVec<[i64; 6]>]| -> i64 {
            group[1..]
                .iter()
                .filter_map(|s| s.last().copied())
                .map(i64::abs)
                .filter(|s| *s > 0)
                .min()
                .unwrap_or(i64::MAX)
        };
        self.count > 1 && (self.length == 1 || step(&self.outer) < step(&self.inner))
    }
}

/// Adds to each operand's offset what an index, below a number, stands for in a group of dimensions.
fn offsets(out: &mut String, (index, end): (&str, usize), name: &str, group: &[SmallVec<[i64; 6]>]) {
    let rank = group[0].len();
    if rank == 1 {
        // Neighbours, as most are, are known as such when this is compiled.
        for (k, strides) in group[1..].iter().enumerate() {
            _ = match strides[0] {
                0 => Ok(()),
                1 => writeln!(out, "        p.at[{k}] += int64_t({index});"),
                _ => writeln!(out, "        p.at[{k}] += int64_t({index}) * dims.{name}[{}][0];", k + 1),
            };
        }
        return;
    }
    // Divisions of 32 bits take a fraction of the time.
    let kind = if u32::try_from(end).is_ok() { "uint32_t" } else { "uint64_t" };
    _ = writeln!(out, "        {kind} left = {kind}({index});");
    for d in (0..rank).rev() {
        let position = if d == 0 { "left".to_owned() } else { format!("left % {kind}(dims.{name}[0][{d}])") };
        _ = writeln!(out, "        {{ const int64_t q = {position};");
        for k in 1..group.len() {
            _ = writeln!(out, "          p.at[{}] += q * dims.{name}[{k}][{d}];", k - 1);
        }
        out.push_str("        }\n");
        if d > 0 {
            _ = writeln!(out, "        left /= {kind}(dims.{name}[0][{d}]);");
        }
    }
}
