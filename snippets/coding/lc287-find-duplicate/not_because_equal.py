"""Refutes: the two pointers meet because two values are equal. Then the published method, under three indentations."""
from itertools import permutations, product

# --8<-- [start:phases]
def method(nums, where):                         # both phases; `where` is the depth of the second loop
    slow = fast = 0
    for _ in range(100):                         # `while 1`, cut off: at most 3n + 2n reads are needed
        slow, fast = nums[slow], nums[nums[fast]]
        met = slow == fast
        fast = 0 if met else fast
        if where == "beside the if" or where == "inside the if" and met:
            for _ in range(100):                 # the second `while 1`: compare first, then one step each
                if slow == fast:
                    return slow
                slow, fast = nums[slow], nums[fast]
            return None                          # still apart after 100 steps
    return None                                  # "after the loop": the first loop has no way out
# --8<-- [end:phases]


def meet(nums):
    slow = fast = 0
    for _ in range(3 * len(nums)):
        slow, fast = nums[slow], nums[nums[fast]]
        if slow == fast:
            return slow
    return None


valid = [a for n in range(1, 6) for a in product(range(1, n + 1), repeat=n + 1)
         if sum(a.count(x) > 1 for x in set(a)) == 1]
answer = [max(a, key=a.count) for a in valid]
outcome = {}
for where in ("inside the if", "beside the if", "after the loop"):
    got = [method(a, where) for a in valid]
    outcome[where] = [100 * sum(k) / len(valid) for k in zip(*((g == d, g is None) for g, d in zip(got, answer)))]
    print(f"indent: second loop {where}: right {outcome[where][0]:.0f} %, endless {outcome[where][1]:.0f} %")
assert outcome["inside the if"] == [100, 0] and outcome["after the loop"] == [0, 100] and len(valid) == 5841, f"indent: {outcome}"
assert 0 < outcome["beside the if"][1] < 100 == sum(outcome["beside the if"]), f"beside: {outcome['beside the if']}"
ends = [method(a, "beside the if") is not None for a in valid]
assert ends == [a[d] == d for a, d in zip(valid, answer)], "self-loop: beside the if it ends on cycles of length 1 alone"
try:
    compile("slow = 0fast = 0while 1:slow = nums[slow]", "line breaks lost", "exec")
    runs = True
except SyntaxError:
    runs = False
assert not runs, "printed: without its line breaks the code must not compile"
print("printed: without its line breaks the code is a SyntaxError")

maps = list(permutations(range(6)))              # every value once: nothing is equal, every index lies on a cycle
equal = sum(len(set(a)) < len(a) for a in maps) / len(maps)
met = sum(meet(a) is not None for a in maps) / len(maps)
elsewhere = sum(meet(a) != d for a, d in zip(valid, answer)) / len(valid)
assert 0.25 < elsewhere < 0.5, f"elsewhere: they meet away from the duplicate in {elsewhere:.0%} of the valid arrays"
print(f"elsewhere: in {elsewhere:.0%} of the valid arrays they meet at an index that is not the duplicate")
claimed, actual = equal, met                     # share of these arrays in which they meet
print(f"claimed {claimed:.0%}, actual {actual:.0%} of {len(maps)} arrays without a duplicate")
assert claimed == 0.0 and actual == 1.0 and len(maps) == 720, f"not-because-equal: {actual:.0%} meet, {claimed:.0%} have equal values"
