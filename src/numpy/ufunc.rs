//! NumPy's functions of elements: a row each, with NumPy's dtype rule and the op table's row that computes it.

use super::array::{NdArray, write};
use super::{dtype, loops, make, promote};
use crate::base::error::{Error, ErrorKind, overflow, type_error, value_error};
use crate::base::shape::{Shape, broadcast};
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::{Raise, Res};
use crate::eval::torch::convert::as_scalar;
use crate::eval::value::Value;
use crate::store::View;
use crate::tensor::Tensor;
use std::any::Any;

/// How the operands' dtype decides in which dtype is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// In the promoted dtype.
    Same,
    /// As `Same`; bools become int8.
    Number,
    /// As `Same`; bools are refused (`-`).
    NotBool,
    /// Integers become floats by their size.
    Float,
    /// As `Float`, without complex numbers.
    Real,
    /// Integers become float64 (`/`).
    Divide,
    /// Integers and bools only.
    Bits,
    /// Integers only; bools become int8.
    Shift,
    /// In the promoted dtype, no complex numbers.
    Ordered,
    /// Compared in the promoted dtype; bools come out.
    Compare,
    /// Any dtype; bools come out.
    Truth,
}

enum Body {
    /// An op of the table.
    Row(&'static str),
    /// One whose operands are exchanged: of two zeros NumPy takes the second, PyTorch the first.
    Exchanged(&'static str),
    /// A function of ours.
    One(fn(&View) -> Res<View>),
    /// A function of ours; both operands have the result's sizes.
    Two(fn(&View, &View) -> Res<View>),
}

/// A function of elements.
pub struct Ufunc {
    /// NumPy's name.
    pub name: &'static str,
    /// How many operands it takes.
    pub nin: usize,
    rule: Rule,
    body: Body,
}

macro_rules! ufuncs {
    ($($name:literal $nin:literal $rule:ident $kind:ident($body:expr);)*) => {
        &[$(Ufunc { name: $name, nin: $nin, rule: Rule::$rule, body: Body::$kind($body) }),*]
    };
}

/// Every function.
static UFUNCS: &[Ufunc] = ufuncs! {
    "add" 2 Same Row("add");
    "subtract" 2 NotBool Row("sub");
    "multiply" 2 Same Row("mul");
    "divide" 2 Divide Row("div");
    "floor_divide" 2 Number Two(loops::floor_divide);
    "remainder" 2 Number Two(loops::remainder);
    "fmod" 2 Number Two(loops::fmod);
    "power" 2 Number Two(loops::power);
    "float_power" 2 Divide Two(loops::power);
    "negative" 1 NotBool Row("neg");
    "positive" 1 NotBool Row("positive");
    "absolute" 1 Same Row("abs");
    "fabs" 1 Real Row("abs");
    "sign" 1 Number One(loops::sign);
    "square" 1 Number One(loops::square);
    "reciprocal" 1 Number One(loops::reciprocal);
    "sqrt" 1 Float Row("sqrt");
    "cbrt" 1 Real One(loops::cbrt);
    "exp" 1 Float Row("exp");
    "exp2" 1 Float Row("exp2");
    "expm1" 1 Float Row("expm1");
    "log" 1 Float Row("log");
    "log2" 1 Float Row("log2");
    "log10" 1 Float Row("log10");
    "log1p" 1 Float Row("log1p");
    "sin" 1 Float Row("sin");
    "cos" 1 Float Row("cos");
    "tan" 1 Float Row("tan");
    "arcsin" 1 Float Row("asin");
    "arccos" 1 Float Row("acos");
    "arctan" 1 Float Row("atan");
    "arctan2" 2 Real Row("atan2");
    "sinh" 1 Float Row("sinh");
    "cosh" 1 Float Row("cosh");
    "tanh" 1 Float Row("tanh");
    "arcsinh" 1 Float Row("asinh");
    "arccosh" 1 Float Row("acosh");
    "arctanh" 1 Float Row("atanh");
    "hypot" 2 Real Row("hypot");
    "logaddexp" 2 Real Row("logaddexp");
    "logaddexp2" 2 Real Row("logaddexp2");
    "copysign" 2 Real Row("copysign");
    "nextafter" 2 Real Row("nextafter");
    "heaviside" 2 Real Row("heaviside");
    "ldexp" 2 Real Two(loops::ldexp);
    "deg2rad" 1 Real Row("deg2rad");
    "rad2deg" 1 Real Row("rad2deg");
    "radians" 1 Real Row("deg2rad");
    "degrees" 1 Real Row("rad2deg");
    "floor" 1 Ordered Row("floor");
    "ceil" 1 Ordered Row("ceil");
    "trunc" 1 Ordered Row("trunc");
    "rint" 1 Float One(loops::rint);
    "maximum" 2 Same Exchanged("maximum");
    "minimum" 2 Same Exchanged("minimum");
    "fmax" 2 Same Row("fmax");
    "fmin" 2 Same Row("fmin");
    "conjugate" 1 Number Row("conj");
    "gcd" 2 Shift Two(loops::gcd);
    "lcm" 2 Shift Two(loops::lcm);
    "equal" 2 Compare Row("eq");
    "not_equal" 2 Compare Row("ne");
    "less" 2 Compare Row("lt");
    "less_equal" 2 Compare Row("le");
    "greater" 2 Compare Row("gt");
    "greater_equal" 2 Compare Row("ge");
    "logical_and" 2 Truth Row("logical_and");
    "logical_or" 2 Truth Row("logical_or");
    "logical_xor" 2 Truth Row("logical_xor");
    "logical_not" 1 Truth Row("logical_not");
    "isnan" 1 Truth Row("isnan");
    "isinf" 1 Truth Row("isinf");
    "isfinite" 1 Truth Row("isfinite");
    "signbit" 1 Real Row("signbit");
    "bitwise_and" 2 Bits Row("bitwise_and");
    "bitwise_or" 2 Bits Row("bitwise_or");
    "bitwise_xor" 2 Bits Row("bitwise_xor");
    "invert" 1 Bits Row("bitwise_not");
    "left_shift" 2 Shift Row("bitwise_left_shift");
    "right_shift" 2 Shift Row("bitwise_right_shift");
};

/// Other names of functions.
const ALIASES: &[(&str, &str)] = &[
    ("true_divide", "divide"),
    ("mod", "remainder"),
    ("pow", "power"),
    ("abs", "absolute"),
    ("conj", "conjugate"),
    ("bitwise_not", "invert"),
    ("bitwise_invert", "invert"),
    ("bitwise_left_shift", "left_shift"),
    ("bitwise_right_shift", "right_shift"),
    ("asin", "arcsin"),
    ("acos", "arccos"),
    ("atan", "arctan"),
    ("atan2", "arctan2"),
    ("asinh", "arcsinh"),
    ("acosh", "arccosh"),
    ("atanh", "arctanh"),
];

/// The function of that name.
pub fn find(name: &str) -> Option<&'static Ufunc> {
    let name = ALIASES.iter().find(|a| a.0 == name).map_or(name, |a| a.1);
    UFUNCS.iter().find(|u| u.name == name)
}

/// Every function's name.
pub fn names() -> impl Iterator<Item = &'static str> {
    UFUNCS.iter().map(|u| u.name).chain(ALIASES.iter().map(|a| a.0))
}

