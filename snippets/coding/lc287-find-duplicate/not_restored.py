"""Refutes: marking by sign and restoring the array afterwards does not modify it. A second reader looks on."""


class Shared(list):                              # another reader checks the array after every write
    writes = broken = 0

    def __setitem__(self, i, x):
        super().__setitem__(i, x)
        self.writes += 1
        self.broken += min(self) < 1             # a value outside 1..n is visible now


def negate_and_restore(nums):
    found = None
    for i in range(len(nums)):
        x = abs(nums[i])
        if nums[x] < 0:
            found = x
            break
        nums[x] = -nums[x]
    for i in range(len(nums)):
        if nums[i] < 0:
            nums[i] = -nums[i]
    return found


nums = Shared([1, 3, 4, 2, 2])
assert negate_and_restore(nums) == 2 and nums == [1, 3, 4, 2, 2], f"restored: {nums} looks untouched in the end"
print("restored: the answer is right and the array looks untouched in the end")
try:
    negate_and_restore((1, 3, 4, 2, 2))
    refused = False
except TypeError:
    refused = True
assert refused, "read-only: a tuple can't be marked"
print(f"read-only: on a tuple it fails; broken: for {nums.broken} moments a reader sees values below 1")
claimed, actual = 0 if nums == [1, 3, 4, 2, 2] else 1, nums.writes       # judged by the final state alone; counted
print(f"claimed {claimed}, actual {actual} writes")
assert claimed == 0 and actual == 8 and nums.broken == 7, f"not-unmodified: {actual} writes, {nums.broken} of them leave a broken array"
