//! A Program as CUDA C.

use super::layout::Layout;
use crate::base::{DType, Scalar};
use crate::cuda::key::Key;
use crate::cuda::loader::Loader;
use crate::cuda::sources::{self, Text};
use crate::cuda::types::{loaded, narrowed, register, rounded, stored};
use crate::tensor::program::{Ins, Op, Program, Src};
use std::fmt::Write;

/// The name of the kernel.
pub const NAME: &str = "elementwise";

/// Threads of a block.
pub const THREADS: u32 = 256;

/// Whether an instruction says when it divides an integer by zero.
fn checks(ins: &Ins) -> bool {
    ins.compute.is_integral() && matches!(ins.op, Op::Prim(prim) if prim.divides())
}

/// Whether a Program may divide an integer by zero: by anything but a number that is none in its dtype.
pub fn divides(program: &Program) -> bool {
    let is_zero = |&(value, dtype): &(Scalar, DType)| {
        let bits = u64::MAX >> (64 - 8 * dtype.size());
        !matches!(value, Scalar::Int(n) if n as u64 & bits != 0)
    };
    program.code.iter().filter(|ins| checks(ins)).any(|ins| match ins.args.get(1) {
        Some(Src::Number(k)) => is_zero(&program.numbers[usize::from(*k)]),
        _ => true,
    })
}

/// Whether a Program has complex numbers in it.
fn is_complex(program: &Program) -> bool {
    let dtypes = program.inputs.iter().map(|v| v.dtype()).chain(program.numbers.iter().map(|n| n.1));
    dtypes.chain(program.code.iter().flat_map(|ins| [ins.compute, ins.dtype])).any(DType::is_complex)
}

/// What tells the kernel of one Program from another's: code, dtypes and class of layout; neither sizes nor numbers.
pub fn key(program: &Program, layout: &Layout) -> Key {
    let mut key = Key::new();
    key.byte(layout.pack as u8).byte(layout.each as u8).byte(u8::from(layout.narrow));
    for count in
        [layout.sizes.len(), layout.still.len(), program.inputs.len(), program.numbers.len(), program.code.len()]
    {
        key.word(count as u32);
    }
    layout.still.iter().for_each(|s| _ = key.byte(u8::from(*s)));
    program.inputs.iter().for_each(|v| _ = key.byte(v.dtype() as u8));
    program.numbers.iter().for_each(|n| _ = key.byte(n.1 as u8));
    for ins in &program.code {
        // No dtype is an address.
        key.number(match ins.op {
            Op::Prim(prim) => std::ptr::from_ref(prim).addr(),
            Op::Cast(from) => from as usize,
        });
        key.byte(ins.compute as u8).byte(ins.dtype as u8).byte(ins.args.len() as u8);
        for arg in &ins.args {
            let (kind, k) = match *arg {
                Src::Input(k) => (0, k),
                Src::Number(k) => (1 << 16, k),
                Src::Value(k) => (2 << 16, k),
            };
            key.word(kind | u32::from(k));
        }
    }
    program.outs.iter().for_each(|o| _ = key.word(u32::from(o.0)));
    key
}

/// A Program's last values, computed by a kernel that asks for them; what its outputs are is written on the way. None where an integer
/// may be divided by zero, which only a kernel of its own tells.
pub fn loader(program: &Program) -> Option<Loader> {
    let last = program.code.last().filter(|_| !divides(program))?;
    let mut text = String::new();
    code(&mut text, program);
    let kept = program.outs.iter().map(|(from, view)| (view.clone(), format!("v{from}"))).collect();
    Some(Loader {
        dtype: last.dtype,
        sizes: program.sizes.clone(),
        operands: program.inputs.clone(),
        numbers: program.numbers.clone(),
        code: text,
        value: format!("v{}", program.code.len() - 1),
        kept,
        complex: is_complex(program),
    })
}

/// The kernel's whole text: `elementwise(n, flag, dims, inputs..., numbers..., outputs...)`.
pub fn text(program: &Program, layout: &Layout) -> Text<'static> {
    sources::with(&[], kernel(program, layout), is_complex(program))
}

