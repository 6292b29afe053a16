//! The block interpreter: every instruction runs over a block that stays in the first-level cache.
#![allow(unsafe_code)]

use super::gather::Gather;
use crate::base::error::Result;
use crate::base::scalar::Cast;
use crate::base::{DType, Scalar, interrupt};
use crate::cpu::reduce::stream::Stream;
use crate::cpu::{block, parallel};
use crate::dispatch;
use crate::store::View;
use crate::tensor::program::{Program, Src};
use smallvec::SmallVec;
use std::time::Instant;

/// Bytes that the blocks of a Program may fill together, so that they stay in the first-level cache.
const CACHE: usize = 24 * 1024;
/// Elements of a block at the least and at the most, where some stay in registers.
const BLOCKS: std::ops::RangeInclusive<usize> = 256..=2048;
/// Elements below which one thread does all.
const SERIAL: usize = 32 * 1024;
/// Elements a task takes at the least.
const CHUNK: usize = 16 * 1024;
/// The most elements of a chunk: a few milliseconds of work, behind which an interrupt is heard.
const MOST: usize = 1024 * 1024;
/// Elements of an even run of a strided input from which blocks end where runs do, so that nothing need be copied.
const ROW: usize = 64;
/// Elements of a block at the most, where a register is filled for each run: filling it is to take little beside its uses.
const FILLED: usize = 256;
/// Bytes by which registers are set apart, beyond their length: equal addresses modulo a page hold up loads behind stores.
const APART: usize = 128;

/// Where an operand's block is found.
#[derive(Clone, Copy)]
enum Place {
    /// In memory, in order: address and bytes an element.
    Direct(*const u8, usize),
    /// In memory, in order within each run of a strided input: its reader.
    Run(usize),
    /// In a register that is filled at the start of each run of a strided input, along which one element stays.
    Same(usize, usize),
    /// Gathered into a register first: reader and register.
    Gathered(usize, usize),
    /// In a register.
    Register(usize),
    /// In a register that is needed until the block is done.
    Kept(usize),
}

/// Where an instruction's block goes.
#[derive(Clone, Copy)]
enum Target {
    /// To memory, in order: address and bytes an element.
    Output(*mut u8, usize),
    /// To a register that is put into memory which the Program reads, too, when the block is done.
    Written(usize),
    /// To a register.
    Register(usize),
    /// To the block that is asked for: bytes an element.
    Asked(usize),
}

struct Step {
    body: block::BlockFn,
    args: SmallVec<[Place; 3]>,
    dst: Target,
}

/// A Program with every operand's place settled. Registers are numbered; constants fill theirs once.
struct Plan {
    steps: Vec<Step>,
    gathers: Vec<Gather>,
    constants: Vec<(usize, Scalar, DType)>,
    /// Registers that go to memory at the end of a block: its address and bytes an element.
    written: SmallVec<[(usize, *mut u8, usize); 2]>,
    registers: usize,
    /// Bytes of the widest element.
    item: usize,
    /// Elements of a block at the most.
    block: usize,
    /// Blocks do not reach over multiples of this many elements.
    row: usize,
    /// Whether a register is filled for each run.
    fills: bool,
}

// SAFETY: workers read inputs and write disjoint ranges of outputs; the views outlive the run.
unsafe impl Sync for Plan {}

/// Runs a Program on the host.
///
/// # Errors
/// Integer division by zero; an interrupt.
pub fn run(program: &Program) -> Result<()> {
    let n: usize = program.sizes.iter().product::<i64>() as usize;
    if n == 0 {
        return Ok(());
    }
    let plan = plan(program, false);
    if n < SERIAL {
        // SAFETY: the plan's addresses hold `n` elements.
        unsafe { plan.run(0, n, std::ptr::null_mut()) };
    } else {
        let chunk = n.div_ceil(parallel::threads() * 4).clamp(CHUNK, MOST).next_multiple_of(64);
        parallel::for_each(0..n.div_ceil(chunk), 1, |i| {
            if !interrupt::raised() {
                // SAFETY: as above; the ranges are disjoint.
                unsafe { plan.run(i * chunk, n.min((i + 1) * chunk), std::ptr::null_mut()) };
            }
        });
    }
    interrupt::check()?;
    block::check_zero_division()
}

/// The bytes that this machine reads and writes in a second when it copies what no cache holds, on all threads: the best of three.
pub fn copy_rate() -> f64 {
    const BYTES: usize = 64 << 20;
    let (from, mut to) = (vec![1u8; BYTES], vec![0u8; BYTES]);
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        let pieces = to.chunks_mut(MOST).zip(from.chunks(MOST));
        parallel::for_each(pieces, 1, |(to, from)| to.copy_from_slice(from));
        best = best.min(start.elapsed().as_secs_f64());
    }
    (2 * BYTES) as f64 / best
}

