//! `abs`, `round`, `pow`, `divmod`, `sum`, `min`, `max`.

use crate::base::error::{type_error, value_error, zero_division};
use crate::eval::args::Args;
use crate::eval::compare::quick;
use crate::eval::interp::Interp;
use crate::eval::number::{Num, convert, float, power};
use crate::eval::operators;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp};
use crate::print::number::round_decimal;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};

builtin_table! {
    /// Functions of numbers.
    TABLE of "" {
        "abs" ("x, /") "Return the absolute value." => |it, a| match Num::of(&a[0]) {
            None if let Some(own) = own_method(it, &a[0], "__abs__")? => it.call(&own, Args::default()),
            Some(Num::Int(i)) => Ok(i.checked_abs().map_or_else(|| Value::int(BigInt::from(i).abs()), Value::Int)),
            Some(Num::Big(b)) => Ok(Value::int(b.abs())),
            Some(Num::Float(f)) => Ok(Value::Float(f.abs())),
            Some(Num::Complex(c)) => Ok(Value::Float(c.re.hypot(c.im))),
            None => Err(type_error(format!("bad operand type for abs(): '{}'", a[0].type_name())).at(&[0]).into()),
        };
        "round" ("number, ndigits=None") "Round to a number of decimal digits, halves to even." => |it, a| {
            if let Some(own) = own_method(it, &a[0], "__round__")? {
                return it.call(&own, Args::of(a[1].some().cloned()));
            }
            let digits = match a[1].some() {
                Some(digits) => Some(convert::size(digits)?),
                None => None,
            };
            match (Num::of(&a[0]), digits) {
                (Some(Num::Float(f)), None) => float::to_int(f.round_ties_even()),
                (Some(Num::Float(f)), Some(digits)) => match round_decimal(f, digits) {
                    Some(rounded) => Ok(Value::Float(rounded)),
                    None => Err(crate::base::error::overflow("rounded value too large to represent").into()),
                },
                (Some(Num::Complex(_)) | None, _) => {
                    let message = format!("type {} doesn't define __round__ method", a[0].type_name());
                    Err(type_error(message).at(&[0]).into())
                }
                (Some(number), digits) => match (number.big(), digits) {
                    (Some(big), Some(digits)) if digits < 0 => Ok(Value::int(round_int(&big, digits.unsigned_abs())?)),
                    (Some(big), _) => Ok(Value::int(big)),
                    (None, _) => Ok(Value::None),
                },
            }
        };
        "pow" ("base, exp, mod=None") "Return base to the power exp, modulo mod where that is given." => |it, a| {
            let Some(modulus) = a[2].some() else {
                return it.binary(BinOp::Pow, &a[0], &a[1]);
            };
            let ints = [&a[0], &a[1], modulus].map(|v| Num::of(v).and_then(Num::big));
            match ints {
                [Some(base), Some(exp), Some(modulus)] => Ok(Value::int(power::modular(&base, &exp, &modulus)?)),
                _ if [&a[0], &a[1], modulus].iter().all(|v| Num::of(v).is_some()) => {
                    Err(type_error("pow() 3rd argument not allowed unless all arguments are integers").into())
                }
                _ => {
                    let names = [&a[0], &a[1], modulus].map(|v| v.type_name());
                    let message = format!(
                        "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'", names[0], names[1], names[2]
                    );
                    Err(type_error(message).into())
                }
            }
        };
        "divmod" ("x, y, /") "Return quotient and remainder as a tuple." => |it, a| {
            if let (Value::Object(_), _) | (_, Value::Object(_)) = (&a[0], &a[1]) {
                let quotient = it.binary(BinOp::FloorDiv, &a[0], &a[1])?;
                return Ok(Value::tuple([quotient, it.binary(BinOp::Mod, &a[0], &a[1])?]));
            }
            match (Num::of(&a[0]), Num::of(&a[1])) {
                (Some(Num::Int(_) | Num::Big(_)), Some(Num::Int(_) | Num::Big(_))) => {
                    if !it.truth(&a[1])? {
                        return Err(zero_division("integer division or modulo by zero").into());
                    }
                    let quotient = it.binary(BinOp::FloorDiv, &a[0], &a[1])?;
                    Ok(Value::tuple([quotient, it.binary(BinOp::Mod, &a[0], &a[1])?]))
                }
                (Some(x), Some(y)) if !matches!((&x, &y), (Num::Complex(_), _) | (_, Num::Complex(_))) => {
                    let (x, y) = (x.float()?, y.float()?);
                    if y == 0.0 {
                        return Err(zero_division("float divmod()").into());
                    }
                    let (quotient, rest) = float::div_mod(x, y);
                    Ok(Value::tuple([Value::Float(quotient), Value::Float(rest)]))
                }
                _ => {
                    let (x, y) = (a[0].type_name(), a[1].type_name());
                    let message = format!("unsupported operand type(s) for divmod(): '{x}' and '{y}'");
                    Err(type_error(message).at(&[0, 1]).into())
                }
            }
        };
        "sum" ("iterable, /, start=0") "Return the sum of an iterable's values and a start." => |it, a| sum(it, &a[0], a[1].given());
        "min" ("*args, key=None, default=None") "Return the smallest of the arguments, or of one iterable." =>
            |it, a| extreme(it, a, CmpOp::Lt, "min");
        "max" ("*args, key=None, default=None") "Return the largest of the arguments, or of one iterable." =>
            |it, a| extreme(it, a, CmpOp::Gt, "max");
    }
}

