#!/usr/bin/env python3
"""Writes tests/data/text_cases.tsv: what CPython 3.11 answers about text, for tests/text.rs.

    python3 tests/data/text_cases.py [COUNT [SEED]] > tests/data/text_cases.tsv

A row is `function<TAB>arguments...<TAB>answer`. A tab, newline, backslash or anything beyond ASCII is written `\\u{hex}`.
Floats are their bits in hex; an error is `!Type: message`; lists are joined by U+001F and a trailing one.
"""
import random
import struct
import sys
import unicodedata

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 7)


def escape(text):
    return "".join(c if " " <= c <= "~" and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)


def bits(x):
    return struct.pack(">d", x).hex()


def answer(function):
    try:
        out = function()
    except Exception as e:
        text = e.args[0] if isinstance(e, KeyError) else str(e)
        return f"!{type(e).__name__}: {text}"
    if isinstance(out, (list, tuple)):
        return "".join(item + "\x1f" for item in out)
    if isinstance(out, float):
        return bits(out)
    if isinstance(out, complex):
        return bits(out.real) + bits(out.imag)
    return str(out)


long_rows = 0


def row(name, arguments, function):
    global long_rows
    line = "\t".join([name, *[escape(str(a)) for a in arguments], escape(answer(function))])
    long_rows += len(line) > 200
    # 1e308 in full is worth a few rows only.
    if len(line) <= 200 or long_rows <= 12:
        print(line)


EDGES = [0.0, -0.0, 1.0, -1.5, 0.1, 0.25, 0.5, 1.5, 2.5, 0.05, 0.15, 1e-4, 9.9999e-5, 1e-5, 123456.0, 999999.5, 1e15, 1e16, 1e17, 9999999999999998.0,
         1e22, 1e23, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 1e100, 3.14159265358979, 1 / 3, 2 / 3, 1e-7, 12345.678,
         99999.95, 0.999999, 9.5, 0.0001234, 100.0, 1e6, 1e5, 123456789.0, float("inf"), float("-inf"), float("nan"), 2.0**53, 2.0**-44, 1555344457968784.25, 88978111723634.625]


def a_float():
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(EDGES)
    if kind < 0.5:
        return struct.unpack(">d", rng.randbytes(8))[0]
    if kind < 0.7:
        return round(rng.uniform(-1000, 1000), rng.randrange(6))
    return rng.choice([-1, 1]) * rng.uniform(1, 10) * 10.0 ** rng.randrange(-8, 20)


def an_int():
    return rng.choice([0, 1, -1, 7, 42, -255, 1000, 1234567, -98765432, 2**31, 10**rng.randrange(40), rng.randrange(-10**12, 10**12), rng.randrange(300)])


LETTERS = "aAbZ zß éÉ\u01c6\u03a3\u03c3'.-_09\u0663²½ \t\n\r\x1c\u2028日本\U0001f600\u0301\xa0\xad\u200b{}%!:"


def a_text(length=8):
    return "".join(rng.choice(LETTERS) for _ in range(rng.randrange(length)))


def a_spec(types):
    out = ""
    if rng.random() < 0.3:
        out += rng.choice(["", "*", "é", "0"]) + rng.choice("<>=^")
    out += rng.choice(["", "", "", "+", "-", " "]) + rng.choice(["", "", "", "", "", "z"]) + rng.choice(["", "", "", "#"])
    out += rng.choice(["", "", "0"]) + rng.choice(["", "", "5", "9", "12", "20"]) + rng.choice(["", "", "", ",", "_", "_,"])
    out += rng.choice(["", "", ".0", ".1", ".2", ".3", ".5", ".10", ".17", ".25", "."][: 10 if rng.random() < 0.95 else 11])
    return out + rng.choice(types) + rng.choice([""] * 30 + ["d", "x"])


def encoded(value):
    if isinstance(value, float):
        return "f" + bits(value)
    return ("i" if isinstance(value, int) else "s") + str(value)


for x in EDGES + [struct.unpack(">d", rng.randbytes(8))[0] for _ in range(COUNT)]:
    row("float_repr", [bits(x)], lambda: repr(x))
