"""Floyd's two pointers on the graph i -> nums[i], against every valid array with n <= 5."""
from collections import Counter
from itertools import product
from math import comb, perm


# --8<-- [start:floyd]
def find_duplicate(nums, start=0):               # 0 is an index but never a value: nothing points at it
    slow = fast = start
    while True:                                  # phase 1: meet somewhere on the cycle
        slow, fast = nums[slow], nums[nums[fast]]
        if slow == fast:
            break
    slow = start                                 # phase 2: both move one step at a time
    while slow != fast:
        slow, fast = nums[slow], nums[fast]
    return slow                                  # the entrance of the cycle
# --8<-- [end:floyd]


def bisect_value(nums):
    low, high = 1, len(nums) - 1
    while low < high:
        m = (low + high) // 2
        low, high = (low, m) if sum(x <= m for x in nums) > m else (m + 1, high)
    return low


class Reads(tuple):                              # can't be written, and counts how often it is read
    count = 0

    def __getitem__(self, i):
        self.count += 1
        assert self.count <= 12 * len(self), f"endless: {self.count} reads of {tuple(self)}"
        return super().__getitem__(i)


def rho(nums):
    """Oracle with memory: length mu of the tail from index 0, length lambda of the cycle."""
    seen, i = {}, 0
    while i not in seen:
        seen[i], i = len(seen), nums[i]
    return seen[i], len(seen) - seen[i]


arrays = expected = wrong = own = 0
for n in range(1, 6):
    expected += sum(n * comb(n + 1, t) * perm(n - 1, n + 1 - t) for t in range(2, n + 2))    # t copies
    for nums in product(range(1, n + 1), repeat=n + 1):
        counts = Counter(nums)
        least = min(counts[find_duplicate(Reads(nums))], counts[bisect_value(nums)])
        assert least > 1, f"several: {nums}: both give a value that repeats, even if several values do"
        if sum(c > 1 for c in counts.values()) != 1:             # exactly one value repeats, any number of times
            continue
        arrays += 1
        duplicate, array = counts.most_common(1)[0][0], Reads(nums)
        found = find_duplicate(array)
        assert found == duplicate, f"exact: {nums} gives {found}, the counts say {duplicate}"
        mu, lam = rho(nums)
        assert 1 <= mu <= n + 1 - lam, f"tail: mu {mu}, lambda {lam} in {nums}"
        meet = lam * -(-mu // lam)               # phase 1 ends after the first multiple of lambda that is >= mu
        assert array.count == 3 * meet + 2 * mu, f"steps: {array.count} reads; {meet} and {mu} steps predicted"
        assert array.count <= 5 * n, f"linear: {array.count} reads for n = {n}"
        if find_duplicate(nums, start=1) != duplicate:
            wrong += 1
            cycle, i = {1}, nums[1]              # index 1 lies on a cycle itself: the path from it comes back
            while i not in cycle:
                cycle.add(i)
                i = nums[i]
            assert i == 1, f"start-on-cycle: {nums} fails although 1 is on no cycle"
            own += duplicate in cycle
assert arrays == expected, f"count: {arrays} arrays seen, {expected} counted by combinatorics"
print(f"exact: {arrays} valid arrays with n <= 5, every answer right, at most 5 n reads")
chain = Reads([*range(1, 1001), 1000])           # the longest tail: mu = n, lambda = 1
assert find_duplicate(chain) == 1000 and chain.count == 5000, f"worst: {chain.count} reads for n = 1000"
print("several: any n + 1 numbers from 1..n, n <= 5: Floyd and bisection both give a value that repeats")
print(f"worst: {chain.count} reads for n = 1000")
assert 0.3 < wrong / arrays < 0.5 and 0.4 < own / wrong < 0.6, f"start: {wrong / arrays:.0%} wrong when both pointers start at index 1"
print(f"start: {wrong / arrays:.0%} of the answers are wrong when both pointers start at index 1; "
      f"in {own / wrong:.0%} of these the cycle holds the duplicate")
