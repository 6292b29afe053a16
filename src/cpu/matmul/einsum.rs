//! Contractions: `einsum` by subscripts and `tensordot` by dimensions.
//!
//! Operands are brought to one common order of labels (those of the output first), then contracted from left to right,
//! each pair as a batch of matrix products.

use super::broadcast::reshape;
use super::products::{bmm, dot, mm, multiply};
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::shape::{Shape, wrap_dim};
use crate::cpu::{copy, place};
use crate::store::View;
use crate::{bail, dispatch, ensure};

/// One operand's or the output's subscripts: letters, with the place of the ellipsis.
#[derive(Default)]
struct Subscripts {
    labels: Vec<Label>,
}

#[derive(Clone, Copy, PartialEq)]
enum Label {
    Letter(u8),
    Ellipsis,
}

/// Reads one side of the arrow: operands between commas.
fn parse(text: &[u8], start: usize, output: bool) -> Result<Vec<Subscripts>> {
    let mut all = vec![Subscripts::default()];
    let mut at = start;
    while at < text.len() {
        let operand = all.len() - 1;
        let current = &mut all[operand].labels;
        match text[at] {
            b' ' => {}
            b'.' => {
                let whom = if output { "the output".to_string() } else { format!("operand {operand}") };
                ensure!(
                    !current.contains(&Label::Ellipsis),
                    "einsum(): found '.' for {whom} for which an ellipsis was already found"
                );
                ensure!(
                    text[at..].starts_with(b"..."),
                    "einsum(): found '.' for {whom} that is not part of any ellipsis"
                );
                at += 2;
                current.push(Label::Ellipsis);
            }
            b',' if !output => all.push(Subscripts::default()),
            c if c.is_ascii_alphabetic() => current.push(Label::Letter(c)),
            _ => bail!(
                "einsum(): invalid subscript given at index {at} in the equation string, subscripts must be in [a-zA-Z]"
            ),
        }
        at += 1;
    }
    Ok(all)
}

/// Index of a letter in the alphabet A..Z a..z, which is also the order of an implicit output.
fn index(letter: u8) -> usize {
    if letter.is_ascii_uppercase() { usize::from(letter - b'A') } else { usize::from(letter - b'a') + 26 }
}

/// `torch.einsum`: sums of products over the subscripts that the output does not name.
///
/// # Errors
/// torch's, for a malformed equation or sizes that do not fit it.
pub fn einsum(equation: &str, operands: &[View]) -> Result<View> {
    ensure!(!operands.is_empty(), "einsum(): must provide at least one operand");
    let arrow = equation.find("->");
    let inputs = parse(&equation.as_bytes()[..arrow.unwrap_or(equation.len())], 0, false)?;
    ensure!(inputs.len() >= operands.len(), "einsum(): more operands were provided than specified in the equation");
    ensure!(inputs.len() <= operands.len(), "einsum(): fewer operands were provided than specified in the equation");

    let mut counts = [0usize; 52];
    let mut ellipsis = 0;
    for (n, (subscripts, operand)) in inputs.iter().zip(operands).enumerate() {
        let (labels, dims) = (&subscripts.labels, operand.ndim());
        let letters = labels.iter().filter(|l| **l != Label::Ellipsis).count();
        if letters < labels.len() {
            ensure!(
                letters <= dims,
                "einsum(): the number of subscripts in the equation ({letters}) is more than the number of dimensions \
                 ({dims}) for operand {n}"
            );
            ellipsis = ellipsis.max(dims - letters);
        } else {
            ensure!(
                letters == dims,
                "einsum(): the number of subscripts in the equation ({letters}) does not match the number of dimensions \
                 ({dims}) for operand {n} and no ellipsis was given"
            );
        }
        for l in labels {
            if let Label::Letter(c) = l {
                counts[index(*c)] += 1;
            }
        }
    }

    // Where each label stands in the common order: the output's first.
    let mut place = [None::<usize>; 52];
    let mut ellipsis_at = None;
    let mut next = 0;
    match arrow {
        None => {
            ellipsis_at = Some(0);
            next = ellipsis;
            for (slot, &count) in place.iter_mut().zip(&counts) {
                if count == 1 {
                    *slot = Some(next);
                    next += 1;
                }
            }
        }
        Some(at) => {
            for l in &parse(equation.as_bytes(), at + 2, true)?[0].labels {
                match l {
                    Label::Ellipsis => {
                        ellipsis_at = Some(next);
                        next += ellipsis;
                    }
                    Label::Letter(c) => {
                        let (i, c) = (index(*c), char::from(*c));
                        ensure!(
                            place[i].is_none(),
                            "einsum(): output subscript {c} appears more than once in the output"
                        );
                        ensure!(
                            counts[i] > 0,
                            "einsum(): output subscript {c} does not appear in the equation for any input operand"
                        );
                        place[i] = Some(next);
                        next += 1;
                    }
                }
            }
        }
    }
    let out_dims = next;
    let ellipsis_start = ellipsis_at.unwrap_or_else(|| {
        next += ellipsis;
        next - ellipsis
    });
    for (slot, &count) in place.iter_mut().zip(&counts) {
        if count > 0 && slot.is_none() {
            *slot = Some(next);
            next += 1;
        }
    }
    let total = next;

    let mut sizes = vec![1i64; total];
    let mut aligned = Vec::new();
    for (n, (subscripts, operand)) in inputs.iter().zip(operands).enumerate() {
        aligned.push(align(n, &subscripts.labels, operand, &place, ellipsis_start, ellipsis, &mut sizes)?);
    }
    contract(aligned, out_dims, total)
}