/// The method of an object of another room, behind a builtin function of that name.
fn own_method(it: &mut Interp, value: &Value, name: &str) -> Res<Option<Value>> {
    match value {
        Value::Object(_) => it.find_attr(value, name),
        _ => Ok(None),
    }
}

/// Rounds to a multiple of `10 ** digits`, halves to the even multiple.
fn round_int(value: &BigInt, digits: u64) -> Res<BigInt> {
    if digits > value.bits() {
        return Ok(BigInt::zero());
    }
    let unit = power::int(&BigInt::from(10), &BigInt::from(digits))?;
    let (quotient, rest) = value.div_mod_floor(&unit);
    let twice: BigInt = rest * 2;
    let up = twice > unit || (twice == unit && quotient.is_odd());
    Ok((quotient + i32::from(up)) * unit)
}

fn sum(it: &mut Interp, iterable: &Value, start: Option<&Value>) -> Res {
    let mut total = start.cloned().unwrap_or(Value::Int(0));
    if let Value::Str(_) = total {
        return Err(type_error("sum() can't sum strings [use ''.join(seq) instead]").into());
    }
    let mut walk = it.walk(iterable)?;
    while let Some(value) = it.step(&mut walk)? {
        it.check_interrupt()?;
        total = match (operators::quick(BinOp::Add, &total, &value), &total, &value) {
            (Some(total), ..) => total,
            (None, Value::Int(sum), Value::Bool(one)) if *sum < i64::MAX => Value::Int(sum + i64::from(*one)),
            _ => it.binary(BinOp::Add, &total, &value)?,
        };
    }
    Ok(total)
}

fn extreme(it: &mut Interp, a: &[Value], op: CmpOp, name: &str) -> Res {
    let Value::Tuple(args) = &a[0] else { return Ok(Value::None) };
    let own;
    let values = match &*args.items {
        [] => return Err(type_error(format!("{name} expected at least 1 argument, got 0")).into()),
        [one] => {
            own = it.collect(one)?;
            own.as_slice()
        }
        _ if a[2].is_set() => {
            let message = format!("Cannot specify a default for {name}() with multiple positional arguments");
            return Err(type_error(message).into());
        }
        many => many,
    };
    let mut best: Option<(Value, &Value)> = None;
    for value in values {
        let key = match a[1].some() {
            Some(func) => it.call(func, Args::of([value.clone()]))?,
            None => value.clone(),
        };
        let better = match &best {
            None => true,
            Some((old, _)) => match quick(op, &key, old) {
                Some(answer) => answer,
                None => {
                    let answer = it.compare(op, &key, old)?;
                    it.truth(&answer)?
                }
            },
        };
        if better {
            best = Some((key, value));
        }
    }
    match (best, a[2].given()) {
        (Some((_, value)), _) => Ok(value.clone()),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(value_error(format!("{name}() arg is an empty sequence")).into()),
    }
}