fn kernel(program: &Program, layout: &Layout) -> String {
    let mut out = String::from("namespace tensh {\n");
    let index = if layout.narrow { "uint32_t" } else { "uint64_t" };
    let rank = layout.sizes.len();
    let mut parameters = vec!["const uint64_t n".to_owned(), "uint32_t* const flag".to_owned()];
    if rank > 0 {
        let operands = layout.strides.len();
        _ = writeln!(out, "struct Dims {{ int64_t size[{rank}]; int64_t stride[{operands}][{rank}]; }};");
        parameters.push("const Dims dims".to_owned());
    }
    for (i, view) in program.inputs.iter().enumerate() {
        parameters.push(format!("const {}* const i{i}", stored(view.dtype())));
    }
    for (i, (_, dtype)) in program.numbers.iter().enumerate() {
        parameters.push(format!("const {} n{i}", register(*dtype)));
    }
    for (i, (at, _)) in program.outs.iter().enumerate() {
        parameters.push(format!("{}* const o{i}", stored(program.code[usize::from(*at)].dtype)));
    }
    _ = writeln!(out, "extern \"C\" __global__ void __launch_bounds__({THREADS}) {NAME}({}) {{", parameters.join(", "));
    let begin = |name: &str, each: usize| {
        format!("    const {index} {name} = {index}(blockIdx.x) * {} + threadIdx.x;\n", THREADS as usize * each)
    };
    out.push_str(&begin(if layout.pack == 1 { "first" } else { "thread" }, layout.each));
    if layout.pack == 1 {
        elements(&mut out, program, layout, index);
    } else {
        packs(&mut out, program, layout, index);
    }
    out.push_str("}\n}  // namespace tensh\n");
    out
}

/// Each operand's offset, `a0`, ..., of the element, or pack, of a thread.
fn offsets(out: &mut String, layout: &Layout, operands: usize, index: &str) {
    let zeros: Vec<String> = (0..operands).map(|k| format!("a{k} = 0")).collect();
    _ = writeln!(out, "    {index} left = thread, {};", zeros.join(", "));
    for d in (0..layout.sizes.len()).rev() {
        let position = if d == 0 { "left".to_owned() } else { format!("left % {index}(dims.size[{d}])") };
        _ = writeln!(out, "    {{ const {index} p = {position};");
        for k in 0..operands {
            _ = writeln!(out, "      a{k} += p * {index}(dims.stride[{k}][{d}]);");
        }
        out.push_str("    }\n");
        if d > 0 {
            _ = writeln!(out, "    left /= {index}(dims.size[{d}]);");
        }
    }
}

/// Single elements of each operand, by their indices.
fn elements(out: &mut String, program: &Program, layout: &Layout, index: &str) {
    let (each, inputs) = (layout.each, program.inputs.len());
    let at = |k: usize| if layout.sizes.is_empty() { "thread".to_owned() } else { format!("a{k}") };
    for (i, view) in program.inputs.iter().enumerate() {
        _ = writeln!(out, "    {} r{i}[{each}];", stored(view.dtype()));
    }
    for i in 0..program.outs.len() {
        _ = writeln!(out, "    {index} b{i}[{each}];");
    }
    let every = format!(
        "#pragma unroll\n    for (int e = 0; e < {each}; ++e) {{\n    const {index} thread = first + e * {THREADS};\n    if (thread < n) {{\n"
    );
    out.push_str(&every);
    if !layout.sizes.is_empty() {
        offsets(out, layout, inputs + program.outs.len(), index);
    }
    for i in 0..inputs {
        _ = writeln!(out, "    r{i}[e] = i{i}[{}];", at(i));
    }
    for i in 0..program.outs.len() {
        _ = writeln!(out, "    b{i}[e] = {};", at(inputs + i));
    }
    _ = write!(out, "    }}\n    }}\n{every}");
    for (i, view) in program.inputs.iter().enumerate() {
        let dtype = view.dtype();
        _ = writeln!(out, "    const {} x{i} = {};", register(dtype), loaded(dtype, &format!("r{i}[e]")));
    }
    code(out, program);
    for (i, (from, _)) in program.outs.iter().enumerate() {
        let value = narrowed(program.code[usize::from(*from)].dtype, &format!("v{from}"));
        _ = writeln!(out, "    o{i}[b{i}[e]] = {value};");
    }
    out.push_str("    }\n    }\n");
}

