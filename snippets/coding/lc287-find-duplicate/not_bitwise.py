"""Refutes: comparing neighbours with XOR is a bit-manipulation solution. The sort is taken away."""
from itertools import product


def xor_neighbours(nums):                        # x ^ y == 0 says no more than x == y
    return next((x for x, y in zip(nums, nums[1:]) if x ^ y == 0), None)


def count_bits(nums):                            # a bit set more often than in 1..n is set in the duplicate
    n, found = len(nums) - 1, 0
    for b in range(n.bit_length()):
        if sum(x >> b & 1 for x in nums) > sum(i >> b & 1 for i in range(1, n + 1)):
            found |= 1 << b
    return found


valid = [a for n in range(1, 6) for a in product(range(1, n + 1), repeat=n + 1)
         if sum(a.count(x) > 1 for x in set(a)) == 1]
answer = [max(a, key=a.count) for a in valid]
share = lambda f: sum(f(a) == d for a, d in zip(valid, answer)) / len(valid)
after_sort = share(lambda a: xor_neighbours(sorted(a)))
assert after_sort == 1.0, f"after-sort: {after_sort:.0%} right once the array is sorted"
print(f"after-sort: {after_sort:.0%} right with the sort, the same as with ==")

claimed, actual = share(xor_neighbours), share(count_bits)           # both on the array as it comes
print(f"claimed {claimed:.0%}, actual {actual:.0%} right on {len(valid)} arrays, nothing sorted")
assert actual == 1.0 > claimed + 0.1 and len(valid) == 5841, f"not-bitwise: XOR alone is right on {claimed:.0%}, bit counts on {actual:.0%}"
