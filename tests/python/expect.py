"""Writes, beside each snippet of this folder, what CPython 3.11 prints for it: stdout, then the last line of stderr
behind `!! `. Run it with CPython 3.11 after adding or changing a snippet."""

import os
import pathlib
import subprocess
import sys

assert sys.version_info[:2] == (3, 11), "the expectations come from CPython 3.11"
here = pathlib.Path(__file__).parent
for snippet in sorted(here.rglob("*.py")):
    if snippet.name == "expect.py":
        continue
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run([sys.executable, "-W", "ignore", str(snippet)], capture_output=True, text=True, env=environment)
    text = done.stdout
    if done.returncode and done.stderr:
        text += "!! " + done.stderr.rstrip("\n").split("\n")[-1] + "\n"
    snippet.with_suffix(".txt").write_text(text)
