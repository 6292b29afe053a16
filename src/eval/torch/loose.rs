//! Functions of torch that take functions, or give a tuple within a tuple: what no row can say.

use super::convert::{input, named};
use super::methods::{resize_as, restride};
use super::rows::call_named;
use crate::eval::args::Args;
use crate::eval::value::Value;
use crate::ops::args::In;
use crate::tensor::Tensor;

crate::builtin_table! {
    /// Functions of `torch`.
    LOOSE of "torch" {
        "histogramdd" ("input, bins, *, range=None, weight=None, density=False") "Counts of points in cells: hist, and the bin_edges in each dimension." => |_, a| {
            let args = [input(&a[0]), input(&a[1]), given(&a[2], In::None), given(&a[3], In::None), given(&a[4], In::Bool(false))];
            let all = call_named("_histogramdd", &args, &[])?;
            let Value::List(parts) = &all else { return Ok(all) };
            let mut parts = parts.items.borrow().clone().into_iter();
            let hist = parts.next().unwrap_or(Value::None);
            let edges = Value::tuple(parts.collect::<Vec<_>>());
            Ok(named("torch.return_types.histogramdd", &["hist", "bin_edges"], vec![hist, edges]))
        };
        "as_strided_" ("input, size, stride, storage_offset=None") "Other sizes and strides over the same storage." => |_, a| restride(a);
        "resize_as_" ("input, the_template, *, memory_format=None") "The sizes of another tensor." => |_, a| resize_as(a);
    }
}

crate::builtin_table! {
    /// Functions of `torch.nn.functional`.
    FUNCTIONAL of "torch.nn.functional" {
        "triplet_margin_with_distance_loss" ("anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction='mean'") "By how much, within margin, the negative is not farther from the anchor than the positive." => |it, a| {
            let [anchor, positive, negative] = [&a[0], &a[1], &a[2]].map(input);
            let (margin, reduction) = (given(&a[4], In::Float(1.0)), given(&a[6], In::Str("mean".into())));
            call_named("_check_triplet", &[anchor, positive, negative, margin.clone(), reduction.clone()], &[])?;
            let mut distance = |x: &Value, y: &Value| match a[3].some() {
                None => call_named("pairwise_distance", &[input(x), input(y)], &[]),
                Some(function) => it.call(function, Args::of([x.clone(), y.clone()])),
            };
            let (near, far) = (distance(&a[0], &a[1])?, distance(&a[0], &a[2])?);
            let across = if matches!(a[5], Value::Bool(true)) { distance(&a[1], &a[2])? } else { Value::None };
            call_named("_triplet", &[input(&near), input(&far), input(&across), margin, reduction], &[])
        };
    }
}

/// An argument, or what stands for it where it is not given.
fn given(value: &Value, default: In<Tensor>) -> In<Tensor> {
    value.some().map_or(default, input)
}