/// The plan of a Program, whose last values are asked for, or go nowhere but to its outputs.
fn plan(program: &Program, asked: bool) -> Plan {
    let mut plan = Plan {
        steps: Vec::with_capacity(program.code.len()),
        gathers: Vec::new(),
        constants: Vec::new(),
        written: SmallVec::new(),
        registers: 0,
        item: 1,
        block: usize::MAX,
        row: usize::MAX,
        fills: false,
    };
    let inputs: SmallVec<[Place; 4]> = program
        .inputs
        .iter()
        .map(|view| {
            if view.is_contiguous() {
                return Place::Direct(view.data_ptr(), view.dtype().size());
            }
            let register = plan.fresh();
            if view.strides().iter().zip(view.sizes()).all(|(&s, &n)| s == 0 || n == 1) {
                plan.constants.push((register, view.get(0), view.dtype()));
                return Place::Register(register);
            }
            let gather = Gather::new(view);
            let (run, step) = gather.run();
            plan.gathers.push(gather);
            let reader = plan.gathers.len() - 1;
            if run >= ROW && step <= 1 {
                plan.row = plan.row.min(run);
            }
            match step {
                0 if run >= ROW => {
                    plan.fills = true;
                    Place::Same(reader, register)
                }
                1 if run >= ROW => Place::Run(reader),
                _ => Place::Gathered(reader, register),
            }
        })
        .collect();
    let numbers: SmallVec<[Place; 4]> = program
        .numbers
        .iter()
        .map(|&(value, dtype)| {
            let register = plan.fresh();
            plan.constants.push((register, value, dtype));
            Place::Register(register)
        })
        .collect();
    let mut last_use = vec![0usize; program.code.len()];
    for (i, ins) in program.code.iter().enumerate() {
        for arg in &ins.args {
            if let Src::Value(k) = arg {
                last_use[usize::from(*k)] = i;
            }
        }
    }
    let mut free: Vec<usize> = Vec::new();
    let mut values: Vec<Place> = Vec::with_capacity(program.code.len());
    for (i, ins) in program.code.iter().enumerate() {
        let args = ins
            .args
            .iter()
            .map(|arg| match *arg {
                Src::Input(k) => inputs[usize::from(k)],
                Src::Number(k) => numbers[usize::from(k)],
                Src::Value(k) => values[usize::from(k)],
            })
            .collect();
        // An instruction never writes over what it reads: registers are given back behind it.
        let out = program.outs.iter().find(|(at, _)| usize::from(*at) == i);
        let (dst, place) = match out {
            Some((_, view)) => {
                let (ptr, item) = (view.data_ptr_mut(), view.dtype().size());
                if program.inputs.iter().any(|input| input.shares(view)) {
                    let register = plan.fresh();
                    plan.written.push((register, ptr, item));
                    (Target::Written(register), Place::Kept(register))
                } else {
                    (Target::Output(ptr, item), Place::Direct(ptr.cast_const(), item))
                }
            }
            None if asked && i + 1 == program.code.len() => (Target::Asked(ins.dtype.size()), Place::Register(0)),
            None => {
                let register = free.pop().unwrap_or_else(|| plan.fresh());
                (Target::Register(register), Place::Register(register))
            }
        };
        for (k, value) in values.iter().enumerate() {
            if let Place::Register(r) = value
                && last_use[k] == i
                && ins.args.contains(&Src::Value(k as u16))
            {
                free.push(*r);
            }
        }
        plan.steps.push(Step { body: ins.body, args, dst });
        values.push(place);
    }
    let dtypes =
        program.inputs.iter().map(View::dtype).chain(program.code.iter().flat_map(|ins| [ins.compute, ins.dtype]));
    plan.item = dtypes.map(DType::size).max().unwrap_or(1);
    if plan.registers > 0 {
        let blocks = plan.registers + program.inputs.len() + program.outs.len().max(1);
        plan.block = ((CACHE / (blocks * plan.item)) & !63).clamp(*BLOCKS.start(), *BLOCKS.end());
        if plan.fills {
            plan.block = plan.block.min(FILLED);
        }
    }
    plan
}

impl Plan {
    fn fresh(&mut self) -> usize {
        self.registers += 1;
        self.registers - 1
    }

