"""Nine solutions against the statement: right answer, no write, constant extra space, fewer than n^2 reads."""
import random
import tracemalloc
from itertools import product

# --8<-- [start:solutions]
def sort_copy(a):
    s = sorted(a)
    return next((x for x, y in zip(s, s[1:]) if x == y), None)

def sort_in_place(a):
    a.sort()
    return next((a[i] for i in range(1, len(a)) if a[i] == a[i - 1]), None)

def hash_set(a):
    seen = set()
    return next((x for x in a if x in seen or seen.add(x)), None)

def sum_formula(a):
    return sum(a) - sum(range(len(a)))

def cyclic_swap(a):                              # send the value at index 0 home until its home is taken
    while a[x := a[0]] != x:
        a[0], a[x] = a[x], x
    return x

def count_each(a):
    return next((d for d in range(1, len(a)) if a.count(d) > 1), None)

def bisect_value(a):                             # more than m values <= m: the duplicate is <= m
    low, high = 1, len(a) - 1
    while low < high:
        m = (low + high) // 2
        low, high = (low, m) if sum(x <= m for x in a) > m else (m + 1, high)
    return low

def count_bits(a):                               # a bit set more often than in 1..n is set in the duplicate
    return sum(1 << b for b in range(len(a).bit_length())
               if sum(x >> b & 1 for x in a) > sum(i >> b & 1 for i in range(len(a))))

def floyd(a):
    slow, fast = a[0], a[a[0]]
    while slow != fast:
        slow, fast = a[slow], a[a[fast]]
    slow = 0
    while slow != fast:
        slow, fast = a[slow], a[fast]
    return slow
# --8<-- [end:solutions]
class Watched(list):                             # counts the elements read, notices every write
    reads, written = 0, False
    def __getitem__(self, i):
        self.reads += 1
        assert self.reads <= 20 * len(self) ** 2, f"endless: {self.reads} reads of {len(self)} elements"
        return super().__getitem__(i)
    __iter__ = lambda self: (self[i] for i in range(len(self)))
    def __setitem__(self, i, x):
        self.written = True
        super().__setitem__(i, x)
    def count(self, d):
        self.reads += len(self)
        return super().count(d)
    sort = lambda self: self.__setitem__(slice(None), sorted(list.__iter__(self)))    # the sort's own reads don't count
def space(f, n):                                 # bytes at the worst moment, on a shuffled array
    a = random.Random(0).sample(range(1, n + 1), n) + [n]
    tracemalloc.start(), f(a)
    return max(tracemalloc.get_traced_memory()[1], 1024), tracemalloc.stop()
reads = lambda f, n: (f(w := Watched([*range(1, n + 1), n])), w.reads / n)[1]    # longest tail, duplicate at its end
valid = [a for n in range(1, 6) for a in product(range(1, n + 1), repeat=n + 1)
         if sum(a.count(x) > 1 for x in set(a)) == 1]        # every valid array with n <= 5
fails, cost = {}, {}
for f in (sort_copy, sort_in_place, hash_set, sum_formula, cyclic_swap, count_each, bisect_value, count_bits, floyd):
    runs = [(f(w := Watched(a)) == max(a, key=a.count), w.written) for a in valid]
    right, writes = (100 * sum(column) / len(valid) for column in zip(*runs))
    more, few, many = space(f, 4096)[0] / space(f, 1024)[0], reads(f, 256), reads(f, 1024)
    ok = dict(answer=right == 100, write=writes == 0, space=more < 2, reads=many < 2 * few)
    fails[f.__name__], cost[f.__name__] = " ".join(k for k in ok if not ok[k]), (*map(round, (right, writes, more, many)),)
    print(f"passed: {f.__name__:13} right {right:.0f} %, writes to {writes:.0f} %, 4 n: space x {more:.0f}, {many:.1f} n reads")
assert fails == dict(sort_copy="space", sort_in_place="write space", hash_set="space", sum_formula="answer", cyclic_swap="write",
                     count_each="reads", bisect_value="", count_bits="", floyd="") and len(valid) == 5841 and [*cost.values()] == [(100, 0, 4, 1), (100, 100, 4, 2), (100, 0, 4, 1),
    (38, 0, 1, 1), (100, 79, 1, 3), (100, 0, 1, 1025), (100, 0, 1, 10), (100, 0, 1, 11), (100, 0, 1, 5)], f"passed: constraints violated {fails}; right, writes, space, reads {cost}"
print("passed:", *(name for name in fails if not fails[name]), f"meet every constraint, on all {len(valid)} arrays")
