"""Proves golden files under real PyTorch: runs them through Python's own doctest module.

    python tests/reference.py tests/golden examples           checks; exit status 1 if some fail
    python tests/reference.py --write tests/golden            fills in the outputs that are absent
    python tests/reference.py --rewrite tests/golden/a.md     replaces outputs that differ, too

Needs PyTorch 2.11 and NumPy 2.4. The names that tensh has at its prompt are there: those of torch, as after
`from torch import *`, and the devices `cuda` and `cpu`; a name that Python has too goes by its first argument.
"""

import argparse
import builtins
import doctest
import functools
import io
import os
import sys
import traceback
import types
import warnings

import numpy
import torch

BLANK = "<BLANKLINE>"
NUMPY_OPTIONS = numpy.get_printoptions()


def by_first_argument(name):
    """A function that is torch's for a tensor and Python's for anything else."""
    ours, theirs = getattr(torch, name), getattr(builtins, name)

    @functools.wraps(theirs)
    def choose(*args, **kwargs):
        first = args[0] if args else kwargs.get("input")
        return (ours if isinstance(first, torch.Tensor) else theirs)(*args, **kwargs)

    return choose


def prompt_names():
    """The names in scope when a session starts."""
    names = {"torch": torch, "cuda": torch.device("cuda"), "cpu": torch.device("cpu"), "__name__": "__main__"}
    for name in dir(torch):
        value = getattr(torch, name)
        if name.startswith("_") or isinstance(value, types.ModuleType) or name in names:
            continue
        if not hasattr(builtins, name):
            names[name] = value
        elif not isinstance(getattr(builtins, name), type) and callable(value):
            names[name] = by_first_argument(name)
    for name in ["linalg", "fft", "special", "nn"]:
        names[name] = getattr(torch, name)
    return names


def fresh_state():
    """What a new session finds: default options, dtype and grad mode."""
    torch._tensor_str.PRINT_OPTS.__init__()
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    torch.manual_seed(0)
    numpy.set_printoptions(**{k: v for k, v in NUMPY_OPTIONS.items() if k != "override_repr"})


class Runner(doctest.DocTestRunner):
    """doctest's runner that also keeps what each failing example gave."""

    def __init__(self):
        super().__init__(verbose=False, optionflags=doctest.REPORT_UDIFF)
        self.given = []

    def report_failure(self, out, test, example, got):
        if example.exc_msg is not None or "Traceback (most recent call last)" in got:
            got = shown_error(got)
        self.given.append((example, got))
        super().report_failure(out, test, example, got)

    def report_unexpected_exception(self, out, test, example, exc_info):
        lines = traceback.format_exception_only(*exc_info[:2])
        # A SyntaxError begins with the place and the source, which are not compared.
        text = "".join(line for i, line in enumerate(lines) if any(not l.startswith(" ") for l in lines[: i + 1]))
        self.given.append((example, f"Traceback (most recent call last):\n    ...\n{text}"))
        super().report_unexpected_exception(out, test, example, exc_info)


def shown_error(got):
    """An exception's text with its stack left out: the last unindented line on."""
    lines = got.splitlines(keepends=True)
    start = max((i for i, l in enumerate(lines) if l.startswith("Traceback (most recent call last)")), default=None)
    if start is None:
        return got
    message = next((i for i in range(start + 1, len(lines)) if lines[i][:1].isalpha() or lines[i][:1] == "_"), start + 1)
    return "Traceback (most recent call last):\n    ...\n" + "".join(lines[message:])


def is_fence(line):
    return line.lstrip(" ").startswith(("```", "~~~"))


def is_absent(example):
    """No expected output, but perhaps the fence that closes the block."""
    return not example.want or is_fence(example.want.split("\n")[0])


def fill(text, given):
    """The text with the outputs given, and how many were put in."""
    lines = text.split("\n")
    for example, got in reversed(given):
        start = example.lineno + example.source.rstrip("\n").count("\n") + 1
        while start < len(lines) and lines[start].lstrip(" ").startswith("..."):
            start += 1
        end = start + example.want.count("\n")
        fences = [i for i in range(start, end) if is_fence(lines[i])]
        margin = " " * example.indent
        output = [margin + (line if line.strip() else BLANK) for line in got.split("\n")[: got.count("\n")]]
        if fences:
            end = fences[0]
            output.append("")
        lines[start:end] = output
    return "\n".join(lines), len(given)


def run(path, write, rewrite):
    """Runs one file; gives (examples, failures, report)."""
    fresh_state()
    with open(path, encoding="utf-8") as file:
        text = file.read()
    test = doctest.DocTestParser().get_doctest(text, prompt_names(), path, path, 0)
    if not test.examples:
        return 0, 0, ""
    runner, out = Runner(), io.StringIO()
    failed, tried = runner.run(test, out=out.write, clear_globs=True)
    given = [g for g in runner.given if rewrite or write and is_absent(g[0])]
    if given:
        text, count = fill(text, given)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        print(f"{path}: {count} written")
        return run(path, False, False)
    return tried, failed, out.getvalue()


def find(paths):
    """The files named, and the .md and .txt files in the folders named."""
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, folders, files in os.walk(path):
            folders.sort()
            yield from (os.path.join(folder, f) for f in sorted(files) if f.endswith((".md", ".txt")))


def main():
    parser = argparse.ArgumentParser(description="Run golden files under real PyTorch.")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--write", action="store_true", help="fill in absent outputs")
    parser.add_argument("--rewrite", action="store_true", help="replace outputs that differ")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    examples = failures = files = 0
    for path in find(options.paths):
        tried, failed, report = run(path, options.write, options.rewrite)
        examples, failures, files = examples + tried, failures + failed, files + (tried > 0)
        if failed:
            print(report)
    verdict = f"{failures} fail" if failures else "all pass"
    print(f"{examples} examples in {files} files under PyTorch {torch.__version__}: {verdict}")
    sys.exit(1 if failures or not examples else 0)


if __name__ == "__main__":
    main()
