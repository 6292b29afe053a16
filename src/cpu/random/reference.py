"""Writes reference.txt: calls of random functions, and a hash of the bytes that PyTorch returns for each.

Run with the reference Python: python reference.py > reference.txt
A line is `function dtype sizes layout arguments hash`; layout `c` is contiguous, `t` transposed, `s` every second
element. Inputs with values hold ((37 i + 11) mod 101) / 101 times the first argument, in index order.
"""
import random
import torch

FLOATS = ["float32", "float64", "float16", "bfloat16"]
ALL = FLOATS + ["complex64", "complex128", "uint8", "int8", "int16", "int32", "int64", "bool"]
SIZES = ["1", "5", "15", "16", "17", "33", "100", "625", "3x4", "4x5x6", "2x1x9", "1249"]


def fnv(data):
    h = 0xCBF29CE484222325
    for b in data:
        h = (h ^ b) * 0x100000001B3 % 2**64
    return f"{h:016x}"


def shaped(dtype, sizes, layout):
    dtype, sizes = getattr(torch, dtype), [int(s) for s in sizes.split("x")]
    if layout == "t":
        return torch.zeros(sizes[::-1], dtype=dtype).permute(*range(len(sizes))[::-1])
    if layout == "s":
        return torch.zeros(sizes[:-1] + [2 * sizes[-1]], dtype=dtype)[..., ::2]
    return torch.zeros(sizes, dtype=dtype)


def filled(x, scale):
    i = torch.arange(x.numel()).reshape(x.shape)
    return x.copy_((37 * i + 11) % 101 / torch.tensor(101.0, dtype=torch.float64) * scale)


def call(name, dtype, sizes, layout, a):
    x = shaped(dtype, sizes, layout)
    if name in ("uniform", "normal", "exponential", "cauchy", "log_normal", "geometric", "bernoulli"):
        return getattr(x, name + "_")(*a)
    if name == "random":
        return x.random_(*[int(v) for v in a])
    if name == "randperm":
        return torch.randperm(int(a[0]), dtype=x.dtype)
    filled(x, a[0] if a else 1.0)
    if name == "bernoulli_each":
        return torch.bernoulli(x)
    if name == "dropout":
        return torch.dropout(x, a[1], True)
    if name == "alpha_dropout":
        return torch.feature_alpha_dropout(x, a[1], True)
    if name == "multinomial":
        return torch.multinomial(x, int(a[1]), bool(a[2]))
    if name == "binomial":
        return torch.binomial(x.floor(), filled(torch.empty_like(x), a[1]))
    if name == "normal_each":
        return torch.normal(x, filled(torch.empty_like(x), a[1]))
    return {"poisson": torch.poisson, "gamma": torch._standard_gamma}[name](x)


def main():
    r = random.Random(0)
    for seed in (0, 1, 42, 123456789, 2**32 + 7, 2**63 - 1):
        torch.manual_seed(seed)
        print("seed", seed)
        for _ in range(90):
            name, dtypes, args = r.choice([
                ("uniform", FLOATS + ["complex64", "complex128"], [(0, 1), (-1, 3), (-0.3, 0.7)]),
                ("normal", FLOATS + ["complex64", "complex128"], [(0, 1), (1.5, 2.5), (0, 0)]),
                ("exponential", FLOATS, [(1,), (0.25,)]),
                ("cauchy", FLOATS, [(0, 1), (-3, 0.1)]),
                ("log_normal", FLOATS, [(0, 1), (1.5, 0.5)]),
                ("geometric", [d for d in ALL if d[0] not in "cb"], [(0.5,), (0.01,)]),
                ("bernoulli", [d for d in ALL if d[0] != "c"], [(0.5,), (0.3,), (1,)]),
                ("random", [d for d in ALL if d[0] != "c"], [(), (0, 2)]),
                ("random", ["int64", "float64"], [(0, 2**28 - 1), (0, 2**28), (-5, 2**40)]),
                ("random", ["int32", "int16", "float32", "float16"], [(-5, 100), (0, 2000)]),
                ("randperm", ["int64", "int32", "float64"], [(1,), (10,), (1000,), (40000,)]),
                ("bernoulli_each", FLOATS, [()]),
                ("dropout", FLOATS, [(10, 0.5), (10, 0.1)]),
                ("alpha_dropout", FLOATS, [(10, 0.5), (10, 0.1)]),
                ("multinomial", ["float32", "float64"], [(1, 1, 0), (1, 4, 0), (1, 50, 1)]),
                ("poisson", FLOATS, [(1,), (30,), (1000,)]),
                ("binomial", ["float32", "float64"], [(10, 1), (1000, 1)]),
                ("gamma", ["float32", "float64"], [(1,), (30,)]),
                ("normal_each", FLOATS, [(1, 1), (5, 0.5)]),
            ])
            dtype, layout = r.choice(dtypes), r.choice("ccts")
            sizes = r.choice([s for s in SIZES if name != "alpha_dropout" or "x" in s])
            if name == "multinomial":
                sizes = r.choice(["5", "100", "3x10"])
            a = r.choice(args)
            out = call(name, dtype, sizes, layout, a).contiguous().flatten().clone()
            data = out.as_strided((out.numel(),), (1,)).view(torch.uint8).numpy().tobytes()
            print(name, dtype, sizes, layout, *a, fnv(data))


main()
