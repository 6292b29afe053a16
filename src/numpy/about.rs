//! Functions of the module `numpy` about dtypes and about printing.

use super::array::{shown, with_options};
use super::print::{Elements, FloatMode, array_repr, array_str, array2string};
use super::{dtype, make, promote};
use crate::base::DType;
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::torch::convert::as_scalar;
use crate::eval::value::Value;
use crate::store::View;

fn arg(it: &mut Interp, value: &Value) -> Res<View> {
    make::array(it, value, None)
}

crate::builtin_table! {
    /// Functions about dtypes and printing.
    ABOUT of "numpy" {
        "dtype" ("dtype") "A dtype by its name or type." => |it, a| Ok(dtype::value(dtype::argument(it, &a[0])?.unwrap_or(DType::F64)));
        "result_type" ("*arrays_and_dtypes") "The dtype that an operation on all has." => |it, a| {
            let items = it.collect(&a[0].clone())?;
            let (mut strong, mut weak) = (Vec::new(), Vec::new());
            for v in &items {
                match (dtype::known(v), super::view_of(v), as_scalar(v)) {
                    (Some(d), _, _) => strong.push(d),
                    (_, Some(view), _) => strong.push(view.dtype()),
                    (_, _, Some(s)) => weak.push(s),
                    _ => strong.push(arg(it, v)?.dtype()),
                }
            }
            Ok(dtype::value(promote::result_type(strong, weak)))
        };
        "promote_types" ("type1, type2") "The smallest dtype that holds both." => |it, a| {
            let (x, y) = (dtype::argument(it, &a[0])?, dtype::argument(it, &a[1])?);
            Ok(dtype::value(promote::promote(x.unwrap_or(DType::F64), y.unwrap_or(DType::F64))))
        };
        "can_cast" ("from_, to, casting='safe'") "Whether a dtype can be converted to another." => |it, a| {
            let (x, y) = (dtype::argument(it, &a[0])?, dtype::argument(it, &a[1])?);
            Ok(Value::Bool(dtype::can_cast(x.unwrap_or(DType::F64), y.unwrap_or(DType::F64), a[2].as_str().unwrap_or("safe"))))
        };
        "issubdtype" ("arg1, arg2") "Whether a dtype is of a kind." => |it, a| {
            let d = dtype::argument(it, &a[0])?.unwrap_or(DType::F64);
            Ok(Value::Bool(match a[1].downcast::<dtype::Abstract>() {
                Some(kind) => kind.holds(d),
                None => dtype::argument(it, &a[1])? == Some(d),
            }))
        };
        "array_repr" ("arr") "What repr gives for an array." => |it, a| Ok(Value::from(shown(&arg(it, &a[0])?, array_repr)));
        "array_str" ("a") "What str gives for an array." => |it, a| Ok(Value::from(shown(&arg(it, &a[0])?, array_str)));
        "array2string" ("a, max_line_width=None, precision=None, suppress_small=None, separator=' ', prefix='', suffix=''") "An array as text." => |it, a| {
            let x = arg(it, &a[0])?;
            let mut options = with_options(|o| o.clone());
            if let Some(Value::Int(n)) = a[1].some() { options.linewidth = (*n).max(0) as usize; }
            if let Some(Value::Int(n)) = a[2].some() { options.precision = (*n).max(0) as usize; }
            if let Some(Value::Bool(b)) = a[3].some() { options.suppress = *b; }
            let (prefix, suffix) = (a[5].as_str().map_or(0, str::len), a[6].as_str().map_or(0, str::len));
            let elements = Elements { dtype: x.dtype(), shape: x.sizes(), get: &|i| x.get(i) };
            Ok(Value::from(array2string(elements, &options, a[4].as_str().unwrap_or(" "), prefix, suffix)))
        };
        "set_printoptions" ("precision=None, threshold=None, edgeitems=None, linewidth=None, suppress=None, nanstr=None, infstr=None, formatter=None, *, sign=None, floatmode=None") "How arrays are printed." => |it, a| {
            let count = |v: &Value| match v.some() { Some(Value::Int(i)) => Some((*i).max(0) as usize), _ => None };
            let mode = match a[9].as_str() {
                Some("fixed") => Some(FloatMode::Fixed),
                Some("unique") => Some(FloatMode::Unique),
                Some("maxprec") => Some(FloatMode::MaxPrec),
                Some("maxprec_equal") => Some(FloatMode::MaxPrecEqual),
                _ => None,
            };
            let threshold = match a[1].some() { Some(v) => Some(it.real(v)?.clamp(0.0, 1e18) as usize), None => None };
            with_options(|o| {
                o.precision = count(&a[0]).unwrap_or(o.precision);
                o.threshold = threshold.unwrap_or(o.threshold);
                o.edgeitems = count(&a[2]).unwrap_or(o.edgeitems);
                o.linewidth = count(&a[3]).unwrap_or(o.linewidth);
                if let Some(Value::Bool(b)) = a[4].some() { o.suppress = *b; }
                if let Some(s) = a[5].as_str() { o.nanstr = s.into(); }
                if let Some(s) = a[6].as_str() { o.infstr = s.into(); }
                if let Some(c) = a[8].as_str().and_then(|s| s.chars().next()) { o.sign = c; }
                o.floatmode = mode.unwrap_or(o.floatmode);
            });
            Ok(Value::None)
        };
    }
}
