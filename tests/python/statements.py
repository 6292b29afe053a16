import functools, itertools, collections, sys, math as m
from math import pi, sqrt as root
print(m.pi == pi, root(9))
# closures
def counter():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    return inc
c = counter(); c(); print(c(5), counter()())
fs = [lambda: i for i in range(3)]
print([f() for f in fs])
fs = [lambda i=i: i for i in range(3)]
print([f() for f in fs])
def outer(x):
    return [lambda y: x + y + z for z in range(2)]
print([g(10) for g in outer(1)])
def gen(n): return (i * n for i in range(3) if i != 1)
print(list(gen(4)))
x = 'global'
def shadow():
    x = 'local'
    return [x for x in 'ab'], x
print(shadow(), x)
def g1():
    global newglobal
    newglobal = 42
g1(); print(newglobal)
def unbound():
    print(q)
    q = 1
try: unbound()
except UnboundLocalError as e: print(type(e).__name__, e)
def freeun():
    def inner(): return later
    try: inner()
    except NameError as e: print(e)
    later = 1
    return inner()
print(freeun())
# loops
for i in range(5):
    if i == 1: continue
    if i == 3: break
    print('loop', i)
else:
    print('never')
for i in []: pass
else: print('else ran')
n = 0
while n < 3: n += 1
else: print('while else', n)
while True:
    n += 1
    if n > 5: break
for i, (a, *b) in enumerate([(1, 2, 3), 'xy']): print(i, a, b)
for k, v in {'a': 1, 'b': 2}.items(): print(k, v)
# unpack
a, b = b, a = 1, 2
print(a, b)
(a, [b, *c], d) = 1, (2, 3, 4), 5
print(a, b, c, d)
*a, = 'abc'; print(a)
def tr(f):
    try: r = f(); print('ok', r)
    except Exception as e: print(type(e).__name__, '|', e)
def u1(): a, b, c = 1, 2
def u2(): a, b = 1, 2, 3
def u3(): a, *b, c = (1,)
def u4(): a, b = 5
def u5(): (a, b), c = (1,), 2
for f in (u1, u2, u3, u4, u5): tr(f)
# aug
l = [1]; k = l; l += [2]; l *= 2; print(l, k is l)
t = (1,); t += (2,); print(t)
d = {'a': 1}; d['a'] += 5; d |= {'b': 2}; print(d)
s = {1}; s |= {2}; s &= {2, 3}; s -= {9}; s ^= {5}; print(s)
i = 7; i //= 2; i **= 3; i <<= 2; i %= 50; i |= 1; i ^= 3; i &= 0xff; i >>= 1; print(i)
f = 1.5; f /= 2; f -= 1; print(f)
def aug():
    z = 'a'
    z += 1
tr(aug)
def aug2():
    z = None
    z -= 1
tr(aug2)
# try
def tf():
    try: return 'try'
    finally: print('finally')
print(tf())
def tf2():
    for i in range(3):
        try:
            if i == 1: continue
            if i == 2: break
            print('in', i)
        finally: print('fin', i)
    return 'done'
print(tf2())
def tf3():
    try: 1/0
    except ValueError: print('no')
    except (TypeError, ArithmeticError) as e: print('yes', e, type(e))
    else: print('no else')
    finally: print('f')
tf3()
def tf4():
    try: pass
    except: pass
    else: return 'else'
print(tf4())
try:
    try: raise ValueError('a')
    except ValueError as e:
        raise KeyError('b') from e
except KeyError as e:
    print(repr(e), repr(e.__cause__))
try:
    try: 1/0
    except ZeroDivisionError: raise
except Exception as e: print('again', e)
try: raise ValueError
except ValueError as e: print(repr(e), e.args)
try: raise 5
except TypeError as e: print(e)
try: e
except NameError as err: print(err)
try: raise
except RuntimeError as e: print(e)
try: assert 1 == 2, 'msg'
except AssertionError as e: print(repr(e))
try: assert 0
except AssertionError as e: print(repr(e))
def deep(n): return deep(n + 1)
try: deep(0)
except RecursionError as e: print(type(e).__name__, e)
def depth(n):
    try: return depth(n + 1)
    except RecursionError: return n
print(depth(1) > 900)
try:
    try: 1/0
    except 5: pass
except TypeError as e: print(e)
# del
q = [1, 2, 3, 4, 5]; del q[0], q[-1]; print(q); del q[::2]; print(q); del q
try: q
except NameError as e: print(e)
dd = {1: 2}; del dd[1]; print(dd)
try: del dd[5]
except KeyError as e: print(repr(e))
# slices
l = list(range(10)); l[2:5] = 'ab'; print(l); l[::3] = [0] * 4 if len(l) == 10 else [0] * 3; print(l)
try: l[::2] = [1]
except ValueError as e: print(e)
l[len(l):] = [99]; l[:0] = [-1]; print(l)
try: l[0:1] = 5
except TypeError as e: print(e)
# comps
print({i: i * i for i in range(3)}, {i % 2 for i in range(5)}, [(i, j) for i in range(3) for j in range(i)])
print([y := 5, y ** 2], y)
print([last := i for i in range(3)], last)
def w(): return [v for i in range(3) if (v := i * 2) > 1], v
print(w())
print([[j for j in range(i)] for i in range(3)])
print(sum(x * y for x, y in zip(range(3), range(3))))
ge = (i for i in range(3)); print(next(ge), list(ge), list(ge), next(ge, 'end'))
def lazy():
    print('called'); return [1]
ge2 = (x for x in lazy())
print('made'); print(list(ge2))
print(type(ge2).__name__, any(x > 1 for x in [1, 2]))
