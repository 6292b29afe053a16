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
POINTS = "x = torch.rand(300_000, 3); c = torch.rand(3)"
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


# Numbers of either sign, positive ones, and those between 0 and 1: 1e6 of each.
SPECIAL = "torch.manual_seed(0); x = torch.randn(1_000_000) * 3; p = torch.rand(1_000_000) * 12 + 0.01; u = torch.rand(1_000_000)"
SPECIAL_ONE = {
    "x": "erf erfc special.erfcx special.ndtr special.log_ndtr lgamma digamma i0 special.i0e special.i1 special.i1e "
    "special.bessel_j0 special.bessel_j1 special.spherical_bessel_j0 special.airy_ai special.modified_bessel_i0 "
    "special.modified_bessel_i1 sinc nn.functional.gelu nn.functional.mish nn.functional.softplus nn.functional.silu "
    "nn.functional.elu nn.functional.logsigmoid",
    "p": "special.bessel_y0 special.bessel_y1 special.modified_bessel_k0 special.modified_bessel_k1 "
    "special.scaled_modified_bessel_k0 special.scaled_modified_bessel_k1 special.entr",
    "u": "erfinv special.ndtri logit frexp",
}
SPECIAL_TWO = [
    "torch.fmod(x, p)", "torch.remainder(x, p)", "torch.floor_divide(x, p)", "torch.hypot(x, p)", "torch.nextafter(x, p)",
    "torch.logaddexp(x, p)", "torch.logaddexp2(x, p)", "torch.xlogy(x, p)", "torch.special.xlog1py(x, p)", "torch.pow(p, x)",
    "torch.round(x, decimals=2)", "torch.polygamma(1, p)", "torch.polygamma(2, p)", "torch.mvlgamma(p + 1, 2)",
    "torch.special.zeta(p + 1, p)", "torch.igamma(p, p)", "torch.igammac(p, p)",
    "torch.special.chebyshev_polynomial_t(x, 5)", "torch.special.hermite_polynomial_h(x, 5)",
    "torch.special.laguerre_polynomial_l(x, 5)", "torch.special.legendre_polynomial_p(x, 5)",
]


