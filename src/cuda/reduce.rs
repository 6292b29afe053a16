//! Reductions on a GPU: many elements to one, over any of the dimensions, of a view or of an expression that is computed on the way.
#![allow(unsafe_code)]

use super::copy::computed;
use super::key::Key;
use super::launch::{self, Parameters};
use super::loader::{Loader, Rows};
use super::sources::{self, REDUCE, Text};
use super::types::{loaded, narrowed, register, stored};
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::promote::{default_dtype, promote};
use crate::base::shape::Shape;
use crate::cpu::reduce::Reduced;
use crate::cpu::reduce::moments::parts;
use crate::store::View;
use crate::store::cuda::Gpu;
use std::fmt::Write;

/// Threads of a block.
const THREADS: usize = 256;

/// A reduction: what joins the elements, and what is written of the result.
pub(super) struct Plan<'a> {
    /// The C type that joins, by its name and what it is over beside `E`, the elements' type: `Sum` and `float` for `Sum<E, float>`.
    pub op: (&'a str, &'a str),
    /// Its order, where it has one.
    pub order: Option<f64>,
    /// Bytes of an accumulator.
    pub bytes: usize,
    /// Each output with the expression of an element, over the accumulator `a`, the row's length `n` and the number `c`.
    pub outs: &'a [(DType, &'a str)],
    /// The number `c`.
    pub number: f64,
    /// What else the expressions name.
    pub beside: &'a [Beside<'a>],
}

/// What expressions of outputs name beside an accumulator.
#[derive(Clone, Copy)]
pub(super) enum Beside<'a> {
    /// A number.
    Number(&'static str, f64),
    /// A contiguous view's element of the row.
    Element(&'static str, &'a View),
}

impl Beside<'_> {
    /// The field and the parameter that it comes from, as declared, and their name.
    fn declared(self) -> (String, String) {
        match self {
            Beside::Number(name, _) => (format!("double {name}"), name.to_owned()),
            Beside::Element(name, view) => (format!("const {}* {name}_of", stored(view.dtype())), format!("{name}_of")),
        }
    }
}

/// The dtype that sums of floats are added up in.
pub(super) fn wide(dtype: DType) -> DType {
    match dtype {
        DType::F16 | DType::BF16 => DType::F32,
        other => other,
    }
}

/// Runs a reduction over the dimensions masked; the outputs have `sizes`.
fn run(gpu: &'static Gpu, x: &Loader, mask: &[bool], sizes: &Shape, plan: &Plan<'_>) -> Result<Vec<View>> {
    let outs: Vec<View> =
        plan.outs.iter().map(|(dtype, _)| View::empty_on(gpu.device(), *dtype, sizes)).collect::<Result<_>>()?;
    run_into(gpu, x, mask, &outs, plan)?;
    Ok(outs)
}

