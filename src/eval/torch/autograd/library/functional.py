# torch.autograd.functional, in the language itself. Every name begins with `__torch_`, which no script uses.

def __torch_tensors(given, what, of):
    # What a function is given, or gives, as a tuple of tensors.
    several = isinstance(given, (tuple, list))
    for i, t in enumerate(tuple(given) if several else (given,)):
        if not isinstance(t, torch.Tensor):
            which = f'value at index {i}' if several else f'given {what}'
            raise TypeError(f'The {what} given to {of} must be either a Tensor or a tuple of Tensors but the {which} has type {type(t)}.')
    return tuple(given) if several else (given,)

def __torch_results(outputs, of):
    return __torch_tensors(outputs, 'outputs of the user-provided function', of)

def __torch_like(parts, model):
    return tuple(parts) if isinstance(model, (tuple, list)) else parts[0]

def __torch_leaf(t, create_graph=True):
    # A tensor that asks for gradients: connected to the given one where the result is to be differentiated again.
    return t.view_as(t) if create_graph and t.requires_grad else t.detach().requires_grad_()

def __torch_leaves(inputs, create_graph, of):
    return tuple([__torch_leaf(t, create_graph) for t in __torch_tensors(inputs, 'inputs', of)])

def __torch_vector(v, like, model, of, what):
    # The vector v, checked against what it is multiplied with.
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(what)
        return (torch.ones_like(like[0]),)
    v = __torch_tensors(v, 'v', of)
    several = isinstance(model, (tuple, list))
    if len(v) != len(like):
        raise RuntimeError(f'v is a tuple of invalid length: should be {len(like)} but got {len(v)}.' if several else 'The given v should contain a single Tensor.')
    for i, (a, b) in enumerate(zip(v, like)):
        if a.size() != b.size():
            entry = f'Entry {i} in ' if several else ''
            raise RuntimeError(f'{entry}v has invalid size: should be {b.size()} but got {a.size()}.')
    return v

def __torch_strict(tensors, why):
    # In strict mode everything depends on the inputs; `why` says of which gradient it must hold.
    for i, t in enumerate(tensors):
        if t is None or not t.requires_grad:
            raise RuntimeError(why(i, t is None))

def __torch_strict_output(i, missing):
    return f'Output {i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.'

def __torch_strict_back(i, missing):
    end = 'strict mode.' if missing else 'strict mode when create_graph=True.'
    of = 'output' if missing else 'jacobian'
    return f'The {of} of the user-provided function is independent of input {i}. This is not allowed in {end}'

def __torch_strict_again(i, missing):
    end = 'strict mode.' if missing else 'strict mode when create_graph=True.'
    of = 'jacobian' if missing else 'hessian'
    return f'The {of} of the user-provided function is independent of input {i}. This is not allowed in {end}'

def __torch_filled(grads, like, create_graph=False, strict=False, why=None):
    if strict:
        __torch_strict(grads if create_graph else [g for g in grads if g is None], why or __torch_strict_back)
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

__torch_scalar_vector = 'The vector v can only be None if the user-provided function returns a single Tensor with a single element.'
__torch_scalar_input = 'The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.'

def __torch_vjp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        leaves = __torch_leaves(inputs, create_graph, 'vjp')
        outputs = func(*leaves)
        outs = __torch_results(outputs, 'vjp')
        if strict:
            __torch_strict(outs, __torch_strict_output)
        grads = __torch_grad(outs, leaves, __torch_vector(v, outs, outputs, 'vjp', __torch_scalar_vector), create_graph)
        filled = __torch_filled(grads, leaves, create_graph, strict)
    return __torch_plain(outputs, create_graph), __torch_like(filled, inputs)

def __torch_jvp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        leaves = __torch_leaves(inputs, create_graph, 'jvp')
        v = __torch_vector(v, leaves, inputs, 'jvp', __torch_scalar_input)
        outputs = func(*leaves)
        outs = __torch_results(outputs, 'jvp')
        if strict:
            __torch_strict(outs, __torch_strict_output)
        # The derivative by the vector of a vjp, which is linear in it.
        ghosts = tuple([torch.zeros_like(o, requires_grad=True) for o in outs])
        firsts = __torch_filled(__torch_grad(outs, leaves, ghosts, True), leaves, True)
        grads = __torch_grad(firsts, ghosts, v, create_graph)
        filled = __torch_filled(grads, outs, create_graph)
    return __torch_plain(outputs, create_graph), __torch_like(filled, outputs)