def special_functions():
    """The functions beyond arithmetic, over 1e6 numbers."""
    for name, functions in SPECIAL_ONE.items():
        for function in functions.split():
            yield f"`torch.{function}({name})`", SPECIAL, f"torch.{function}({name})", 1
    for statement in SPECIAL_TWO:
        yield f"`{statement}`", SPECIAL, statement, 1


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
            ("short rows", POINTS, "((x - c) ** 2).sum(1)"),
            ("short rows", POINTS, "((x - c) ** 2).mean(1).sqrt()"),
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
            ("repeat_interleave", LONG, "x.repeat_interleave(2)"),
            ("stack of columns", MATRIX, "torch.stack([x, y], 2)"),
            ("index_put", LONG, "x.clone().index_put_((i,), x)"),
            ("rows added", LARGE, "x.index_add(0, i, y)"),
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
            ("stable", LONG, "x.sort(stable=True)"),
            ("falling", LONG, "x.sort(descending=True)"),
            ("topk", LONG, "x.topk(10)"),
            ("rows", MATRIX, "x.topk(5, 1)"),
            ("unique", LONG, "k.unique()"),
            ("unique of floats", LONG, "x.unique()"),
            ("unique with places", LONG, "k.unique(return_inverse=True)"),
            ("median", LONG, "x.median()"),
            ("kthvalue", LONG, "x.kthvalue(1000)"),
            ("bincount", LONG, "k.bincount()"),
            ("histc", LONG, "x.histc(100)"),
            ("searchsorted", LONG + "; s = torch.arange(0, 1, 0.001)", "torch.searchsorted(s, x)"),
            ("cumsum", LONG, "x.cumsum(0)"),
            ("rows", MATRIX, "x.cumsum(1)"),
            ("columns", MATRIX, "x.cumsum(0)"),
            ("cumprod", LONG, "x.cumprod(0)"),
            ("rows", MATRIX, "x.cummax(1)"),
            ("rand", "", "torch.rand(1_000_000)"),
            ("randn", "", "torch.randn(1_000_000)"),
            ("randint", "", "torch.randint(0, 100, (1_000_000,))"),
            ("randperm", "", "torch.randperm(1_000_000)"),
            ("bernoulli", LONG, "torch.bernoulli(x)"),
            ("dropout", LONG, "torch.nn.functional.dropout(x, 0.3)"),
            ("exponential", LONG, "x.exponential_()"),
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
    "special functions": list(special_functions()),
    "small work": [
        ("4 elements: `a + b`", "a = torch.rand(4); b = torch.rand(4)", "a + b", 10),
        ("4 elements: `a * 2 + b * 3 - 1`", "a = torch.rand(4); b = torch.rand(4)", "a * 2 + b * 3 - 1", 10),
        ("4 elements: `(a * b).sum()`", "a = torch.rand(4); b = torch.rand(4)", "(a * b).sum()", 10),
        ("4 elements: `a.view(2, 2) @ b.view(2, 2)`", "a = torch.rand(4); b = torch.rand(4)", "a.view(2, 2) @ b.view(2, 2)", 5),
        ("`a[2].item()`", "a = torch.rand(4)", "a[2].item()", 5),
        ("`a[1:3]`", "a = torch.rand(4)", "a[1:3]", 5),
        ("`torch.zeros(3)`", "", "torch.zeros(3)", 5),
        ("`torch.tensor([1.0, 2.0])`", "", "torch.tensor([1.0, 2.0])", 5),
        ("step of descent", "w = torch.zeros(3); x = torch.rand(10, 3); y = torch.rand(10)", "w = w - 0.1 * (2 * x.t() @ (x @ w - y) / 10)", 5),
    ],
    "gradients": [
        ("toy loss of 3 floats, there and back", "x = torch.tensor([1., 2., 3.], requires_grad=True)\ndef f():\n    loss = ((x * 2 + 1) ** 2).sum()\n    loss.backward()\n    x.grad = None", "f()", 5),
        ("chain of 5 over 1e6, there and back", "a = torch.rand(1_000_000, requires_grad=True)\ndef f():\n    y = ((a * 2 + 1).exp() * 0.5).sin().sum()\n    y.backward()\n    a.grad = None", "f()", 2),
        ("training step, 784-128-10, batch of 64", "torch.manual_seed(0)\nX = torch.randn(64, 784); Y = torch.randint(0, 10, (64,))\nw1 = (torch.randn(784, 128) * 0.05).requires_grad_(); b1 = torch.zeros(128, requires_grad=True)\nw2 = (torch.randn(128, 10) * 0.05).requires_grad_(); b2 = torch.zeros(10, requires_grad=True)\ndef f():\n    out = torch.relu(X @ w1 + b1) @ w2 + b2\n    loss = torch.nn.functional.cross_entropy(out, Y)\n    loss.backward()\n    with torch.no_grad():\n        for p in (w1, b1, w2, b2):\n            p -= 0.1 * p.grad\n            p.grad = None", "f()", 1),
    ],
    "scripts": [
        ("call of a function", "def f(x):\n    return x * x + 1", "f(3.5)", 1.5),
        ("1e5 steps of scalars", "def f(n):\n    s = 0\n    for i in range(n):\n        s = s + i * 2\n    return s", "f(100_000)", 1.5),
        ("while loop", "def f(n):\n    i = 0\n    while i < n:\n        i += 1\n    return i", "f(100_000)", 1.5),
        ("list building", "", "[i * i for i in range(10_000)]", 1.5),
        ("list appending", "def f(n):\n    out = []\n    for i in range(n):\n        out.append(i)\n    return out", "f(10_000)", 1.5),
        ("dict counting", "words = [str(i % 97) for i in range(10_000)]\ndef f():\n    d = {}\n    for w in words:\n        d[w] = d.get(w, 0) + 1\n    return d", "f()", 1.5),
        ("recursion", "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)", "fib(18)", 1.5),
        ("call with a default and a keyword", "def f(x, y=2, z=3):\n    return x + y * z\ndef g(n):\n    for i in range(n):\n        f(i, z=i)", "g(10_000)", 1.5),
        ("a closure that counts", "def make():\n    n = 0\n    def bump(k):\n        nonlocal n\n        n += k\n        return n\n    return bump\nbump = make()\ndef f(n):\n    for i in range(n):\n        bump(i)", "f(10_000)", 1.5),
        ("mean of floats by hand", "xs = [i / 7 for i in range(10_000)]\ndef f(xs):\n    total = 0.0\n    for x in xs:\n        if x > 100.0:\n            total += x * 2.0\n        else:\n            total -= x / 3\n    return total / len(xs)", "f(xs)", 1.5),
        ("while with break", "def f(n):\n    i, steps = n, 0\n    while True:\n        if i == 1:\n            break\n        i = i // 2 if i % 2 == 0 else 3 * i + 1\n        steps += 1\n    return steps", "f(97)", 1.5),
        ("gcd", "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\ndef f(n):\n    s = 0\n    for i in range(1, n):\n        s += gcd(i, 360)\n    return s", "f(1000)", 1.5),
        ("fibonacci by pairs", "def f(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, (a + b) % 1_000_007\n    return a", "f(10_000)", 1.5),
        ("sieve", "def f(n):\n    flags = [True] * (n + 1)\n    flags[0] = flags[1] = False\n    i = 2\n    while i * i <= n:\n        if flags[i]:\n            for j in range(i * i, n + 1, i):\n                flags[j] = False\n        i += 1\n    return sum(flags)", "f(10_000)", 1.5),
        ("product of lists", "n = 20\na = [[i * j % 7 for j in range(n)] for i in range(n)]\nb = [[i + j for j in range(n)] for i in range(n)]\ndef f(a, b, n):\n    c = [[0] * n for _ in range(n)]\n    for i in range(n):\n        for j in range(n):\n            s = 0\n            for k in range(n):\n                s += a[i][k] * b[k][j]\n            c[i][j] = s\n    return c", "f(a, b, n)", 1.5),
        ("sum over rows of a grid", "grid = [[(i * j) % 10 for j in range(100)] for i in range(100)]\ndef f(grid):\n    s = 0\n    for row in grid:\n        for x in row:\n            if x % 2:\n                s += x\n    return s", "f(grid)", 1.5),
        ("bubble sort", "import random\nrandom.seed(3)\nxs = [random.randrange(1000) for _ in range(60)]\ndef f(xs):\n    xs = list(xs)\n    for i in range(len(xs)):\n        for j in range(len(xs) - 1 - i):\n            if xs[j] > xs[j + 1]:\n                xs[j], xs[j + 1] = xs[j + 1], xs[j]\n    return xs", "f(xs)", 1.5),
        ("enumerate and zip", "xs = list(range(5000)); ys = xs[::-1]\ndef f(xs, ys):\n    s = 0\n    for i, x in enumerate(xs):\n        s += i * x\n    for x, y in zip(xs, ys):\n        s += x - y\n    return s", "f(xs, ys)", 1.5),
        ("items of a dict", "d = {str(i): i for i in range(1000)}\ndef f(d):\n    s = 0\n    for key, value in d.items():\n        s += value + len(key)\n    return s", "f(d)", 1.5),
        ("dict of lists", "def f(n):\n    groups = {}\n    for i in range(n):\n        groups.setdefault(i % 13, []).append(i)\n    return {k: len(v) for k, v in groups.items()}", "f(5000)", 1.5),
        ("joining text", "def f(n):\n    return ', '.join([str(i) for i in range(n)])", "f(5000)", 1.5),
        ("text by +=", "def f(n):\n    s = ''\n    for i in range(n):\n        s += 'ab'\n    return s", "f(5000)", 1.5),
        ("f-strings", "def f(n):\n    out = []\n    for i in range(n):\n        out.append(f'{i}: {i * 2.5:.2f} {i:>5}')\n    return out", "f(2000)", 1.5),
        ("splitting text", "text = ' '.join(f'word{i}' for i in range(2000))\ndef f():\n    n = 0\n    for w in text.split():\n        if w.startswith('word1'):\n            n += len(w.upper())\n    return n", "f()", 1.5),
        ("characters of a text", "text = 'hello world, ' * 200\ndef f(text):\n    n = 0\n    for c in text:\n        if c in 'aeiou':\n            n += 1\n        elif c == ',':\n            n -= 1\n    return n", "f(text)", 1.5),
        ("sorting with a key", "import random\nrandom.seed(3)\npairs = [(random.randrange(1000), i) for i in range(2000)]", "sorted(pairs, key=lambda p: (p[0], -p[1]))", 1.5),
        ("sorting with a simple key", "import random\nrandom.seed(3)\nwords = [str(random.randrange(100000)) for i in range(2000)]", "sorted(words, key=len)", 1.5),
        ("sum of a generator", "", "sum(i * i for i in range(10_000))", 1.5),
        ("nested comprehension", "", "[i * j for i in range(100) for j in range(100) if i != j]", 1.5),
        ("set of visited", "def f(n):\n    seen = set()\n    x = 1\n    while x not in seen:\n        seen.add(x)\n        x = x * 7 % n\n    return len(seen)", "f(10_007)", 1.5),
        ("queue of a search", "from collections import deque\ndef f(n):\n    seen = {0}\n    queue = deque([0])\n    while queue:\n        i = queue.popleft()\n        for j in (2 * i + 1, 2 * i + 2):\n            if j < n and j not in seen:\n                seen.add(j)\n                queue.append(j)\n    return len(seen)", "f(5000)", 1.5),
        ("memo in a dict", "def f(n, memo):\n    if n in memo:\n        return memo[n]\n    if n < 2:\n        return n\n    memo[n] = f(n - 1, memo) + f(n - 2, memo)\n    return memo[n]", "f(80, {})", 1.5),
        ("math functions", "def f(n):\n    s = 0.0\n    for i in range(n):\n        s += math.sqrt(i) * math.sin(i)\n    return s", "f(10_000)", 1.5),
        ("min, max, abs, round", "def f(n):\n    s = 0\n    for i in range(n):\n        s = max(s, abs(i - 500)) + min(i, 3)\n        s = int(s % 1000)\n    return s", "f(5000)", 1.5),
        ("try in a loop", "def f(n):\n    bad = 0\n    for i in range(n):\n        try:\n            if i % 10 == 0:\n                raise ValueError(i)\n        except ValueError:\n            bad += 1\n    return bad", "f(5000)", 1.5),
    ],
}

# Against the machine: an elementwise statement and the bytes an element that it has to move.
MACHINE_SIZES = [10_000_000, 50_000_000]
MACHINE = [
    ("a + b", 12),
    ("a * 2", 8),
    ("a.abs()", 8),
    ("a.exp()", 8),
    ("a.sigmoid()", 8),
    ("a > b", 9),
    ("a.add_(b)", 12),
    ("a * 2 + b * 3 - 1", 12),
]
# Growth: the time an element must not rise with their number.
GROWTH_SIZES = [1_000_000, 10_000_000, 100_000_000]
GROWTH = ["a + b", "(a * a + b * b).sqrt()", "((a - b) ** 2).mean()", "a.sum()", "a.add_(b)"]
