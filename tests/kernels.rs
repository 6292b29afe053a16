//! Every kernel text compiles under NVIDIA's own compiler, for the oldest and the newest devices that matter. No GPU is needed; where
//! NVRTC is not found the tests say so and do nothing. `VIRTUAL_ENV` may name a Python environment that has it.

#[path = "common/cubin.rs"]
mod cubin;
#[path = "common/cuda.rs"]
mod cuda;

use smallvec::SmallVec;
use std::path::Path;
use tensh::base::DType;
use tensh::cpu::block::cast;
use tensh::cuda::compile::{Compiler, compiler};
use tensh::engine::cuda::kernel_text;
use tensh::ops::table::{Kind, rows};
use tensh::store::View;
use tensh::tensor::program::{Ins, Op, Program, Src};

/// Turing, Ampere and Hopper.
const ARCHITECTURES: [&str; 3] = ["sm_75", "sm_80", "sm_90"];

fn nvrtc() -> Option<&'static Compiler> {
    match compiler() {
        Ok(found) => Some(found),
        Err(e) => {
            eprintln!("skipped: {}", e.message());
            None
        }
    }
}

/// A Program of every primitive that has a loop for a dtype, over operands in order or, if turned, across.
fn everything(dtype: DType, turned: bool) -> Option<Program> {
    let view = |dtype| {
        let v = View::zeros(dtype, &[8, 8]).unwrap();
        if turned { v.permute(&[1, 0]) } else { v }
    };
    let mut program = Program {
        sizes: [8, 8].as_slice().into(),
        inputs: vec![view(dtype), view(dtype), view(dtype), View::zeros(DType::Bool, &[8, 8]).unwrap()],
        ..Program::default()
    };
    let overloads = rows().flat_map(|row| row.overloads.iter());
    for overload in overloads {
        let Kind::Prim(prim) = overload.kind else { continue };
        let Some(body) = (prim.body)(dtype) else { continue };
        let operand = |i| if prim.operand_dtype(i, dtype) == dtype { Src::Input(i as u16) } else { Src::Input(3) };
        let args: SmallVec<[Src; 3]> = (0..prim.arity).map(operand).collect();
        let out = prim.result_dtype(dtype);
        program.push(Ins { op: Op::Prim(prim), compute: dtype, dtype: out, args, body });
    }
    for to in DType::ALL {
        let args = SmallVec::from_slice(&[Src::Input(0)]);
        program.push(Ins { op: Op::Cast(dtype), compute: *to, dtype: *to, args, body: cast(dtype, *to) });
    }
    let outs = program.code.iter().enumerate().map(|(i, ins)| (i as u16, View::zeros(ins.dtype, &[8, 8]).unwrap()));
    program.outs = outs.collect();
    Some(program)
}

fn compile(compiler: &Compiler, name: &str, text: &str, architecture: &str) {
    if let Err(e) = compiler.compile(text, architecture) {
        panic!("{name} for {architecture}: {}", e.message());
    }
}

#[test]
fn every_primitive_compiles_for_every_dtype() {
    let Some(compiler) = nvrtc() else { return };
    for (i, dtype) in DType::ALL.iter().enumerate() {
        for turned in [false, true] {
            let Some(program) = everything(*dtype, turned) else { continue };
            assert_eq!(program.verify(), Ok(()));
            // All three for one of the forms; the other for each in turn.
            let text = kernel_text(&program);
            let all = ARCHITECTURES.iter().enumerate().filter(|(a, _)| !turned || *a == i % 3);
            all.for_each(|(_, a)| compile(compiler, dtype.name(), &text, a));
        }
    }
}

#[test]
fn what_runs_on_the_simulated_device_compiles() {
    let (Some(compiler), Some(simulated)) = (nvrtc(), cuda::simulated()) else { return };
    let texts = cuda::folder("cuda_texts");
    let _ = std::fs::remove_dir_all(&texts);
    let texts = cuda::folder("cuda_texts");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cuda");
    let cache = cuda::folder("cuda_texts_cache");
    let _ = std::fs::remove_dir_all(&cache);
    let out = cuda::tensh(simulated)
        .env("XDG_CACHE_HOME", &cache)
        .env("SIMCUDA_TEXTS", &texts)
        .args(["test", "--color", "never"])
        .arg(&root)
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    for (i, entry) in std::fs::read_dir(&texts).unwrap().enumerate() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        compile(compiler, &path.display().to_string(), &text, ARCHITECTURES[i % 3]);
    }
}