def __torch_rows(outs, leaves, create_graph, strict=False):
    # For every output and every input the derivatives of each element, stacked.
    rows = []
    for i, out in enumerate(outs):
        flat = out.reshape(-1)
        found = [[] for _ in leaves]
        for j in range(flat.numel()):
            grads = __torch_grad((flat[j],), leaves, (torch.ones_like(flat[j]),), create_graph, True)
            for k, (parts, g, t) in enumerate(zip(found, grads, leaves)):
                if strict and (g is None or create_graph and not g.requires_grad):
                    if g is None:
                        raise RuntimeError(f'Output {i} of the user-provided function is independent of input {k}. This is not allowed in strict mode.')
                    raise RuntimeError(f'The jacobian of the user-provided function is independent of input {i}. This is not allowed in strict mode when create_graph=True.')
                parts.append(torch.zeros_like(t) if g is None else g)
        made = []
        for parts, t in zip(found, leaves):
            whole = torch.stack(parts) if parts else out.new_zeros((0,) + tuple(t.shape))
            whole = whole.reshape(tuple(out.shape) + tuple(t.shape))
            made.append(whole if create_graph else whole.detach())
        rows.append(made)
    return rows

def __torch_jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy='reverse-mode'):
    if strategy not in ('reverse-mode', 'forward-mode'):
        raise AssertionError("Expected strategy to be either \"forward-mode\" or \"reverse-mode\". Hint: If your function has more outputs than inputs, \"forward-mode\" tends to be more performant. Otherwise, prefer to use \"reverse-mode\".")
    if strategy == 'forward-mode' and create_graph:
        raise NotImplementedError('torch.autograd.functional.jacobian: `create_graph=True` and `strategy="forward-mode"` are not supported together (yet). Please either set `create_graph=False` or `strategy="reverse-mode"`.')
    with torch.enable_grad():
        leaves = __torch_leaves(inputs, create_graph, 'jacobian')
        outputs = func(*leaves)
        outs = __torch_results(outputs, 'jacobian')
        if strict:
            __torch_strict(outs, __torch_strict_output)
        rows = [__torch_like(row, inputs) for row in __torch_rows(outs, leaves, create_graph, strict)]
    return __torch_like(rows, outputs)

def __torch_single(out, of):
    if not isinstance(out, torch.Tensor):
        if len(__torch_results(out, of)) != 1 or isinstance(out, (tuple, list)):
            raise RuntimeError(f'The function given to {of} should return a single Tensor')
    if out.nelement() != 1:
        raise RuntimeError(f'The Tensor returned by the function given to {of} should contain a single element')
    return out

def __torch_hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy='reverse-mode'):
    __torch_tensors(inputs, 'inputs', 'hessian')
    def slope(*leaves):
        row = __torch_jacobian(lambda *x: __torch_single(func(*x), 'hessian').reshape(()), leaves, True)
        if strict:
            __torch_strict(row, lambda i, missing: f'While computing the hessian, found that the jacobian of the user-provided function with respect to input {i} is independent of the input. This is not allowed in strict mode. You should ensure that your function is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).')
        return __torch_like(row, inputs)
    return __torch_jacobian(slope, inputs, create_graph, strict)

def __torch_products(of, func, inputs, v, create_graph, strict):
    # A Hessian is symmetric where functions are smooth enough: one product serves for both sides.
    with torch.enable_grad():
        leaves = __torch_leaves(inputs, create_graph, of)
        v = __torch_vector(v, leaves, inputs, of, __torch_scalar_input)
        output = func(*leaves)
        outs = __torch_results(output, of)
        if strict:
            __torch_strict(outs, __torch_strict_output)
        __torch_single(output, of)
        firsts = __torch_filled(__torch_grad((output,), leaves, (torch.ones_like(output),), True), leaves, True, strict)
        grads = __torch_grad(firsts, leaves, v, create_graph)
        filled = __torch_filled(grads, leaves, create_graph, strict, __torch_strict_again)
    return __torch_plain(output, create_graph), __torch_like(filled, inputs)

def __torch_vhp(func, inputs, v=None, create_graph=False, strict=False):
    return __torch_products('vhp', func, inputs, v, create_graph, strict)

def __torch_hvp(func, inputs, v=None, create_graph=False, strict=False):
    return __torch_products('hvp', func, inputs, v, create_graph, strict)

def __torch_batched(outputs, inputs, grads=None, retain_graph=None, create_graph=False, allow_unused=None, materialize_grads=False):
    # torch.autograd.grad of several gradients at a time, along their first dimension.
    outs = tuple(outputs) if isinstance(outputs, (tuple, list)) else (outputs,)
    grads = tuple(grads) if isinstance(grads, (tuple, list)) else (grads,)
    for i, (out, g) in enumerate(zip(outs, grads)):
        if g is not None and tuple(g.shape[1:]) != tuple(out.shape):
            raise RuntimeError(f'If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding output, but a mismatch was detected: grad_output[{i}] has a shape of {g.shape[2:]} and output[{i}] has a shape of {out.shape}. If you only want some tensors in `grad_output` to be considered batched, consider using vmap.')
    count = max([len(g) for g in grads if g is not None])
    found = []
    for j in range(count):
        retain = True if j + 1 < count else retain_graph
        each = [None if g is None else g[j] for g in grads]
        found.append(torch.autograd.grad(outs, inputs, each, retain, create_graph, allow_unused=allow_unused, materialize_grads=materialize_grads))
    return tuple([None if parts[0] is None else torch.stack(parts) for parts in zip(*found)])
