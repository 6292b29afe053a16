//! The module `operator`: the operators as functions.

use crate::base::error::type_error;
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp, Name, UnOp};
use std::any::Any;

macro_rules! operators {
    (binary { $($name:literal $alias:literal $place:literal $op:ident)* } compare { $($cmp:literal $cmp_alias:literal $cmp_op:ident)* }) => {
        builtin_table! {
            /// Binary operators, each in place as well, and comparisons.
            OPERATORS of "operator" {
                $($name ("a, b, /") "Return what the operator makes of two values." => |it, a| it.binary(BinOp::$op, &a[0], &a[1]);)*
                $($alias ("a, b, /") "Return what the operator makes of two values." => |it, a| it.binary(BinOp::$op, &a[0], &a[1]);)*
                $($place ("a, b, /") "Return what the operator makes of two values, the first changed in place." => |it, a| it.binary_in_place(BinOp::$op, &a[0], &a[1]);)*
                $($cmp ("a, b, /") "Return the answer of the comparison." => |it, a| it.compare(CmpOp::$cmp_op, &a[0], &a[1]);)*
                $($cmp_alias ("a, b, /") "Return the answer of the comparison." => |it, a| it.compare(CmpOp::$cmp_op, &a[0], &a[1]);)*
            }
        }
    };
}

operators! {
    binary {
        "add" "__add__" "iadd" Add "sub" "__sub__" "isub" Sub "mul" "__mul__" "imul" Mul
        "truediv" "__truediv__" "itruediv" Div "floordiv" "__floordiv__" "ifloordiv" FloorDiv "mod" "__mod__" "imod" Mod
        "pow" "__pow__" "ipow" Pow "matmul" "__matmul__" "imatmul" MatMul "and_" "__and__" "iand" BitAnd
        "or_" "__or__" "ior" BitOr "xor" "__xor__" "ixor" BitXor "lshift" "__lshift__" "ilshift" Shl
        "rshift" "__rshift__" "irshift" Shr
    }
    compare {
        "lt" "__lt__" Lt "le" "__le__" Le "eq" "__eq__" Eq "ne" "__ne__" Ne "ge" "__ge__" Ge "gt" "__gt__" Gt
    }
}

builtin_table! {
    /// The other functions of operator.
    TABLE of "operator" {
        "neg" ("a, /") "Return -a." => |it, a| it.unary(UnOp::Neg, &a[0]);
        "pos" ("a, /") "Return +a." => |it, a| it.unary(UnOp::Pos, &a[0]);
        "inv" ("a, /") "Return ~a." => |it, a| it.unary(UnOp::Invert, &a[0]);
        "invert" ("a, /") "Return ~a." => |it, a| it.unary(UnOp::Invert, &a[0]);
        "not_" ("a, /") "Return not a." => |it, a| Ok(Value::Bool(!it.truth(&a[0])?));
        "truth" ("a, /") "Return whether a is true." => |it, a| Ok(Value::Bool(it.truth(&a[0])?));
        "abs" ("a, /") "Return the absolute value." => |it, a| {
            let abs = it.globals.builtins.first().and_then(|m| m.get("abs")).unwrap_or(Value::None);
            it.call(&abs, Args::of([a[0].clone()]))
        };
        "is_" ("a, b, /") "Return a is b." => |_, a| Ok(Value::Bool(a[0].is(&a[1])));
        "is_not" ("a, b, /") "Return a is not b." => |_, a| Ok(Value::Bool(!a[0].is(&a[1])));
        "index" ("a, /") "Return the int that a is." => |_, a| crate::eval::number::convert::big(&a[0]).map(Value::int);
        "concat" ("a, b, /") "Return the sequences one behind the other." => |it, a| it.binary(BinOp::Add, &a[0], &a[1]);
        "contains" ("a, b, /") "Return b in a." => |it, a| Ok(Value::Bool(it.contains(&a[0], &a[1])?));
        "countOf" ("a, b, /") "Return how often b occurs in a." => |it, a| {
            let mut count = 0;
            for item in it.collect(&a[0])? {
                count += i64::from(item.is(&a[1]) || it.equal(&item, &a[1])?);
            }
            Ok(Value::Int(count))
        };
        "getitem" ("a, b, /") "Return a[b]." => |it, a| it.get_item(&a[0], &a[1]);
        "setitem" ("a, b, c, /") "Set a[b] to c." => |it, a| {
            let value = a[2].clone();
            it.set_item(&a[0], &a[1], value).map(|()| Value::None)
        };
        "delitem" ("a, b, /") "Delete a[b]." => |it, a| it.del_item(&a[0], &a[1]).map(|()| Value::None);
        "itemgetter" ("*items") "Make a function that returns the items at these indices." => |it, a| getter(it, &a[0], What::Items);
        "attrgetter" ("*attrs") "Make a function that returns attributes of these names." => |it, a| getter(it, &a[0], What::Attributes);
        "methodcaller" ("name, /, *args, **kwargs") "Make a function that calls a method of this name." => |_, a| {
            let Value::Str(_) = &a[0] else { return Err(type_error("method name must be a string").into()) };
            let (Value::Tuple(pos), Value::Dict(kw)) = (&a[1], &a[2]) else { return Ok(Value::None) };
            let kw = kw.pairs().into_iter().filter_map(|(k, v)| k.as_str().map(|name| (Name::from(name), v))).collect();
            let args = Args { pos: pos.items.iter().cloned().collect(), kw };
            Ok(Value::object(Getter { what: What::Method(args), names: vec![a[0].clone()] }))
        };
    }
}