/// Brings one operand to the common order: diagonals of repeated labels, size 1 where a label is absent.
fn align(
    n: usize,
    labels: &[Label],
    operand: &View,
    place: &[Option<usize>; 52],
    ellipsis_start: usize,
    ellipsis: usize,
    sizes: &mut [i64],
) -> Result<View> {
    let mut view = operand.clone();
    let mut axis: Vec<Option<usize>> = vec![None; sizes.len()];
    let mut at = 0;
    for l in labels {
        match l {
            Label::Ellipsis => {
                let own = operand.ndim() - (labels.len() - 1);
                for k in ellipsis - own..ellipsis {
                    let p = ellipsis_start + k;
                    let size = view.sizes()[at];
                    if size != 1 {
                        ensure!(
                            sizes[p] == 1 || sizes[p] == size,
                            "einsum(): dimension {} covered by ellipsis in operand {n} has size {size} which does not \
                             broadcast with previously seen ellipsis with size {}",
                            k,
                            sizes[p]
                        );
                        sizes[p] = size;
                    }
                    axis[p] = Some(at);
                    at += 1;
                }
            }
            Label::Letter(c) => {
                let (p, c) = (place[index(*c)].unwrap_or(0), char::from(*c));
                let size = view.sizes()[at];
                if let Some(first) = axis[p] {
                    ensure!(
                        view.sizes()[first] == size,
                        "einsum(): subscript {c} is repeated for operand {n} but the sizes don't match, {size} != {}",
                        view.sizes()[first]
                    );
                    let last = view.ndim() - 1;
                    let diagonal = view.diagonal(0, first, at);
                    // The diagonal comes last; it goes back to where the label stood first.
                    let mut order: Vec<usize> = (0..last - 1).collect();
                    order.insert(first, last - 1);
                    view = diagonal.permute(&order);
                    continue;
                }
                if size != 1 {
                    ensure!(
                        sizes[p] == 1 || sizes[p] == size,
                        "einsum(): subscript {c} has size {size} for operand {n} which does not broadcast with \
                         previously seen size {}",
                        sizes[p]
                    );
                    sizes[p] = size;
                }
                axis[p] = Some(at);
                at += 1;
            }
        }
    }
    let mut full = Vec::with_capacity(axis.len());
    for a in &axis {
        full.push(a.unwrap_or(at));
        if a.is_none() {
            view = view.unsqueeze(at);
            at += 1;
        }
    }
    Ok(view.permute(&full))
}

