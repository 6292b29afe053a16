"""The workloads that `benches/compare` runs: groups of (title, setup, statement), with the ratio each group is to reach.

Setup and statement are the text that both tensh and PyTorch run. SIZES stands for lengths of vectors; `{n}` is replaced.
"""

SIZES = {"1e3": 1_000, "1e5": 100_000, "1e6": 1_000_000, "1e7": 10_000_000, "5e7": 50_000_000}

VECTORS = "a = torch.rand({n}); b = torch.rand({n}) + 0.5; c = torch.rand({n})"

ONE = ["a + b", "a * 2", "a.exp()", "a.sigmoid()", "a > b"]
CHAINS = [
    "a * 2 + b * 3 - 1",
    "((a * 2 + b).relu() * c - a / b).abs()",
    "(a * a + b * b).sqrt()",
    "torch.exp(-a * a / 2)",
    "torch.sin(a) * torch.cos(b) + torch.tanh(c)",
]
FUSED = ["(a * b).sum()", "((a - b) ** 2).mean()", "((a - a.mean()) ** 2).mean()"]


def over_sizes(statements, wanted):
    """Each statement at every size, with that size's ratio."""
    for (label, n), want in zip(SIZES.items(), wanted):
        for statement in statements:
            yield f"`{statement}`, {label}", VECTORS.format(n=n), statement, want


def each(want, *rows):
    """Rows that share a ratio."""
    for title, setup, statement in rows:
        yield f"{title}: `{statement}`", setup, statement, want


MATRIX = "x = torch.rand(1000, 1000); w = torch.rand(1000); m = x > 0.5; y = torch.rand(1000, 1000)"
LONG = "x = torch.rand(1_000_000); i = torch.randperm(1_000_000); m = x > 0.5; k = torch.randint(0, 1000, (1_000_000,))"
LARGE = "x = torch.rand(3000, 3000); y = torch.rand(3000, 3000); i = torch.randint(0, 3000, (3000,))"


def square(n, dtype="float32"):
    """Two square matrices of `n` rows."""
    return f"torch.manual_seed(0); a = torch.rand({n}, {n}, dtype=torch.{dtype}); b = torch.rand({n}, {n}, dtype=torch.{dtype})"


def matrices():
    """The products of matrices and what is made of them."""
    for dtype in ("float32", "float64"):
        for n in (16, 64, 256, 512, 1024, 2048):
            yield f"matmul {dtype} {n}", square(n, dtype), "a @ b", 5 if n <= 16 else 1
    yield from each(
        1,
        ("bmm 64 x 64 x 64", "a = torch.rand(64, 64, 64); b = torch.rand(64, 64, 64)", "torch.bmm(a, b)"),
        ("transposed", square(512), "a.t() @ b"),
        ("matrix by vector", "a = torch.rand(1000, 1000); v = torch.rand(1000)", "a @ v"),
        ("batched heads", "a = torch.rand(8, 12, 128, 64); b = torch.rand(8, 12, 128, 64)", "a @ b.transpose(-2, -1)"),
        ("einsum", "a = torch.rand(32, 64, 48); b = torch.rand(32, 48, 56)", "torch.einsum('bij,bjk->bik', a, b)"),
        ("three factors", "a = torch.rand(300, 20); b = torch.rand(20, 400); c = torch.rand(400, 10)",
         "torch.einsum('ij,jk,kl->il', a, b, c)"),
        ("linear", "x = torch.rand(64, 784); w = torch.rand(128, 784); b = torch.rand(128)",
         "torch.nn.functional.linear(x, w, b)"),
    )
    for n in (256, 512, 1024):
        yield f"matmul bfloat16 {n}", square(n, "bfloat16"), "a @ b", 0.8


def factorizations():
    """Solvers and factorizations."""
    for n in (64, 256, 1000):
        setup = f"torch.manual_seed(0); a = torch.rand({n}, {n}) + torch.eye({n}) * {n / 4}; s = a @ a.t(); v = torch.rand({n}, 8)"
        for statement in (
            "torch.linalg.solve(a, v)", "torch.linalg.inv(a)", "torch.linalg.det(a)", "torch.linalg.cholesky(s)",
            "torch.linalg.qr(a)", "torch.linalg.svd(a)", "torch.linalg.eigh(s)",
        ):
            yield f"`{statement}`, {n}", setup, statement, 0.9
    yield "`torch.fft.rfft(x)`, 2^20", "x = torch.rand(2 ** 20)", "torch.fft.rfft(x)", 0.9


