#!/usr/bin/env python3
"""Draws calls at random from the op table's own signatures and compares tensh with PyTorch.

    PY tests/differential.py target/release/tensh [--cases N] [--seed S] [--rows a,b] [--show N] [--golden DIR] [--grad]

PY is a Python that holds the reference PyTorch; where it is absent the test says so and is skipped. For every row, form
and signature it draws dtypes, shapes, layouts and arguments, runs the same source text in both, and compares the printed
text, dtype, shape, values (exactly for integers and bools, a few units in the last place otherwise), or the error's type
and the first line of its message. A difference is shrunk to the smallest call of its kind seen, and `--golden` writes it
down with the reference's answer; `--grad` compares gradients of first and second order, and the names of the nodes. Then comes the share of row x dtype pairs that agree, and behind it the same share with
the results of transforms, products and linear algebra measured as their error bounds are: against the largest entry.
"""
import argparse, collections, math, os, random, re, struct, subprocess, sys, tempfile

try:
    import torch
except ImportError:
    print("differential: skipped, this Python has no torch")
    sys.exit(0)

DTYPES = "float32 float64 int64 int32 int16 int8 uint8 bool float16 bfloat16 complex64 complex128".split()
# Calls for one process, and the seconds it has for them.
BATCH, LIMIT = 400, 60
SHAPES = [(), (1,), (3,), (4,), (0,), (2, 3), (3, 3), (1, 3), (3, 1), (2, 0), (2, 3, 3), (1, 2, 1, 3)]
PRELUDE = '''
import torch
inf = float("inf")
nan = float("nan")
def show(r):
    if isinstance(r, torch.Tensor):
        return [str(r.dtype), list(r.shape), r.tolist()]
    if isinstance(r, (tuple, list)):
        return [show(x) for x in r]
    return repr(r)
def case(i, f):
    torch.manual_seed(i)
    try:
        r = f()
        text = repr(r)
        print(f"@@{i} ok", flush=True)
        print(text)
        print("--")
        print(show(r))
    except Exception as e:
        print(f"@@{i} error", flush=True)
        print(type(e).__name__ + ": " + str(e).split("\\n")[0])
'''
# Gradients: of every tensor that a call marks with L, through sums of its results that weigh each element otherwise, and the
# gradients of those.
GRADIENTS = '''
leaves = []
def L(t):
    leaves.append(t.requires_grad_())
    return t
def flat(r):
    if isinstance(r, torch.Tensor):
        return [r]
    return [t for x in r for t in flat(x)] if isinstance(r, (tuple, list)) else []
def weighed(outs):
    total = None
    for o in outs:
        w = (torch.arange(o.numel(), dtype=torch.float64) * 0.37 + 0.5).reshape(o.shape)
        part = (o.real * w + o.imag * (w * 0.7)).sum() if o.is_complex() else (o * w).sum()
        total = part if total is None else total + part
    return total
def G(f):
    leaves.clear()
    outs = [o for o in flat(f()) if o.requires_grad]
    if not outs:
        return ["none"]
    names = [o.grad_fn.name() if o.grad_fn is not None else "leaf" for o in outs]
    firsts = torch.autograd.grad(weighed(outs), leaves, create_graph=True, allow_unused=True)
    again = [g for g in firsts if g is not None and g.requires_grad]
    # What a result does not depend on has a gradient of zeros or none at all: that is the same. So are zeros without memory.
    plain = lambda gs: [torch.zeros_like(l) + 0 if g is None else g.detach() + 0 for g, l in zip(gs, leaves)]
    try:
        seconds = plain(torch.autograd.grad(weighed(again), leaves, allow_unused=True) if again else [None] * len(leaves))
    except RuntimeError as e:
        seconds = "refused"
    return [names, plain(firsts), seconds]
'''
# Rows whose results name memory, time or chance, or that have no meaning outside a session.
LEFT_OUT = {"empty", "empty_like", "empty_strided", "empty_permuted", "new_empty", "new_empty_strided", "resize_", "data_ptr"}


# Rows whose error bounds are those of the whole tensor, not of each entry.
NORMWISE = re.compile(r"^(fft|linalg)\.|mm$|mv$|^i?stft$|matmul|bmm|addr$|dot$|einsum|inner|outer|svd|qr|chol|^lu|pinv|inverse|"
                      r"det$|solve|lstsq|matrix|cov$|corrcoef|cdist|linear$|attention|ormqr|geqrf|lowrank")


def rows(tensh):
    for line in subprocess.run([tensh, "--table"], capture_output=True, text=True, check=True).stdout.splitlines():
        name, aliases, forms, *signatures = line.split("\t")
        if not name.startswith("_") and name not in LEFT_OUT:
            yield name, forms.split(), signatures