/// Multiplies from left to right, summing each label with the last operand that has it.
fn contract(mut operands: Vec<View>, out_dims: usize, total: usize) -> Result<View> {
    // What is alone is summed, also where there is one element: that widens integers.
    let alone = operands.len() == 1;
    operands.reverse();
    let Some(mut left) = operands.pop() else { bail!("einsum(): must provide at least one operand") };
    while let Some(right) = operands.pop() {
        let mut shared = Vec::new();
        let (mut only_left, mut only_right) = (Vec::new(), Vec::new());
        for d in out_dims..total {
            if operands.iter().any(|o| o.sizes()[d] != 1) {
                continue;
            }
            match (left.sizes()[d] != 1, right.sizes()[d] != 1) {
                (true, true) => shared.push(d),
                (true, false) => only_left.push(d),
                (false, true) => only_right.push(d),
                (false, false) => {}
            }
        }
        let a = if only_left.is_empty() { left } else { sum_keeping(&left, &only_left)? };
        let b = if only_right.is_empty() { right } else { sum_keeping(&right, &only_right)? };
        left = if shared.is_empty() { multiply(&a, &b)? } else { pair(&a, &b, &shared)? };
    }
    let rest: Vec<usize> = (out_dims..total).collect();
    let open: Vec<usize> =
        rest.iter().copied().filter(|&d| left.sizes()[d] != 1 || alone && left.dtype().is_integral()).collect();
    if !open.is_empty() {
        left = sum_keeping(&left, &open)?;
    }
    Ok(left.squeeze(&rest))
}

/// Sums over `dims`, which stay with size 1; integers and bools in `int64`.
fn sum_keeping(x: &View, dims: &[usize]) -> Result<View> {
    if let Some(f) = place::forms()
        && let Some(sum) = place::given(f.sum(x, dims)?)
    {
        return Ok(sum);
    }
    let mut sizes = Shape::from_slice(x.sizes());
    dims.iter().for_each(|&d| sizes[d] = 1);
    let kept: Vec<usize> = (0..x.ndim()).filter(|d| !dims.contains(d)).chain(dims.iter().copied()).collect();
    let moved = x.permute(&kept);
    let count = dims.iter().map(|&d| x.sizes()[d] as usize).product::<usize>();
    if x.dtype().is_integral() {
        let all = moved.to_vec::<i64>();
        let sums: Vec<i64> = (0..x.numel() / count.max(1))
            .map(|i| all[i * count..(i + 1) * count].iter().fold(0i64, |s, &v| s.wrapping_add(v)))
            .collect();
        let out = if count == 0 { View::zeros(DType::I64, &sizes)? } else { View::from_slice(&sums, &sizes)? };
        return Ok(out);
    }
    if count == 0 {
        return View::zeros(x.dtype(), &sizes);
    }
    let wide = if x.dtype().is_complex() { DType::C64 } else { DType::F64 };
    let out = dispatch!(wide, wide_inexact T => {
        let all = moved.to_vec::<T>();
        let sums: Vec<T> = all.chunks(count).map(|c| c.iter().copied().sum()).collect();
        View::from_slice(&sums, &sizes)?
    }, else { View::zeros(x.dtype(), &sizes)? });
    copy::cast(&out, x.dtype())
}