/// What a function is called on.
enum Operand {
    /// Elements with a dtype of their own.
    Strong(View),
    /// A Python number, which takes the others' dtype.
    Weak(Scalar),
}

impl Operand {
    fn sizes(&self) -> &[i64] {
        match self {
            Operand::Strong(v) => v.sizes(),
            Operand::Weak(_) => &[],
        }
    }
}

fn operand(it: &mut Interp, value: &Value, row: &Ufunc) -> Res<Operand> {
    Ok(match value {
        Value::Bool(b) => Operand::Strong(View::scalar(DType::Bool, (*b).into())?),
        Value::BigInt(_) if !matches!(as_scalar(value), Some(Scalar::UInt(_))) => {
            return Err(overflow("Python int too large to convert to C long").into());
        }
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) | Value::Complex(_) => match as_scalar(value) {
            Some(s) => Operand::Weak(s),
            None => return Err(no_loop(row, value)),
        },
        Value::None | Value::Str(_) | Value::Dict(_) | Value::Func(_) => return Err(no_loop(row, value)),
        other => Operand::Strong(make::array(it, other, None)?),
    })
}

#[cold]
fn no_loop(row: &Ufunc, value: &Value) -> Raise {
    match value {
        Value::None => {
            type_error(format!("unsupported operand type(s) for {}: 'NoneType' and 'NoneType'", row.name)).into()
        }
        _ => Error::new(
            ErrorKind::UFuncNoLoopError,
            format!(
                "ufunc '{}' did not contain a loop with signature matching types <class '{}'> -> None",
                row.name,
                value.type_name()
            ),
        )
        .into(),
    }
}

