"""The workloads of `benches/compare --device cuda`: groups of (title, setup, statement, ratio wanted, bytes).

`bytes` are those that the statement must read and write at least, for the share of the bandwidth that a copy reaches; 0 where memory is
not what limits it. Setup and statement are the text that both tensh and PyTorch run; both wait for the device at the end.
"""

N = 100_000_000
VECTORS = f"a = torch.rand({N}); b = torch.rand({N}) + 0.5; c = torch.rand({N})"
FLOATS = 4 * N
ROWS = "x = torch.rand(10_000, 1000); i = torch.randint(0, 10_000, (10_000,)); w = torch.rand(1000)"
SQUARE = 4 * 10_000 * 1000
SMALL = (
    "a = torch.rand(1000); b = torch.rand(1000); x = torch.rand(8, 8); i = torch.arange(1000).flip(0); "
    "w = torch.rand(1000, requires_grad=True)"
)


def chain(k):
    """A chain of so many operations."""
    return "a" + "".join(f"{'*+'[j % 2]}{1 + j / 10}" for j in range(k))


def one(want, *rows):
    """Rows of one setup: statement and bytes."""
    return [(f"`{statement}`", VECTORS, statement, want, moved) for statement, moved in rows]


def matrices(n, dtype="float32"):
    return f"x = torch.rand({n}, {n}).to(torch.{dtype}); y = torch.rand({n}, {n}).to(torch.{dtype})"


GROUPS = {
    "elementwise, 1e8": one(
        1.0,
        ("a + b", 3 * FLOATS),
        ("a * 2", 2 * FLOATS),
        ("a.exp()", 2 * FLOATS),
        ("a.sigmoid()", 2 * FLOATS),
        ("a > b", 2 * FLOATS + N),
        ("a.half()", FLOATS + FLOATS // 2),
        ("torch.where(a > 0.5, a, b)", 3 * FLOATS),
    ),
    "chains, 1e8 (0.8 for each operation)": [
        (f"{k} operations", VECTORS, chain(k), 0.8 * k, 2 * FLOATS) for k in (2, 4, 8)
    ]
    + one(3.0, ("((a * 2 + b).relu() * c - a / b).abs()", 4 * FLOATS), ("torch.sin(a) * torch.cos(b) + torch.tanh(c)", 4 * FLOATS)),
    "reductions, 1e8": one(
        1.0,
        ("a.sum()", FLOATS),
        ("a.mean()", FLOATS),
        ("a.max()", FLOATS),
        ("a.argmax()", FLOATS),
        ("a.std()", FLOATS),
        ("a.norm()", FLOATS),
        ("a.view(10_000, 10_000).sum(0)", FLOATS),
        ("a.view(10_000, 10_000).sum(1)", FLOATS),
        ("a.view(10_000, 10_000).max(1)", FLOATS),
    )
    + one(1.5, ("(a * b).sum()", 2 * FLOATS), ("((a - b) ** 2).mean()", 2 * FLOATS)),
    "products": [
        (f"{dtype} {n}", matrices(n, dtype), "x @ y", 0.97, 0)
        for n, dtype in ((1024, "float32"), (4096, "float32"), (4096, "bfloat16"), (8192, "float16"), (2048, "float64"))
    ],
    "rows and orders": [
        (f"`{statement}`", ROWS, statement, 1.0, moved)
        for statement, moved in (
            ("torch.softmax(x, 1)", 2 * SQUARE),
            ("torch.nn.functional.layer_norm(x, (1000,), w, w)", 2 * SQUARE),
            ("x.cumsum(1)", 2 * SQUARE),
            ("x.cumsum(0)", 2 * SQUARE),
            ("x.flatten().cumsum(0)", 2 * SQUARE),
            ("x.sort(1)", 0),
            ("x.flatten().sort()", 0),
            ("x.topk(10, 1)", SQUARE),
            ("x[i]", 2 * SQUARE),
            ("x.gather(0, i[:, None].expand(10_000, 1000))", 2 * SQUARE),
            ("torch.cat([x, x])", 4 * SQUARE),
            ("x.t().contiguous()", 2 * SQUARE),
            ("torch.randn(10_000_000)", SQUARE),
        )
    ],
    "small": [
        (f"`{statement}`", SMALL, statement, 1.0, 0)
        for statement in (
            "a + b",
            "a * 2 + b * 3 - 1",
            "a.sum()",
            "a.max(0)",
            "x @ x",
            "torch.softmax(x, 1)",
            "torch.nn.functional.layer_norm(x, (8,))",
            "a[i]",
            "a.gather(0, i)",
            "a.clone()",
            "torch.zeros(1000)",
            "torch.randn(1000)",
            "torch.cat([a, b])",
            "x.t().contiguous()",
            "a.cumsum(0)",
            "a.sort()",
            "(w * a).sum().backward()",
            "a.sum().item()",
        )
    ],
    "copies": [
        (title, f"a = torch.rand({N // 4}, device='cpu'); b = a.cuda()", statement, 1.0, N)
        for title, statement in (("host to device", "a.cuda()"), ("device to host", "b.cpu()"))
    ],
}
