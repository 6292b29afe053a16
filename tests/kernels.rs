//! Every kernel text compiles under NVIDIA's own compiler, for the oldest and the newest devices that matter. No GPU is needed; where
//! NVRTC is not found the tests say so and do nothing. `VIRTUAL_ENV` may name a Python environment that has it.

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
