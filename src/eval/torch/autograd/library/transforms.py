# torch.func: functions made of functions, over nested tuples, lists and dicts of tensors.

def __torch_map(f, tree):
    # The tree with f of each of its leaves.
    if isinstance(tree, dict):
        return {k: __torch_map(f, v) for k, v in tree.items()}
    if isinstance(tree, tuple):
        return tuple([__torch_map(f, v) for v in tree])
    if isinstance(tree, list):
        return [__torch_map(f, v) for v in tree]
    return f(tree)

def __torch_flat(tree):
    # The leaves in their order.
    if isinstance(tree, dict):
        return [t for v in tree.values() for t in __torch_flat(v)]
    if isinstance(tree, (tuple, list)):
        return [t for v in tree for t in __torch_flat(v)]
    return [tree]

def __torch_shaped(parts, tree):
    # The parts as a tree of the same form.
    rest = iter(parts)
    return __torch_map(lambda _: next(rest), tree)

def __torch_picked(args, argnums):
    # The arguments to be differentiated by, as tensors that ask, and all arguments with these among them.
    nums = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f'argnums must be int or Tuple[int, ...], got: {type(argnums)}')
    if not nums:
        raise RuntimeError('argnums must be non-empty')
    for n in nums:
        if not -len(args) <= n < len(args):
            raise RuntimeError(f'Got argnum={n}, but only {len(args)} positional inputs')
    nums = tuple([n % len(args) for n in nums])
    if len(set(nums)) != len(nums):
        raise RuntimeError(f'argnums elements must be unique, got {nums}')
    with torch.enable_grad():
        chosen = [__torch_map(lambda t: __torch_leaf(t) if isinstance(t, torch.Tensor) and (t.is_floating_point() or t.is_complex()) else t, args[n]) for n in nums]
    places = dict(zip(nums, chosen))
    tree = chosen[0] if isinstance(argnums, int) else tuple(chosen)
    return tree, tuple([places.get(i, a) for i, a in enumerate(args)])

def __torch_checked(leaves):
    for t in leaves:
        if not isinstance(t, torch.Tensor):
            raise ValueError(f'Thing passed to transform API must be Tensor, got {type(t)}')
        if not t.requires_grad:
            raise RuntimeError('only Tensors of floating point dtype can require gradients')

def __torch_run(func, args, kwargs, has_aux, of):
    # What the function gives, and what it gives beside that where it has more.
    out = func(*args, **kwargs)
    if not has_aux:
        return out, None
    if not isinstance(out, tuple) or len(out) != 2:
        raise RuntimeError(f'{of}: output of function f should be a tuple: (output, aux) if has_aux is True')
    return out

def __torch_returned(out, of):
    # What a function gives, as a list of tensors.
    outs = __torch_flat(out)
    for o in outs:
        if not isinstance(o, torch.Tensor):
            raise RuntimeError(f'{of}: expected f(*primals) to return only tensors, got unsupported type {type(o)}')
    return outs

def __torch_outer(leaves):
    # Whether something outside asks for gradients, so that results are to be differentiated again.
    return torch.is_grad_enabled() and any([not t.is_leaf for t in leaves])

def __torch_func_grad_and_value(func, argnums=0, has_aux=False):
    def made(*args, **kwargs):
        tree, args = __torch_picked(args, argnums)
        leaves = __torch_flat(tree)
        __torch_checked(leaves)
        with torch.enable_grad():
            out, aux = __torch_run(func, args, kwargs, has_aux, 'grad_and_value(f)(*args)')
            if not isinstance(out, torch.Tensor):
                raise RuntimeError(f'grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(out)}')
            if out.ndim != 0:
                raise RuntimeError(f'grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with {out.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?')
            # The result can be differentiated again where something outside asks for it.
            grads = __torch_filled(__torch_grad((out,), leaves, (torch.ones_like(out),), True), leaves, True)
        outer = __torch_outer(leaves)
        grads = __torch_shaped([g if g.requires_grad and outer else g.detach() for g in grads], tree)
        out = out if outer else out.detach()
        return (grads, (out, __torch_map(__torch_detached, aux))) if has_aux else (grads, out)
    return made

def __torch_detached(t):
    if not isinstance(t, torch.Tensor):
        raise RuntimeError(f'Expected tensors, got unsupported type {type(t)}')
    return t.detach() if isinstance(t, torch.Tensor) and t.requires_grad else t

def __torch_func_grad(func, argnums=0, has_aux=False):
    both = __torch_func_grad_and_value(func, argnums, has_aux)
    def made(*args, **kwargs):
        grads, out = both(*args, **kwargs)
        return (grads, out[1]) if has_aux else grads
    return made

