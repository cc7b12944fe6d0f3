"""Entropy, cross-entropy and KL as bits that are really written: two prefix codes, one text."""
import heapq
from collections import Counter
from math import log2

text = "aaaaaaaabbbbccdd"                                    # letter frequencies p = 1/2, 1/4, 1/8, 1/8
p = {s: c / len(text) for s, c in Counter(text).items()}
q = {"a": 1 / 8, "b": 1 / 2, "c": 1 / 4, "d": 1 / 8}         # what the model believes


# --8<-- [start:code]
def huffman(prob):
    """An optimal prefix code for `prob`: symbol -> bit string."""
    heap = [(w, i, {s: ""}) for i, (s, w) in enumerate(prob.items())]
    heapq.heapify(heap)
    while len(heap) > 1:
        (w0, i, zero), (w1, _, one) = heapq.heappop(heap), heapq.heappop(heap)
        merged = {s: "0" + c for s, c in zero.items()} | {s: "1" + c for s, c in one.items()}
        heapq.heappush(heap, (w0 + w1, i, merged))
    return heap[0][2]


def H(p, q=None):                                            # H(p), or the cross-entropy H(p, q), in bits
    return -sum(p[s] * log2((q or p)[s]) for s in p)


def KL(p, q):
    return sum(p[s] * log2(p[s] / q[s]) for s in p)


bits = {name: sum(len(code[s]) for s in text)                # written out, letter by letter
        for name, code in (("own", huffman(p)), ("model", huffman(q)))}
# --8<-- [end:code]

own, model = (bits[k] / len(text) for k in ("own", "model"))
assert own == H(p), f"entropy: {own} bits per letter written, H(p) = {H(p)}"
assert model == H(p, q), f"cross: {model} bits per letter written, H(p, q) = {H(p, q)}"
assert model - own == KL(p, q), f"extra: {model - own} bits per letter wasted, KL(p || q) = {KL(p, q)}"
print(f"entropy: {bits['own']} bits for 16 letters, {own} bits per letter with the code of p")
print(f"cross: {bits['model']} bits for 16 letters, {model} bits per letter with the code of q")
print(f"extra: {bits['model'] - bits['own']} bits for 16 letters, {model - own} bits per letter too many")

back = "".join(sorted(text.translate(str.maketrans("abcd", "bcad"))))    # letters with the frequencies of q
q_text = {s: c / len(back) for s, c in Counter(back).items()}
assert q_text == q, "frequencies: the second text must follow q"
reverse = sum(len(huffman(p)[s]) - len(huffman(q)[s]) for s in back) / len(back)
assert reverse == KL(q, p) != KL(p, q), f"asymmetric: {reverse} the other way round, not {KL(p, q)}"
print(f"asymmetric: {reverse} bits per letter when a text from q is written with the code of p")
