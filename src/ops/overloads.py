"""Writes overloads.txt: the forms that PyTorch lists where a call fits none of several, a function a paragraph.

Run with the reference Python: python overloads.py > overloads.txt
"""
import re
import warnings

import torch

warnings.simplefilter("ignore")
FACTORY = (
    "torch.dtype dtype = None, torch.layout layout = None, torch.device device = None, "
    "bool pin_memory = False, bool requires_grad = False"
)
MODULES = {
    "": torch, "nn.functional.": torch._C._nn, "linalg.": torch.linalg, "special.": torch.special, "fft.": torch.fft,
    ".": torch.Tensor,
}
BESIDE = {"as_subclass", "apply_", "map_", "map2_", "storage", "set_", "to"}


def listed(function):
    """What is listed for far too many arguments."""
    try:
        function(*["a"] * 40)
    except TypeError as error:
        return re.findall(r"^ \* \((.*)\)$", str(error), re.M)
    except Exception:
        return []


one = torch.ones(2, 2)
for prefix, module in MODULES.items():
    for name in sorted(dir(module)):
        if name.startswith("_") or name in BESIDE or not callable(getattr(module, name)):
            continue
        function = getattr(one if prefix == "." else module, name)
        if "builtin" not in type(function).__name__:
            continue
        options = listed(function) or []
        if len(options) > 1:
            print(prefix + name)
            for option in options:
                print(" " + option.replace(FACTORY, "@"))
