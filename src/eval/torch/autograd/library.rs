//! `torch.autograd.functional`, `torch.func`, `torch.nn.utils` and checks of derivatives: written in the language itself, in `library/`.

use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;

/// What is written in the language itself.
const LIBRARY: &str = concat!(
    include_str!("library/functional.py"),
    include_str!("library/transforms.py"),
    include_str!("library/checks.py"),
    include_str!("library/utils.py"),
);

/// Calls a function of the library, which is read when one is first called, with those arguments that were given: its parameters
/// are the builtin's, in their order.
///
/// # Errors
/// What the function raises.
pub(super) fn call(it: &mut Interp, name: &str, a: &[Value]) -> Res {
    let name = format!("__torch_{name}");
    let function = match it.globals.get(&name) {
        Some(function) => function,
        None => it.define(LIBRARY, &name)?,
    };
    let mut args = Args::default();
    for (i, value) in a.iter().enumerate().filter(|(_, value)| value.is_set()) {
        match &function {
            Value::Func(f) if args.pos.len() < i => args.kw.push((f.code.params[i].name.clone(), value.clone())),
            _ => args.pos.push(value.clone()),
        }
    }
    it.call(&function, args)
}

crate::builtin_table! {
    /// Functions of `torch.autograd.functional`.
    FUNCTIONAL of "torch.autograd.functional" {
        "vjp" ("func, inputs, v=None, create_graph=False, strict=False") "A function's value, and a vector times its Jacobian." => |it, a| call(it, "vjp", a);
        "jvp" ("func, inputs, v=None, create_graph=False, strict=False") "A function's value, and its Jacobian times a vector." => |it, a| call(it, "jvp", a);
        "jacobian" ("func, inputs, create_graph=False, strict=False, vectorize=False, strategy='reverse-mode'") "A function's Jacobian." => |it, a| call(it, "jacobian", a);
        "hessian" ("func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy='reverse-mode'") "A scalar function's Hessian." => |it, a| call(it, "hessian", a);
        "vhp" ("func, inputs, v=None, create_graph=False, strict=False") "A scalar function's value, and a vector times its Hessian." => |it, a| call(it, "vhp", a);
        "hvp" ("func, inputs, v=None, create_graph=False, strict=False") "A scalar function's value, and its Hessian times a vector." => |it, a| call(it, "hvp", a);
    }
}

crate::builtin_table! {
    /// Functions of `torch.func`.
    FUNC of "torch.func" {
        "grad" ("func, argnums=0, has_aux=False") "The function that gives a scalar function's gradient." => |it, a| call(it, "func_grad", a);
        "grad_and_value" ("func, argnums=0, has_aux=False") "The function that gives a scalar function's gradient and value." => |it, a| call(it, "func_grad_and_value", a);
        "jacrev" ("func, argnums=0, *, has_aux=False, chunk_size=None, _preallocate_and_copy=False") "The function that gives a function's Jacobian." => |it, a| call(it, "func_jacrev", a);
        "jacfwd" ("func, argnums=0, has_aux=False, *, randomness='error'") "The function that gives a function's Jacobian." => |it, a| call(it, "func_jacfwd", a);
        "hessian" ("func, argnums=0") "The function that gives a scalar function's Hessian." => |it, a| call(it, "func_hessian", a);
        "vjp" ("func, *primals, has_aux=False") "A function's value, and the function of its vector-Jacobian products." => |it, a| call(it, "func_vjp", a);
        "jvp" ("func, primals, tangents, *, strict=False, has_aux=False") "A function's value, and its Jacobian times a vector." => |it, a| call(it, "func_jvp", a);
        "linearize" ("func, *primals") "A function's value, and the function of its Jacobian-vector products there." => |it, a| call(it, "func_linearize", a);
        "vmap" ("func, in_dims=0, out_dims=0, randomness='error', *, chunk_size=None") "The function applied to every part of its arguments along a dimension, one after the other." => |it, a| call(it, "func_vmap", a);
    }
}

crate::builtin_table! {
    /// Tests of derivatives.
    CHECKS of "torch.autograd" {
        "gradcheck" ("func, inputs, *, eps=1e-06, atol=1e-05, rtol=0.001, raise_exception=True, nondet_tol=0.0, check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False, check_batched_forward_grad=False, check_forward_ad=False, check_backward_ad=True, fast_mode=False, masked=None") "Compares derivatives with finite differences." => |it, a| call(it, "gradcheck", &a[..6]);
        "gradgradcheck" ("func, inputs, grad_outputs=None, *, eps=1e-06, atol=1e-05, rtol=0.001, gen_non_contig_grad_outputs=False, raise_exception=True, nondet_tol=0.0, check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False, check_fwd_over_rev=False, check_rev_over_rev=True, fast_mode=False, masked=False") "Compares second derivatives with finite differences." => |it, a| call(it, "gradgradcheck", &[&a[..6], &a[7..8]].concat());
        "Variable" ("data=None, requires_grad=False") "The tensor itself, as one that asks for gradients or does not." => |it, a| call(it, "variable", a);
    }
}

crate::builtin_table! {
    /// Functions of `torch.nn.utils`.
    UTILS of "torch.nn.utils" {
        "clip_grad_norm_" ("parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None") "Makes the gradients of tensors smaller where the norm of all of them exceeds a bound, and gives that norm." => |it, a| call(it, "clip_norm", a);
        "clip_grads_with_norm_" ("parameters, max_norm, total_norm, foreach=None") "Makes the gradients of tensors smaller where a norm exceeds a bound." => |it, a| call(it, "clip_with", a);
        "clip_grad_value_" ("parameters, clip_value, foreach=None") "Bounds each element of the gradients of tensors." => |it, a| call(it, "clip_value", a);
        "get_total_norm" ("tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None") "The norm of all tensors as of one vector." => |it, a| call(it, "total_norm", a);
        "parameters_to_vector" ("parameters") "The elements of all tensors as one vector." => |it, a| call(it, "to_vector", a);
        "vector_to_parameters" ("vec, parameters") "Gives tensors the elements of a vector, in order." => |it, a| call(it, "from_vector", a);
    }
}

crate::builtin_table! {
    /// Functions of `torch.nn.utils.rnn`.
    SEQUENCES of "torch.nn.utils.rnn" {
        "pad_sequence" ("sequences, batch_first=False, padding_value=0.0, padding_side='right'") "Sequences of different lengths as one tensor, the shorter ones filled up." => |it, a| call(it, "pad_sequence", a);
        "unpad_sequence" ("padded_sequences, lengths, batch_first=False") "The sequences that were padded." => |it, a| call(it, "unpad_sequence", a);
    }
}

crate::builtin_table! {
    /// Makes tensors for tests.
    MAKING of "torch.testing" {
        "make_tensor" ("*shape, dtype, device, low=None, high=None, requires_grad=False, noncontiguous=False, exclude_zero=False, memory_format=None") "A tensor of random elements between bounds." => |it, a| call(it, "make_tensor", a);
    }
}

crate::builtin_table! {
    /// Functions of `torch` itself.
    OWN of "torch" {
        "frombuffer" ("buffer, *, dtype, count=-1, offset=0, requires_grad=False") "A tensor of a buffer's bytes, over the memory of an array." => |it, a| call(it, "frombuffer", a);
    }
}
