# Deep structures are built, compared, shown and dropped without harm.
l = []
for i in range(200000):
    l = [l]
t = ()
for i in range(200000):
    t = (t, i)
d = {}
for i in range(100000):
    d = {'d': d}
del l, t, d
print('dropped')
a = []
for i in range(500):
    a = [a]
b = []
for i in range(500):
    b = [b]
print(a == b, len(repr(a)))
def f(n):
    if n == 0: return 0
    return 1 + f(n - 1)
print(f(900))
def g(n):
    return sum(g(n - 1) for _ in range(1)) if n else 5
print(g(200))
def h(n):
    return sorted([n, n - 1], key=lambda v: h(n - 1) if n > 0 else v)[0]
print(h(8))
try:
    f(100000)
except RecursionError as e:
    print('RecursionError')