/// Statements whose kernels wait for memory alone, the most registers that leave room for enough threads (of a multiprocessor's 65536:
/// 32 for all of its 2048 threads, 40 for 1536, 64 for 1024, 80 for 768), and how many loads and stores of 16 bytes there are at the
/// least.
const HOT: &[(&str, &str, u32, (usize, usize))] = &[
    ("a + b", "elementwise", 32, (2, 1)),
    ("(a * 2 + b).relu() - b", "elementwise", 32, (2, 1)),
    ("a.half() + b.half()", "elementwise", 40, (2, 1)),
    ("a.bfloat16().exp()", "elementwise", 32, (1, 1)),
    ("(a > 0).byte() + (b > 0).byte()", "elementwise", 48, (2, 1)),
    ("a.double() + b.double()", "elementwise", 32, (2, 1)),
    ("m + m[0]", "elementwise", 32, (2, 1)),
    ("m + m[:, :1]", "elementwise", 32, (1, 1)),
    ("m.t() + m.t().contiguous()", "elementwise", 32, (0, 0)),
    ("a.sum()", "reduce", 32, (4, 0)),
    ("a.half().sum()", "reduce", 40, (4, 0)),
    ("(a > 0).byte().sum()", "reduce", 48, (4, 0)),
    ("a.max()", "reduce", 32, (4, 0)),
    ("a.argmax()", "reduce", 40, (4, 0)),
    ("a.std()", "reduce", 40, (4, 0)),
    ("m.sum(1)", "reduce", 32, (4, 0)),
    ("m.sum(0)", "reduce", 32, (0, 0)),
    ("((a - b) ** 2).mean()", "reduce", 32, (8, 0)),
    ("m.softmax(1)", "kept", 64, (8, 8)),
    ("m.half().log_softmax(1)", "kept", 64, (4, 4)),
    ("torch.nn.functional.layer_norm(m, (1024,), m[0], m[1])", "kept", 80, (24, 8)),
    ("torch._softmax_back(m, m, 1)", "kept", 64, (8, 4)),
    ("torch._log_softmax_back(m.half(), m.half(), 1)", "kept", 64, (4, 2)),
    ("torch._layer_norm_back(m, m, 1, m[0], 1e-5, (1, 1, 1))", "kept", 64, (6, 2)),
    ("torch._layer_norm_back(m, m, 1, m[0], 1e-5, (1, 1, 1))", "reduce", 64, (0, 0)),
    ("torch._layer_norm_back(m.bfloat16(), m.bfloat16(), 1, m[0].bfloat16(), 1e-5, (1, 1, 1))", "reduce", 80, (0, 0)),
    ("torch._rms_norm_back(m, m, 1, m[0], 1e-5, (1, 1))", "kept", 64, (6, 2)),
    ("torch.where(m > 0, m, -m).softmax(1)", "kept", 64, (8, 8)),
    ("m.softmax(0)", "kept", 64, (0, 0)),
    ("m.half().t().contiguous()", "run", 40, (0, 0)),
    ("m.flip(0)", "run", 40, (1, 1)),
    ("m.tril()", "run", 40, (1, 1)),
    ("torch._group_norm(m, 4, m[0], m[0], 1e-5)", "kept", 64, (0, 0)),
    ("torch._group_norm(m.view(32, 8, 128), 4, m[0, :8], m[0, :8], 1e-5)", "kept", 64, (1, 1)),
    (
        "torch._batch_scale(m.view(32, 8, 128), m[0, :8], m[0, :8], m[1, :8], m[2, :8], 0.1, 1e-5, False)",
        "reduce",
        40,
        (2, 0),
    ),
    ("torch._channel_slopes(m.view(32, 8, 128), m.view(32, 8, 128), m[0, :8], 1e-5)", "reduce", 64, (4, 0)),
    ("torch._safe_softmax(m)", "kept", 64, (8, 8)),
    ("torch.nn.functional.cross_entropy(m, i[:, 0])", "reduce", 48, (0, 0)),
    ("a.cumsum(0)", "scan", 64, (0, 0)),
    ("a.cummax(0)", "scan", 64, (0, 0)),
    ("a.sort()", "scatter", 80, (0, 0)),
    ("a.sort()", "count", 40, (0, 0)),
    ("m.long().sort(1)", "sort_rows", 64, (0, 0)),
    ("a.topk(5)", "count_digits_of", 48, (0, 0)),
    ("a.topk(5)", "write", 80, (0, 0)),
    ("m.gather(1, i)", "read", 40, (0, 0)),
    ("m[i[0] % 32]", "read", 40, (1, 1)),
    ("m.scatter(1, i, m)", "write", 40, (0, 0)),
    ("torch.cat([m, m], 1)", "join", 32, (1, 1)),
    ("m.t().contiguous()", "run", 40, (0, 0)),
    ("torch.rand(64, device='cuda')", "draw", 40, (0, 0)),
];

#[test]
fn hot_kernels_leave_room_for_many_threads_and_keep_all_in_registers() {
    let (Some(compiler), Some(simulated)) = (nvrtc(), cuda::simulated()) else { return };
    let cache = cuda::folder("cuda_hot_cache");
    let mut wrong = Vec::new();
    for &(code, name, registers, wide) in HOT {
        let texts = cuda::folder("cuda_hot");
        let _ = std::fs::remove_dir_all(&texts);
        let texts = cuda::folder("cuda_hot");
        let _ = std::fs::remove_dir_all(&cache);
        let script = format!(
            "import torch\na = torch.ones(8192, device='cuda')\nb = torch.ones(8192, device='cuda')\n\
             m = torch.ones(32, 1024, device='cuda')\ni = torch.zeros(32, 1024, dtype=torch.int64, device='cuda')\nc = {code}"
        );
        let out = cuda::tensh(simulated)
            .env("XDG_CACHE_HOME", &cache)
            .env("SIMCUDA_TEXTS", &texts)
            // Rows enough for such a device get a warp each, as they would in their thousands on a large one.
            .env("SIMCUDA_SMS", "1")
            .args(["-c", &script])
            .output()
            .unwrap();
        assert!(out.status.success(), "{code}: {}", String::from_utf8_lossy(&out.stderr));
        let all: Vec<cubin::Kernel> = std::fs::read_dir(&texts)
            .unwrap()
            .flat_map(|entry| {
                let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
                ["sm_80", "sm_90"].map(|architecture| cubin::kernels(&compiler.compile(&text, architecture).unwrap()))
            })
            .flatten()
            .collect();
        // Of several of a name one is as wide as it says; all are as small.
        let named = || all.iter().filter(|k| k.name == name);
        let fits = |k: &cubin::Kernel| k.frame == 0 && k.registers <= registers;
        if !named().all(fits) || !named().any(|k| k.wide.0 >= wide.0 && k.wide.1 >= wide.1) {
            wrong.push(format!("{code}: {:?}", named().collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
