"""Writes reduce_bits.txt: reductions by PyTorch of inputs that tests/reduce_bits.rs makes too, results as bits.

Run with the reference Python (PyTorch 2.11 on 2 threads): python tests/data/reduce_bits.py
"""
import math, pathlib
import torch

torch.set_num_threads(2)
BITS = {torch.float32: torch.int32, torch.float64: torch.int64, torch.float16: torch.int16, torch.bfloat16: torch.int16}


def numbers(n, dtype):
    i = torch.arange(n, dtype=torch.int64)
    return (((i * 2654435761 + 12345) % 2**32 >> 8).double() / 2**20 - 8).to(dtype)


def hexed(t):
    t = t.contiguous()
    flat = torch.view_as_real(t).reshape(-1) if t.is_complex() else t.reshape(-1)
    if flat.dtype in BITS:
        width = flat.element_size() * 8
        words = [format(v % 2**width, "x") for v in flat.view(BITS[flat.dtype]).tolist()]
        return ["nan" if nan else word for word, nan in zip(words, flat.isnan().tolist())]
    return [str(int(v)) for v in flat.tolist()]


def summary(words):
    """Short results as they are, long ones by a checksum of their text."""
    if len(words) <= 4:
        return " ".join(words)
    total = 0
    for word in words:
        for byte in word.encode():
            total = (total * 31 + byte) % 2**64
    return f"#{len(words)}:{total:x}"


SHAPES = [
    ([1], [0]), ([7], [0]), ([100], [0]), ([1000], [0]), ([70001], [0]),
    ([9, 33], [0, 1]), ([33, 40], [1, 0]), ([300, 129], [0, 1]), ([129, 300], [1, 0]), ([4, 65, 17], [0, 1, 2]),
    ([17, 65, 40], [2, 0, 1]), ([3, 5, 7, 11], [3, 1, 0, 2]),
]
FLOATS = [torch.float32, torch.float64, torch.float16, torch.bfloat16]
OPS = {
    "sum": (FLOATS + [torch.complex64, torch.int64], lambda x, d: (x.sum(d),)),
    "nansum": (FLOATS, lambda x, d: (x.nansum(d),)),
    "mean": (FLOATS + [torch.complex128], lambda x, d: (x.mean(d),)),
    "prod": (FLOATS, lambda x, d: (x.prod() if d is None else x.prod(d[0]),)),
    "var": (FLOATS, lambda x, d: (x.var(d),)),
    "var_mean": (FLOATS, lambda x, d: torch.var_mean(x, d)),
    "norm": (FLOATS, lambda x, d: (torch.linalg.vector_norm(x, 2, d),)),
    "norm1": (FLOATS, lambda x, d: (torch.linalg.vector_norm(x, 1, d),)),
    "cumsum": (FLOATS, lambda x, d: (x.cumsum((d or [0])[0]),)),
    "cumprod": (FLOATS, lambda x, d: (x.cumprod((d or [0])[0]),)),
    "kthvalue": (FLOATS[:2], lambda x, d: x.kthvalue((x.size((d or [0])[0]) + 2) // 3, (d or [0])[0])),
    "quantile": (FLOATS[:2], lambda x, d: (x.quantile(0.3, (d or [0])[0]),)),
    "max": (FLOATS + [torch.int64], lambda x, d: x.max((d or [0])[0])),
    "median": (FLOATS + [torch.int64], lambda x, d: x.median((d or [0])[0])),
    "mode": (FLOATS + [torch.int64], lambda x, d: x.mode((d or [0])[0])),
}

lines = []
for op, (dtypes, run) in OPS.items():
    for dtype in dtypes:
        for sizes, order in SHAPES:
            n = math.prod(sizes)
            if dtype.is_complex:
                part = numbers(2 * n, torch.float64)
                x = torch.complex(part[0::2], part[1::2]).to(dtype)
            else:
                x = numbers(n, dtype)
            x = x.view(sizes).permute(order)
            for dims in [None] + [[d] for d in range(len(sizes))] + ([[0, 2]] if len(sizes) > 2 else []):
                if dims and len(dims) > 1 and op not in ("sum", "nansum", "mean", "var", "var_mean", "norm", "norm1"):
                    continue
                found = "; ".join(summary(hexed(t)) for t in run(x, dims))
                show = lambda v: ",".join(map(str, v))
                name = str(dtype).removeprefix("torch.")
                lines.append(f"{op} {name} {show(sizes)} {show(order)} {'-' if dims is None else show(dims)} = {found}")
path = pathlib.Path(__file__).with_name("reduce_bits.txt")
path.write_text("\n".join(lines) + "\n")
print(len(lines), "cases,", path.stat().st_size, "bytes")
