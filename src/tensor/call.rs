//! Calling rows on tensors.

use super::elementwise::{Operand, Operands, direct, elementwise};
use super::{Tensor, backend, devices, grad, history, inplace, lazy, place, recompute};
use crate::base::error::{Result, runtime, type_error};
use crate::base::{DType, Device, ErrorKind, interrupt};
use crate::cpu::block;
use crate::cpu::place::missed;
use crate::cpu::reduce::stream::Source;
use crate::cuda::index::spot;
use crate::cuda::loader::Loader;
use crate::ops::args::{Arg, Args, In, Out};
use crate::ops::bind::{Bound, Call, bind};
use crate::ops::derivative;
use crate::ops::prim::{Seen, result_type};
use crate::ops::signature::Signature;
use crate::ops::table::{CudaForm, CudaKernel, Form, Kind, Overload, Reduction, Row, forms};
use crate::store::View;
use crate::store::cuda::{Gpu, driver, ledger};
use std::cell::RefCell;

/// What a call gives.
pub type Called = Out<Tensor>;

/// Binds and runs a call; the result's field names, when it is a named tuple, are those of the overload.
///
/// # Errors
/// torch's `TypeError`s of binding and whatever the op itself refuses.
pub fn call(
    row: &'static Row,
    form: Form,
    args: &[In<Tensor>],
    kwargs: &[(&str, In<Tensor>)],
) -> Result<(Called, &'static [&'static str])> {
    let bound = bind(row, &Call { args, kwargs, form, name: row.name })?;
    let fields = &bound.signature.fields;
    Ok((run(row, form, bound)?, fields))
}

/// Calls a row on one tensor of few elements with nothing else given; `None` where there is more to it: then [`call`] is to be
/// called. That a primitive's row of one operand asks for nothing else is tested of the whole table.
///
/// # Errors
/// What the computation meets.
#[inline]
pub fn unary(row: &'static Row, form: Form, x: &Tensor) -> Result<Option<Tensor>> {
    if x.requires_grad() && grad::enabled() {
        return Ok(None);
    }
    match &row.overloads[0].kind {
        Kind::Prim(prim) if prim.arity == 1 && matches!(form, Form::Function | Form::Method) => direct(prim, x, &[]),
        _ => Ok(None),
    }
}

/// Runs a bound call.
///
/// # Errors
/// Whatever the op refuses.
pub fn run(row: &'static Row, form: Form, bound: Bound<Tensor>) -> Result<Called> {
    if let Some(Arg::Tensor(t)) = bound.args.first()
        && t.is_uncounted()
        && writes_in_place(row, form, &bound)
    {
        let (storage, version) = (t.view()?.storage().clone(), t.version());
        let result = unrecorded(row, form, bound);
        recompute::settle()?;
        storage.set_version(version);
        return result;
    }
    let tracks = grad::tracks(&bound.args);
    if !(tracks || grad::notes_views()) {
        return unrecorded(row, form, bound);
    }
    let in_place = writes_in_place(row, form, &bound);
    let first = bound.args.iter().find_map(|a| if let Arg::Tensor(t) = a { Some(t.clone()) } else { None });
    let result =
        if tracks { history::call(row, form, bound, in_place, unrecorded)? } else { unrecorded(row, form, bound)? };
    // What is detached is a tensor of its own; other views know what they are views of, for writes in place.
    if let Some(first) = first.filter(|_| row.name != "detach") {
        history::note_views(&first, &result);
    }
    Ok(result)
}

/// Whether a call writes into its first tensor.
fn writes_in_place(row: &Row, form: Form, bound: &Bound<Tensor>) -> bool {
    // `F.relu(x, inplace=True)` is `F.relu_(x)`.
    let flag = bound.signature.inplace.and_then(|i| bound.args.get(i));
    form == Form::InPlace || row.name.ends_with('_') || matches!(flag, Some(Arg::Bool(true)))
}

