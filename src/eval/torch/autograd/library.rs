//! `torch.autograd.functional`, `torch.func` and checks of derivatives: written in the language itself, in `library.py`.

use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;

/// What is written in the language itself.
const LIBRARY: &str = include_str!("library.py");

/// A function of the library, which is read when one is first called.
fn library(it: &mut Interp, name: &str) -> Res {
    let name = format!("__torch_{name}");
    if let Some(function) = it.globals.get(&name) {
        return Ok(function);
    }
    Ok(it.define(LIBRARY, &name)?)
}

/// Calls a function of the library.
fn call_library(it: &mut Interp, name: &str, a: &[Value]) -> Res {
    let function = library(it, name)?;
    let mut args = Args::default();
    if let Some(Value::Tuple(given)) = a.first() {
        args.pos.extend(given.items.iter().cloned());
    }
    if let Some(Value::Dict(named)) = a.get(1) {
        for (key, value) in named.pairs() {
            if let Some(key) = key.as_str() {
                args.kw.push((key.into(), value));
            }
        }
    }
    it.call(&function, args)
}

crate::builtin_table! {
    /// Functions of `torch.autograd.functional`.
    FUNCTIONAL of "torch.autograd.functional" {
        "vjp" ("*args, **kwargs") "A function's value, and a vector times its Jacobian: vjp(func, inputs, v=None)." => |it, a| call_library(it, "vjp", a);
        "jvp" ("*args, **kwargs") "A function's value, and its Jacobian times a vector: jvp(func, inputs, v=None)." => |it, a| call_library(it, "jvp", a);
        "jacobian" ("*args, **kwargs") "A function's Jacobian: jacobian(func, inputs)." => |it, a| call_library(it, "jacobian", a);
        "hessian" ("*args, **kwargs") "A scalar function's Hessian: hessian(func, inputs)." => |it, a| call_library(it, "hessian", a);
        "vhp" ("*args, **kwargs") "A scalar function's value, and a vector times its Hessian: vhp(func, inputs, v=None)." => |it, a| call_library(it, "vhp", a);
        "hvp" ("*args, **kwargs") "A scalar function's value, and its Hessian times a vector: hvp(func, inputs, v=None)." => |it, a| call_library(it, "hvp", a);
    }
}

crate::builtin_table! {
    /// Functions of `torch.func`.
    FUNC of "torch.func" {
        "grad" ("*args, **kwargs") "The function that gives a scalar function's gradient: grad(func, argnums=0)." => |it, a| call_library(it, "func_grad", a);
        "grad_and_value" ("*args, **kwargs") "The function that gives a scalar function's gradient and value: grad_and_value(func, argnums=0)." => |it, a| call_library(it, "func_grad_and_value", a);
        "jacrev" ("*args, **kwargs") "The function that gives a function's Jacobian: jacrev(func, argnums=0)." => |it, a| call_library(it, "func_jacrev", a);
        "jacfwd" ("*args, **kwargs") "The function that gives a function's Jacobian: jacfwd(func, argnums=0)." => |it, a| call_library(it, "func_jacrev", a);
        "hessian" ("*args, **kwargs") "The function that gives a scalar function's Hessian: hessian(func, argnums=0)." => |it, a| call_library(it, "func_hessian", a);
        "vjp" ("*args, **kwargs") "A function's value, and the function of its vector-Jacobian products: vjp(func, *primals)." => |it, a| call_library(it, "func_vjp", a);
        "jvp" ("*args, **kwargs") "A function's value, and its Jacobian times a vector: jvp(func, primals, tangents)." => |it, a| call_library(it, "func_jvp", a);
    }
}

crate::builtin_table! {
    /// Tests of derivatives.
    CHECKS of "torch.autograd" {
        "gradcheck" ("*args, **kwargs") "Compares derivatives with finite differences: gradcheck(func, inputs, eps=1e-6)." => |it, a| call_library(it, "gradcheck", a);
        "gradgradcheck" ("*args, **kwargs") "Compares second derivatives with finite differences: gradgradcheck(func, inputs)." => |it, a| call_library(it, "gradgradcheck", a);
    }
}