fn getter(it: &mut Interp, names: &Value, what: What) -> Res {
    let names = it.collect(names)?;
    let kind = what.name();
    if names.is_empty() {
        return Err(type_error(format!("{} expected 1 argument, got 0", kind.trim_start_matches("operator."))).into());
    }
    if matches!(what, What::Attributes) && names.iter().any(|name| name.as_str().is_none()) {
        return Err(type_error("attribute name must be a string").into());
    }
    Ok(Value::object(Getter { what, names }))
}

/// What a getter takes of its argument.
enum What {
    Items,
    Attributes,
    Method(Args),
}

impl What {
    fn name(&self) -> &'static str {
        match self {
            What::Items => "operator.itemgetter",
            What::Attributes => "operator.attrgetter",
            What::Method(_) => "operator.methodcaller",
        }
    }
}

/// `itemgetter`, `attrgetter` and `methodcaller`.
struct Getter {
    what: What,
    names: Vec<Value>,
}

impl Object for Getter {
    fn type_name(&self) -> &str {
        self.what.name()
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        let [target] = &args.pos[..] else {
            let kind = self.what.name().trim_start_matches("operator.");
            return Err(type_error(format!("{kind} expected 1 argument, got {}", args.pos.len())).into());
        };
        let mut out = Vec::with_capacity(self.names.len());
        for name in &self.names {
            out.push(match &self.what {
                What::Items => it.get_item(target, name)?,
                What::Attributes => {
                    let path = name.as_str().unwrap_or_default().split('.');
                    path.into_iter().try_fold(target.clone(), |value, name| it.get_attr(&value, name))?
                }
                What::Method(args) => {
                    let method = it.get_attr(target, name.as_str().unwrap_or_default())?;
                    it.call(&method, args.clone())?
                }
            });
        }
        Ok(Some(if out.len() == 1 { out.remove(0) } else { Value::tuple(out) }))
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        let mut parts = self.names.iter().map(|name| it.repr(name)).collect::<Res<Vec<_>>>()?;
        if let What::Method(args) = &self.what {
            for arg in &args.pos {
                parts.push(it.repr(arg)?);
            }
            for (name, arg) in &args.kw {
                parts.push(format!("{name}={}", it.repr(arg)?));
            }
        }
        Ok(format!("{}({})", self.what.name(), parts.join(", ")))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The module.
pub fn module() -> Module {
    Module::new("operator", &[OPERATORS, TABLE])
}
