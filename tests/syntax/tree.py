"""Reads sources separated by NUL; writes the tree of each as tests/cpython_trees.rs spells it, or its SyntaxError."""
import ast
import struct
import sys
import warnings

if sys.version_info < (3, 8):
    sys.exit(1)
warnings.simplefilter("ignore")
sys.setrecursionlimit(100000)

OPS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not", ast.And: "and", ast.Or: "or",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}


def op(node):
    return OPS[type(node)]


def many(items, each):
    return "[" + " ".join(each(item) for item in items) + "]"


def maybe(item, each=None):
    return "~" if item is None else (each or expr)(item)


def text(value):
    return "'" + " ".join(str(ord(c)) for c in value) + "'"


def number(letter, value):
    return letter + struct.pack(">d", value).hex()


def params(a):
    out = []
    plain = [("positional", p) for p in a.posonlyargs] + [("normal", p) for p in a.args]
    defaults = [None] * (len(plain) - len(a.defaults)) + a.defaults
    out += [f"({kind} {p.arg} {maybe(d)})" for (kind, p), d in zip(plain, defaults)]
    if a.vararg:
        out.append(f"(star {a.vararg.arg} ~)")
    out += [f"(keyword {p.arg} {maybe(d)})" for p, d in zip(a.kwonlyargs, a.kw_defaults)]
    if a.kwarg:
        out.append(f"(doublestar {a.kwarg.arg} ~)")
    return "[" + " ".join(out) + "]"


def body(statements):
    return many(statements, stmt)


def alias(a):
    return f"(alias {a.name} {maybe(a.asname, str)})"


def stmt(s):
    t = type(s).__name__
    if t == "Expr":
        return f"(expr {expr(s.value)})"
    if t == "Assign":
        return f"(assign {many(s.targets, expr)} {expr(s.value)})"
    if t == "AnnAssign":
        return "(pass)" if s.value is None else f"(assign [{expr(s.target)}] {expr(s.value)})"
    if t == "AugAssign":
        return f"(aug {expr(s.target)} {op(s.op)} {expr(s.value)})"
    if t == "If":
        return f"(if {expr(s.test)} {body(s.body)} {body(s.orelse)})"
    if t == "For":
        return f"(for {expr(s.target)} {expr(s.iter)} {body(s.body)} {body(s.orelse)})"
    if t == "While":
        return f"(while {expr(s.test)} {body(s.body)} {body(s.orelse)})"
    if t in ("Break", "Continue", "Pass"):
        return f"({t.lower()})"
    if t == "FunctionDef":
        return f"(def {s.name} {params(s.args)} {body(s.body)} {many(s.decorator_list, expr)})"
    if t == "Return":
        return f"(return {maybe(s.value)})"
    if t == "With":
        return f"(with {many(s.items, lambda i: f'({expr(i.context_expr)} {maybe(i.optional_vars)})')} {body(s.body)})"
    if t == "Try":
        handlers = many(s.handlers, lambda h: f"({maybe(h.type)} {maybe(h.name, str)} {body(h.body)})")
        return f"(try {body(s.body)} {handlers} {body(s.orelse)} {body(s.finalbody)})"
    if t == "Raise":
        return f"(raise {maybe(s.exc)} {maybe(s.cause)})"
    if t == "Assert":
        return f"(assert {expr(s.test)} {maybe(s.msg)})"
    if t == "Delete":
        return f"(del {many(s.targets, expr)})"
    if t in ("Global", "Nonlocal"):
        return f"({t.lower()} {many(s.names, str)})"
    if t == "Import":
        return f"(import {many(s.names, alias)})"
    if t == "ImportFrom":
        names = [] if s.names[0].name == "*" else s.names
        return f"(from {'.' * s.level}{s.module or ''} {many(names, alias)})"
    return f"<{t}>"


def comp(e, elt):
    return f"{elt} {many(e.generators, lambda g: f'({expr(g.target)} {expr(g.iter)} {many(g.ifs, expr)})')}"


def pieces(parts):
    return many(parts, piece)


def piece(p):
    if isinstance(p, ast.Constant):
        return text(p.value)
    conversion = "~" if p.conversion == -1 else chr(p.conversion)
    spec = pieces(p.format_spec.values) if p.format_spec else "[]"
    return f"(value {expr(p.value)} {conversion} {spec})"


def expr(e):
    t = type(e).__name__
    if t == "Constant":
        v = e.value
        if v is ...:
            return "..."
        if isinstance(v, str):
            return text(v)
        if isinstance(v, float):
            return number("f", v)
        if isinstance(v, complex):
            return number("j", v.imag)
        return str(v)
    if t == "JoinedStr":
        return f"(fstring {pieces(e.values)})"
    if t == "Name":
        return e.id
    if t in ("Tuple", "List", "Set"):
        return f"({t.lower()} {many(e.elts, expr)})"
    if t == "Dict":
        return "(dict [" + " ".join(f"({maybe(k)} {expr(v)})" for k, v in zip(e.keys, e.values)) + "])"
    if t == "Starred":
        return f"(* {expr(e.value)})"
    if t == "UnaryOp":
        return f"({op(e.op)} {expr(e.operand)})"
    if t == "BinOp":
        return f"({op(e.op)} {expr(e.left)} {expr(e.right)})"
    if t == "BoolOp":
        return f"({op(e.op)} {many(e.values, expr)})"
    if t == "Compare":
        rest = " ".join(f"({op(o)} {expr(c)})" for o, c in zip(e.ops, e.comparators))
        return f"(compare {expr(e.left)} [{rest}])"
    if t == "IfExp":
        return f"(ternary {expr(e.test)} {expr(e.body)} {expr(e.orelse)})"
    if t == "Lambda":
        return f"(lambda {params(e.args)} {expr(e.body)})"
    if t == "NamedExpr":
        return f"(:= {e.target.id} {expr(e.value)})"
    if t == "Attribute":
        return f"(. {expr(e.value)} {e.attr})"
    if t == "Subscript":
        return f"(sub {expr(e.value)} {expr(e.slice)})"
    if t == "Slice":
        return f"(slice {many([e.lower, e.upper, e.step], maybe)})"
    if t == "Call":
        named = many(e.keywords, lambda k: f"({maybe(k.arg, str)} {expr(k.value)})")
        return f"(call {expr(e.func)} {many(e.args, expr)} {named})"
    if t == "DictComp":
        return f"(dictcomp {comp(e, f'(tuple [{expr(e.key)} {expr(e.value)}])')})"
    names = {"ListComp": "listcomp", "SetComp": "setcomp", "GeneratorExp": "genexp"}
    if t in names:
        return f"({names[t]} {comp(e, expr(e.elt))})"
    return f"<{t}>"


def tree(source):
    try:
        compile(source, "source", "exec")
        return body(ast.parse(source).body)
    except (SyntaxError, ValueError) as error:
        return f"SyntaxError: {error}"


sys.stdout.reconfigure(encoding="utf-8", newline="")
sources = sys.stdin.buffer.read().decode("utf-8").split("\0")
sys.stdout.write("\0".join(tree(source) for source in sources))