/// Packs of neighbours, in registers: every index into one is known when it is compiled. Where all operands lie in order the last thread
/// may have fewer elements than a pack; it computes the first of them as often as others are missing.
fn packs(out: &mut String, program: &Program, layout: &Layout, index: &str) {
    let (pack, whole) = (layout.pack, !layout.sizes.is_empty());
    _ = writeln!(out, "    const {index} first = thread * {pack};");
    out.push_str("    if (first >= n) return;\n");
    let at = |k: usize| if whole { format!("a{k}") } else { "thread".to_owned() };
    if whole {
        offsets(out, layout, program.inputs.len() + program.outs.len(), index);
    } else {
        _ = writeln!(out, "    const int count = n - first < {pack} ? int(n - first) : {pack};");
    }
    let still = |k: usize| layout.still.get(k).copied().unwrap_or(false);
    let every = format!("#pragma unroll\n        for (int k = 0; k < {pack}; ++k)");
    let (mut vectors, mut singles) = (String::new(), String::new());
    for (i, view) in program.inputs.iter().enumerate() {
        let stored = stored(view.dtype());
        if still(i) {
            _ = writeln!(out, "    const {stored} s{i} = i{i}[{}];", at(i));
            continue;
        }
        _ = writeln!(out, "    Pack<{stored}, {pack}> p{i};");
        _ = writeln!(vectors, "        p{i} = reinterpret_cast<const Pack<{stored}, {pack}>*>(i{i})[{}];", at(i));
        _ = writeln!(singles, "{every} p{i}.at[k] = i{i}[k < count ? first + k : first];");
    }
    let either = |out: &mut String, vectors: &str, singles: &str| {
        _ = match whole {
            true => write!(out, "    {{\n{vectors}    }}\n"),
            false => write!(out, "    if (count == {pack}) {{\n{vectors}    }} else {{\n{singles}    }}\n"),
        };
    };
    either(out, &vectors, &singles);
    for (i, (from, _)) in program.outs.iter().enumerate() {
        _ = writeln!(out, "    Pack<{}, {pack}> q{i};", stored(program.code[usize::from(*from)].dtype));
    }
    _ = writeln!(out, "#pragma unroll\n    for (int k = 0; k < {pack}; ++k) {{");
    for (i, view) in program.inputs.iter().enumerate() {
        let (dtype, from) = (view.dtype(), if still(i) { format!("s{i}") } else { format!("p{i}.at[k]") });
        _ = writeln!(out, "    const {} x{i} = {};", register(dtype), loaded(dtype, &from));
    }
    code(out, program);
    for (i, (from, _)) in program.outs.iter().enumerate() {
        let value = narrowed(program.code[usize::from(*from)].dtype, &format!("v{from}"));
        _ = writeln!(out, "    q{i}.at[k] = {value};");
    }
    out.push_str("    }\n");
    let (mut vectors, mut singles) = (String::new(), String::new());
    for (i, (from, _)) in program.outs.iter().enumerate() {
        let stored = stored(program.code[usize::from(*from)].dtype);
        let to = at(program.inputs.len() + i);
        _ = writeln!(vectors, "        reinterpret_cast<Pack<{stored}, {pack}>*>(o{i})[{to}] = q{i};");
        _ = writeln!(singles, "{every} if (k < count) o{i}[first + k] = q{i}.at[k];");
    }
    either(out, &vectors, &singles);
}

/// The instructions, from `x0`... and `n0`... to `v0`...
fn code(out: &mut String, program: &Program) {
    for (i, ins) in program.code.iter().enumerate() {
        let names: Vec<String> = ins
            .args
            .iter()
            .map(|arg| match *arg {
                Src::Input(k) => format!("x{k}"),
                Src::Number(k) => format!("n{k}"),
                Src::Value(k) => format!("v{k}"),
            })
            .collect();
        let (result, compute) = (register(ins.dtype), register(ins.compute));
        match ins.op {
            Op::Cast(_) => {
                let value = rounded(ins.dtype, &format!("cast<{result}>({})", names[0]));
                _ = writeln!(out, "    const {result} v{i} = {value};");
            }
            Op::Prim(prim) => {
                _ = write!(out, "    {result} v{i}; {{ typedef {compute} T; typedef {} Stored; ", stored(ins.compute));
                for (operand, name) in ["x", "y", "z"].iter().zip(&names) {
                    _ = write!(out, "const auto {operand} = {name}; ");
                }
                _ = writeln!(out, "v{i} = {}; }}", rounded(ins.dtype, prim.cuda));
            }
        }
    }
}