/// Runs a reduction over the dimensions masked; the outputs are contiguous and have an element for each row.
pub(super) fn run_into(gpu: &'static Gpu, x: &Loader, mask: &[bool], outs: &[View], plan: &Plan<'_>) -> Result<()> {
    let rows = x.rows(mask);
    if rows.count == 0 {
        return Ok(());
    }
    let taken = Taken::new(x, &rows);
    let (lanes, parts, side_by_side) = shares(gpu, &rows, taken);
    let functions = launch::by_key(gpu, "reduce", key(x, &rows, plan, taken), || {
        launch::functions(gpu, &text(x, &rows, plan, taken), &["reduce", "join"])
    })?;
    let partial = if parts > 1 { Some(gpu.allocate(rows.count * parts * plan.bytes)?) } else { None };
    let blocks = |lanes: usize| {
        u32::try_from(rows.count.div_ceil(THREADS / lanes))
            .map_err(|_| runtime("CUDA error: invalid configuration argument"))
    };
    let mut parameters = Parameters::new();
    x.add_to(&mut parameters, &rows)?;
    let ends = |parameters: &mut Parameters| -> Result<()> {
        for out in outs {
            parameters.writes(out)?;
        }
        for beside in plan.beside {
            match beside {
                Beside::Number(_, number) => _ = parameters.bytes(&number.to_ne_bytes()),
                Beside::Element(_, view) => _ = parameters.reads(view)?,
            }
        }
        parameters.bytes(&plan.number.to_ne_bytes()).bytes(&plan.order.unwrap_or(0.0).to_ne_bytes());
        parameters.int(rows.count as i64).int(rows.length as i64);
        parameters.address(partial.as_ref().map_or(0, |block| block.address));
        Ok(())
    };
    ends(&mut parameters)?;
    parameters.bytes(&(lanes as u32).to_ne_bytes()).bytes(&u32::from(side_by_side).to_ne_bytes());
    // SAFETY: the parameters are those of the text; there is an element of each output for every row, and room for every part.
    unsafe { parameters.launch(gpu, functions[0], (blocks(lanes)?, parts as u32), THREADS as u32)? };
    if parts > 1 {
        let lanes = parts.next_power_of_two().min(THREADS);
        let mut parameters = Parameters::new();
        ends(&mut parameters)?;
        parameters.bytes(&(lanes as u32).to_ne_bytes()).bytes(&(parts as u32).to_ne_bytes());
        // SAFETY: as above.
        unsafe { parameters.launch(gpu, functions[1], (blocks(lanes)?, 1), THREADS as u32)? };
    }
    Ok(())
}

/// What a thread takes of a row at once.
#[derive(Clone, Copy, Debug)]
struct Taken {
    /// Elements that are read as one.
    pack: usize,
    /// Packs that are on their way together: the more, the smaller they are, as long as there is little to do with each element.
    ahead: usize,
}

impl Taken {
    fn new(x: &Loader, rows: &Rows) -> Taken {
        // What several rows, or neighbours in one, read again comes from the cache.
        let fresh = x.operands.iter().enumerate().filter(|(k, _)| !rows.is_shared(*k));
        let bytes: usize = fresh.map(|(_, v)| v.dtype().size()).sum();
        let much = x.code.len() > 500;
        let pack = if rows.side_by_side() { 1 } else { x.pack(rows) };
        let ahead = match (pack, bytes) {
            (1, 0..=2) if !much => 16,
            (1, 3..=4) if !much => 8,
            (1, _) => 4,
            (5.., _) if much => 1,
            _ => 2,
        };
        Taken { pack, ahead }
    }

    /// Elements of all packs.
    fn elements(self) -> usize {
        self.pack * self.ahead
    }
}

/// How rows are shared out: threads of a block for each, blocks for each, and whether neighbouring threads take neighbouring rows.
fn shares(gpu: &Gpu, rows: &Rows, taken: Taken) -> (usize, usize, bool) {
    let side_by_side = rows.side_by_side();
    // As many blocks as the device holds at once.
    let wanted = gpu.properties.multiprocessors.max(1) as usize * 8;
    let each = rows.length.div_ceil(taken.elements()).next_power_of_two();
    let lanes = if side_by_side {
        // As many rows in a block as are read together, unless that leaves the device idle.
        let busy = rows.count.div_ceil(THREADS);
        let most = (rows.length / 4).max(1).next_power_of_two();
        (wanted / busy.max(1)).max(1).next_power_of_two().min(most).min(THREADS / 32)
    } else {
        // A warp does a row where there are rows enough, more do where rows are long: each thread goes round a few times.
        let few = (wanted * THREADS / rows.count.max(1)).max(1).next_power_of_two();
        few.max(32).max(each / 4).min(each).min(THREADS)
    };
    let blocks = rows.count.div_ceil(THREADS / lanes).max(1);
    // All at once, or so many that it matters little that the last ones run alone.
    let parts = if blocks * 2 <= wanted { wanted / blocks } else { (wanted * 4).div_ceil(blocks) };
    (lanes, parts.min(rows.length / (lanes * taken.elements() * 4)).clamp(1, 2048), side_by_side)
}