fn unrecorded(row: &'static Row, form: Form, bound: Bound<Tensor>) -> Result<Called> {
    let (overload, signature) = (&row.overloads[bound.overload], bound.signature);
    for (param, arg) in signature.params.iter().zip(&bound.args) {
        match arg {
            Arg::Device(device) => _ = devices::resolve(*device)?,
            // Pinning memory is the driver's work.
            Arg::Bool(true) if param.name == "pin_memory" => _ = devices::resolve(Device::Cuda(None))?,
            _ => {}
        }
    }
    let mut bound = bound;
    if let [out] = &bound.out[..] {
        as_given(signature, &mut bound.args, out)?;
    }
    let in_place = writes_in_place(row, form, &bound);
    if let (true, Some(Arg::Tensor(t))) = (in_place, bound.args.first()) {
        inplace::check_mode(t)?;
    }
    let target = match bound.args.first() {
        Some(Arg::Tensor(t)) if in_place && !row.name.ends_with('_') => Some(t.clone()),
        _ => None,
    };
    if let Some(target) = &target {
        inplace::check_target(target)?;
    }
    let result = match &overload.kind {
        Kind::Prim(prim) => Out::Tensor(elementwise(prim, operands(prim.arity, &bound.args)?, target.as_ref())?),
        Kind::Kernel(kernel) => {
            let mutates = row.name.ends_with('_');
            if mutates {
                recompute::settle()?;
            }
            let run = || computed(row, overload, signature, &bound.args, &|args| kernel(args));
            let out = match spot(target.as_ref(), &bound.args)? {
                Some(view) => spot::within(view, run)?,
                None => run()?,
            }
            .map(Tensor::new);
            if let (Some(i), Out::Tensor(t)) = (signature.requires_grad, &out)
                && matches!(bound.args.get(i), Some(Arg::Bool(true)))
            {
                t.set_requires_grad(true)?;
            }
            match (mutates, bound.args.first(), out) {
                // A kernel that fills its tensor gives back that very tensor.
                (true, Some(Arg::Tensor(t)), Out::None) => {
                    t.view()?.storage().bump();
                    Out::Tensor(t.clone())
                }
                (_, _, out) => out,
            }
        }
        Kind::Layout(look) => look(Args(&views(&bound.args, Vec::new(), Tensor::layout)?))?.map(Tensor::new),
        Kind::Reduce(reduce) => reduced(row, overload, signature, *reduce, &bound.args)?,
        Kind::Formula(_) | Kind::Pointwise(_) => match formula_on_gpu(row, overload, signature, &bound.args)? {
            Some(out) => out,
            None if matches!(overload.kind, Kind::Pointwise(_)) => pointwise(row, &bound)?,
            None => backend::run_formula(row, bound.overload, &bound.args)?,
        },
    };
    if place::watched()
        && let Some(address) = target.as_ref().and_then(Tensor::address)
    {
        place::wrote(address);
    }
    let result = match form {
        Form::Copy => copied(result)?,
        _ => result,
    };
    match (target, &bound.out[..]) {
        (Some(target), _) => inplace::store(&target, result, &bound.args),
        (None, []) => Ok(result),
        (None, outs) => inplace::store_out(outs, result),
    }
}

/// The memory that a call in place may write into at once: on a GPU, where no other argument looks at it.
fn spot(target: Option<&Tensor>, args: &[Arg<Tensor>]) -> Result<Option<View>> {
    let Some(target) = target.filter(|t| t.device() != Device::Cpu) else { return Ok(None) };
    let view = target.view()?;
    let mut apart = true;
    for other in args.iter().skip(1) {
        _ = other.try_map(&mut |t: &Tensor| t.view().map(|v| apart &= !v.shares(&view)))?;
    }
    if !apart {
        return Ok(None);
    }
    recompute::settle()?;
    Ok(Some(view))
}

/// The arguments as kernels take them, behind those in `out`.
fn views(
    args: &[Arg<Tensor>],
    mut out: Vec<Arg<View>>,
    mut view: impl FnMut(&Tensor) -> Result<View>,
) -> Result<Vec<Arg<View>>> {
    for arg in args {
        out.push(arg.try_map(&mut view)?);
    }
    Ok(out)
}