#[cold]
fn not_supported(row: &Ufunc) -> Error {
    type_error(format!(
        "ufunc '{}' not supported for the input types, and the inputs could not be safely coerced to any supported \
         types according to the casting rule ''safe''",
        row.name
    ))
}

/// The dtype in which a function computes operands of the promoted dtype `d`.
fn loop_dtype(row: &Ufunc, d: DType) -> Result<DType, Error> {
    let number = if d == DType::Bool { DType::I8 } else { d };
    match row.rule {
        Rule::Number => Ok(number),
        Rule::NotBool if d == DType::Bool => Err(type_error(match row.name {
            "subtract" => {
                "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or \
                 the logical_xor function instead."
            }
            "negative" => {
                "The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the \
                 logical_not function instead."
            }
            _ => return Err(not_supported(row)),
        })),
        Rule::Float => Ok(promote::float_of(d)),
        Rule::Real | Rule::Ordered if d.is_complex() => Err(not_supported(row)),
        Rule::Real => Ok(promote::float_of(d)),
        Rule::Divide if d.is_integral() => Ok(DType::F64),
        Rule::Bits | Rule::Shift if !d.is_integral() => Err(not_supported(row)),
        Rule::Shift => Ok(number),
        _ => Ok(d),
    }
}

/// A shape as NumPy's messages write it.
pub fn shape_text(sizes: &[i64]) -> String {
    match sizes {
        [one] => format!("({one},)"),
        many => format!("({})", many.iter().map(i64::to_string).collect::<Vec<_>>().join(",")),
    }
}

/// The error of shapes that do not fit together.
#[cold]
pub fn no_broadcast<'a>(shapes: impl Iterator<Item = &'a [i64]>) -> Error {
    let shapes: String = shapes.map(|s| shape_text(s) + " ").collect();
    value_error(format!("operands could not be broadcast together with shapes {shapes}"))
}

/// Runs a function on views; the result is fresh.
fn run(row: &Ufunc, operands: &[Operand], dtype: Option<DType>) -> Res<View> {
    let strong = operands.iter().filter_map(|o| if let Operand::Strong(v) = o { Some(v.dtype()) } else { None });
    let weak = operands.iter().filter_map(|o| if let Operand::Weak(s) = o { Some(*s) } else { None });
    let promoted = promote::result_type(strong, weak);
    let compute = match dtype {
        Some(d) if row.rule != Rule::Compare && row.rule != Rule::Truth => d,
        _ => loop_dtype(row, promoted)?,
    };
    let mut sizes = Shape::new();
    for o in operands {
        sizes = broadcast(&sizes, o.sizes()).map_err(|_| {
            let at: Vec<u8> = (0..operands.len() as u8).collect();
            no_broadcast(operands.iter().map(Operand::sizes)).at(&at)
        })?;
    }
    let compute = match row.rule {
        // Numbers outside the dtype are compared all the same.
        Rule::Compare if operands.iter().any(|o| matches!(o, Operand::Weak(s) if !fits(*s, compute))) => DType::F64,
        _ => compute,
    };
    let views: Vec<View> = operands
        .iter()
        .map(|o| match o {
            Operand::Strong(v) if row.rule == Rule::Truth => Ok(v.clone()),
            Operand::Strong(v) => copy::cast(v, compute),
            Operand::Weak(s) if row.rule == Rule::Truth => View::scalar(s.dtype(), *s),
            Operand::Weak(s) => weak_view(*s, compute),
        })
        .collect::<Result<_, Error>>()?;
    let ours = |v: &View| v.expand(&sizes);
    match (&row.body, &views[..]) {
        (Body::One(f), [x]) => f(x),
        (Body::Two(f), [x, y]) => f(&ours(x)?, &ours(y)?),
        (Body::Exchanged(name), [x, y]) => loops::row(name, &[y, x]),
        (Body::Row(name), _) => loops::row(name, &views.iter().collect::<Vec<_>>()),
        _ => Err(type_error(format!("{}() got a wrong number of operands", row.name)).into()),
    }
}

