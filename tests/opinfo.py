#!/usr/bin/env python3
"""Runs the sample inputs of PyTorch's own test database (OpInfo) in tensh and in PyTorch, and compares the answers.

    PY tests/opinfo.py target/release/tensh [--ops add,linalg.inv] [--samples N] [--dtypes float32,int64] [--errors] [--grad]

PY is a Python that holds the reference PyTorch. The database gives, for each function and dtype, arguments that its
developers found worth testing; `--errors` takes its invalid arguments instead, `--grad` compares gradients of first and second order
and the names of the nodes. Each sample is written down as source
text, and compared as in differential.py. Where the database calls a function through a wrapper (`einsum`, `polygamma`,
`rand_like`, ...), the call that the wrapper makes is the sample. Functions that tensh does not have are counted and left
out, and so are those whose results are uninitialised memory.
"""
import argparse, random, subprocess, sys, warnings

try:
    import torch
    from torch.overrides import TorchFunctionMode
    from torch.testing._internal.common_methods_invocations import op_db
except ImportError as e:
    print(f"opinfo: skipped, {e}")
    sys.exit(0)

import differential

MOST_ELEMENTS = 400


class Unwritable(Exception):
    """A sample that has no source text."""


def number(x):
    """A Python number as source text."""
    if isinstance(x, complex):
        return f"complex({number(x.real)}, {number(x.imag)})"
    return repr(x)


def nested(x):
    return "[" + ", ".join(map(nested, x)) + "]" if isinstance(x, list) else number(x)


def written(x):
    """A value as source text."""
    if isinstance(x, torch.Tensor):
        if x.layout != torch.strided or x.is_quantized or x.is_conj() or x.is_neg() or x.device.type != "cpu":
            raise Unwritable
        asks, x = x.requires_grad, x.detach()
        if asks:
            return f"L({written(x)})"
        dtype = str(x.dtype)
        if dtype[6:] not in differential.DTYPES + ["uint16", "uint32", "uint64"]:
            raise Unwritable
        if x.is_contiguous():
            if x.numel() > MOST_ELEMENTS:
                raise Unwritable
            made = f"torch.tensor({nested(x.tolist())}, dtype={dtype})"
            return made if x.numel() else f"torch.empty({tuple(x.shape)}, dtype={dtype})"
        whole = torch.empty(0, dtype=x.dtype).set_(x.untyped_storage())
        if whole.numel() > MOST_ELEMENTS:
            raise Unwritable
        base = f"torch.tensor({nested(whole.tolist())}, dtype={dtype})"
        return f"{base}.as_strided({tuple(x.shape)}, {x.stride()}, {x.storage_offset()})"
    if isinstance(x, torch.Size):
        return f"torch.Size({list(x)})"
    if isinstance(x, (list, tuple)):
        inner = ", ".join(map(written, x))
        return f"[{inner}]" if isinstance(x, list) else f"({inner},)" if len(x) == 1 else f"({inner})"
    if isinstance(x, slice):
        return f"slice({written(x.start)}, {written(x.stop)}, {written(x.step)})"
    if isinstance(x, (torch.dtype, torch.memory_format, torch.layout)):
        return str(x)
    if isinstance(x, torch.device):
        return f"torch.device('{x}')"
    if x is None or x is Ellipsis or isinstance(x, (bool, int, float, complex, str)):
        return number(x)
    raise Unwritable


class Recorder(TorchFunctionMode):
    """Keeps the arguments of the first call of some functions."""

    def __init__(self, functions):
        super().__init__()
        self.functions, self.call = functions, None

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if self.call is None and func in self.functions:
            self.call = (args, kwargs or {})
        return func(*args, **(kwargs or {}))


# Operators that only their symbol reaches.
OPERATORS = {"__radd__": "+", "__rsub__": "-", "__rmul__": "*", "__rdiv__": "/", "__rmatmul__": "@", "__rmod__": "%",
             "__rpow__": "**", "__rand__": "&", "__ror__": "|", "__rxor__": "^"}
# Methods that are no rows, and attributes that are views.
METHODS = {"bfloat16", "bool", "byte", "cdouble", "cfloat", "char", "double", "float", "half", "int", "long", "short",
               "item"}
