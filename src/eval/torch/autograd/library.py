# torch.autograd.functional, torch.func and gradcheck, in the language itself. Every name begins with `__torch_`, which no script uses.

def __torch_tuple(x):
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)

def __torch_like(parts, model):
    return tuple(parts) if isinstance(model, (tuple, list)) else parts[0]

def __torch_leaves(inputs, create_graph):
    # Each input as one that asks for gradients: connected to what it is where the result is to be differentiated again.
    def leaf(t):
        if not isinstance(t, torch.Tensor):
            raise TypeError(f'The inputs given to the function must be either a Tensor or a tuple of Tensors but the given value has type {type(t)}.')
        return t.view_as(t) if create_graph and t.requires_grad else t.detach().requires_grad_()
    return tuple([leaf(t) for t in __torch_tuple(inputs)])

def __torch_given(v, like, what):
    if v is None:
        if len(like) > 1 or like[0].numel() != 1:
            raise RuntimeError(f'The vector v can only be None if the user-provided function returns a single Tensor with a single element.')
        return (torch.ones_like(like[0]),)
    v = __torch_tuple(v)
    if len(v) != len(like):
        raise RuntimeError(f'v is a tuple of invalid length: should be {len(like)} but got {len(v)}.')
    for i, (a, b) in enumerate(zip(v, like)):
        if a.size() != b.size():
            raise RuntimeError(f'v has invalid size: should be {b.size()} but got {a.size()}.' if len(v) == 1 else f'Entry {i} in v has invalid size: should be {b.size()} but got {a.size()}.')
    return v

def __torch_filled(grads, like, create_graph=False):
    out = [torch.zeros_like(t) if g is None else g for g, t in zip(grads, like)]
    return tuple(out if create_graph else [g.detach() for g in out])

def __torch_plain(outputs, create_graph):
    if create_graph:
        return outputs
    return tuple([o.detach() for o in outputs]) if isinstance(outputs, (tuple, list)) else outputs.detach()

def __torch_grad(outputs, inputs, grads, create_graph, retain=None):
    asking = [(o, g) for o, g in zip(outputs, grads) if o.requires_grad]
    if not asking:
        return [None] * len(inputs)
    return torch.autograd.grad([o for o, _ in asking], inputs, [g for _, g in asking], create_graph=create_graph, retain_graph=retain, allow_unused=True)

def __torch_vjp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        leaves = __torch_leaves(inputs, create_graph)
        outputs = func(*leaves)
        outs = __torch_tuple(outputs)
        grads = __torch_grad(outs, leaves, __torch_given(v, outs, 'v'), create_graph)
    return __torch_plain(outputs, create_graph), __torch_like(__torch_filled(grads, leaves, create_graph), inputs)

def __torch_jvp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        leaves = __torch_leaves(inputs, create_graph)
        v = __torch_given(v, leaves, 'v')
        outputs = func(*leaves)
        outs = __torch_tuple(outputs)
        # The derivative by the vector of a vjp, which is linear in it.
        ghosts = tuple([torch.zeros_like(o, requires_grad=True) for o in outs])
        firsts = __torch_grad(outs, leaves, ghosts, True)
        firsts = [torch.zeros_like(t) if g is None else g for g, t in zip(firsts, leaves)]
        grads = __torch_grad(firsts, ghosts, v, create_graph)
    return __torch_plain(outputs, create_graph), __torch_like(__torch_filled(grads, outs, create_graph), outputs)

def __torch_jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy='reverse-mode'):
    with torch.enable_grad():
        leaves = __torch_leaves(inputs, create_graph)
        outputs = func(*leaves)
        outs = __torch_tuple(outputs)
        rows = []
        for out in outs:
            flat = out.reshape(-1)
            found = [[] for _ in leaves]
            for j in range(flat.numel()):
                grads = __torch_grad((flat[j],), leaves, (torch.ones_like(flat[j]),), create_graph, True)
                for parts, g, t in zip(found, grads, leaves):
                    parts.append(torch.zeros_like(t) if g is None else g)
            made = []
            for parts, t in zip(found, leaves):
                whole = torch.stack(parts) if parts else out.new_zeros((0,) + tuple(t.shape))
                whole = whole.reshape(tuple(out.shape) + tuple(t.shape))
                made.append(whole if create_graph else whole.detach())
            rows.append(__torch_like(made, inputs))
    return __torch_like(rows, outputs)

def __torch_hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy='reverse-mode'):
    def slope(*leaves):
        out = func(*leaves)
        if not isinstance(out, torch.Tensor) or out.numel() != 1:
            raise RuntimeError('The Tensor returned by the function given to hessian should contain a single element')
        row = __torch_jacobian(lambda *x: func(*x).reshape(()), leaves, create_graph=True)
        return __torch_like(row, inputs)
    return __torch_jacobian(slope, inputs, create_graph=create_graph)