def __torch_func_jac(of, func, argnums, has_aux):
    # `of` names what torch computes it by: vjp for jacrev, jvp for jacfwd.
    def made(*args, **kwargs):
        tree, args = __torch_picked(args, argnums)
        leaves = __torch_flat(tree)
        __torch_checked(leaves)
        outer = __torch_outer(leaves)
        with torch.enable_grad():
            out, aux = __torch_run(func, args, kwargs, has_aux, of)
            outs = __torch_returned(out, of)
            rows = [__torch_shaped(row, tree) for row in __torch_rows(outs, leaves, outer)]
        jac = __torch_shaped(rows, out)
        return (jac, __torch_map(__torch_detached, aux)) if has_aux else jac
    return made

def __torch_func_jacrev(func, argnums=0, has_aux=False, chunk_size=None, _preallocate_and_copy=False):
    return __torch_func_jac('vjp(f, *primals)', func, argnums, has_aux)

def __torch_func_jacfwd(func, argnums=0, has_aux=False, randomness='error'):
    return __torch_func_jac('jvp(f, primals, tangents)', func, argnums, has_aux)

def __torch_func_hessian(func, argnums=0):
    return __torch_func_jac('jvp(f, primals, tangents)', __torch_func_jac('vjp(f, *primals)', func, argnums, False), argnums, False)

def __torch_func_vjp(func, primals, has_aux=False):
    if not primals:
        raise RuntimeError('vjp(f, *primals): Expected at least one primal')
    tree, args = __torch_picked(primals, tuple(range(len(primals))))
    leaves = __torch_flat(tree)
    __torch_checked(leaves)
    with torch.enable_grad():
        out, aux = __torch_run(func, args, {}, has_aux, 'vjp(f, *primals)')
    outs = __torch_returned(out, 'vjp(f, *primals)')
    for o in outs:
        if not (o.is_floating_point() or o.is_complex()):
            raise RuntimeError(f'vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype {o.dtype}')
    def back(cotangents, retain_graph=True, create_graph=None):
        forms = [__torch_form(cotangents), __torch_form(out)]
        if forms[0] != forms[1]:
            raise RuntimeError(f'Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. cotangents: {forms[0]}, primal output: {forms[1]}')
        given = __torch_flat(cotangents)
        again = torch.is_grad_enabled() and any([g.requires_grad for g in given])
        grads = __torch_filled(__torch_grad(outs, leaves, given, again or __torch_outer(leaves), True), leaves, again or __torch_outer(leaves))
        return __torch_shaped(grads, tree)
    shown = out if __torch_outer(leaves) else __torch_map(lambda t: t.detach(), out)
    return (shown, back, __torch_map(__torch_detached, aux)) if has_aux else (shown, back)

def __torch_form(tree):
    # A tree with a star for each leaf.
    if isinstance(tree, dict):
        return '{' + ', '.join([f'{k!r}: {__torch_form(v)}' for k, v in tree.items()]) + '}'
    if isinstance(tree, list):
        return '[' + ', '.join([__torch_form(v) for v in tree]) + ']'
    if isinstance(tree, tuple):
        return '(' + ', '.join([__torch_form(v) for v in tree]) + (',)' if len(tree) == 1 else ')')
    return '*'

def __torch_func_jvp(func, primals, tangents, strict=False, has_aux=False):
    if not isinstance(primals, tuple):
        raise RuntimeError('jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call f(*primals).')
    if len(__torch_flat(primals)) != len(__torch_flat(tangents)):
        raise RuntimeError('jvp(f, primals, tangents): Expected primals and tangents to have the same python structure. For example, if primals is a tuple of 3 tensors, tangents also must be.')
    tree, args = __torch_picked(primals, tuple(range(len(primals))))
    leaves = __torch_flat(tree)
    __torch_checked(leaves)
    with torch.enable_grad():
        out, aux = __torch_run(func, args, {}, has_aux, 'jvp(f, primals, tangents)')
        for t, v in zip(leaves, __torch_flat(tangents)):
            if t.shape != v.shape:
                raise RuntimeError(f'Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. Tensor is of size {[*t.shape]} while the given forward gradient is of size {[*v.shape]}.')
        tangent = __torch_pushed(__torch_returned(out, 'jvp(f, primals, tangents)'), leaves, __torch_flat(tangents), __torch_outer(leaves))
    shown = out if __torch_outer(leaves) else __torch_map(lambda t: t.detach(), out)
    both = shown, __torch_shaped(tangent, out)
    return (*both, __torch_map(__torch_detached, aux)) if has_aux else both