/// What [`text`] depends on.
fn key(x: &Loader, rows: &Rows, plan: &Plan<'_>, taken: Taken) -> Key {
    let mut key = x.key(rows);
    // Neither is beyond 16.
    key.byte(taken.pack as u8)
        .byte(taken.ahead as u8)
        .byte(u8::from(plan.order.is_some()))
        .text(plan.op.0)
        .text(plan.op.1);
    for (dtype, expression) in plan.outs {
        key.byte(*dtype as u8).text(expression);
    }
    for beside in plan.beside {
        key.text(&beside.declared().0);
    }
    key
}

fn text(x: &Loader, rows: &Rows, plan: &Plan<'_>, taken: Taken) -> Text<'static> {
    let mut out = String::from("namespace tensh {\n");
    out.push_str(&x.packed(rows, taken.pack));
    let element = register(x.dtype);
    let outputs = plan.outs.iter().enumerate().map(|(i, (d, _))| (format!("{}* o{i}", stored(*d)), format!("o{i}")));
    let (outputs, names): (Vec<String>, Vec<String>) =
        outputs.chain(plan.beside.iter().map(|beside| beside.declared())).unzip();
    _ = writeln!(out, "typedef {element} E;\ntypedef {}<E, {}> Op;", plan.op.0, plan.op.1);
    _ = writeln!(out, "struct Finish {{\n    {};\n    double c;\n    uint64_t n;", outputs.join(";\n    "));
    out.push_str("    __device__ void operator()(uint64_t row, Op::Acc a) const {\n");
    for beside in plan.beside {
        if let Beside::Element(name, view) = beside {
            let value = loaded(view.dtype(), &format!("{name}_of[row]"));
            _ = writeln!(out, "        const {} {name} = {value};", register(view.dtype()));
        }
    }
    for (i, (dtype, expression)) in plan.outs.iter().enumerate() {
        let value = narrowed(*dtype, &format!("cast<{}>({expression})", register(*dtype)));
        _ = writeln!(out, "        o{i}[row] = {value};");
    }
    let ends = format!(
        "{}, double c, double order, uint64_t outer, uint64_t inner, Op::Acc* partial, uint32_t lanes, uint32_t more",
        outputs.join(", ")
    );
    let finish = format!("const Finish finish = {{{}, c, inner}};", names.join(", "));
    let op = if plan.order.is_some() { "Op op; op.order = cast<Op::Acc>(order);" } else { "const Op op = Op();" };
    _ = writeln!(
        out,
        "    }}\n}};\nextern \"C\" __global__ void __launch_bounds__({THREADS}) reduce({}, {ends}) {{\n    {}\n    {finish}\n    {op}\n    \
         reduce_rows<{}>(op, load, finish, outer, inner, lanes, more != 0, partial);\n}}",
        x.declared(),
        x.made(),
        taken.ahead
    );
    _ = writeln!(
        out,
        "extern \"C\" __global__ void __launch_bounds__({THREADS}) join({ends}) {{\n    {finish}\n    {op}\n    \
         join_parts(op, finish, outer, more, lanes, partial);\n}}\n}}  // namespace tensh"
    );
    sources::with(&[REDUCE], out, x.complex)
}

/// A reduction's dimensions as a call names them: `None` and none mean all.
#[derive(Clone, Copy, Debug)]
pub struct Over<'a> {
    /// The dimensions.
    pub dims: Option<&'a [i64]>,
    /// Whether they stay, with size 1.
    pub keepdim: bool,
}

impl Over<'_> {
    /// Sizes and mask; `None` for dimensions that are to be refused, which the CPU's function does.
    fn shape(self, x: &Loader) -> Option<Reduced> {
        Reduced::from_sizes(&x.sizes, self.dims, self.keepdim).ok()
    }
}

