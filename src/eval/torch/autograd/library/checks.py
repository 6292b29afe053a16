# Derivatives compared with finite differences.

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

def __torch_tuple(x):
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)

def __torch_outputs(out):
    return [o for o in __torch_tuple(out) if isinstance(o, torch.Tensor) and (o.is_floating_point() or o.is_complex())]

def __torch_gradcheck(func, inputs, eps=1e-06, atol=1e-05, rtol=0.001, raise_exception=True):
    inputs = __torch_tuple(inputs)
    asking = [k for k, t in enumerate(inputs) if isinstance(t, torch.Tensor) and t.requires_grad]
    if not asking:
        raise ValueError('gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True.')
    for k in asking:
        if any([n > 1 and step == 0 for n, step in zip(inputs[k].shape, inputs[k].stride())]):
            raise RuntimeError(f'The {k}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck.')
    outs = __torch_outputs(func(*inputs))
    for which in asking:
        numeric = __torch_numeric(func, inputs, which, eps)
        for n, out in enumerate(outs):
            if not out.requires_grad or not numeric or not out.numel():
                continue
            # A row for each number of the input, a column for each number of the output.
            analytical = __torch_analytical(out, inputs[which])
            numerical = torch.stack([c[n] for c in numeric])
            if not torch.allclose(analytical, numerical.to(analytical.dtype), rtol, atol):
                if not raise_exception:
                    return False
                raise torch.autograd.GradcheckError(f'Jacobian mismatch for output {n} with respect to input {which},\nnumerical:{numerical}\nanalytical:{analytical}\n')
    return True

def __torch_analytical(out, x):
    columns = []
    for j in range(out.numel()):
        for turn in ([1, 1j] if out.is_complex() else [1]):
            v = torch.zeros_like(out.detach()).reshape(-1)
            v[j] = turn
            g, = torch.autograd.grad(out, x, v.reshape(out.shape), retain_graph=True, allow_unused=True)
            columns.append(__torch_parts(torch.zeros_like(x) if g is None else g))
    return torch.stack(columns, 1)

def __torch_gradgradcheck(func, inputs, grad_outputs=None, eps=1e-06, atol=1e-05, rtol=0.001, raise_exception=True):
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
    return __torch_gradcheck(slope, tuple(inputs) + tuple(given), eps, atol, rtol, raise_exception)

def __torch_variable(data=None, requires_grad=False):
    # torch keeps the name from the days when tensors that ask were a type of their own.
    data = torch.tensor([]) if data is None else data
    return data.detach().requires_grad_() if requires_grad else data.detach()

def __torch_multi_hook(tensors, fn, mode='all'):
    # With the gradients of all tensors once the last is there, or with the first.
    if mode not in ('all', 'any'):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    tensors = tuple(tensors)
    grads, left = {}, {}
    def hook_of(i):
        def hook(grad):
            walk, reached = torch.autograd.graph._walk(tensors)
            first = walk not in left
            if first:
                left[walk], grads[walk] = sum(reached), [None] * len(tensors)
            left[walk] -= 1
            grads[walk][i] = grad
            if mode == 'any':
                if first:
                    fn(grad)
            elif left[walk] == 0:
                fn(grads[walk])
            if left[walk] == 0:
                del left[walk], grads[walk]
        return hook
    return [t.register_hook(hook_of(i)) for i, t in enumerate(tensors)]

def __torch_kept_copies():
    return lambda t: t.clone(), lambda t: t

def __torch_kept_on_cpu(pin_memory=False, device_type='cuda'):
    # What nodes keep lies in the host's memory, and goes back where it came from.
    def pack(t):
        kept = t.cpu()
        return t.device, kept.pin_memory() if pin_memory and torch.cuda.is_available() else kept
    def unpack(packed):
        device, kept = packed
        return kept.to(device, non_blocking=pin_memory)
    return pack, unpack
