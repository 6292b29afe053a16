"""Writes doctest.cases: what Python's doctest module makes of texts and outputs, read by src/golden/tests.rs.

Run with Python 3.11: `python tests/data/golden/doctest_cases.py`. Lines of tab-separated fields with `\\n`, `\\t` and
`\\\\` escaped: `text T` followed by its `example SOURCE WANT ERROR LINE INDENT FLAGS` lines or an `error`, and
`check WANT GOT ERROR FLAGS 0|1`.
"""

import doctest
import os
import random

random.seed(7)
out = []
esc = lambda s: s.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
row = lambda *fields: out.append("\t".join(esc(str(f)) for f in fields))
NAMES = ["DONT_ACCEPT_TRUE_FOR_1", "DONT_ACCEPT_BLANKLINE", "NORMALIZE_WHITESPACE", "ELLIPSIS", "SKIP",
         "IGNORE_EXCEPTION_DETAIL", "REPORT_UDIFF", "REPORT_CDIFF", "REPORT_NDIFF", "REPORT_ONLY_FIRST_FAILURE",
         "FAIL_FAST"]
flag_names = lambda options: ",".join(n for n in NAMES if options.get(doctest.OPTIONFLAGS_BY_NAME[n])) or "-"

LINES = [">>> a", ">>> b = 1", ">>>", ">>> ", ">>>bad", ">>> # note", ">>> # doctest: +SKIP", ">>> f() # doctest: +ELLIPSIS",
         ">>> g() # doctest: +ELLIPSIS, -SKIP", ">>> h() #doctest:+NORMALIZE_WHITESPACE +FAIL_FAST", ">>> i() # doctest: +NOPE",
         ">>> 'x # doctest: +SKIP'", ">>> j()  # one # doctest: +SKIP", "... c", "...", "... ", "...d", "....", "out", "out 2",
         "  deep out", "", " ", "   ", "```", "```python", "prose here", "Traceback (most recent call last):",
         "Traceback (innermost last):  ", "Traceback (most recent call last): x", "    ...", "  File x", "ValueError: bad",
         "torch._C._LinAlgError: linalg", "_E: 1", "<BLANKLINE>", "\tx", "a\tb\tc", "\t>>> tabbed", "é >>> x", "    more text",
         "Übel: x", "1 2 3"]
for i in range(1500):
    lines = []
    margin = random.choice(["", "", "", "    ", "  "])
    for _ in range(random.randint(1, 9)):
        line = random.choice(LINES if random.random() < 0.7 else [">>> a", "... c", "out", "", "Traceback (most recent call last):"])
        extra = random.choice([""] * 12 + [" ", "    "])
        lines.append((margin + extra + line) if random.random() < 0.97 else line)
    text = "\n".join(lines) + random.choice(["", "\n", "\n\n"])
    row("text", text)
    try:
        for e in doctest.DocTestParser().get_examples(text):
            error = "-" if e.exc_msg is None else "=" + e.exc_msg
            row("example", e.source, e.want, error, e.lineno, e.indent, flag_names(e.options))
    except ValueError:
        row("error")

PIECES = ["a", "b", "1", "0", "True", "False", "...", "\n", " ", "  ", "\n\n", "<BLANKLINE>", "<BLANKLINE>\n", "\n<BLANKLINE> \n",
          " \n", "tensor(", "é", "\U0001f600", "x\ny", "\t", "ValueError: ", "m.Err: a", "\x1c", "..."]
checker = doctest.OutputChecker()
ended = lambda s: s if not s or s.endswith("\n") else s + "\n"


def check(want, got, error, names):
    flags = sum(doctest.OPTIONFLAGS_BY_NAME[n] for n in names)
    want, got = ended(want), ended(got)
    ok = checker.check_output(want, got, flags)
    if error and not ok and flags & doctest.IGNORE_EXCEPTION_DETAIL:
        strip = doctest._strip_exception_details
        ok = checker.check_output(strip(want), strip(got), flags)
    row("check", want, got, int(error), ",".join(names) or "-", int(ok))


for i in range(3000):
    want = [random.choice(PIECES) for _ in range(random.randint(1, 5))]
    got = list(want)
    for _ in range(random.randint(0, 2)):
        k = random.randrange(len(got) + 1)
        got[k : k + random.randint(0, 1)] = [random.choice(PIECES)]
    if random.random() < 0.6:
        got = [random.choice(["", "a", "xyz\n", " "]) if p == "..." else p for p in got]
    if random.random() < 0.6:
        got = ["" if p.startswith("<BLANK") else p for p in got]
    names = sorted(random.sample(NAMES[:4] + NAMES[5:6], random.choice([0, 0, 1, 1, 2, 3])))
    check("".join(want), "".join(got), random.random() < 0.3, names)
for want, got in [("1", "True"), ("0", "False"), ("True", "1"), ("m.E: a", "n.E: b"), ("E", "x.E: b"), ("aa...aa", "aaa")]:
    for names in [[], ["ELLIPSIS"], ["DONT_ACCEPT_TRUE_FOR_1"], ["IGNORE_EXCEPTION_DETAIL"]]:
        check(want, got, True, names)

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "doctest.cases")
with open(path, "w", newline="\n") as file:
    file.write("\n".join(out) + "\n")
print(len(out), "lines")