/// Sums the product of two operands in common order over `shared`, which stay with size 1.
fn pair(a: &View, b: &View, shared: &[usize]) -> Result<View> {
    let total = a.ndim();
    let class = |d: usize| (a.sizes()[d] != 1, b.sizes()[d] != 1);
    let pick = |want: (bool, bool)| -> Vec<usize> {
        (0..total).filter(|d| !shared.contains(d) && class(*d) == want).collect()
    };
    let (batch, left, right) = (pick((true, true)), pick((true, false)), pick((false, true)));
    // The operand whose own labels come first in the output is the left factor, so that the result needs no transpose.
    if let (Some(l), Some(r)) = (left.first(), right.first())
        && r < l
    {
        return pair(b, a, shared);
    }
    let size = |v: &View, dims: &[usize]| dims.iter().map(|&d| v.sizes()[d]).product::<i64>();
    let arrange = |v: &View, groups: [&[usize]; 3]| -> Result<View> {
        let mut order: Vec<usize> = groups.concat();
        order.extend((0..total).filter(|d| !groups.iter().any(|g| g.contains(d))));
        reshape(&v.permute(&order), &groups.map(|g| size(v, g)))
    };
    let out = bmm(&arrange(a, [&batch, &left, shared])?, &arrange(b, [&batch, shared, &right])?)?;
    let mut sizes: Shape = batch.iter().chain(&left).map(|&d| a.sizes()[d]).collect();
    sizes.extend(right.iter().map(|&d| b.sizes()[d]));
    let mut out = reshape(&out, &sizes)?;
    // Back to the common order, size 1 for everything else.
    let made: Vec<usize> = batch.iter().chain(&left).chain(&right).copied().collect();
    let mut order = Vec::with_capacity(total);
    for d in 0..total {
        match made.iter().position(|&m| m == d) {
            Some(p) => order.push(p),
            None => {
                order.push(out.ndim());
                out = out.unsqueeze(out.ndim());
            }
        }
    }
    Ok(out.permute(&order))
}

/// `torch.tensordot`: sums over `dims_a` of `a` paired with `dims_b` of `b`.
///
/// # Errors
/// torch's, for lists of different lengths and sizes or dtypes that do not meet.
pub fn tensordot(a: &View, b: &View, dims_a: &[i64], dims_b: &[i64]) -> Result<View> {
    ensure!(dims_a.len() == dims_b.len(), "both dimension lists should have same length");
    ensure!(a.dtype() == b.dtype(), "both inputs should have same dtype");
    let (mut a, mut b) = (a.clone(), b.clone());
    let wrap = |dims: &[i64], n: usize| dims.iter().map(|&d| wrap_dim(d, n)).collect::<Result<Vec<_>>>();
    let (first, second) = (wrap(dims_a, a.ndim())?, wrap(dims_b, b.ndim())?);
    for ((&p, &q), (x, y)) in first.iter().zip(&second).zip(dims_a.iter().zip(dims_b)) {
        let (m, n) = (a.sizes()[p], b.sizes()[q]);
        if n == 1 && m != 1 {
            a = place::cast(&sum_keeping(&a, &[p])?, b.dtype())?;
        } else if m == 1 && n != 1 {
            b = place::cast(&sum_keeping(&b, &[q])?, a.dtype())?;
        } else if m != n {
            return Err(runtime(format!(
                "contracted dimensions need to match, but first has size {m} in dim {x} and second has size {n} in dim {y}"
            )));
        }
    }
    let rest = |v: &View, used: &[usize]| (0..v.ndim()).filter(|d| !used.contains(d)).collect::<Vec<_>>();
    let (free_a, free_b) = (rest(&a, &first), rest(&b, &second));
    let sizes: Shape = free_a.iter().map(|&d| a.sizes()[d]).chain(free_b.iter().map(|&d| b.sizes()[d])).collect();
    let inner: i64 = first.iter().map(|&d| a.sizes()[d]).product();
    let count = |v: &View, free: &[usize]| free.iter().map(|&d| v.sizes()[d]).product::<i64>();
    let rows = reshape(&a.permute(&[free_a.clone(), first].concat()), &[count(&a, &free_a), inner])?;
    let cols = reshape(&b.permute(&[second, free_b.clone()].concat()), &[inner, count(&b, &free_b)])?;
    if free_a.is_empty() && free_b.is_empty() {
        return dot(&rows.squeeze(&[0]), &cols.squeeze(&[1]));
    }
    reshape(&mm(&rows, &cols)?, &sizes)
}
