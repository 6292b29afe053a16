#!/usr/bin/env python3
"""Writes src/ops/overloads.txt: the overloads of PyTorch's own argument parser, for the functions and methods that tensh has.

    PY tools/overloads.py target/release/tensh

PY is a Python that holds the reference PyTorch. Its parser's signatures lie as texts in its library; what a call of sixty words is
told to take shows which of them belong to a function, and in which order. Of functions that are written in Python it takes the
parameters.
"""
import glob, inspect, re, subprocess, sys, tempfile, types

import torch

TYPES = {
    "IntArrayRef": "int[]", "SymIntArrayRef": "int[]", "SymInt": "int", "int64_t": "int", "double": "float",
    "c10::string_view": "str", "std::string_view": "str", "DimnameList": "Dimname[]", "TensorList": "Tensor[]",
    "ArrayRef<double>": "float[]", "ArrayRef<Scalar>": "Scalar[]", "ScalarList": "Scalar[]",
}
SHOWN = {
    "int[]": "tuple of ints", "Dimname[]": "tuple of names", "Dimname": "name", "Tensor[]": "tuple of Tensors",
    "float[]": "tuple of floats", "Scalar[]": "tuple of Scalars", "Scalar": "Number", "ScalarType": "torch.dtype",
    "Generator": "torch.Generator", "MemoryFormat": "torch.memory_format", "Layout": "torch.layout", "Device": "torch.device",
}
# Where a number stands for a tensor.
NUMBERS = "add sub subtract mul multiply div divide true_divide floor_divide to copy".split()
MODULES = {"": torch, "linalg.": torch.linalg, "special.": torch.special, "fft.": torch.fft, "nn.functional.": torch.nn.functional}


def parts(text):
    """A signature's parameters."""
    inner = text[text.index("(") + 1 : text.rindex(")")]
    return [p for p in re.split(r", (?![^{\[]*[}\]])", inner) if p]


def written(name, text):
    """A parser's signature as the table writes them, and as messages show it; None for what is no signature."""
    ours, shown = [], []
    for part in parts(text):
        if part == "*":
            ours.append(part), shown.append(part)
            continue
        found = re.fullmatch(r"([\w:<>]+)(\[\d+\])?(\?)? (\w+)(?:=(.*))?", part)
        if not found:
            return None
        kind, count, none, label, default = found.groups()
        kind = TYPES.get(kind, kind)
        default = {"c10::nullopt": "None"}.get(default, default)
        if kind == "str" and default:
            default = default.replace("'", '"')
        sized = kind[:-1] + count[1:] if count and kind.endswith("[]") else kind
        if kind == "Tensor" and label == "other" and name.rstrip("_") in NUMBERS:
            sized = "Operand"
        ours.append(f"{sized}{none or ''} {label}" + (f"={default}" if default is not None else ""))
        shown.append(f"{SHOWN.get(kind, kind)} {label}" + (f" = {default}" if default is not None else ""))
    return "(" + ", ".join(ours) + ")", "(" + ", ".join(shown) + ")"


def library():
    """The signatures in the library, by name; those that are no longer to be used are left out."""
    found = {}
    for path in glob.glob(torch.__path__[0] + "/lib/libtorch_python.so"):
        for text in open(path, "rb").read().split(b"\0"):
            match = re.fullmatch(rb"(\w+)(\([ -~]*\))", text) if len(text) < 1000 else None
            if not match:
                continue
            name, text = match.group(1).decode(), match.group(2).decode()
            both = written(name, text)
            if both:
                found.setdefault(name, {}).setdefault(both[1], both[0])
    return found


def calls():
    """Each function and method: the label of its lines, and the name that its messages use."""
    for prefix, module in MODULES.items():
        for name in sorted(dir(module)):
            if not name.startswith("_") and isinstance(getattr(module, name), types.BuiltinFunctionType):
                yield prefix + name, f"torch.{prefix}{name}"
    for name in sorted(dir(torch.Tensor)):
        if not name.startswith("__") and inspect.ismethoddescriptor(getattr(torch.Tensor, name)):
            yield "Tensor." + name, f"torch.ones(2, 3).{name}"