GROUPS = {
    "one elementwise op": list(over_sizes(ONE, (10, 1.2, 1, 3, 3))),
    "chains": list(over_sizes(CHAINS, (10, 3, 2.5, 8, 8))),
    "fused reductions": list(over_sizes(FUSED, (20, 2.5, 1.5, 5, 5))),
    "rows and columns of 1e6": list(
        each(
            1.2,
            ("all", MATRIX, "x.sum()"),
            ("rows", MATRIX, "x.sum(1)"),
            ("columns", MATRIX, "x.sum(0)"),
            ("columns", MATRIX, "x.mean(0)"),
            ("rows", MATRIX, "x.amax(1)"),
            ("rows", MATRIX, "x.max(1)"),
            ("rows", MATRIX, "x.argmax(1)"),
            ("columns", MATRIX, "x.amax(0)"),
            ("rows", MATRIX, "x.var(1)"),
            ("rows", MATRIX, "x.norm(dim=1)"),
            ("rows", MATRIX, "x.logsumexp(1)"),
            ("rows", MATRIX, "torch.softmax(x, 1)"),
            ("columns", MATRIX, "torch.softmax(x, 0)"),
            ("rows", MATRIX, "torch.log_softmax(x, 1)"),
            ("rows", MATRIX, "torch.nn.functional.layer_norm(x, (1000,), w, w)"),
            ("truth", MATRIX, "(x > 2).any()"),
        )
    ),
    "moving elements": list(
        each(
            1.2,
            ("transposed", MATRIX, "x.t().contiguous()"),
            ("transposed 9e6", LARGE, "x.t().contiguous()"),
            ("transposed sum 9e6", LARGE, "x.t() + y"),
            ("strided", MATRIX, "x[:, ::2] * 2"),
            ("strided 9e6", LARGE, "x[::2, ::2] + 1"),
            ("row", MATRIX, "x + w"),
            ("column", MATRIX, "x * w[:, None]"),
            ("outer", MATRIX, "w[:, None] * w"),
            ("cat", MATRIX, "torch.cat([x, y])"),
            ("cat of columns", MATRIX, "torch.cat([x, y], 1)"),
            ("stack", MATRIX, "torch.stack([x, y])"),
            ("gather", LONG, "x.gather(0, i)"),
            ("index", LONG, "x[i]"),
            ("rows 9e6", LARGE, "x[i]"),
            ("rows 9e6", LARGE, "x.index_select(0, i)"),
            ("mask", LONG, "x[m]"),
            ("where", MATRIX, "torch.where(m, x, y)"),
            ("masked_fill", MATRIX, "x.masked_fill(m, 0.0)"),
            ("nonzero", LONG, "m.nonzero()"),
            ("scatter_add", LONG, "torch.zeros(1000).scatter_add_(0, k, x)"),
            ("index_add", LONG, "torch.zeros(1000).index_add_(0, k, x)"),
            ("flip", MATRIX, "x.flip(1)"),
            ("roll", MATRIX, "x.roll(3, 1)"),
            ("repeat", MATRIX, "w.repeat(1000, 1)"),
            ("tril", MATRIX, "x.tril()"),
            ("cast", LONG, "x.to(torch.float64)"),
            ("cast", LONG, "x.to(torch.bfloat16)"),
            ("cast", LONG, "k.to(torch.float32)"),
        )
    ),
    "order and chance, 1e6": list(
        each(
            1.2,
            ("sort", LONG, "x.sort()"),
            ("sort of integers", LONG, "k.sort()"),
            ("rows", MATRIX, "x.sort(1)"),
            ("argsort", LONG, "x.argsort()"),
            ("topk", LONG, "x.topk(10)"),
            ("rows", MATRIX, "x.topk(5, 1)"),
            ("unique", LONG, "k.unique()"),
            ("unique of floats", LONG, "x.unique()"),
            ("median", LONG, "x.median()"),
            ("kthvalue", LONG, "x.kthvalue(1000)"),
            ("bincount", LONG, "k.bincount()"),
            ("histc", LONG, "x.histc(100)"),
            ("searchsorted", LONG + "; s = torch.arange(0, 1, 0.001)", "torch.searchsorted(s, x)"),
            ("cumsum", LONG, "x.cumsum(0)"),
            ("rows", MATRIX, "x.cumsum(1)"),
            ("columns", MATRIX, "x.cumsum(0)"),
            ("cumprod", LONG, "x.cumprod(0)"),
            ("rand", "", "torch.rand(1_000_000)"),
            ("randn", "", "torch.randn(1_000_000)"),
            ("randint", "", "torch.randint(0, 100, (1_000_000,))"),
            ("randperm", "", "torch.randperm(1_000_000)"),
            ("bernoulli", LONG, "torch.bernoulli(x)"),
            ("arange", "", "torch.arange(1_000_000)"),
        )
    ),
    "products of matrices": list(matrices()),
    "images": list(
        each(
            1,
            ("conv2d", "x = torch.rand(8, 16, 64, 64); w = torch.rand(32, 16, 3, 3)", "torch.nn.functional.conv2d(x, w, padding=1)"),
            ("conv2d", "x = torch.rand(64, 1, 28, 28); w = torch.rand(6, 1, 5, 5)", "torch.nn.functional.conv2d(x, w)"),
            ("conv2d", "x = torch.rand(8, 64, 32, 32); w = torch.rand(64, 64, 1, 1)", "torch.nn.functional.conv2d(x, w)"),
            ("max_pool2d", "x = torch.rand(8, 16, 64, 64)", "torch.nn.functional.max_pool2d(x, 2)"),
            ("avg_pool2d", "x = torch.rand(8, 16, 64, 64)", "torch.nn.functional.avg_pool2d(x, 2)"),
            ("image", "x = torch.rand(3, 32, 32)", "(x - 0.5) / 0.5"),
        )
    ),
    "linear algebra": list(factorizations()),
    "small work": [
        ("4 elements: `a + b`", "a = torch.rand(4); b = torch.rand(4)", "a + b", 10),
        ("4 elements: `a * 2 + b * 3 - 1`", "a = torch.rand(4); b = torch.rand(4)", "a * 2 + b * 3 - 1", 10),
        ("4 elements: `(a * b).sum()`", "a = torch.rand(4); b = torch.rand(4)", "(a * b).sum()", 10),
        ("4 elements: `a.view(2, 2) @ b.view(2, 2)`", "a = torch.rand(4); b = torch.rand(4)", "a.view(2, 2) @ b.view(2, 2)", 5),
        ("`a[2].item()`", "a = torch.rand(4)", "a[2].item()", 5),
        ("`a[1:3]`", "a = torch.rand(4)", "a[1:3]", 5),
        ("`torch.zeros(3)`", "", "torch.zeros(3)", 5),
        ("`torch.tensor([1.0, 2.0])`", "", "torch.tensor([1.0, 2.0])", 5),
        ("call of a function", "def f(x):\n    return x * x + 1", "f(3.5)", 1.5),
        ("1e5 steps of scalars", "def f(n):\n    s = 0\n    for i in range(n):\n        s = s + i * 2\n    return s", "f(100_000)", 1.5),
        ("while loop", "def f(n):\n    i = 0\n    while i < n:\n        i += 1\n    return i", "f(100_000)", 1.5),
        ("list building", "", "[i * i for i in range(10_000)]", 1.5),
        ("list appending", "def f(n):\n    out = []\n    for i in range(n):\n        out.append(i)\n    return out", "f(10_000)", 1.5),
        ("dict counting", "words = [str(i % 97) for i in range(10_000)]\ndef f():\n    d = {}\n    for w in words:\n        d[w] = d.get(w, 0) + 1\n    return d", "f()", 1.5),
        ("recursion", "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)", "fib(18)", 1.5),
        ("step of descent", "w = torch.zeros(3); x = torch.rand(10, 3); y = torch.rand(10)", "w = w - 0.1 * (2 * x.t() @ (x @ w - y) / 10)", 5),
    ],
}