def literal(rng, dtype):
    if dtype == "bool":
        return rng.choice(["True", "False"])
    if dtype.startswith("complex"):
        return f"({rng.choice([0, 1, -2, 0.5, 3])}{rng.choice(['+1j', '-2j', '+0j', '+0.5j'])})"
    if dtype == "uint8":
        return str(rng.choice([0, 1, 2, 3, 5, 100, 255]))
    if dtype.startswith("int"):
        return str(rng.choice([0, 1, 2, 3, -1, -2, 5, 100, -100]))
    return rng.choice(["0.", "1.", "-1.", "0.5", "-0.", "2.5", "-3.25", "nan", "inf", "-inf", "1e-3", "100.", "7.1", "0.3"])


def tame(rng, dtype):
    """A number at which most functions are smooth."""
    if dtype.startswith("complex"):
        return f"({rng.uniform(-2, 2):.3f}{rng.uniform(-2, 2):+.3f}j)"
    return f"{rng.uniform(-2, 2):.3f}" if "float" in dtype and rng.random() < 0.9 else literal(rng, dtype)


def data(rng, dtype, shape, pick):
    if not shape:
        return pick(rng, dtype)
    return "[" + ", ".join(data(rng, dtype, shape[1:], pick) for _ in range(shape[0])) + "]"


def tensor(rng, dtype, shape, pick=literal):
    made = f"torch.tensor({data(rng, dtype, shape, pick)}, dtype=torch.{dtype})"
    if 0 in shape and len(shape) > 1:
        made = f"torch.zeros({list(shape)}, dtype=torch.{dtype})"
    roll = rng.random()
    if len(shape) >= 2 and roll < 0.15:
        turned = (*shape[:-2], shape[-1], shape[-2])
        base = f"torch.zeros({list(turned)}, dtype=torch.{dtype})" if 0 in shape else \
            f"torch.tensor({data(rng, dtype, turned, pick)}, dtype=torch.{dtype})"
        return f"{base}.transpose(-1, -2)"
    if shape and 0 not in shape and roll < 0.25:
        return f"{made}[..., ::1].contiguous()[..., :]"
    return made


class Draw:
    """Arguments for one call; parameters of one call see each other's shapes."""

    def __init__(self, rng, row, dtype, grad=False):
        self.rng, self.row, self.dtype, self.grad = rng, row, dtype, grad
        self.shape = rng.choice(SHAPES)
        if re.search(r"linalg|matmul|^mm$|^mv$|addm|inverse|det|chol|bmm|matrix|trace|tri[lu]$|logdet|kron|lu_|qr$|svd", row):
            self.shape = rng.choice([(2, 2), (3, 3), (3, 3), (2, 3), (2, 2, 2), (0, 0)])
        self.ndim = len(self.shape)
        self.first = True

    def tensor(self, name):
        rng, shape, dtype = self.rng, self.shape, self.dtype
        if not self.first and rng.random() < 0.35:
            shape = rng.choice([shape[-1:], (), tuple(1 if rng.random() < 0.5 else n for n in shape), rng.choice(SHAPES)])
        if not self.first and rng.random() < 0.12:
            dtype = rng.choice(DTYPES)
        self.first = False
        if name in ("index", "indices", "target"):
            return tensor(rng, "int64", shape, lambda r, _: str(r.choice([0, 0, 1, 1, 2, -1])))
        if name in ("mask", "condition"):
            return tensor(rng, "bool", shape)
        made = tensor(rng, dtype, shape, tame if self.grad else literal)
        return f"L({made})" if self.grad and re.match("float|bfloat|complex", dtype) else made

    def value(self, ty, name):
        rng, base = self.rng, ty.rstrip("?")
        if ty.endswith("?") and rng.random() < 0.5:
            return "None"
        dim = lambda: str(rng.randint(-self.ndim - (rng.random() < 0.1), max(self.ndim - 1, 0) + (rng.random() < 0.1)))
        if base.startswith("Tensor["):
            return "[" + ", ".join(self.tensor("tensors") for _ in range(rng.choice([1, 2, 2, 3]))) + "]"
        if base.startswith("Tensor"):
            return self.tensor(name)
        if base == "Operand":
            return self.tensor(name) if rng.random() < 0.6 else rng.choice(["2", "-1", "0", "0.5", "True", "3.0", "1+2j"])
        if base == "Scalar":
            return rng.choice(["2", "1", "0.5", "-1", "0", "True", "3.5"])
        if base == "int":
            return dim() if "dim" in name or "axis" in name else str(rng.choice([0, 1, 2, 3, -1]))
        if base == "float":
            return rng.choice(["0.5", "1.0", "2.0", "0.1", "0.0"])
        if base == "bool":
            return rng.choice(["True", "False"])
        if base == "str":
            return rng.choice(["'mean'", "'sum'", "'none'", "'floor'", "'trunc'", "'ij'", "'xy'", "'linear'", "'tanh'", "'x'"])
        if base.startswith("int[") or base.startswith("SymInt["):
            if "dim" in name or "dims" in name:
                return "[" + ", ".join(dim() for _ in range(rng.choice([1, 1, 2]))) + "]" if rng.random() < 0.8 else dim()
            return "[" + ", ".join(str(rng.choice([1, 2, 3, -1, 0])) for _ in range(rng.choice([1, 2, 2, 3]))) + "]"
        if base.startswith("float["):
            return "[0.5, 1.0]"
        if base == "ScalarType":
            return "torch." + rng.choice(DTYPES)
        return None