def refusal(call, words):
    try:
        eval(call, {"torch": torch})(*words)
    except Exception as e:
        return str(e)
    return ""


def definitions():
    """The functions that are written in Python, by module and name; of those that choose between two, the one that is called."""
    for prefix, module in MODULES.items():
        for name in sorted(dir(module)):
            function = getattr(module, name)
            if isinstance(function, types.FunctionType) and not name.startswith("_"):
                chosen = getattr(module, "_" + name, None) if "pool" in name else None
                yield prefix, name, chosen if isinstance(chosen, types.FunctionType) else function


def known(tensh):
    """The labels of what tensh has."""
    lines = ["import torch"]
    written = [(prefix + name, f"torch.{prefix}{name}") for prefix, name, _ in definitions()]
    for label, call in [*calls(), *written]:
        lines += [f"try: print('{label}', hasattr({call.rpartition('.')[0]}, '{call.rpartition('.')[2]}'))", "except Exception: pass"]
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write("\n".join(lines) + "\n")
        script.flush()
        out = subprocess.run([tensh, script.name], capture_output=True, text=True).stdout
    return {line.split()[0] for line in out.splitlines() if line.endswith("True")}


def takes_names(name, ours):
    """Whether a function that has an overload for named dimensions says that it does not take names yet."""
    call = f"torch.{name}" if not name.startswith("Tensor.") else f"torch.ones(2, 3).{name[7:]}"
    given = []
    for part in parts(ours):
        if part == "*":
            break
        kind = part.split(" ")[0].rstrip("?")
        if kind not in ("Tensor", "Dimname") and "=" in part:
            break
        given.append({"Tensor": torch.zeros(1, dtype=torch.long), "Dimname": "q", "Dimname[]": ["q"], "Dimname[1]": ["q"], "bool": False}.get(kind, 0))
    return "passed a dimname" not in refusal(call, given)


def main():
    have, texts, out = known(sys.argv[1]), library(), {}
    for label, call in calls():
        if label not in have:
            continue
        name = label.rpartition(".")[2]
        said = refusal(call, ["q"] * 60)
        options = re.findall(r"^ \* (\(.*\))$", said, re.M) or re.findall(r", but expected (\(.*\))$", said)
        if not options:
            continue
        # A text that is the end of another lies in the library once.
        ends = [texts[other] for other in sorted(texts) if other.endswith(said.split("(")[0])]
        ours = [next((of[option] for of in ends if option in of), None) for option in options]
        if None in ours:
            print("not found:", label, options, file=sys.stderr)
            continue
        lines = []
        for text in ours:
            refuses = "Dimname" in text and not takes_names(label, text)
            lines.append(text + (" refuses" if refuses else ""))
        out[label] = lines
    for label in [label for label in out if label.startswith("Tensor.")]:
        # A method is its function without the tensor and without `out`, as a rule.
        derived = [re.sub(r", Tensor(\[\d\])? out=None|^\(\*, Tensor out=None\)", "", t.replace("(Tensor input, ", "(", 1).replace("(Tensor input)", "()")) for t in out.get(label[7:], [])]
        derived = [t.replace(", *)", ")").replace("(*)", "()") for t in derived]
        if derived == out[label]:
            del out[label]
    defs = []
    for prefix, name, function in definitions():
        parameters = []
        for p in inspect.signature(function, follow_wrapped=False).parameters.values():
            star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
            if p.kind == p.KEYWORD_ONLY and not any(x.startswith("*") for x in parameters):
                parameters.append("*")
            parameters.append(star + p.name + ("" if p.default is p.empty else "="))
        fixed = not any(x.startswith("*") and x != "*" for x in parameters)
        if prefix + name in have and fixed:
            defs.append(f"def {prefix}{name} {function.__name__}({', '.join(parameters)})")
    with open("src/ops/overloads.txt", "w") as file:
        for label, lines in out.items():
            file.writelines(f"{label}{line}\n" for line in lines)
        file.writelines(line + "\n" for line in defs)


main()
