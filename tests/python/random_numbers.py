import random
for seed in (0, 1, 12345, -7, 2**80, 0.5):
    random.seed(seed)
    print(random.random(), random.randint(1, 6), random.randrange(0, 100, 7), random.uniform(-1, 1), random.getrandbits(70))
    print(random.choice('abcdef'), random.choices([1, 2, 3], k=4), random.choices([1, 2, 3], weights=[1, 0, 5], k=4))
    l = list(range(10)); random.shuffle(l); print(l, random.sample(range(100), 4), random.sample(range(30), 12))
    print(f'{random.gauss():.12f} {random.gauss(1, 2):.12f} {random.normalvariate(0, 1):.12f} {random.expovariate(2):.12f}')
try: random.randint(5, 1)
except ValueError as e: print(e)
try: random.choice([])
except IndexError as e: print(e)