def split_commas(text):
    out, depth, at = [], 0, ""
    for c in text:
        depth += c in "[(" and 1 or -(c in "])")
        if c == "," and depth == 0:
            out.append(at.strip()); at = ""
        else:
            at += c
    return [p for p in (*out, at.strip()) if p]


def draw(rng, name, forms, signatures, dtype, grad=False):
    """The source text of a call, or None where a parameter can't be drawn."""
    params = split_commas(signatures[rng.randrange(len(signatures))].split("->")[0].strip()[1:-1])
    call, keyword, draws = [], False, Draw(rng, name, dtype, grad)
    for p in params:
        if p == "*":
            keyword = True
            continue
        declared, _, default = p.partition("=")
        ty, _, pname = declared.strip().rpartition(" ")
        if default and rng.random() < 0.6:
            keyword = True
            continue
        text = draws.value(ty, pname)
        if text is None:
            if default or ty.endswith("?"):
                keyword = True
                continue
            return None
        pname = "input" if pname == "self" else pname
        call.append((pname if keyword else None, text))
    form = rng.choice([f for f in forms if f in ("fn", "method", "inplace")] or ["fn"])
    show = lambda args: ", ".join(f"{k}={v}" if k else v for k, v in args)
    if form == "fn" or not call:
        return f"torch.{name}({show(call)})"
    (key, this), rest = call[0], call[1:]
    if key or not this.startswith(("torch.", "L(")):
        return f"torch.{name}({show(call)})" if "fn" in forms else None
    short = name.rsplit(".", 1)[-1] + ("_" if form == "inplace" else "")
    # A leaf is not written in place; what was made of it is.
    this = f"({this} * 1)" if grad and form == "inplace" else this
    return f"{this}.{short}({show(rest)})"


def run(command, calls):
    """Each call's answer: (kind, lines)."""
    answers, left = {}, list(enumerate(calls))
    while left:
        batch = left[:BATCH]
        with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as f:
            f.write(PRELUDE + GRADIENTS + "".join(f"case({i}, lambda: {c})\n" for i, c in batch))
        done = subprocess.Popen([*command, f.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, errors="replace")
        try:
            stdout, stderr = done.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            done.kill()
            stdout, stderr = done.communicate()
            stderr = "too slow"
        os.unlink(f.name)
        seen = re.split(r"^@@(\d+) (ok|error)\n", stdout, flags=re.M)[1:]
        for i, kind, text in zip(seen[::3], seen[1::3], seen[2::3]):
            answers[int(i)] = (kind, text.rstrip("\n"))
        last = max((int(i) for i in seen[::3]), default=batch[0][0] - 1)
        left = [x for x in left if x[0] > last]
        if last < batch[-1][0]:
            # What stopped the process is the call behind the last answer.
            answers[left[0][0]] = ("crash", (stderr.strip().splitlines() or ["no answer"])[-1])
            left = left[1:]
    return answers


def ulps(dtype):
    return {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 2e-6, "complex64": 4e-6}.get(dtype, 1e-11)


def close(a, b, tolerance):
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(close(x, y, tolerance) for x, y in zip(a, b))
    if isinstance(a, complex) or isinstance(b, complex):
        a, b = complex(a), complex(b)
        scale = max(abs(a), abs(b)) if math.isfinite(abs(a)) and math.isfinite(abs(b)) else 0
        return all(close(x, y, tolerance) or abs(x - y) <= tolerance * scale for x, y in ((a.real, b.real), (a.imag, b.imag)))
    if isinstance(a, float) and isinstance(b, float):
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        return a == b or abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-30)
    return type(a) is type(b) and a == b


