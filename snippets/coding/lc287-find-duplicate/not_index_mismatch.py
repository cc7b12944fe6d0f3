"""Refutes: after sorting, the first value that differs from its position is the duplicate."""
from itertools import product


def mismatch(nums, base):                        # positions counted from `base`
    return next((x for i, x in enumerate(sorted(nums), base) if x != i), None)


def neighbours(nums):                            # what such code compares in fact
    s = sorted(nums)
    return next((x for x, y in zip(s, s[1:]) if x == y), None)


valid = [a for n in range(1, 6) for a in product(range(1, n + 1), repeat=n + 1)
         if sum(a.count(x) > 1 for x in set(a)) == 1]
share = lambda f: sum(f(a) == max(a, key=a.count) for a in valid) / len(valid)
zero, one = share(lambda a: mismatch(a, 0)), share(lambda a: mismatch(a, 1))
print(f"rule: right on {zero:.0%} with positions from 0, on {one:.0%} from 1")
assert mismatch([2, 3, 3, 3], 1) == 2, f"example: [2, 3, 3, 3] gives {mismatch([2, 3, 3, 3], 1)}, the duplicate is 3"
print("example: [2, 3, 3, 3] gives 2, since 1 is missing")
claimed, actual = max(zero, one), share(neighbours)
print(f"claimed {claimed:.0%}, actual {actual:.0%} right: the rule, and comparing neighbours")
assert 0.255 < zero < 0.265 and 0.795 < claimed < 0.805 and actual == 1.0, f"not-mismatch: right on {zero:.0%} counting from 0, {one:.0%} from 1"
