//! Calling rows on tensors.

use super::elementwise::{Operand, Operands, elementwise};
use super::{Tensor, backend, inplace, lazy};
use crate::base::error::{Result, type_error};
use crate::ops::args::{Arg, Args, In, Out};
use crate::ops::bind::{Bound, Call, bind};
use crate::ops::table::{Form, Kind, Row};

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
    let bound = bind(row, &Call { args, kwargs, form })?;
    let fields = &row.overloads[bound.overload].signature().fields;
    Ok((run(row, form, bound)?, fields))
}

/// Runs a bound call.
///
/// # Errors
/// Whatever the op refuses.
pub fn run(row: &'static Row, form: Form, bound: Bound<Tensor>) -> Result<Called> {
    let overload = &row.overloads[bound.overload];
    let target = match (form, bound.args.first()) {
        (Form::InPlace, Some(Arg::Tensor(t))) => Some(t.clone()),
        _ => None,
    };
    if let Some(target) = &target {
        inplace::check_target(target)?;
    }
    let result = match &overload.kind {
        Kind::Prim(prim) => Out::Tensor(elementwise(prim, operands(prim.arity, &bound.args)?)?),
        Kind::Kernel(kernel) => {
            let mutates = row.short().ends_with('_');
            if mutates {
                lazy::flush()?;
            }
            let views: Vec<Arg<crate::store::View>> =
                bound.args.iter().map(|a| a.try_map(Tensor::view)).collect::<Result<_>>()?;
            let out = kernel(Args(&views))?.map(Tensor::new);
            match (mutates, bound.args.first(), out) {
                // A kernel that fills its tensor gives back that very tensor.
                (true, Some(Arg::Tensor(t)), Out::None) => {
                    t.view()?.storage().bump();
                    Out::Tensor(t.clone())
                }
                (_, _, out) => out,
            }
        }
        Kind::Formula(_) => backend::run_formula(row, bound.overload, &bound.args)?,
    };
    match (target, &bound.out[..]) {
        (Some(target), _) => inplace::store(&target, result, &bound.args),
        (None, []) => Ok(result),
        (None, outs) => inplace::store_out(outs, result),
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