fn first(mut outs: Vec<View>) -> Option<View> {
    if outs.is_empty() { None } else { Some(outs.swap_remove(0)) }
}

/// Whether a kernel is to be left to the CPU's function: nothing to reduce.
fn is_empty(x: &Loader) -> bool {
    x.sizes.contains(&0)
}

/// The sum in `dtype`, or that which PyTorch chooses; `mean` divides it.
///
/// # Errors
/// What the device refuses.
pub fn sum(gpu: &'static Gpu, x: &Loader, over: Over<'_>, dtype: Option<DType>, mean: bool) -> Result<Option<View>> {
    let Some(shape) = over.shape(x) else { return Ok(None) };
    let out = dtype.unwrap_or(if x.dtype.is_integral() && !mean { DType::I64 } else { x.dtype });
    if mean && out.is_integral() || out == DType::Bool {
        return Ok(None);
    }
    let acc = wide(out);
    let value = if mean { "a / Op::Acc(n)" } else { "a" };
    let plan = Plan {
        op: ("Sum", register(acc)),
        order: None,
        bytes: acc.size(),
        outs: &[(out, value)],
        number: 0.0,
        beside: &[],
    };
    Ok(first(run(gpu, x, &shape.mask, &shape.sizes, &plan)?))
}

/// The sums of the parts of pairs over the dimensions masked, each output with its expression of the two, `a.re` and `a.im`.
///
/// # Errors
/// What the device refuses.
pub fn pairs(gpu: &'static Gpu, x: &Loader, mask: &[bool], sizes: &[i64], outs: &[(DType, &str)]) -> Result<Vec<View>> {
    let plan =
        Plan { op: ("Sum", register(x.dtype)), order: None, bytes: x.dtype.size(), outs, number: 0.0, beside: &[] };
    run(gpu, x, mask, &Shape::from_slice(sizes), &plan)
}

/// The sum of what is not nan, or its mean.
///
/// # Errors
/// What the device refuses.
pub fn numbers(
    gpu: &'static Gpu,
    x: &Loader,
    over: Over<'_>,
    dtype: Option<DType>,
    mean: bool,
) -> Result<Option<View>> {
    if x.dtype.is_integral() && !mean {
        return sum(gpu, x, over, dtype, false);
    }
    let (Some(shape), Some(x)) = (over.shape(x), widened(x, dtype)) else { return Ok(None) };
    if !x.dtype.is_float() {
        return Ok(None);
    }
    let acc = wide(x.dtype);
    let (op, bytes, value) =
        if mean { ("NanMean", acc.size() + 8, "a.sum / Sum(a.count)") } else { ("NanSum", acc.size(), "a") };
    let value = value.replace("Sum(", &format!("{}(", register(acc)));
    let op = (op, register(acc));
    let plan = Plan {
        op,
        order: None,
        bytes: bytes.next_multiple_of(8),
        outs: &[(x.dtype, &value)],
        number: 0.0,
        beside: &[],
    };
    Ok(first(run(gpu, &x, &shape.mask, &shape.sizes, &plan)?))
}

/// Elements in a dtype that holds all of theirs, if one is given.
fn widened(x: &Loader, dtype: Option<DType>) -> Option<Loader> {
    let to = dtype.unwrap_or(x.dtype);
    let fits = to.is_complex() == x.dtype.is_complex() && promote(x.dtype, to) == Some(to);
    fits.then(|| x.clone().cast(to))
}

/// The product in `dtype`, or that which PyTorch chooses.
///
/// # Errors
/// What the device refuses.
pub fn product(gpu: &'static Gpu, x: &Loader, over: Over<'_>, dtype: Option<DType>) -> Result<Option<View>> {
    let Some(shape) = over.shape(x) else { return Ok(None) };
    let out = dtype.unwrap_or(if x.dtype.is_integral() { DType::I64 } else { x.dtype });
    if out == DType::Bool {
        return Ok(None);
    }
    let acc = wide(out);
    let op = ("Product", register(acc));
    let plan = Plan { op, order: None, bytes: acc.size(), outs: &[(out, "a")], number: 0.0, beside: &[] };
    Ok(first(run(gpu, x, &shape.mask, &shape.sizes, &plan)?))
}

