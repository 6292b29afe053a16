#!/usr/bin/env python3
"""Writes src/eval/text/unicode_tables.rs: what Python's str methods know of Unicode and Rust's standard library does not.

Run with the Python whose answers are wanted (3.11): python3 tools/unicode_tables.py > src/eval/text/unicode_tables.rs
"""
import sys
import unicodedata


def ranges(predicate):
    out, start = [], None
    for code in range(0x110000 + 1):
        if code < 0x110000 and predicate(chr(code)):
            start = code if start is None else start
        elif start is not None:
            out += [start, code - 1]
            start = None
    return out


def table(name, doc, predicate):
    print(f"\n/// {doc}: first and last of each run, in order.\npub const {name}: &[u32] = &[")
    cells = [hex(code) for code in ranges(predicate)]
    wrap(cells)
    print("];")


def wrap(cells):
    line = "   "
    for cell in cells:
        if len(line) + len(cell) + 2 > 120:
            print(line)
            line = "   "
        line += f" {cell},"
    print(line)


def mapping(name, doc, function, default):
    print(f"\n/// {doc}: the character and what it becomes, entries parted by spaces.\npub const {name}: &str = \"\\")
    line = "   "
    for code in range(0x110000):
        c = chr(code)
        if not 0xD800 <= code < 0xE000 and function(c) != default(c):
            cell = "".join(f"\\u{{{ord(x):x}}}" for x in c + function(c))
            if len(line) + len(cell) > 112:
                print(line + "\\u{20}\\")
                line = "   "
            line += (" " if line.strip() else " ") + cell
    print(line + "\";")


print("//! Made by `tools/unicode_tables.py`; not to be edited by hand.")
print(f"//! Unicode {unicodedata.unidata_version}, as Python {sys.version_info.major}.{sys.version_info.minor} has it.")
table("PRINTABLE", "`str.isprintable`, beyond ASCII", lambda c: ord(c) > 127 and c.isprintable())
table("ALPHA", "`str.isalpha`, beyond ASCII", lambda c: ord(c) > 127 and c.isalpha())
table("DECIMAL", "`str.isdecimal`; each run begins with a zero", str.isdecimal)
table("DIGIT", "`str.isdigit`", str.isdigit)
table("NUMERIC", "`str.isnumeric`", str.isnumeric)
table("TITLE", "Letters that are titlecase themselves", lambda c: unicodedata.category(c) == "Lt")
mapping("TITLECASE", "Where `str.title` differs from `str.upper`", lambda c: c.title(), lambda c: c.upper())
mapping("CASEFOLD", "Where `str.casefold` differs from `str.lower`", lambda c: c.casefold(), lambda c: c.lower())
