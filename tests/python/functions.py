import functools, itertools, collections, sys, math as m
def tr(f):
    try: r = f(); print('ok', r)
    except Exception as e: print(type(e).__name__, '|', e)
# functions
def full(a, /, b, *args, c=1, d, **kw): return a, b, args, c, d, kw
print(full(1, 2, 3, 4, d=5, e=6), full(1, b=2, d=3), full(*[1, 2], **{'d': 4, 'z': 1}))
def default(x, acc=[]):
    acc.append(x); return acc
print(default(1), default(2))
def rec(n): return 1 if n <= 1 else n * rec(n - 1)
print(rec(30))
print((lambda *a, **k: (a, k))(1, x=2))
def deco(f):
    @functools.wraps(f)
    def inner(*a): return 'deco', f(*a)
    return inner
@deco
@deco
def plain(x): return x
print(plain(3))
def annotated(x: int, y: str = 'a') -> str: return y * x
print(annotated(2))
def doc():
    """the doc"""
print(doc.__doc__, doc.__name__, doc())
# chain compare, ternary, walrus
print(1 < 2 < 3 != 4, 1 if 0 else 2)
if (n := 10) > 5: print(n)
tr(lambda: full()); tr(lambda: full(1)); tr(lambda: full(a=1, b=2, d=3))
tr(lambda: rec()); tr(lambda: rec(1, 2)); tr(lambda: default()); tr(lambda: rec(m=1)); tr(lambda: print(*5)); tr(lambda: rec(**5)); tr(lambda: rec(1, n=1))
