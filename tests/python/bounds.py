# What asks for more memory than there is says so; what asks for nothing much does not.
import itertools


def show(label, work):
    try:
        print(label, repr(work()))
    except Exception as error:
        print(label, type(error).__name__, error)


show("list", lambda: list(range(10**12)))
show("tuple", lambda: tuple(range(10**12)))
show("repeat", lambda: [0] * 10**12)
show("str", lambda: "a" * 10**12)
show("join", lambda: len(("a" * 10**6).join("b" * 10**6)))
show("replace", lambda: len(("a" * 10**6).replace("a", "b" * 10**6)))
show("replace one", lambda: len(("a" * 10**6).replace("a", "b" * 10**6, 1)))
show("tee", lambda: itertools.tee([1], 10**12))
show("combinations", lambda: next(itertools.combinations(range(3), 10**12)))
show("no combination", lambda: list(itertools.combinations(range(3), 4)))
show("short product", lambda: len(list(itertools.product([0, 1], repeat=10))))

# A union of types.
show("union", lambda: int | None)
show("union", lambda: int | str | int)
show("union", lambda: (int | str) | (float | None))
show("union", lambda: int | int)
show("is", lambda: (isinstance(1, int | str), isinstance(None, int | None), isinstance(1.5, int | str)))
show("no union", lambda: int | 3)
show("no union", lambda: None | None)
show("no union", lambda: (int | str) & int)


def only(a, b, /, c=0):
    return a, b, c


show("positional", lambda: only(a=1, b=2))
show("positional", lambda: only(1, b=2, c=3))
