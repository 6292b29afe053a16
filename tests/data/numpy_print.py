#!/usr/bin/env python3
"""Writes tests/data/numpy_print.tsv: how NumPy 2.4 prints arrays and scalars, for tests/numpy_print.rs.

    python tests/data/numpy_print.py [COUNT [SEED]] > tests/data/numpy_print.tsv

A row is `function<TAB>dtype<TAB>shape<TAB>options<TAB>elements<TAB>text`: the shape's lengths joined by commas (`-` for
0-d), options as `name=value` joined by commas, floats as hex bits of a double (complex: two), `arange` for 0, 1, 2, ...
"""
import random
import struct
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 400
rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 3)
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]


def bits(x):
    return struct.pack(">d", x).hex()


def encoded(x):
    if isinstance(x, np.bool_):
        return str(int(x))
    if isinstance(x, np.integer):
        return str(int(x))
    if isinstance(x, np.complexfloating):
        return bits(float(x.real)) + bits(float(x.imag))
    return bits(float(x))


def row(function, array, options, elements=None):
    with np.printoptions(**options):
        text = {"repr": repr, "str": str, "scalar_repr": lambda a: repr(a[()]), "scalar_str": lambda a: str(a[()])}[function](array)
    shape = ",".join(map(str, array.shape)) or "-"
    chosen = ",".join(f"{k}={v}" for k, v in options.items()) or "-"
    elements = elements or " ".join(encoded(x) for x in array.reshape(-1)) or "-"
    line = "\t".join([function, array.dtype.name, shape, chosen, elements, text.replace("\n", "\\n")])
    if len(line) < 1500:
        print(line)


def a_float():
    style = a_float.style
    if rng.random() < a_float.odd:
        return rng.choice([float("nan"), float("inf"), float("-inf"), 0.0, -0.0])
    if style == 0:
        return float(rng.randrange(-20, 100))
    if style == 1:
        return round(rng.uniform(-10, 10), rng.randrange(1, 5))
    if style == 2:
        return rng.gauss(0, 1)
    if style == 3:
        return rng.uniform(1, 10) * 10.0 ** rng.randrange(-8, 12)
    if style == 4:
        return rng.choice([1, -1]) * 2.0 ** rng.randrange(-24, 40)
    if style == 5:
        return rng.uniform(0, 1000)
    return struct.unpack(">d", rng.randbytes(8))[0]


def an_array(dtype, shape):
    a_float.style = rng.randrange(7)
    a_float.odd = rng.choice([0, 0, 0.1, 0.5])
    size = int(np.prod(shape, dtype=int))
    kind = np.dtype(dtype).kind
    if kind == "b":
        values = [rng.random() < 0.5 for _ in range(size)]
    elif kind in "iu":
        info = np.iinfo(dtype)
        top = rng.choice([10, 100, 2**70])
        values = [rng.randrange(max(info.min, -top), min(info.max, top) + 1) for _ in range(size)]
    elif kind == "f":
        values = [a_float() for _ in range(size)]
    else:
        values = [complex(a_float(), a_float()) for _ in range(size)]
    return np.array(values, dtype=dtype).reshape(shape)


def some_options():
    if rng.random() < 0.6:
        return {}
    options = {}
    for name, choices in {
        "precision": [0, 1, 2, 3, 5, 12, 17],
        "threshold": [0, 3, 5, 10],
        "edgeitems": [1, 2, 4],
        "linewidth": [10, 20, 40, 75, 200],
        "suppress": [True],
        "sign": ["+", " "],
        "floatmode": ["fixed", "unique", "maxprec", "maxprec_equal"],
        "nanstr": ["NA", "missing"],
        "infstr": ["Infinity"],
    }.items():
        if rng.random() < 0.25:
            options[name] = rng.choice(choices)
    return options


SHAPES = [(), (1,), (2,), (3,), (5,), (7,), (12,), (20,), (0,), (2, 2), (2, 3), (3, 4), (0, 3), (2, 0), (1, 1), (2, 2, 2), (2, 1, 3), (2, 0, 2), (1, 2, 2, 2), (9, 2), (2, 11)]
TYPES = FLOATS * 4 + COMPLEX * 3 + INTS + ["bool"] * 2
for _ in range(COUNT):
    array = an_array(rng.choice(TYPES), rng.choice(SHAPES))
    row(rng.choice(["repr", "repr", "str"]), array, some_options())
for _ in range(COUNT // 2):
    array = an_array(rng.choice(TYPES), ())
    row(rng.choice(["scalar_repr", "scalar_str"]), array, {})
for exponent in range(-24, 16):
    row("scalar_str", np.array(2.0**exponent, np.float16), {})
for dtype in ["int64", "float32", "float64", "int8", "complex64", "bool"]:
    for shape in [(1000,), (1001,), (2000,), (40, 40), (7, 200), (200, 7), (11, 10, 10), (2, 3, 4, 60), (1001, 1), (1, 1001)]:
        array = np.arange(int(np.prod(shape))).astype(dtype).reshape(shape)
        for function in ["repr", "str"]:
            row(function, array, {}, "arange")