for _ in range(COUNT // 2):
    x = a_float()
    row("float_repr", [bits(x)], lambda: repr(x))
for _ in range(COUNT // 6):
    z = complex(a_float(), a_float())
    if rng.random() < 0.3:
        z = complex(rng.choice([0.0, -0.0]), z.imag)
    row("complex_repr", [bits(z.real), bits(z.imag)], lambda: repr(z))
for _ in range(COUNT // 3):
    x, digits = a_float(), rng.choice([0, 1, 2, 3, 5, 10, -1, -2, -3, -8, 400, -400])
    row("round", [bits(x), digits], lambda: round(x, digits))
for x in [5.0, 15.0, 25.0, 50.0, 50.00000001, 49.999, 500.0, 1.7976931348623157e308, 1e308, 6e307]:
    for digits in [-1, -2, -3, -307, -308]:
        row("round", [bits(x), digits], lambda: round(x, digits))

for _ in range(COUNT):
    x, spec = a_float(), a_spec(["", "e", "E", "f", "F", "g", "G", "%", "n", "", "f", "g", "d", "s"])
    row("format_float", [bits(x), spec], lambda: format(x, spec))
for _ in range(COUNT // 2):
    n, spec = an_int(), a_spec(["", "d", "b", "o", "x", "X", "n", "c", "f", "e", "g", "%", "s", "y", "é"])
    row("format_int", [n, spec], lambda: format(n, spec))
for _ in range(COUNT // 3):
    z, spec = complex(a_float(), a_float()), a_spec(["", "e", "f", "g", "G", "n", "%", "d"])
    if rng.random() < 0.2:
        z = complex(0.0, z.imag)
    row("format_complex", [bits(z.real), bits(z.imag), spec], lambda: format(z, spec))
for _ in range(COUNT // 3):
    s, spec = a_text(), a_spec(["", "s", "d"])
    if rng.random() < 0.6:
        spec = rng.choice(["", "*", "0", "日"]) and rng.choice("*0日") + rng.choice("<>^") + rng.choice(["3", "8", "11", ""]) + rng.choice(["", ".2", ".5"])
    row("format_str", [s, spec], lambda: format(s, spec))
for _ in range(COUNT // 15):
    b, spec = rng.random() < 0.5, a_spec(["", "d", "x", "s", "f"])
    row("format_bool", [b, spec], lambda: format(b, spec))

for _ in range(COUNT):
    template, arguments = "", []
    for _ in range(rng.choice([1, 1, 1, 2])):
        letter = rng.choice("sdiuoxXeEfFgGcra%")
        flags = "".join(rng.sample("-+ #0", rng.choice([0, 0, 1, 1, 2])))
        template += rng.choice(["", "a", "日"]) + "%" + flags
        if letter == "%":
            flags and arguments.append(1)
            template += "%"
            continue
        width = rng.choice(["", "", "3", "10", "*"])
        width == "*" and arguments.append(rng.choice([5, -5, 12, 0]))
        precision = rng.choice(["", "", "", ".", ".0", ".3", ".12", ".*"])
        precision == ".*" and arguments.append(rng.choice([2, -3, 0]))
        template += width + precision + letter
        value = {"c": lambda: rng.choice([65, "é", "ab", 0x1F600]), "s": a_text, "r": a_text, "a": a_text}.get(letter, lambda: rng.choice([a_float, an_int])())()
        arguments.append(value)
    if rng.random() < 0.05:
        arguments = arguments[1:] if rng.random() < 0.5 else arguments + [1]
    row("percent", [template, *map(encoded, arguments)], lambda: template % tuple(arguments))
for template in ["%(a)s", "%(b)d%%", "%(a", "%(a)5.1f|%(b)-4d|", "%(a)s %s", "%s", "%(c)s", "%", "%5", "%y", "%(a)%", "x", "%é", "%5%", "%ld", "%hhd", "%(a(b))s", "%.d", "%10", "%(a)*d"]:
    row("percent_dict", [template], lambda: template % {"a": 1.5, "b": 42, "a(b)": 7})

TEMPLATES = ["{}", "{0}", "{1}{0}", "{}{}", "{0}{}", "{}{0}", "{a}", "{b:>{w}}", "{0:{1}}", "{:{}}", "{0!r}", "{0!s:>8}", "{0!a}", "{0!x}", "{0!}", "{", "}", "{{}}", "{{{0}}}",
             "a{0}b{1}c", "{0:", "{0", "{0!r", "{0!", "{0!rx}", "{a[}", "{a.b}", "{0.real}", "{0[1]}", "{0[a]}", "{0[}", "{0[]}", "{0.}", "{0[1]x}", "{0:{1:{2}}}", "{:{{}", "{!}", "{:}}", "{0:{}}", "{:x{", "é{}日", "{2}",
             "{nope}", "{ }", "{0 }", "{-1}", "{99999999999999999999}", "{0}}", "{0:>{w}.{p}f}", "{0[a.b]}", "{0.a.b[2][k]}", "{a[0]}{b.c!r:>10}", "{!r:10}|", "{:*^9}", "{0:{w}{a}}"]


class Probe:
    """Says what was done with it."""

    def __init__(self, text):
        self.text = text

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Probe(f"{self.text}.{name}")

    def __getitem__(self, key):
        return Probe(f"{self.text}[{key!r}]")

    def __format__(self, spec):
        return f"<{self.text}:{spec}>"

    def __repr__(self):
        return f"R{self.text}"

    __str__ = lambda self: f"S{self.text}"


for template in TEMPLATES:
    row("str_format", [template], lambda: template.format(Probe("p0"), Probe("p1"), a=Probe("a"), b=Probe("b"), w=Probe("w"), p=Probe("p")))

ONE = "capitalize casefold lower upper swapcase title isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper split rsplit splitlines strip lstrip rstrip expandtabs".split()
for name in ONE:
    for _ in range(COUNT // 25):
        s = a_text() if rng.random() < 0.6 else rng.choice(["", "Hello World", "hELLO", "they're Bill's", "ΑΣ", "ΣΑΣ Σ", "ǆabc ǆ", "12", "٣", "²", "½", "a\r\nb\n", "\ta\tbc\td", "ŉo", "ﬁn", "a.Σ", "x_1", "1x"])
        row(name, [s], lambda: getattr(s, name)())
for s in map(chr, rng.sample([c for c in range(0x110000) if unicodedata.category(chr(c)) not in ("Cs", "Cn")], COUNT // 4) + list(range(0, 0x250, 7))):
    row("classes", [s], lambda: "".join("01"[getattr(s, n)()] for n in "isalnum isalpha isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper".split()))
for _ in range(COUNT // 3):
    s = a_text(20)
    row("str_repr", [s], lambda: repr(s))
    row("str_ascii", [s], lambda: ascii(s))


def small(length=12):
    return "".join(rng.choice("aab,é ") for _ in range(rng.randrange(length)))


def bound():
    return rng.choice([None, None, 0, 1, 2, 3, 5, 9, 100, -1, -2, -4, -100])


def dash(x):
    return "-" if x is None else x


for _ in range(COUNT // 4):
    s, sub, i, j = small(), small(3), bound(), bound()
    for name in ["find", "rfind", "index", "rindex", "count", "startswith", "endswith"]:
        if rng.random() < 0.5:
            row(name, [s, sub, dash(i), dash(j)], lambda: getattr(s, name)(sub, i, j))
    n = rng.choice([-1, 0, 1, 2, 3])
    row("split_by", [s, sub, n], lambda: s.split(sub, n))
    row("rsplit_by", [s, sub, n], lambda: s.rsplit(sub, n))
    row("split_space", [s, n], lambda: s.split(None, n))
    row("rsplit_space", [s, n], lambda: s.rsplit(None, n))
    row("replace", [s, sub, "-é", n], lambda: s.replace(sub, "-é", n))
    row("partition", [s, sub], lambda: s.partition(sub))
    row("rpartition", [s, sub], lambda: s.rpartition(sub))
    row("removeprefix", [s, sub], lambda: s.removeprefix(sub))
    row("removesuffix", [s, sub], lambda: s.removesuffix(sub))
    row("strip_of", [s, sub], lambda: s.strip(sub))
    k = rng.choice([None, 1, 2, -1, -2, 5, 0])
    row("slice", [s, dash(i), dash(j), dash(k)], lambda: s[i:j:k])
    at = rng.randrange(-6, 6)
    row("at", [s, at], lambda: s[at])
    width = rng.randrange(-1, 16)
    for name in ["center", "ljust", "rjust"]:
        row(name, [s, width, "日"], lambda: getattr(s, name)(width, "日"))
    z = rng.choice(["", "+", "-"]) + s
    row("zfill", [z, width], lambda: z.zfill(width))
    row("keepends", [z.replace("a", "\r\n").replace("b", "\x0b")], lambda: z.replace("a", "\r\n").replace("b", "\x0b").splitlines(True))
    row("expand", [z.replace("a", "\t").replace(",", "\n"), width], lambda: z.replace("a", "\t").replace(",", "\n").expandtabs(width))

NUMBERS = ["", " ", "1", " 12 ", "-5", "+7", "- 5", "1_000", "1__0", "_1", "1_", "0x1f", "0X_1f", "0b101", "0o17", "017", "00", "0_0", "٣٤", "1.5", "1e5", "1e", ".5", "5.", ".", "inf", "-Infinity", "nan", "+nan", "infinit",
           "1_0.5_0", "1_.5", "1e1_0", "1j", "1+2j", "(1+2j)", " ( 1-2j ) ", "j", "-j", "1+j", "1e5-3.5e-2j", "1+2", "1 + 2j", "infj", "nan+infj", "1jj", "z", "zz", "１２", "1\n", "0b2", "0x", "1+2jx", "++1", "1e400", "()", "(1", "inf-nanj"]
for text in NUMBERS:
    for base in [10, 0, 2, 8, 16, 36, 1]:
        row("parse_int", [text, base], lambda: int(text, base))
    row("parse_float", [text], lambda: float(text))
    row("parse_complex", [text], lambda: complex(text))