def __torch_pushed(outs, leaves, tangents, outer):
    # Tangents of results: the derivative by the vector of a vjp, which is linear in it.
    ghosts = [torch.zeros_like(o, requires_grad=True) for o in outs]
    firsts = __torch_filled(__torch_grad(outs, leaves, ghosts, True, True), leaves, True)
    return __torch_filled(__torch_grad(firsts, ghosts, tangents, outer, True), outs, outer)

def __torch_func_linearize(func, primals):
    tree, args = __torch_picked(primals, tuple(range(len(primals))))
    leaves = __torch_flat(tree)
    __torch_checked(leaves)
    with torch.enable_grad():
        out = func(*args)
    def pushed(*tangents):
        with torch.enable_grad():
            return __torch_shaped(__torch_pushed(__torch_flat(out), leaves, __torch_flat(tangents), False), out)
    return __torch_map(lambda t: t.detach(), out), pushed

def __torch_name(func):
    return getattr(func, '__name__', None) or repr(func)

def __torch_dims(dims, tree):
    # For every leaf of a tree its dimension: one for all below, or a tree of the same form.
    if dims is None or isinstance(dims, int):
        return [dims] * len(__torch_flat(tree))
    if isinstance(tree, dict):
        return [d for k, v in tree.items() for d in __torch_dims(dims[k], v)]
    if not isinstance(tree, (tuple, list)) or len(dims) != len(tree):
        raise ValueError('in_dims is not compatible with the structure of `inputs`')
    return [d for i, v in enumerate(tree) for d in __torch_dims(dims[i], v)]

def __torch_func_vmap(func, in_dims=0, out_dims=0, randomness='error', chunk_size=None):
    if randomness not in ('error', 'different', 'same'):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError(f'vmap: chunk_size should be None or greater than 0. (got {chunk_size})')
    name = __torch_name(func)
    def made(*args, **kwargs):
        head = f'vmap({name}, in_dims={in_dims}, ...)(<inputs>): '
        if not isinstance(in_dims, (int, tuple)):
            raise ValueError(f'{head}expected `in_dims` to be int or a (potentially nested) tuple matching the structure of inputs, got: {type(in_dims)}.')
        if not args:
            raise ValueError(f'vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function with no inputs. The latter is unsupported.')
        flat = __torch_flat(args)
        try:
            dims = __torch_dims(in_dims, args)
        except ValueError as e:
            raise ValueError(head + str(e)) from None
        for t, d in zip(flat, dims):
            if d is None:
                continue
            if not isinstance(d, int):
                raise ValueError(f'{head}Got in_dim={d} for an input but in_dim must be either an integer dimension or None.')
            if not isinstance(t, torch.Tensor):
                raise ValueError(f'{head}Got in_dim={d} for an input but the input is of type {type(t)}. We cannot vmap over non-Tensor arguments, please use None as the respective in_dim')
            if not -t.dim() <= d < t.dim():
                raise ValueError(f'{head}Got in_dim={d} for some input, but that input is a Tensor of dimensionality {t.dim()} so expected in_dim to satisfy -{t.dim()} <= in_dim < {t.dim()}.')
        sizes = [t.size(d) for t, d in zip(flat, dims) if d is not None]
        if not sizes:
            raise ValueError('vmap: Expected at least one Tensor to vmap over')
        if any([n != sizes[0] for n in sizes]):
            raise ValueError(f'vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sizes} for the mapped dimension')
        def at(i):
            parts = [t if d is None else t.select(d, i) for t, d in zip(flat, dims)]
            return func(*__torch_shaped(parts, args), **__torch_map(lambda t: t[i] if isinstance(t, torch.Tensor) else t, kwargs))
        if sizes[0] == 0:
            # Nothing to map: the function's sizes are those of a stand-in.
            flat = [t if d is None else t.new_zeros([1 if k == d % t.dim() else n for k, n in enumerate(t.shape)]) for t, d in zip(flat, dims)]
            return __torch_map(lambda t: t.new_zeros((0, *t.shape)), at(0))
        seed = torch.get_rng_state() if randomness == 'same' else None
        results = []
        for i in range(sizes[0]):
            if seed is not None:
                torch.set_rng_state(seed)
            results.append(at(i))
        outs = [__torch_flat(r) for r in results]
        wanted = __torch_dims(out_dims, results[0])
        stacked = []
        for k, d in enumerate(wanted):
            parts = [o[k] for o in outs]
            if d is not None and not isinstance(parts[0], torch.Tensor):
                raise ValueError(f'vmap({name}, ...): `{name}` must only return Tensors, got type {type(parts[0])}. Did you mean to set out_dims= to None for output?')
            stacked.append(parts[0] if d is None else torch.stack(parts, d))
        return __torch_shaped(stacked, results[0])
    return made