/// Whether an integer is one of a dtype's values; other numbers always are.
fn fits(s: Scalar, d: DType) -> bool {
    let bits = d.size() as u32 * 8;
    match s {
        Scalar::Int(_) | Scalar::UInt(_) if d.is_int() => {
            let v = if let Scalar::UInt(u) = s { i128::from(u) } else { i128::from(s.to_i64()) };
            let (low, high) = match d.is_unsigned() {
                true => (0, (1i128 << bits) - 1),
                false => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
            };
            (low..=high).contains(&v)
        }
        _ => true,
    }
}

/// A Python number as an element of a dtype.
///
/// # Errors
/// NumPy's `OverflowError` for an int that the dtype cannot hold.
pub fn weak_view(s: Scalar, d: DType) -> Result<View, Error> {
    if !fits(s, d) {
        let text = if let Scalar::UInt(u) = s { u.to_string() } else { s.to_i64().to_string() };
        return Err(overflow(format!("Python integer {text} out of bounds for {}", d.name())));
    }
    View::scalar(d, s)
}

/// Calls the function of that name; `out` is an array to write into.
///
/// # Errors
/// NumPy's, for shapes and dtypes that do not fit.
pub fn call(it: &mut Interp, name: &str, args: &[Value], out: Option<&Value>) -> Res {
    match find(name) {
        Some(row) => apply(it, row, args, out, None),
        None => Err(crate::base::error::runtime(format!("internal: no ufunc {name}")).into()),
    }
}

fn apply(it: &mut Interp, row: &Ufunc, args: &[Value], out: Option<&Value>, dtype: Option<DType>) -> Res {
    let operands: Vec<Operand> = args.iter().map(|v| operand(it, v, row)).collect::<Res<_>>()?;
    let result = run(row, &operands, dtype)?;
    match out.and_then(Value::some) {
        Some(out) => {
            let target = super::array_view(first(out)).unwrap_or_else(|| result.clone());
            if broadcast(result.sizes(), target.sizes()).is_err() {
                let shapes = operands.iter().map(Operand::sizes).chain([target.sizes()]);
                return Err(no_broadcast(shapes).into());
            }
            store(it, result, out, Some(row.name))
        }
        // A tensor among the operands wraps the result, as its `__array_wrap__` does.
        None if args.iter().any(|a| matches!(a, Value::Tensor(_))) => Ok(Value::Tensor(Tensor::new(result))),
        None => Ok(super::give(result)),
    }
}

/// `out=(array,)` as well as `out=array`.
fn first(out: &Value) -> &Value {
    match out {
        Value::Tuple(t) if t.items.len() == 1 => &t.items[0],
        other => other,
    }
}

/// Writes a result into an array and gives that array.
///
/// # Errors
/// NumPy's `UFuncTypeError` for a dtype of another kind, `ValueError` for another shape.
pub fn store(_: &mut Interp, result: View, out: &Value, ufunc: Option<&str>) -> Res {
    let out = first(out);
    let target = match out {
        Value::Tensor(t) => Some(t.view()?),
        other => super::array_memory(other),
    };
    let Some(target) = target else { return Err(type_error("return arrays must be of ArrayType").into()) };
    if !promote::same_kind(result.dtype(), target.dtype()) {
        let cast = format!("from dtype('{}') to dtype('{}')", result.dtype().name(), target.dtype().name());
        return Err(match ufunc {
            Some(name) => Error::new(
                ErrorKind::UFuncOutputCastingError,
                format!("Cannot cast ufunc '{name}' output {cast} with casting rule 'same_kind'"),
            )
            .help("give the result a new name, or convert the array first with .astype()"),
            None => type_error(format!("Cannot cast array data {cast} according to the rule 'same_kind'")),
        }
        .at(&[0])
        .into());
    }
    match broadcast(result.sizes(), target.sizes()) {
        Ok(both) if both[..] == *target.sizes() => {}
        _ => {
            return Err(value_error(format!(
                "non-broadcastable output operand with shape {} doesn't match the broadcast shape {}",
                shape_text(target.sizes()),
                shape_text(result.sizes())
            ))
            .into());
        }
    }
    write(&target, &result)?;
    Ok(out.clone())
}