/// What a logical reduction asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logic {
    /// Whether any element is true.
    Any,
    /// Whether all are.
    All,
    /// How many are.
    Count,
}

/// Whether any or all elements are true, or how many.
///
/// # Errors
/// What the device refuses.
pub fn logical(gpu: &'static Gpu, x: &Loader, over: Over<'_>, logic: Logic) -> Result<Option<View>> {
    let Some(shape) = over.shape(x) else { return Ok(None) };
    let (op, dtype) = match logic {
        // Bytes stay bytes, as in PyTorch.
        Logic::Any => (("Any", "int32_t"), if x.dtype == DType::U8 { DType::U8 } else { DType::Bool }),
        Logic::All => (("All", "int32_t"), if x.dtype == DType::U8 { DType::U8 } else { DType::Bool }),
        Logic::Count => (("Count", "int64_t"), DType::I64),
    };
    let plan = Plan { op, order: None, bytes: 8, outs: &[(dtype, "a")], number: 0.0, beside: &[] };
    Ok(first(run(gpu, x, &shape.mask, &shape.sizes, &plan)?))
}

/// What is wanted of the largest or smallest element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The element.
    Value,
    /// Its place.
    Place,
    /// Both.
    Both,
}

/// The largest or smallest elements, their places, or both.
///
/// # Errors
/// What the device refuses.
pub fn extreme(
    gpu: &'static Gpu,
    x: &Loader,
    over: Over<'_>,
    largest: bool,
    wanted: Wanted,
) -> Result<Option<Vec<View>>> {
    let Some(shape) = over.shape(x) else { return Ok(None) };
    let ordered = !x.dtype.is_complex() && !matches!(x.dtype, DType::U16 | DType::U32 | DType::U64);
    if is_empty(x) || !ordered || (x.dtype == DType::Bool && wanted == Wanted::Place) {
        return Ok(None);
    }
    let (value, place) = ((x.dtype, "a.value"), (DType::I64, "a.at"));
    let outs: &[(DType, &str)] = match wanted {
        Wanted::Value => &[(x.dtype, "a")],
        Wanted::Place => &[place],
        Wanted::Both => &[value, place],
    };
    let (op, bytes) = if wanted == Wanted::Value { ("Bound", x.dtype.opmath().size()) } else { ("Extreme", 16) };
    let plan =
        Plan { op: (op, if largest { "true" } else { "false" }), order: None, bytes, outs, number: 0.0, beside: &[] };
    Ok(Some(run(gpu, x, &shape.mask, &shape.sizes, &plan)?))
}

/// Variance or standard deviation, and the mean, if wanted.
///
/// # Errors
/// What the device refuses.
pub fn moments(
    gpu: &'static Gpu,
    x: &Loader,
    over: Over<'_>,
    correction: f64,
    root: bool,
    mean: bool,
) -> Result<Option<Vec<View>>> {
    if x.dtype.is_complex() && !is_empty(x) {
        return complex_moments(gpu, x, over, correction, root, mean);
    }
    let Some(shape) = over.shape(x) else { return Ok(None) };
    if is_empty(x) || !x.dtype.is_float() {
        return Ok(None);
    }
    let acc = wide(x.dtype);
    // Fewer degrees of freedom than none count as none.
    let spread = if root { "sqrt(a.squares / T(n > c ? n - c : 0))" } else { "a.squares / T(n > c ? n - c : 0)" };
    let spread = spread.replace("T(", &format!("{}(", register(acc)));
    let outs = [(x.dtype, &spread[..]), (x.dtype, "a.mean")];
    let plan = Plan {
        op: ("Moments", register(acc)),
        order: None,
        bytes: 3 * acc.size(),
        outs: &outs[..if mean { 2 } else { 1 }],
        number: correction,
        beside: &[],
    };
    Ok(Some(run(gpu, x, &shape.mask, &shape.sizes, &plan)?))
}

