//! A Program: a straight line of elementwise instructions over one iteration space.

use crate::base::shape::{Shape, show};
use crate::base::{DType, Device, Scalar};
use crate::cpu::block::{self, BlockFn};
use crate::ops::Prim;
use crate::store::View;
use smallvec::SmallVec;
use std::fmt;

/// Where an instruction reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Src {
    /// An input view.
    Input(u16),
    /// A number.
    Number(u16),
    /// What an earlier instruction wrote: its place in the code.
    Value(u16),
}

/// What an instruction computes.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    /// A primitive, in the instruction's dtype.
    Prim(&'static Prim),
    /// A conversion from a dtype to the instruction's.
    Cast(DType),
}

/// An instruction.
#[derive(Clone, Debug)]
pub struct Ins {
    /// What is computed.
    pub op: Op,
    /// The dtype it is computed in.
    pub compute: DType,
    /// The dtype of what it writes.
    pub dtype: DType,
    /// What it reads.
    pub args: SmallVec<[Src; 3]>,
    /// The loop that runs it on the CPU.
    pub body: BlockFn,
}

/// Elementwise work over `sizes`: instructions in order, the values of some of which are kept.
#[derive(Debug, Default)]
pub struct Program {
    /// The iteration space: the sizes of every output.
    pub sizes: Shape,
    /// Where it runs: inputs and outputs lie there.
    pub device: Device,
    /// Inputs, expanded to `sizes`.
    pub inputs: Vec<View>,
    /// Numbers, each with the dtype it is read as.
    pub numbers: Vec<(Scalar, DType)>,
    /// The instructions.
    pub code: Vec<Ins>,
    /// Kept values: an instruction and the contiguous memory for what it writes.
    pub outs: Vec<(u16, View)>,
}

impl Program {
    /// Adds a conversion, or nothing where `from` is `to`.
    pub fn cast(&mut self, src: Src, from: DType, to: DType) -> Src {
        if from == to {
            return src;
        }
        let body = block::cast(from, to);
        self.push(Ins { op: Op::Cast(from), compute: to, dtype: to, args: SmallVec::from_slice(&[src]), body })
    }

    /// Adds an instruction.
    pub fn push(&mut self, ins: Ins) -> Src {
        self.code.push(ins);
        Src::Value((self.code.len() - 1) as u16)
    }

    /// Empties it; its vectors keep their room.
    pub fn clear(&mut self) {
        self.inputs.clear();
        self.numbers.clear();
        self.code.clear();
        self.outs.clear();
    }

    /// Bytes that it reads and writes in memory; an element that is read again and again counts once.
    pub fn traffic(&self) -> (usize, usize) {
        let distinct = |v: &View| -> usize {
            let sizes = v.sizes().iter().zip(v.strides()).filter(|(_, s)| **s != 0).map(|(n, _)| *n as usize);
            sizes.product::<usize>() * v.dtype().size()
        };
        let written = self.outs.iter().map(|(_, v)| v.numel() * v.dtype().size()).sum();
        (self.inputs.iter().map(distinct).sum(), written)
    }

    /// What holds of every Program: instructions read what stands before them, outputs have the space's sizes.
    pub fn verify(&self) -> Result<(), String> {
        for (i, ins) in self.code.iter().enumerate() {
            for arg in &ins.args {
                let fits = match *arg {
                    Src::Input(k) => usize::from(k) < self.inputs.len(),
                    Src::Number(k) => usize::from(k) < self.numbers.len(),
                    Src::Value(k) => usize::from(k) < i,
                };
                if !fits {
                    return Err(format!("instruction {i} reads {arg:?}"));
                }
            }
        }
        if let Some(bad) = self.inputs.iter().find(|v| v.sizes() != &self.sizes[..]) {
            return Err(format!("an input of sizes {:?} in a space of {:?}", bad.sizes(), self.sizes));
        }
        for (at, view) in &self.outs {
            let ins = self.code.get(usize::from(*at)).ok_or("an output of no instruction")?;
            if view.dtype() != ins.dtype || view.sizes() != &self.sizes[..] || !view.is_contiguous() {
                return Err(format!("output of instruction {at} does not fit its memory"));
            }
        }
        Ok(())
    }
}

/// `[1000, 1000]: i0 float32[1000, 1000], n0 2 | v0 = mul(i0, n0) float32 | out v0`.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inputs = self.inputs.iter().enumerate().map(|(i, v)| {
            let layout = if v.is_contiguous() { "" } else { " strided" };
            format!("i{i} {}{}{layout}", v.dtype().name(), show(v.sizes()))
        });
        let numbers = self.numbers.iter().enumerate().map(|(i, (value, _))| format!("n{i} {value:?}"));
        write!(f, "{}: {}", show(&self.sizes), inputs.chain(numbers).collect::<Vec<_>>().join(", "))?;
        for (i, ins) in self.code.iter().enumerate() {
            let args: Vec<String> = ins
                .args
                .iter()
                .map(|src| match src {
                    Src::Input(k) => format!("i{k}"),
                    Src::Number(k) => format!("n{k}"),
                    Src::Value(k) => format!("v{k}"),
                })
                .collect();
            let name = match ins.op {
                Op::Prim(prim) => prim.cuda,
                Op::Cast(_) => "cast",
            };
            write!(f, " | v{i} = {name} of ({}) {}", args.join(", "), ins.dtype.name())?;
        }
        let outs: Vec<String> = self.outs.iter().map(|(at, _)| format!("v{at}")).collect();
        if outs.is_empty() { Ok(()) } else { write!(f, " | out {}", outs.join(", ")) }
    }
}
