"""Refutes: sorting a copy or a hash set meets the statement. The extra space of both is measured."""
import tracemalloc


def sort_copy(nums):                             # also behind the variant that compares neighbours with XOR
    s = sorted(nums)
    return next((s[i] for i in range(1, len(s)) if s[i] == s[i - 1]), None)


def hash_set(nums):
    seen = set()
    return next((x for x in nums if x in seen or seen.add(x)), None)


def floyd(nums):
    slow, fast = nums[0], nums[nums[0]]
    while slow != fast:
        slow, fast = nums[slow], nums[nums[fast]]
    slow = 0
    while slow != fast:
        slow, fast = nums[slow], nums[fast]
    return slow


def peak(f, n):
    """Bytes allocated at the worst moment; the array itself was there before."""
    nums = (*range(1, n + 1), n // 2)            # a tuple: nothing can be written; the cycle is long
    tracemalloc.start()
    assert f(nums) == n // 2, f"right: {f.__name__} finds the duplicate"
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size


growth = {f.__name__: max(peak(f, 160_000), 4096) / max(peak(f, 10_000), 4096) for f in (sort_copy, hash_set, floyd)}
for name, ratio in growth.items():
    print(f"growth: {name} needs {ratio:.0f} times the extra space for 16 times the array")
assert growth["floyd"] == 1, f"floyd: {growth['floyd']:.1f} times"
claimed, actual = growth["floyd"], min(growth["sort_copy"], growth["hash_set"])      # constant space, as demanded
print(f"claimed {claimed:.0f}, actual {actual:.0f}: growth of the extra space")
assert 15 < actual / claimed < 17, f"not-constant-space: {actual:.0f} times the space for 16 times the array"