ATTRIBUTES = {"T", "H", "mT", "mH"}


def named(name):
    """The function and the method of a name, where torch has them."""
    here = torch
    for part in name.split("."):
        here = getattr(here, part, None)
    return [f for f in (here, getattr(torch.Tensor, name, None)) if f is not None]


def calls_of(op, sample, forms):
    """Source texts of a sample: as function, and as method where both have one."""
    if op.name in ATTRIBUTES:
        yield f"{written(sample.input)}.{op.name}"
        return
    if op.name == "__getitem__":
        yield f"{written(sample.input)}[{', '.join(map(written, sample.args))}]"
        return
    if op.name in OPERATORS:
        yield f"({written(sample.args[0])}) {OPERATORS[op.name]} {written(sample.input)}"
        return
    args, kwargs = (sample.input, *sample.args), sample.kwargs
    functions = named(op.name)
    if op.op not in functions:
        with Recorder(functions) as recorder:
            try:
                op(sample.input, *sample.args, **sample.kwargs)
            except Exception:
                pass  # the call was seen, or the sample is left out
        if recorder.call is None:
            raise Unwritable
        args, kwargs = recorder.call
    first = args[0] if args else None
    args = [written(x) for x in args] + [f"{k}={written(v)}" for k, v in kwargs.items()]
    if "fn" in forms:
        yield f"torch.{op.name}({', '.join(args)})"
    if "method" in forms and isinstance(first, torch.Tensor) and "." not in op.name:
        yield f"{args[0]}.{op.name}({', '.join(args[1:])})"


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("tensh")
    ap.add_argument("--ops", default="")
    ap.add_argument("--samples", type=int, default=12, help="samples for each function and dtype")
    ap.add_argument("--dtypes", default=",".join(differential.DTYPES))
    ap.add_argument("--grad", action="store_true", help="gradients")
    ap.add_argument("--errors", action="store_true", help="the database's invalid arguments")
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--show", type=int, default=40)
    a = ap.parse_args()
    warnings.simplefilter("ignore")
    forms = {}
    for line in subprocess.run([a.tensh, "--table"], capture_output=True, text=True, check=True).stdout.splitlines():
        name, aliases, its, *_ = line.split("\t")
        for n in [name, *aliases.split()]:
            forms.setdefault(n, set()).update(its.split())
        if "copy" in its.split():
            forms.setdefault(f"{name}_copy", set()).add("fn")
    forms.update({name: {"method"} for name in METHODS | ATTRIBUTES | OPERATORS.keys() | {"__getitem__"}})
    wanted, rng = set(filter(None, a.ops.split(","))), random.Random(a.seed)
    calls, owners, absent = [], [], set()
    for op in op_db:
        if wanted and op.name not in wanted or op.name in differential.LEFT_OUT:
            continue
        if op.name not in forms:
            absent.add(op.name)
            continue
        for dtype in a.dtypes.split(","):
            kind = getattr(torch, dtype)
            if not a.errors and kind not in op.dtypes:
                continue
            if a.grad and not (op.supports_autograd and (kind.is_floating_point or kind.is_complex)):
                continue
            torch.manual_seed(a.seed)
            try:
                if a.errors:
                    samples = [e.sample_input for e in op.error_inputs("cpu")] if op.error_inputs_func else []
                else:
                    samples = list(op.sample_inputs("cpu", kind, requires_grad=a.grad))
            except Exception:
                continue
            texts = []
            for sample in samples:
                try:
                    texts += calls_of(op, sample, forms[op.name])
                except Unwritable:
                    pass
            texts = sorted(set(texts))
            for text in texts if len(texts) <= a.samples else rng.sample(texts, a.samples):
                calls.append(f"G(lambda: {text})" if a.grad else text)
                owners.append((op.name, dtype))
            if a.errors:
                break
    if not wanted:
        print(f"not in the table ({len(absent)}): " + " ".join(sorted(absent)))
    # Gradients are sums; their bounds are those of the whole.
    close = differential.near if a.grad else differential.close
    differential.report(a.tensh, calls, owners, a.show, close=close)


if __name__ == "__main__":
    main()