def __torch_vhp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        leaves = __torch_leaves(inputs, create_graph)
        v = __torch_given(v, leaves, 'v')
        output = func(*leaves)
        firsts = __torch_filled(__torch_grad((output,), leaves, (torch.ones_like(output),), True), leaves, True)
        grads = __torch_grad(firsts, leaves, v, create_graph)
    return __torch_plain(output, create_graph), __torch_like(__torch_filled(grads, leaves, create_graph), inputs)

def __torch_hvp(func, inputs, v=None, create_graph=False, strict=False):
    # A Hessian is symmetric where functions are smooth enough; torch goes the long way round to the same product.
    return __torch_vhp(func, inputs, v, create_graph, strict)

def __torch_pick(args, argnums):
    nums = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    nums = tuple([n % len(args) for n in nums])
    with torch.enable_grad():
        leaves = [args[n].view_as(args[n]) if args[n].requires_grad else args[n].detach().requires_grad_() for n in nums]
    places = {n: leaf for n, leaf in zip(nums, leaves)}
    return leaves, tuple([places.get(i, a) for i, a in enumerate(args)])

def __torch_func_grad_and_value(func, argnums=0, has_aux=False):
    def made(*args, **kwargs):
        leaves, args = __torch_pick(args, argnums)
        with torch.enable_grad():
            out = func(*args, **kwargs)
            out, aux = out if has_aux else (out, None)
            if not isinstance(out, torch.Tensor):
                raise RuntimeError(f'grad_and_value(f)(*args): Expected f(*args) to return a tensor, got unsupported type {type(out)}')
            if out.ndim != 0:
                raise RuntimeError(f'grad_and_value(f)(*args): Expected f(*args) to return a scalar tensor, got tensor with {out.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?')
            # The result can be differentiated again where something outside asks for it.
            grads = __torch_filled(__torch_grad((out,), leaves, (torch.ones_like(out),), True), leaves, True)
        grads = [g if g.requires_grad and __torch_asked(args, leaves) else g.detach() for g in grads]
        out = out if __torch_asked(args, leaves) else out.detach()
        grads = grads[0] if isinstance(argnums, int) else tuple(grads)
        return (grads, (out, aux)) if has_aux else (grads, out)
    return made

def __torch_asked(args, leaves):
    return torch.is_grad_enabled() and any([not leaf.is_leaf for leaf in leaves])

def __torch_func_grad(func, argnums=0, has_aux=False):
    both = __torch_func_grad_and_value(func, argnums, has_aux)
    def made(*args, **kwargs):
        grads, out = both(*args, **kwargs)
        return (grads, out[1]) if has_aux else grads
    return made

def __torch_func_jacrev(func, argnums=0, *, has_aux=False, chunk_size=None, _preallocate_and_copy=False):
    def made(*args, **kwargs):
        nums = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        nums = tuple([n % len(args) for n in nums])
        kept = []
        def inner(*chosen):
            places = {n: c for n, c in zip(nums, chosen)}
            out = func(*[places.get(i, a) for i, a in enumerate(args)], **kwargs)
            if has_aux:
                kept.append(out[1])
                return out[0]
            return out
        chosen = tuple([args[n] for n in nums])
        asked = torch.is_grad_enabled() and any([c.requires_grad for c in chosen])
        out = __torch_jacobian(inner, chosen[0] if isinstance(argnums, int) else chosen, create_graph=asked)
        return (out, kept[0]) if has_aux else out
    return made

def __torch_func_hessian(func, argnums=0):
    def made(*args):
        nums = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        def slope(*chosen):
            places = {n: c for n, c in zip(nums, chosen)}
            whole = tuple([places.get(i, a) for i, a in enumerate(args)])
            inner = lambda *c: func(*[{n: x for n, x in zip(nums, c)}.get(i, a) for i, a in enumerate(whole)])
            row = __torch_jacobian(inner, chosen, create_graph=True)
            return row[0] if isinstance(argnums, int) else row
        chosen = tuple([args[n] for n in nums])
        return __torch_jacobian(slope, chosen[0] if isinstance(argnums, int) else chosen)
    return made

def __torch_func_vjp(func, *primals, has_aux=False):
    leaves = __torch_leaves(primals, True)
    with torch.enable_grad():
        out = func(*leaves)
        out, aux = out if has_aux else (out, None)
    outs = __torch_tuple(out)
    def back(cotangents, retain_graph=True, create_graph=None):
        grads = __torch_grad(outs, leaves, __torch_tuple(cotangents), False, True)
        return __torch_filled(grads, leaves)
    shown = __torch_plain(out, False)
    return (shown, back, aux) if has_aux else (shown, back)