/// Runs a kernel row where its tensors are, by the device's form of it, or on the CPU.
fn computed(
    row: &'static Row,
    overload: &Overload,
    signature: &'static Signature,
    args: &[Arg<Tensor>],
    kernel: &dyn Fn(Args<'_>) -> Result<Out<View>>,
) -> Result<Out<View>> {
    let device = devices::of_call(row, signature, args)?;
    let Device::Cuda(index) = device else {
        let views = all_views(row, device, args)?;
        return interrupt::stoppable(|| kernel(Args(&views)));
    };
    if let Some(out) = on_gpu(row, overload, signature, args, driver::gpu(index)?)? {
        return Ok(out);
    }
    let views = all_views(row, device, args)?;
    devices::on_cpu(row.name, device, &views, || interrupt::stoppable(|| kernel(Args(&views))))
}

/// The views of a call; what the first tensor is given may lie elsewhere.
fn all_views(row: &'static Row, device: Device, args: &[Arg<Tensor>]) -> Result<Vec<Arg<View>>> {
    let mut views = views(args, Vec::with_capacity(args.len()), Tensor::view)?;
    if row.has(forms::ANYWHERE) {
        for arg in views.iter_mut().skip(1) {
            *arg = arg.try_map(&mut |view: &View| devices::to_device(view, device))?;
        }
    }
    Ok(views)
}

/// Runs a row by a GPU's own form of it; `None` where it has none that does this.
fn on_gpu(
    row: &'static Row,
    overload: &Overload,
    signature: &'static Signature,
    args: &[Arg<Tensor>],
    gpu: &'static Gpu,
) -> Result<Option<Out<View>>> {
    let form = match overload.cuda {
        None => return Ok(None),
        Some(CudaForm::Formula(text)) => return formula(row, overload, signature, text, args),
        Some(CudaForm::Elements(form)) => {
            let [Arg::Tensor(x), others @ ..] = args else { return Ok(None) };
            return fused(gpu, form, x, others);
        }
        Some(CudaForm::Views(form)) => form,
    };
    let views = all_views(row, gpu.device(), args)?;
    let before = ledger::total();
    let out = form(gpu, &|| Ok(Loader::of(Args(&views).view(0)?)), Args(&views))?;
    if out.is_some() && missed() {
        // Some of its steps ran on the CPU.
        devices::tell(row.name, gpu.device(), before)?;
    }
    Ok(out)
}

/// Runs a formula's row by a GPU's own form of it. Where derivatives are recorded the formula itself runs, and where the form does not
/// do what is asked.
fn formula_on_gpu(
    row: &'static Row,
    overload: &Overload,
    signature: &'static Signature,
    args: &[Arg<Tensor>],
) -> Result<Option<Called>> {
    if overload.cuda.is_none() || !driver::is_started() || grad::tracks(args) {
        return Ok(None);
    }
    let Device::Cuda(index) = devices::of_call(row, signature, args)? else { return Ok(None) };
    if row.has(forms::WRITES) {
        recompute::settle()?;
    }
    if let Some(CudaForm::Formula(Some(text))) = overload.cuda {
        return backend::run_text(text, signature, args).map(Some);
    }
    Ok(on_gpu(row, overload, signature, args, driver::gpu(index)?)?.map(|out| out.map(Tensor::new)))
}

/// Runs a row that gives one tensor as a formula; `None` where that fails: the CPU's function says why. Memory that came to its end
/// and a stop that was asked for are not the formula's.
fn formula(
    row: &'static Row,
    overload: &Overload,
    signature: &'static Signature,
    text: Option<&'static str>,
    args: &[Arg<Tensor>],
) -> Result<Option<Out<View>>> {
    let place = || row.overloads.iter().position(|o| std::ptr::eq(o, overload));
    let text = text.or_else(|| match derivative::find(row, place()?, true).rule {
        derivative::Rule::Formula(text) => Some(text),
        _ => None,
    });
    let Some(text) = text else { return Ok(None) };
    let run = || -> Result<Option<Out<View>>> {
        match backend::run_text(text, signature, args)? {
            Out::Tensor(t) => Ok(Some(Out::Tensor(t.view()?))),
            _ => Ok(None),
        }
    };
    grad::recording(false, run).or_else(|e| match e.kind() {
        ErrorKind::OutOfMemoryError | ErrorKind::MemoryError | ErrorKind::KeyboardInterrupt => Err(e),
        _ => Ok(None),
    })
}

/// Runs a GPU's form over the elements of a tensor, on the way where they wait.
fn fused(gpu: &'static Gpu, form: CudaKernel, x: &Tensor, others: &[Arg<Tensor>]) -> Result<Option<Out<View>>> {
    let mut first = Vec::with_capacity(others.len() + 1);
    first.push(Arg::None);
    let views = views(others, first, Tensor::view)?;
    let stream = RefCell::new(None);
    let elements = || match lazy::loader(x)? {
        Some((loader, kept)) => {
            stream.replace(Some(kept));
            Ok(loader)
        }
        None => Ok(Loader::of(&x.view()?)),
    };
    let out = form(gpu, &elements, Args(&views))?;
    match (out, stream.take()) {
        (Some(out), Some(kept)) => {
            lazy::settle(kept)?;
            Ok(Some(out))
        }
        (out, _) => Ok(out),
    }
}

/// Runs a reduction, on the elements as they are computed where the tensor waits for them.
fn reduced(
    row: &'static Row,
    overload: &Overload,
    signature: &'static Signature,
    reduce: Reduction,
    args: &[Arg<Tensor>],
) -> Result<Called> {
    let Some((Arg::Tensor(x), others)) = args.split_first() else { return Err(runtime("internal: nothing to reduce")) };
    let missing = || runtime("internal: a reduction without result");
    if x.device() != Device::Cpu {
        let on_cpu = |args: Args<'_>| reduce(Source::View(args.view(0)?), args)?.ok_or_else(missing);
        return Ok(computed(row, overload, signature, args, &on_cpu)?.map(Tensor::new));
    }
    let mut first = Vec::with_capacity(args.len());
    first.push(Arg::None);
    let views = views(others, first, Tensor::view)?;
    let run = |x: Source| -> Result<Option<Called>> {
        Ok(interrupt::stoppable(|| reduce(x, Args(&views)))?.map(|out| out.map(Tensor::new)))
    };
    if let Some(stream) = lazy::stream(x)?
        && let Some(out) = run(Source::Stream(&*stream.elements))?
    {
        stream.settle()?;
        // Integers inside may have been divided by zero.
        block::check_zero_division()?;
        return Ok(out);
    }
    run(Source::View(&x.view()?))?.ok_or_else(missing)
}

/// A function that makes tensors of nothing fills the one given as `out=` in that tensor's own dtype, where that is.
fn as_given(signature: &Signature, args: &mut [Arg<Tensor>], out: &Tensor) -> Result<()> {
    if signature.position("layout").is_none() {
        return Ok(());
    }
    if let Some(i) = signature.position("dtype") {
        let dtype = out.dtype();
        match &args[i] {
            Arg::DType(given) if *given != dtype => {
                let (given, own) = (given.aten(), dtype.aten());
                return Err(runtime(format!("dtype {given} does not match dtype of out parameter ({own})")));
            }
            _ => args[i] = Arg::DType(dtype),
        }
    }
    if let Some(i) = signature.position("device") {
        let device = out.device();
        match &args[i] {
            Arg::Device(given) if devices::resolve(*given)? != device => {
                return Err(runtime(format!("device {given} does not match device of out parameter ({device})")));
            }
            _ => args[i] = Arg::Device(device),
        }
    }
    Ok(())
}

/// Fresh contiguous copies of a result's tensors.
fn copied(result: Called) -> Result<Called> {
    let copy = |t: &Tensor| Ok(Tensor::new(devices::clone(&t.view()?)?));
    Ok(match result {
        Out::Tensor(t) => Out::Tensor(copy(&t)?),
        Out::Tuple(parts) => Out::Tuple(parts.iter().map(copy).collect::<Result<_>>()?),
        other => other,
    })
}

/// Runs a formula with 16-bit floats widened, and rounds its result once.
fn pointwise(row: &'static Row, bound: &Bound<Tensor>) -> Result<Called> {
    let tensors = || {
        bound.args.iter().filter_map(|a| match a {
            Arg::Tensor(t) => Some(t),
            _ => None,
        })
    };
    if !tensors().any(|t| t.dtype().is_half()) {
        return backend::run_formula(row, bound.overload, &bound.args);
    }
    let seen: Vec<Seen> = tensors().map(|t| Seen::Tensor(t.dtype(), t.ndim())).collect();
    let common = result_type(&seen)?;
    let mut widen = |t: &Tensor| if t.dtype().is_half() { history::cast(t, DType::F32) } else { Ok(t.clone()) };
    let args: Vec<Arg<Tensor>> = bound.args.iter().map(|a| a.try_map(&mut widen)).collect::<Result<_>>()?;
    match backend::run_formula(row, bound.overload, &args)? {
        Out::Tensor(t) if t.dtype() == DType::F32 && common.is_half() => Ok(Out::Tensor(history::cast(&t, common)?)),
        other => Ok(other),
    }
}

fn operands(arity: usize, args: &[Arg<Tensor>]) -> Result<Operands> {
    args.iter()
        .take(arity)
        .map(|a| match a {
            Arg::Tensor(t) => Ok(Operand::Tensor(t.clone())),
            Arg::Scalar(s) => Ok(Operand::Number(*s)),
            Arg::Int(i) => Ok(Operand::Number((*i).into())),
            Arg::Bool(b) => Ok(Operand::Number((*b).into())),
            other => Err(type_error(format!("internal: {other:?} is no operand"))),
        })
        .collect()
}
