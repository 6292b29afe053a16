//! Tensors on several devices: copies between them, where a call runs, and calls of rows that a device has no form of.

use super::{Tensor, backend};
use crate::base::device::default_device;
use crate::base::error::{Error, Result, runtime};
use crate::base::{DType, Device};
use crate::cpu::{copy, create};
use crate::ops::args::{Arg, Out};
use crate::ops::signature::Signature;
use crate::ops::table::{Row, forms};
use crate::store::cuda::driver;
use crate::store::cuda::ledger::{self, Total};
use crate::store::{View, overlap};
use std::cell::{Cell, RefCell};

/// Copies elements, converting them, into a view of the same sizes; on whichever devices both lie.
///
/// # Errors
/// What the devices refuse.
pub fn copy_into(from: &View, to: &mut View) -> Result<()> {
    match (from.device(), to.device()) {
        (Device::Cpu, Device::Cpu) => copy::copy_into(from, to),
        (a, b) if a == b => backend::copy_on_device(from, to),
        (_, device) => {
            // Converted where the elements are, so that they move once and in the target's size, if that is smaller.
            let (have, want) = (from.dtype(), to.dtype());
            let moved = match have.size() > want.size() {
                true => cast(from, want)?,
                false => from.clone(),
            };
            copy_into(&to_device(&moved, device)?, to)
        }
    }
}

/// A fresh contiguous copy on the same device.
///
/// # Errors
/// When memory is short.
pub fn clone(x: &View) -> Result<View> {
    let mut out = View::empty_on(x.device(), x.dtype(), x.sizes())?;
    copy_into(x, &mut out)?;
    Ok(out)
}

/// A copy in another dtype on the same device, which lies in memory as `x` does, as far as that is without gaps.
///
/// # Errors
/// When memory is short.
pub fn cast(x: &View, dtype: DType) -> Result<View> {
    if x.device() == Device::Cpu {
        return create::copy_like(x, dtype);
    }
    let mut out = create::empty_like(x, dtype)?;
    copy_into(x, &mut out)?;
    Ok(out)
}

/// The same elements on a device: the view itself when it is there.
///
/// # Errors
/// torch's `OutOfMemoryError`; what the driver refuses.
pub fn to_device(x: &View, device: Device) -> Result<View> {
    if x.device() == device {
        return Ok(x.clone());
    }
    if overlap::dense(x) { x.moved(device) } else { cast(x, x.dtype())?.moved(device) }
}

/// A device as tensors know it: one that can be used, with its number.
///
/// # Errors
/// torch's `RuntimeError` where there is no such device.
pub fn resolve(device: Device) -> Result<Device> {
    match device {
        Device::Cpu | Device::CpuAt(_) => Ok(Device::Cpu),
        Device::Cuda(index) => Ok(driver::gpu(index)?.device()),
        Device::Meta => Err(runtime("tensh has no meta tensors")),
    }
}

/// Where a call runs: where its tensors are, or where it is to make one. Tensors of the host without dimensions go anywhere.
///
/// # Errors
/// torch's words for tensors on several devices, or for a device that is not there.
pub fn of_call(row: &Row, signature: &Signature, args: &[Arg<Tensor>]) -> Result<Device> {
    if !driver::is_started() && default_device() == Device::Cpu {
        // Nothing is anywhere else yet: most sessions see no more of devices than this.
        let named = args.iter().find_map(|a| if let Arg::Device(device) = a { Some(*device) } else { None });
        return named.map_or(Ok(Device::Cpu), resolve);
    }
    let mut found: Option<(u8, Device)> = None;
    let mut any = false;
    for (i, arg) in args.iter().enumerate() {
        let tensors = match arg {
            Arg::Tensor(t) => std::slice::from_ref(t),
            Arg::Tensors(all) => all.as_slice(),
            _ => continue,
        };
        for t in tensors {
            any = true;
            let device = t.device();
            if row.has(forms::ANYWHERE) {
                return Ok(device);
            }
            if device == Device::Cpu && t.ndim() == 0 {
                continue;
            }
            match found {
                Some((first, d)) if d != device => {
                    return Err(several(row, signature, args, (first, d), (i as u8, device)));
                }
                Some(_) => {}
                None => found = Some((i as u8, device)),
            }
        }
    }
    for (param, arg) in signature.params.iter().zip(args) {
        match arg {
            Arg::Device(device) => return resolve(*device),
            Arg::None if param.name == "device" && !any => return resolve(default_device()),
            _ => {}
        }
    }
    Ok(found.map_or(Device::Cpu, |f| f.1))
}