def __torch_func_jvp(func, primals, tangents, *, strict=False, has_aux=False):
    kept = []
    def inner(*args):
        out = func(*args)
        if has_aux:
            kept.append(out[1])
            return out[0]
        return out
    out, tangent = __torch_jvp(inner, tuple(primals), tuple(tangents))
    return (out, tangent, kept[0]) if has_aux else (out, tangent)

def __torch_parts(t):
    # A tensor's numbers as real ones.
    return torch.view_as_real(t.detach().resolve_conj()).reshape(-1) if t.is_complex() else t.detach().reshape(-1)

def __torch_numeric(func, inputs, which, eps):
    # Central differences: for every real number in inputs[which] the change of every real number of every output.
    x = inputs[which].detach()
    columns = []
    count = x.numel()
    for i in range(count):
        for turn in ([1, 1j] if x.is_complex() else [1]):
            def moved(step):
                y = x.clone(memory_format=torch.contiguous_format).reshape(-1)
                y[i] = y[i] + step * turn
                args = [y.reshape(x.shape) if k == which else (t.detach() if isinstance(t, torch.Tensor) else t) for k, t in enumerate(inputs)]
                with torch.no_grad():
                    return [__torch_parts(o) for o in __torch_outputs(func(*args))]
            columns.append([(a - b) / (2 * eps) for a, b in zip(moved(eps), moved(-eps))])
    return columns

def __torch_outputs(out):
    return [o for o in __torch_tuple(out) if isinstance(o, torch.Tensor) and (o.is_floating_point() or o.is_complex())]

def __torch_gradcheck(func, inputs, *, eps=1e-06, atol=1e-05, rtol=0.001, raise_exception=True, nondet_tol=0.0, check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False, check_batched_forward_grad=False, check_forward_ad=False, check_backward_ad=True, fast_mode=False, masked=None):
    inputs = __torch_tuple(inputs)
    asking = [k for k, t in enumerate(inputs) if isinstance(t, torch.Tensor) and t.requires_grad]
    if not asking:
        raise ValueError('gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True.')
    outs = __torch_outputs(func(*inputs))
    for which in asking:
        x = inputs[which]
        numeric = __torch_numeric(func, inputs, which, eps)
        for n, out in enumerate(outs):
            if not out.requires_grad:
                continue
            for j in range(out.numel()):
                for part, turn in enumerate([1, 1j] if out.is_complex() else [1]):
                    v = torch.zeros_like(out.detach()).reshape(-1)
                    v[j] = turn
                    g, = torch.autograd.grad(out, x, v.reshape(out.shape), retain_graph=True, allow_unused=True)
                    g = torch.zeros_like(x) if g is None else g
                    analytic = __torch_parts(g)
                    at = j * 2 + part if out.is_complex() else j
                    wanted = torch.stack([c[n][at] for c in numeric]) if numeric else analytic
                    if not torch.allclose(analytic, wanted.to(analytic.dtype), rtol, atol):
                        if not raise_exception:
                            return False
                        raise torch.autograd.GradcheckError(f'Jacobian mismatch for output {n} with respect to input {which},\nnumerical:{wanted}\nanalytical:{analytic}\n')
    return True

def __torch_gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-06, atol=1e-05, rtol=0.001, gen_non_contig_grad_outputs=False, raise_exception=True, nondet_tol=0.0, check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False, check_fwd_over_rev=False, check_rev_over_rev=True, fast_mode=False, masked=False):
    inputs = __torch_tuple(inputs)
    asking = [k for k, t in enumerate(inputs) if isinstance(t, torch.Tensor) and t.requires_grad]
    outs = [o for o in __torch_outputs(func(*inputs)) if o.requires_grad]
    if grad_outputs is None:
        given = [torch.randn_like(o.detach()).requires_grad_() for o in outs]
    else:
        given = list(__torch_tuple(grad_outputs))
    count = len(inputs)
    def slope(*args):
        with torch.enable_grad():
            own = [a if a.requires_grad else a.detach().requires_grad_() if k in asking else a for k, a in enumerate(args[:count])]
            made = [o for o in __torch_outputs(func(*own)) if o.requires_grad]
            found = torch.autograd.grad(made, [own[k] for k in asking], list(args[count:]), create_graph=True, allow_unused=True)
        return tuple([g for g in found if g is not None])
    return __torch_gradcheck(slope, tuple(inputs) + tuple(given), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception)