def near(a, b, tolerance):
    """Whether nested lists agree up to a tolerance relative to their largest entry."""
    flat = lambda x: [y for z in x for y in flat(z)] if isinstance(x, list) else [complex(x)]
    a, b = flat(a), flat(b)
    size = max((abs(y) for y in b if math.isfinite(abs(y))), default=0)
    parts = lambda x: (x.real, x.imag)
    return all(x == y or x != x and y != y or abs(x - y) <= tolerance * size
               for p, q in zip(a, b) for x, y in zip(parts(p), parts(q)))


def same(ours, theirs, close=close):
    if ours == theirs:
        return True
    if ours[0] != theirs[0] or ours[0] != "ok":
        return False
    names = {"inf": math.inf, "nan": math.nan, "infj": complex(0, math.inf), "nanj": complex(0, math.nan)}
    def values(text):
        shown = text.split("\n--\n")[-1]
        return eval(re.sub(r"\b(inf|nan)j\b", r"complex(0, \1)", shown), {**names, "torch": torch})
    def agree(a, b):
        if b == "'refused'":
            return True
        if isinstance(a, list) and a and isinstance(a[0], str) and a[0].startswith("torch."):
            return a[:2] == b[:2] and close(a[2], b[2], ulps(a[0][6:]))
        if isinstance(a, list):
            return isinstance(b, list) and len(a) == len(b) and all(map(agree, a, b))
        return a == b
    try:
        return agree(values(ours[1]), values(theirs[1]))
    except Exception:
        return False


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("tensh")
    ap.add_argument("--cases", type=int, default=2, help="calls for each row and dtype")
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--rows", default="")
    ap.add_argument("--show", type=int, default=40)
    ap.add_argument("--grad", action="store_true", help="gradients")
    ap.add_argument("--golden", help="write each difference as a golden into this folder")
    a = ap.parse_args()
    rng, calls, owners = random.Random(a.seed), [], []
    wanted = set(filter(None, a.rows.split(",")))
    for name, forms, signatures in rows(a.tensh):
        if wanted and name not in wanted:
            continue
        for dtype in ["float64", "complex128", "float32"] if a.grad else DTYPES:
            for _ in range(a.cases):
                text = draw(rng, name, forms, signatures, dtype, a.grad)
                if text:
                    calls.append(f"G(lambda: {text})" if a.grad else text)
                    owners.append((name, dtype))
    report(a.tensh, calls, owners, a.show, a.golden, near if a.grad else close)


def report(tensh, calls, owners, show, golden=None, close=close):
    """Runs the calls in both, prints what differs, the smallest call of each row, and the figure."""
    ours = run([tensh], calls)
    theirs = run([sys.executable], calls)
    pairs, differing = collections.defaultdict(lambda: True), collections.defaultdict(list)
    loose = collections.defaultdict(lambda: True)
    exact = 0
    for i, (text, owner) in enumerate(zip(calls, owners)):
        mine, reference = ours.get(i, ("crash", "no answer")), theirs.get(i, ("crash", "no answer"))
        if reference[0] == "crash":
            continue
        agree = same(mine, reference, close)
        exact += mine == reference
        pairs[owner] &= agree
        loose[owner] &= agree or bool(NORMWISE.search(owner[0])) and same(mine, reference, near)
        if not agree:
            differing[owner[0]].append((len(text), text, mine, reference))
    for n, (row, cases) in enumerate(sorted(differing.items(), key=lambda kv: -len(kv[1]))):
        if n >= show:
            break
        _, text, mine, reference = min(cases)
        print(f"== {row}: {len(cases)} differ, for instance\n   {text}")
        print("   tensh:  " + mine[1].split("\n--\n")[0].replace("\n", "\n           ")[:600])
        print("   torch:  " + reference[1].split("\n--\n")[0].replace("\n", "\n           ")[:600])
        if golden:
            os.makedirs(golden, exist_ok=True)
            with open(os.path.join(golden, row.replace(".", "_") + ".md"), "w") as f:
                f.write(f"# {row}\n\n>>> import torch\n>>> inf, nan = float('inf'), float('nan')\n>>> {text}\n")
    good = sum(pairs.values())
    print(f"{len(calls)} calls, {exact} printed alike; rows x dtypes that agree: {good} of {len(pairs)} "
          f"({100 * good / max(len(pairs), 1):.1f}%); rows that differ: {len(differing)}")
    print(f"with transforms, products and linear algebra against the largest entry: {sum(loose.values())} of {len(pairs)} "
          f"({100 * sum(loose.values()) / max(len(pairs), 1):.1f}%)")
    print("differing: " + " ".join(f"{r}:{len(c)}" for r, c in sorted(differing.items(), key=lambda kv: -len(kv[1]))))


if __name__ == "__main__":
    main()
