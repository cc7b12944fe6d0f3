# bagu: seconds=60
"""How often is a random symmetric matrix positive definite? Exact, and sampled."""
import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng(0)
x, w = np.polynomial.legendre.leggauss(400)
x, w = 8 * (x + 1), 8 * w                                    # quadrature nodes on [0, 16]


# --8<-- [start:exact]
def gram(lo, n):
    """Squared normaliser of the n eigenvalues restricted to [lo, inf): de Bruijn's Pfaffian, squared."""
    t, u = (x, w) if lo == 0 else (np.concatenate([-x[::-1], x]), np.concatenate([w[::-1], w]))
    phi = np.polynomial.hermite_e.hermevander(t, n - 1) * np.exp(-t**2 / 2)[:, None] * u[:, None]        # (nodes, n)
    sign = np.sign(t[None, :] - t[:, None])                  # (nodes, nodes)
    A = phi.T @ sign @ phi                                   # (n, n) antisymmetric
    if n % 2:                                                # odd n: border with the plain integrals
        c = phi.sum(0)[:, None]
        A = np.block([[A, c], [-c.T, np.zeros((1, 1))]])
    return np.linalg.det(A)


exact = np.array([(gram(0, n) / gram(-1, n)) ** 0.5 for n in range(1, 11)])
# --8<-- [end:exact]
assert abs(exact[0] - 0.5) < 1e-6, f"one: {exact[0]:.4f}, a coin"
angle = (2 - 2**0.5) / 4                                     # n = 2: the cone ac > b^2, seen from the origin
assert abs(exact[1] - angle) < 1e-4, f"two: {exact[1]:.4f}, solid angle {angle:.4f}"

# --8<-- [start:sample]
N, hits = 400000, []
for n in range(1, 7):
    count = 0
    for _ in range(4):
        G = rng.standard_normal((N // 4, n, n), dtype=np.float32)
        H = (G + G.transpose(0, 2, 1)) / 2                   # (N / 4, n, n) a symmetric Gaussian matrix, GOE
        H = H[(H[:, range(n), range(n)] > 0).all(-1)]        # a positive diagonal is necessary
        count += (np.linalg.eigvalsh(H) > 0).all(-1).sum()
    hits.append(count)
# --8<-- [end:sample]
hits = np.array(hits)
p = hits / N
half = 4 * np.sqrt(exact[:6] * (1 - exact[:6]) / N) + 4 / N  # four standard deviations, and the discreteness of counts
assert (abs(p - exact[:6]) < half).all(), f"sampled: {abs(p - exact[:6]) / half} of the allowed deviation"
for n in range(6):
    print(f"sampled: n = {n + 1}: exact {exact[n]:.3g}, {hits[n]} of {N} sampled matrices")
slope = np.log(exact[8]) - 2 * np.log(exact[7]) + np.log(exact[6])       # second difference of log p
theta = -np.log(3) / 2                                       # Dean & Majumdar: log p ~ -(ln 3 / 4) n^2
assert abs(slope / theta - 1) < 0.03, f"quadratic: second difference {slope:.3f}, -(ln 3) / 2 = {theta:.3f}"
print(f"quadratic: second difference of log p is {slope:.3f}, Dean and Majumdar's -(ln 3)/2 is {theta:.3f}")
print(f"ten: n = 10 gives {exact[9]:.1e}, while coin tosses would give {0.5**10:.1e}")
assert exact[9] < 1e-11 < 1e-4 < 0.5**10, f"ten: {exact[9]:.1e} against {0.5**10:.1e}"

n = np.arange(1, 11)
fig, ax = plt.subplots(figsize=(7.2, 3.3))
ax.plot(n, 0.5**n, "--", color="#888", label="independent signs: 2^-n")
ax.plot(n, exact, "-", color="#d9622b", label="GOE, exact")
seen = hits > 0
ax.errorbar(n[:6][seen], p[seen], 2 * np.sqrt(p[seen] / N), fmt="o", color="#2a8fbd", ms=4,
            label="GOE, sampled, 2 s.d.")
ax.set(yscale="log", xlabel="dimension n", ylabel="P(all eigenvalues > 0)")
ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("goe.svg", transparent=True)
