"""Refutes: the duplicate is sum(nums) - n(n+1)/2, or the XOR of nums with 1..n."""
from functools import reduce
from itertools import product
from operator import xor

by_sum = lambda a: sum(a) - len(a) * (len(a) - 1) // 2
by_xor = lambda a: reduce(xor, a) ^ reduce(xor, range(len(a)))
valid = [a for n in range(1, 6) for a in product(range(1, n + 1), repeat=n + 1)
         if sum(a.count(x) > 1 for x in set(a)) == 1]
right = {}
for name, f in (("sum", by_sum), ("xor", by_xor)):
    for often in (False, True):                  # exactly twice, or more often
        cases = [(a, d) for a in valid if (a.count(d := max(a, key=a.count)) > 2) == often]
        right[name, often] = 100 * sum(f(a) == d for a, d in cases) / len(cases)
assert right["sum", False] == right["xor", False] == 100, "twice: both are right if no number is missing"
assert max(right["sum", True], right["xor", True]) < 10, f"more: sum {right['sum', True]:.1f} %, xor {right['xor', True]:.1f} %"
print(f"twice: both 100 % right; more: sum {right['sum', True]:.1f} %, xor {right['xor', True]:.1f} % right")

nums = [3, 3, 3, 3, 3]                           # an example of the statement
claimed, actual = by_sum(nums), max(nums, key=nums.count)
print(f"claimed {claimed}, actual {actual} for {nums}; XOR says {by_xor(nums)}")
assert by_xor(nums) != actual != claimed, f"not-sum: the sum says {claimed}, the duplicate is {actual}"