/// A function as a value.
pub struct UfuncObject(pub &'static Ufunc);

impl Object for UfuncObject {
    fn type_name(&self) -> &str {
        "numpy.ufunc"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        let row = self.0;
        let given = args.pos.len();
        if given < row.nin || given > row.nin + 1 {
            return Err(type_error(format!(
                "{}() takes from {} to {} positional arguments but {given} were given",
                row.name,
                row.nin,
                row.nin + 1
            ))
            .into());
        }
        let (mut out, mut wanted, mut mask) = (args.pos.get(row.nin).cloned(), None, None);
        for (name, value) in &args.kw {
            match &**name {
                "out" => out = Some(value.clone()),
                "dtype" => wanted = dtype::argument(it, value)?,
                "where" if !matches!(value, Value::Bool(true)) => mask = Some(value.clone()),
                "where" | "casting" | "order" | "subok" => {}
                other => {
                    return Err(
                        type_error(format!("{}() got an unexpected keyword argument '{other}'", row.name)).into()
                    );
                }
            }
        }
        if let Some(mask) = mask {
            // Where the mask is false, the output keeps what it holds.
            let full = apply(it, row, &args.pos[..row.nin], None, wanted)?;
            let result = super::view_of(&full).ok_or_else(|| type_error("where= needs arrays"))?;
            let mask = make::array(it, &mask, Some(DType::Bool))?;
            let keep = match out.as_ref().and_then(|o| super::array_view(first(o))) {
                Some(view) => view,
                None => View::zeros(result.dtype(), result.sizes())?,
            };
            let chosen = loops::row("where", &[&mask, &copy::cast(&result, keep.dtype())?, &keep])?;
            return match out {
                Some(out) => store(it, chosen, &out, Some(row.name)).map(Some),
                None => Ok(Some(super::give(chosen))),
            };
        }
        apply(it, row, &args.pos[..row.nin], out.as_ref(), wanted).map(Some)
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok(Some(match name {
            "__name__" => Value::from(self.0.name),
            "nin" => Value::count(self.0.nin),
            "nout" => Value::Int(1),
            "nargs" => Value::count(self.0.nin + 1),
            "reduce" | "accumulate" | "outer" if self.0.nin == 2 => {
                let method = match name {
                    "reduce" => Method::Reduce,
                    "accumulate" => Method::Accumulate,
                    _ => Method::Outer,
                };
                Value::object(UfuncMethod { row: self.0, method })
            }
            _ => return Ok(None),
        }))
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("<ufunc '{}'>", self.0.name))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Clone, Copy)]
enum Method {
    Reduce,
    Accumulate,
    Outer,
}

/// `np.add.reduce` and its kin.
struct UfuncMethod {
    row: &'static Ufunc,
    method: Method,
}

impl Object for UfuncMethod {
    fn type_name(&self) -> &str {
        "builtin_function_or_method"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, mut args: Args) -> Res<Option<Value>> {
        let name = self.row.name;
        let missing = || type_error(format!("{name} takes more arguments"));
        let function = match (self.method, name) {
            (Method::Outer, _) => {
                let [a, b] = &args.pos[..] else { return Err(missing().into()) };
                let (a, b) = (make::array(it, a, None)?, make::array(it, b, None)?);
                let mut sizes = Shape::from_slice(a.sizes());
                sizes.extend(std::iter::repeat_n(1, b.ndim()));
                let a = NdArray::value(crate::cpu::shape::reshape(&a, &sizes)?);
                return apply(it, self.row, &[a, NdArray::value(b)], None, None).map(Some);
            }
            (Method::Reduce, "add") => "sum",
            (Method::Reduce, "multiply") => "prod",
            (Method::Reduce, "maximum") => "max",
            (Method::Reduce, "minimum") => "min",
            (Method::Reduce, "logical_and") => "all",
            (Method::Reduce, "logical_or") => "any",
            (Method::Accumulate, "add") => "cumsum",
            (Method::Accumulate, "multiply") => "cumprod",
            _ => return Err(type_error(format!("tensh has no such method of ufunc '{name}'")).into()),
        };
        if args.pos.is_empty() {
            return Err(missing().into());
        }
        // These go along the first axis where none is named.
        if args.pos.len() == 1 && !args.kw.iter().any(|(n, _)| &**n == "axis") {
            args.kw.push(("axis".into(), Value::Int(0)));
        }
        let function = super::module::function(function).ok_or_else(missing)?;
        it.call(&function, args).map(Some)
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("<built-in method of ufunc '{}'>", self.row.name))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
