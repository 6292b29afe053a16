import functools, itertools, collections, sys, math as m
def tr(f):
    try: r = f(); print('ok', r)
    except Exception as e: print(type(e).__name__, '|', e)
x = 'text'
# dict methods
d = {'a': 1, 'b': 2}; print(d.pop('a'), d.pop('z', 0), d.setdefault('c', 3), d.get('q'), d, list(d), 'b' in d, len(d)); d.update(x=1); d.update([('y', 2)]); print(d, d.popitem(), d.copy(), d.keys(), d.values())
try:
    for k in d: d[k + 'x'] = 1
except RuntimeError as e: print(e)
d.clear(); print(d)
# list methods
l = [3, 1, 2]; l.sort(); print(l); l.sort(key=lambda v: -v); print(l); l.reverse(); l.insert(1, 9); l.insert(-100, 0); l.extend('ab'); l.append([1]); print(l, l.index(9), l.count(1), l.pop(), l.pop(0), l.copy()); l.remove('a'); print(l)
l = [1]; l.append(l); print(l); d = {}; d['d'] = d; print(d)
print(' '.join(str(i) for i in range(3)), 'a' 'b', r'\n', """x
y""")
print(1, 2, sep='-', end='!\n'); print(); print('err', file=sys.stderr); print(*[1, 2], sep='')
print(None, True, ..., NotImplemented, len)
print(f'{x!r:>10} {"nested " + f"{1 + 1}"} {3:{5}d}')
a = b = []; a.append(1); print(b)
print(hash('a') == hash('a'), type(print).__name__)
x = 5; x: int = 6; print(x)
print([i for i in range(20) if i % 2 if i % 3])
print(dict(zip('ab', [1, 2])), list(map(str, [1, 2])), [*map(lambda x: x * 2, [1])])
print('%s' % (1,), '%s %s' % ('a', 1), '%5.1f|%-4s|' % (2.55, 'a'))
print(sys.maxsize, sys.argv == sys.argv)
print(str(type(1)), str(ValueError), repr(KeyError), collections.OrderedDict, type)
def nested():
    def a():
        def b():
            return zz
        return b
    zz = 3
    return a()()
print(nested())
def loopvar():
    for i in range(3): pass
    return i
print(loopvar())
def manyargs(*args): return len(args)
print(manyargs(*range(300)))
try: [].foo
except AttributeError as e: print(e)
try: None.x
except AttributeError as e: print(e)
try: (1).x = 3
except AttributeError as e: print(e)
try: m.nope
except AttributeError as e: print(e)
try: import nopkg.sub
except ModuleNotFoundError as e: print(e)
try: int.x
except AttributeError as e: print(e)
try: {}.append(1)
except AttributeError as e: print(e)
def kwonly(*, a, b=2): return a, b
tr(lambda: kwonly(1)); tr(lambda: kwonly()); tr(lambda: kwonly(a=1, c=2)); tr(lambda: kwonly(a=5))