    /// Computes elements `start..end`; those that are asked for go to `asked`.
    ///
    /// # Safety
    /// Every address of the plan holds at least `end` elements, `asked` has room for `end - start` if the plan writes there, and
    /// no one else writes these ranges meanwhile.
    unsafe fn run(&self, start: usize, end: usize, asked: *mut u8) {
        let width = self.block.min(end - start);
        let lines = (width * self.item + APART).div_ceil(size_of::<Aligned>());
        let mut memory: SmallVec<[Aligned; 8]> = SmallVec::new();
        // SAFETY: registers hold plain bytes, each written before it is read.
        unsafe {
            memory.reserve(self.registers * lines);
            memory.set_len(self.registers * lines);
        }
        let base: *mut u8 = memory.as_mut_ptr().cast();
        let register = |r: usize| base.wrapping_add(r * lines * size_of::<Aligned>());
        for &(r, value, dtype) in &self.constants {
            dispatch!(dtype, all T => {
                // SAFETY: the register has room for `width` elements of any of the Program's types.
                unsafe { std::slice::from_raw_parts_mut(register(r).cast::<T>(), width) }.fill(T::from_scalar(value));
            });
        }
        // Where each strided input goes on from, in the run that `at` is in, and what the registers of `Place::Same` hold.
        let mut lines: SmallVec<[*const u8; 4]> = SmallVec::from_elem(std::ptr::null(), self.gathers.len());
        let mut filled = lines.clone();
        let (mut at, mut origin, mut until) = (start, start, start);
        while at < end {
            if at == until {
                origin = at;
                until = if self.row == usize::MAX { end } else { end.min(at - at % self.row + self.row) };
                for (line, gather) in lines.iter_mut().zip(&self.gathers) {
                    *line = gather.address(at);
                }
            }
            let n = width.min(until - at);
            for step in &self.steps {
                let mut args = [std::ptr::null::<u8>(); 3];
                for (arg, place) in args.iter_mut().zip(&step.args) {
                    *arg = match *place {
                        Place::Direct(ptr, item) => ptr.wrapping_add(at * item),
                        Place::Register(r) | Place::Kept(r) => register(r).cast_const(),
                        Place::Run(g) => lines[g].wrapping_add((at - origin) * self.gathers[g].item()),
                        Place::Same(g, r) => {
                            let from = lines[g];
                            if std::mem::replace(&mut filled[g], from) != from {
                                // SAFETY: `from` is an element's address, and the register has room for `width` elements; no block
                                // is longer than a row.
                                unsafe { self.gathers[g].fill(from, width.min(self.row), register(r)) };
                            }
                            register(r).cast_const()
                        }
                        Place::Gathered(g, r) => {
                            // SAFETY: `at + n` is at most `end`, and the register has room for `n`.
                            unsafe { self.gathers[g].read(at, n, register(r)) };
                            register(r).cast_const()
                        }
                    };
                }
                let dst = match step.dst {
                    Target::Output(ptr, item) => ptr.wrapping_add(at * item),
                    Target::Register(r) | Target::Written(r) => register(r),
                    Target::Asked(item) => asked.wrapping_add((at - start) * item),
                };
                // SAFETY: all blocks hold `n` elements of the loop's types; the planner keeps `dst` apart from `args`.
                unsafe { (step.body)(dst, &args[..step.args.len()], n) };
            }
            for &(r, ptr, item) in &self.written {
                // SAFETY: `n` elements of either; all that reads this part of the memory has been done.
                unsafe { ptr.wrapping_add(at * item).copy_from_nonoverlapping(register(r), n * item) };
            }
            at += n;
        }
    }
}

/// A Program's last values, computed as they are asked for.
struct Values {
    plan: Plan,
    /// Holds the memory that the plan reads.
    program: Program,
    dtype: DType,
    numel: usize,
}

// SAFETY: workers read the inputs through the plan's addresses and write their own blocks; the views are not touched.
unsafe impl Sync for Values {}

/// The last values of a Program; what its outputs are is written on the way.
pub fn stream(program: Program) -> Option<Box<dyn Stream>> {
    let dtype = program.code.last()?.dtype;
    let numel = program.sizes.iter().product::<i64>() as usize;
    Some(Box::new(Values { plan: plan(&program, true), program, dtype, numel }))
}

impl Stream for Values {
    fn dtype(&self) -> DType {
        self.dtype
    }

    fn sizes(&self) -> &[i64] {
        &self.program.sizes
    }

    fn read(&self, start: usize, n: usize, block: &View) {
        assert!(
            block.dtype() == self.dtype && n <= block.numel() && start + n <= self.numel,
            "the block is large enough"
        );
        // SAFETY: inputs and outputs hold `numel` elements, and no two threads ask for the same ones; the block is a vector with room for `n` that its thread alone looks at.
        unsafe { self.plan.run(start, start + n, block.data_ptr_mut()) };
    }
}

/// A cache line of register memory.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Aligned(#[allow(dead_code)] [u8; 64]);