/// Tensors on two devices, in torch's words for kernels, with the bytes that would have to move.
#[cold]
fn several(row: &Row, signature: &Signature, args: &[Arg<Tensor>], a: (u8, Device), b: (u8, Device)) -> Error {
    let ndim = |arg: &Arg<Tensor>| if let Arg::Tensor(t) = arg { Some(t.ndim()) } else { None };
    let ndims: Vec<usize> = args.iter().filter_map(ndim).collect();
    let (method, names) = row.met.map_or((row.short(), &[][..]), |met| met(&ndims));
    let name = |at: u8| {
        let own = || signature.params.get(usize::from(at)).map_or("", |p| p.name);
        names.get(usize::from(at)).copied().unwrap_or_else(own)
    };
    let size = |t: &Tensor| t.numel() * t.dtype().size();
    let bytes = |(at, device): (u8, Device)| match &args[usize::from(at)] {
        Arg::Tensor(t) => size(t),
        Arg::Tensors(all) => all.iter().filter(|t| t.device() == device).map(size).sum(),
        _ => 0,
    };
    runtime(format!(
        "Expected all tensors to be on the same device, but got {} is on {}, different from other tensors on {} (when checking \
         argument in method wrapper_CUDA_{method})",
        name(b.0),
        b.1,
        a.1,
    ))
    .at(&[a.0, b.0])
    // What is on the host goes to the device, not the other way round.
    .help(match a.1 {
        _ if a.0 == b.0 => {
            let (host, target) = if a.1 == Device::Cpu { (a, b.1) } else { (b, a.1) };
            format!("what is on {} in {{{}}} has to go to '{target}', which moves {}", host.1, a.0, driver::size(bytes(host)))
        }
        Device::Cpu => format!("{{{}}}.to('{}') moves {}", a.0, b.1, driver::size(bytes(a))),
        _ => format!("{{{}}}.to('{}') moves {}", b.0, a.1, driver::size(bytes(b))),
    })
}

/// Tensors on two devices, in torch's words for what is computed element by element: a GPU is named first.
#[cold]
pub(super) fn two(a: Device, b: Device) -> Error {
    let (a, b) = if a == Device::Cpu { (b, a) } else { (a, b) };
    runtime(format!("Expected all tensors to be on the same device, but found at least two devices, {a} and {b}!"))
}

thread_local! {
    /// Whether a row that a device has no form of is refused there.
    static STRICT: Cell<bool> = const { Cell::new(false) };
    /// Whether there is something new to tell.
    static NEWS: Cell<bool> = const { Cell::new(false) };
    /// Rows that ran on the CPU, with what they moved, and whether that was told.
    static ELSEWHERE: RefCell<Vec<Elsewhere>> = const { RefCell::new(Vec::new()) };
}

/// A row that ran on the CPU though its tensors are on a device.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// The row.
    pub row: &'static str,
    /// How often.
    pub calls: usize,
    /// Bytes that moved for it.
    pub bytes: usize,
    told: bool,
}

/// Has rows refused on a device that it has no form of, or has them run on the CPU.
pub fn set_strict(on: bool) {
    STRICT.set(on);
}

/// Runs a row's function of the CPU on a device's tensors: what it looks at is fetched, what it makes goes to the device.
///
/// # Errors
/// What the function refuses; with [`set_strict`], that it would move anything.
pub(super) fn on_cpu(
    row: &'static str,
    device: Device,
    args: &[Arg<View>],
    run: impl FnOnce() -> Result<Out<View>>,
) -> Result<Out<View>> {
    let tensors = || {
        args.iter().flat_map(|a| match a {
            Arg::Tensor(v) => std::slice::from_ref(v),
            Arg::Tensors(all) => all.as_slice(),
            _ => &[],
        })
    };
    let before = ledger::total();
    let out = run();
    crate::store::cuda::check()?;
    let out = out?.try_map(|v| {
        let own = tensors().any(|arg| arg.shares(&v));
        if v.device() == Device::Cpu && !own {
            return to_device(&v, device);
        }
        // What was written on the way is sent now: it is this row's.
        v.storage().forget_host();
        Ok(v)
    })?;
    tensors().for_each(|v| v.storage().forget_host());
    crate::store::cuda::check()?;
    // What is made from nothing on the host is sent, like data that a script writes down.
    if tensors().next().is_some() {
        tell(row, device, before)?;
    }
    Ok(out)
}

/// Tells of a row that has moved something since `before`.
///
/// # Errors
/// With [`set_strict`], that it moved anything.
pub(super) fn tell(row: &'static str, device: Device, before: Total) -> Result<()> {
    let bytes = ledger::total().bytes - before.bytes;
    if bytes > 0 && STRICT.get() {
        return Err(runtime(format!("{row} has no form for {device}")).help(format!(
            "it ran on the CPU and moved {}; without --strict-device that is allowed",
            driver::size(bytes)
        )));
    }
    if bytes > 0 {
        note(row, bytes);
    }
    Ok(())
}

/// Counts a row that ran on the CPU.
fn note(row: &'static str, bytes: usize) {
    ELSEWHERE.with_borrow_mut(|all| match all.iter_mut().find(|e| e.row == row) {
        Some(e) => {
            e.calls += 1;
            e.bytes += bytes;
        }
        None => {
            NEWS.set(true);
            all.push(Elsewhere { row, calls: 1, bytes, told: false });
        }
    });
}

/// What is to be told of rows that ran on the CPU: each row once.
pub fn notes() -> Vec<String> {
    if !NEWS.take() {
        return Vec::new();
    }
    ELSEWHERE.with_borrow_mut(|all| {
        let new = all.iter_mut().filter_map(|e| (!std::mem::replace(&mut e.told, true)).then_some(&*e));
        new.map(|e| format!("{} ran on the CPU; moved {}", e.row, driver::size(e.bytes))).collect()
    })
}

/// The rows that ran on the CPU so far.
pub fn elsewhere() -> Vec<Elsewhere> {
    ELSEWHERE.with_borrow(Clone::clone)
}
