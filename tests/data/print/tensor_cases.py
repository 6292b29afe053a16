"""Writes tensor.cases: tensors, print options and the repr that PyTorch gives, read by src/print/tensor/tests.rs.

Run with a Python that has PyTorch 2.11: `python tests/data/print/tensor_cases.py`. A case is a line

    @ DTYPE SIZES STRIDES OFFSET COUNT:BITS OPTIONS SUFFIX

followed by the lines of the repr. The storage has COUNT elements that cycle through BITS (hex, little end last; a
complex element is RE/IM). `-` stands for nothing.
"""

import itertools
import math
import os
import random
import struct

import torch

random.seed(20260)
inf, nan = math.inf, math.nan
NAMES = {
    "bool": torch.bool, "uint8": torch.uint8, "int8": torch.int8, "int16": torch.int16, "int32": torch.int32,
    "int64": torch.int64, "uint16": torch.uint16, "uint32": torch.uint32, "uint64": torch.uint64,
    "float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32, "float64": torch.float64,
    "complex64": torch.complex64, "complex128": torch.complex128,
}
FLOATS = ["float16", "bfloat16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
INTS = {"uint8": (0, 2**8), "int8": (-(2**7), 2**7), "int16": (-(2**15), 2**15), "int32": (-(2**31), 2**31),
        "int64": (-(2**63), 2**63), "uint16": (0, 2**16), "uint32": (0, 2**32), "uint64": (0, 2**64)}
BITS = {"float16": torch.int16, "bfloat16": torch.int16, "float32": torch.int32, "float64": torch.int64}
cases = []


def bits(values, dtype):
    """The values rounded to the dtype, as hex words."""
    if dtype in COMPLEX:
        part = "float32" if dtype == "complex64" else "float64"
        re, im = bits([v.real for v in values], part), bits([v.imag for v in values], part)
        return [f"{a}/{b}" for a, b in zip(re, im)]
    if dtype in BITS:
        t = torch.tensor(values, dtype=torch.float64).to(NAMES[dtype]).view(BITS[dtype])
        mask = (1 << (8 * t.element_size())) - 1
        return [f"{v & mask:x}" for v in t.tolist()]
    return [f"{int(v) & (2**64 - 1):x}" for v in values]


def storage(values, dtype, count):
    """The storage as a flat tensor, made of the same rounded values."""
    cycled = list(itertools.islice(itertools.cycle(values), count)) if values else []
    if dtype in COMPLEX:
        part = torch.float32 if dtype == "complex64" else torch.float64
        re = torch.tensor([v.real for v in cycled], dtype=torch.float64).to(part)
        im = torch.tensor([v.imag for v in cycled], dtype=torch.float64).to(part)
        return torch.complex(re, im)
    if dtype in BITS:
        return torch.tensor(cycled, dtype=torch.float64).to(NAMES[dtype])
    return torch.tensor(cycled, dtype=NAMES[dtype])


def contiguous(sizes):
    strides, step = [], 1
    for n in reversed(sizes):
        strides.insert(0, step)
        step *= max(n, 1)
    return strides


def add(dtype, sizes, values, options=None, strides=None, offset=0, suffix="-", count=None):
    """One case; suffix is `-`, `grad`, `fn`, `meta` or `default64`."""
    options = options or {}
    strides = contiguous(sizes) if strides is None else strides
    need = 0 if 0 in sizes else offset + 1 + sum((n - 1) * s for n, s in zip(sizes, strides))
    count = need if count is None else count
    assert values or count == 0
    t = storage(values, dtype, count)
    if t.numel() >= need:
        t = torch.as_strided(t, sizes, strides, offset)
    if suffix == "grad":
        t = t.detach().requires_grad_()
    elif suffix == "fn":
        t = t.detach().requires_grad_() * 1
    elif suffix == "meta":
        t = torch.empty(sizes, dtype=NAMES[dtype], device="meta")
    elif suffix == "default64":
        torch.set_default_dtype(torch.float64)
    torch.set_printoptions(profile="default")
    torch.set_printoptions(**options)
    text = repr(t)
    torch.set_printoptions(profile="default")
    torch.set_default_dtype(torch.float32)
    if len(text) > 2500 and random.random() < 0.9:
        return  # a few long ones are enough
    join = lambda xs: ",".join(map(str, xs)) or "-"
    shown = join(f"{k}={v}" for k, v in options.items())
    words = bits(values, dtype)[: max(count, 1)] if values else []
    cases.append(f"@ {dtype} {join(sizes)} {join(strides)} {offset} {count}:{join(words)} {shown} {suffix}\n{text}\n")


def pick(dtype, kind):
    """A value of some kind for the dtype."""
    if dtype == "bool":
        return random.random() < 0.5
    if dtype in INTS:
        low, high = INTS[dtype]
        if kind == "extreme":
            return random.choice([low, high - 1, 0, low + 1, 1])
        wide = random.choice([3, 10, 100, 10**4, 10**9, 2**62])
        return random.randint(max(low, -wide), min(high - 1, wide))
    if dtype in COMPLEX:
        part = "float32" if dtype == "complex64" else "float64"
        return complex(pick(part, kind), pick(part, random.choice([kind, kind, "small"])))
    sign = random.choice([1, 1, -1])
    if kind == "small":
        return sign * random.random()
    if kind == "normal":
        return random.gauss(0, 1)
    if kind == "whole":
        return float(random.randint(-20, 20))
    if kind == "hundreds":
        return random.uniform(-500, 500)
    if kind == "mixed":
        return sign * 10 ** random.uniform(-3, 3)
    if kind == "wide":
        return sign * 10 ** random.uniform(-30, 30)
    if kind == "tiny":
        return sign * 10 ** random.uniform(-8, -3)
    if kind == "large":
        return sign * 10 ** random.uniform(3, 10)
    if kind == "largewhole":
        return float(sign * random.randint(0, 10 ** random.randint(1, 12)))
    if kind == "special":
        return random.choice([nan, inf, -inf, 0.0, -0.0, 1.0, -1.5, 2.25, 1e-5, 1e9])
    if kind == "nonfinite":
        return random.choice([nan, inf, -inf, 0.0, -0.0])
    if kind == "nanwhole":
        return random.choice([nan, inf, -inf, 0.0, -0.0, 3.0, -7.0, 1000.0])
    if kind == "extreme":
        return random.choice([1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, 3.4e38, 1.4e-45, 65504.0, 6e-8, 1.0])
    if kind == "ties":
        return random.choice([0.00005, 0.12345, 0.5, 2.5, 1.00005, 0.99995, 9.99995, 99999.99995, 0.0625, 0.03125])
    raise ValueError(kind)


KINDS = ["small", "normal", "whole", "hundreds", "mixed", "wide", "tiny", "large", "largewhole", "special", "nonfinite",
         "nanwhole", "extreme", "ties"]
SHAPES = [[], [1], [2], [3], [7], [12], [40], [2, 3], [3, 1], [1, 1], [4, 20], [2, 2, 2], [3, 2, 4], [1, 2, 1, 3],
          [2, 1, 2, 1, 2]]
BIG = [[1000], [1001], [1500], [40, 30], [1, 1001], [501, 2], [20, 10, 6], [11, 10, 10], [4, 5, 6, 10], [6, 6, 6, 6],
       [7, 7, 7, 7], [2000, 1, 1], [3, 4, 5, 6, 4], [1, 1, 7, 150]]


def fill(dtype, sizes, kind):
    n = math.prod(sizes)
    return [pick(dtype, kind) for _ in range(min(n, 24))]


# Every dtype at every shape.
for dtype in NAMES:
    for shape in SHAPES:
        add(dtype, shape, fill(dtype, shape, random.choice(KINDS)))
    for shape in random.sample(BIG, 4):
        add(dtype, shape, fill(dtype, shape, "normal" if dtype in FLOATS + COMPLEX else "extreme"))
    for shape in [[0], [0, 3], [2, 0], [2, 0, 3], [0, 0]]:
        add(dtype, shape, [])
    add(dtype, [], fill(dtype, [], "extreme"))
    add(dtype, [5], fill(dtype, [5], "extreme"))

# Every kind of float and complex numbers.
for dtype in FLOATS + COMPLEX:
    for kind in KINDS:
        for shape in random.sample(SHAPES, 6) + random.sample(BIG, 1):
            add(dtype, shape, fill(dtype, shape, kind))

# The thresholds of the exponent form, from both sides.
near = [[1.0, 1000.0], [1.0, 1000.1], [1.0, 1001.0], [0.5, 500.0], [0.5, 500.5], [1e8], [1e8, 99999999.0], [100000001.0],
        [1.00000001e8], [100000008.0], [1e-4], [9.9e-5], [0.0001, 0.05], [0.00009999, 0.05], [1e-4, 0.1], [1e-4, 0.1000001],
        [0.0, 1e-5], [-0.0, 5.0], [0.0], [-0.0], [nan, 2.0], [inf, -inf], [inf, 2.5], [1e5, 1.5], [12345.678, 0.001],
        [123456.0, 100.0], [1e15, 1e13], [1e16], [0.99995], [0.99994999], [9.99995], [1.0, nan, -1e9], [99999.99995],
        [2.0, 3.0, 1e-3], [3.0, 3e-3], [3.0, 2.99e-3], [16777216.0, 16777215.0], [2**53, 1.0], [1e22, 1e21]]
for values in near:
    for dtype in FLOATS:
        add(dtype, [len(values)], values)
        add(dtype, [], values[:1])
    add("complex64", [len(values)], [complex(v, -v) for v in values])
    add("complex128", [len(values)], [complex(1.0, v) for v in values])

# Complex numbers: signs of zero, nan and infinity in either part.
parts = [0.0, -0.0, 1.0, -2.5, nan, inf, -inf, 1e-9, 12345.5]
for re, im in itertools.product(parts, parts):
    add("complex64", [], [complex(re, im)])
    add("complex128", [3], [complex(re, im), complex(im, re), 1 + 1j])

# Print options, one at a time and together.
single = [{"precision": p} for p in [0, 1, 2, 3, 6, 8, 12, 17]]
single += [{"threshold": t} for t in [0, 1, 5, 10, 100, 2.5, inf]]
single += [{"edgeitems": e} for e in [0, 1, 2, 4, 10]]
single += [{"linewidth": w} for w in [0, 1, 10, 20, 40, 60, 79, 81, 120, 200, 1000]]
single += [{"profile": p} for p in ["default", "short", "full"]]
single += [{"sci_mode": s} for s in [True, False]]
for options in single:
    for dtype in ["float32", "float64", "int64", "bfloat16", "complex64", "bool"]:
        add(dtype, [12], fill(dtype, [12], random.choice(KINDS)), options)
        shape = random.choice([[1001], [3, 400], [20, 60], [11, 10, 10]])
        small = [[30], [2, 3], [4, 5, 3], []]
        add(dtype, shape if "profile" not in options or random.random() < 0.1 else random.choice(small),
            fill(dtype, shape, "normal" if dtype in FLOATS + COMPLEX else "extreme"),
            {**options, "threshold": 500} if options.get("threshold", 0) == inf else options)
for _ in range(240):
    options = {}
    for other in random.sample(single, 3):
        options.update(other)
    if options.get("threshold") == inf or options.get("profile") == "full":
        shape = random.choice([[50], [4, 30], [3, 4, 5]])
    else:
        shape = random.choice(SHAPES + BIG)
    dtype = random.choice(list(NAMES))
    add(dtype, shape, fill(dtype, shape, random.choice(KINDS)), options)

# Views: transposed, stepped, shifted, expanded, diagonal, overlapping.
for dtype in ["float32", "int64", "float16", "complex64", "bool", "uint64"]:
    values = [pick(dtype, "normal") for _ in range(24)]
    for sizes, strides, offset in [([3, 2], [1, 3], 0), ([4], [3], 2), ([2, 5], [0, 1], 1), ([5, 2], [1, 0], 0),
                                   ([3], [4], 0), ([4, 3], [1, 1], 0), ([2, 3, 2], [1, 4, 2], 3), ([30, 50], [0, 0], 5),
                                   ([100, 20], [1, 100], 0), ([1], [7], 3), ([], [], 6), ([2000], [0], 1)]:
        add(dtype, sizes, values, strides=strides, offset=offset)
# Only the shown elements may be read: a storage of one element, seen as 10^12.
add("float32", [10**6, 10**6], [1.5], strides=[0, 0], count=1)
add("int64", [10**15], [7], strides=[0], count=1)
add("int8", [10**4, 10**4, 10**4], [-7], strides=[0, 0, 0], count=1)

# What follows the elements.
for dtype in FLOATS + COMPLEX:
    for suffix in ["grad", "fn", "default64", "meta"]:
        for shape in [[], [3], [2, 2], [0], [0, 2], [9], [10], [11]]:
            add(dtype, shape, fill(dtype, shape, "small"), suffix=suffix)
for dtype in ["int64", "uint8", "bool", "int32"]:
    for suffix in ["default64", "meta"]:
        for shape in [[], [3], [2, 0], [2, 3]]:
            add(dtype, shape, fill(dtype, shape, "small"), suffix=suffix)
# Where the line's end falls between elements and suffixes.
for n in range(1, 30):
    add("float16", [n], [0.5], suffix=random.choice(["grad", "fn", "-"]))
    add("int8", [n], [n], {"linewidth": random.randint(20, 100)})
    add("float64", [2, n], [n / 7], {"linewidth": random.randint(20, 100)}, suffix=random.choice(["grad", "fn"]))

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tensor.cases")
with open(path, "w") as out:
    out.write("".join(cases))
print(len(cases), "cases,", os.path.getsize(path), "bytes")