/// [`moments`] of complex numbers: the spreads of both parts are added up.
fn complex_moments(
    gpu: &'static Gpu,
    x: &Loader,
    over: Over<'_>,
    correction: f64,
    root: bool,
    mean: bool,
) -> Result<Option<Vec<View>>> {
    let [re, im] = parts(&computed(gpu, x, x.dtype)?)?;
    let part = |v: &View| moments(gpu, &Loader::of(v), over, correction, false, mean);
    let (Some(re), Some(im)) = (part(&re)?, part(&im)?) else { return Ok(None) };
    let dtype = x.dtype.real();
    let whole = |k: usize, to: DType, value: &str| -> Result<View> {
        let mut both = Loader::over(&[&re[k], &im[k]], re[k].sizes(), dtype, value)?;
        (both.dtype, both.complex) = (to, to.is_complex());
        computed(gpu, &both, to)
    };
    let mut outs = vec![whole(0, dtype, if root { "sqrt(v0 + v1)" } else { "v0 + v1" })?];
    if mean {
        outs.push(whole(1, x.dtype, &format!("{}{{v0, v1}}", stored(x.dtype)))?);
    }
    Ok(Some(outs))
}

/// The vector norm of an order.
///
/// # Errors
/// What the device refuses.
pub fn norm(gpu: &'static Gpu, x: &Loader, over: Over<'_>, order: f64, dtype: Option<DType>) -> Result<Option<View>> {
    let (Some(shape), true) = (over.shape(x), x.dtype.is_float() || x.dtype.is_complex()) else { return Ok(None) };
    let Some(x) = widened(x, dtype) else { return Ok(None) };
    // The largest or smallest of nothing is refused by the CPU's function.
    if is_empty(&x) && !(0.0..f64::INFINITY).contains(&order) {
        return Ok(None);
    }
    let acc = wide(x.dtype.real());
    let (op, which, value) = match order {
        o if o == f64::INFINITY => ("Magnitudes", "true", "a"),
        o if o == f64::NEG_INFINITY => ("Magnitudes", "false", "a"),
        0.0 => ("Powers", "0", "a"),
        1.0 => ("Powers", "1", "a"),
        2.0 => ("Powers", "2", "sqrt(a)"),
        _ => ("Powers", "3", "pow(a, Op::Acc(1) / Op::Acc(c))"),
    };
    let (powers, arguments) = (op == "Powers", format!("{}, {which}", register(acc)));
    let op = (op, &arguments[..]);
    let plan = Plan {
        op,
        order: powers.then_some(order),
        bytes: acc.size(),
        outs: &[(x.dtype.real(), value)],
        number: order,
        beside: &[],
    };
    Ok(first(run(gpu, &x, &shape.mask, &shape.sizes, &plan)?))
}

/// The logarithm of the sum of exponentials.
///
/// # Errors
/// What the device refuses.
pub fn logsumexp(gpu: &'static Gpu, x: &Loader, over: Over<'_>) -> Result<Option<View>> {
    if x.dtype.is_integral() {
        return logsumexp(gpu, &x.clone().cast(default_dtype()), over);
    }
    let Some(shape) = over.shape(x) else { return Ok(None) };
    if !x.dtype.is_float() {
        return Ok(None);
    }
    let acc = wide(x.dtype);
    let plan = Plan {
        op: ("Exponentials", register(acc)),
        order: None,
        bytes: 2 * acc.size(),
        outs: &[(x.dtype, "a.most + log(a.sum)")],
        number: 0.0,
        beside: &[],
    };
    Ok(first(run(gpu, x, &shape.mask, &shape.sizes, &plan)?))
}
