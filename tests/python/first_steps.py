x = 3
print(x, x+4, [1,2,3], {'a':1}, (1,), {3,1,2})
def f(n): return n if n < 2 else f(n-1)+f(n-2)
print(f(15))
for i in range(3):
    print(i, end=' ')
print()
print([i*j for i in range(3) for j in range(3) if i != j])
print(f"{x=} {x:>5} {3.14159:.2f}")
try:
    1/0
except ZeroDivisionError as e:
    print('caught', e)
a, *b = 1,2,3
print(a,b)
print(sorted([3,1,2], key=lambda v: -v), sum(i for i in range(10)))
print(2**100, -7//2, -7%3, 7/2)
import math
print(math.pi, math.factorial(20))
def g(*a, k=1, **kw): return a, k, kw
print(g(1,2,k=3,z=4))
print("%d %s" % (3, 'a'), "{} {x}".format(1, x=2))
d = {}
d['q'] = 1
print(d.get('q'), d.items())
print('abc'.upper().split('B'))
foo
