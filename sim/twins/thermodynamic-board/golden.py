"""Writes golden.csv from the equations alone. Run in this folder: python3 golden.py > golden.csv"""
import numpy as np

random = np.random.default_rng(1)
print("# twin:thermodynamic-board?heat=0")
print("exchange,role,channel,level,tolerance")


def row(exchange, role, channel, level, tolerance=""):
    print(f"{exchange},{role},{channel},{float(level)!r},{tolerance}")


def symmetric(diagonal, coupling):
    n = len(diagonal)
    a = np.diag(diagonal).astype(float)
    a[np.triu_indices(n, 1)] = coupling
    return np.triu(a) + np.triu(a, 1).T


def forces(x):
    n = len(x)
    return np.concatenate([x * x / 2, np.outer(x, x)[np.triu_indices(n, 1)]])


n = 8
names = [f"a{i + 1}" for i in range(n)] + [f"c{k + 1}" for k in range(n * (n - 1) // 2)]
for exchange in range(1, 5):
    theta = np.concatenate([random.uniform(2, 4, n), random.uniform(-0.25, 0.25, n * (n - 1) // 2)])
    b = random.uniform(-5, 5, n)
    nudge = random.uniform(-1, 1, n) if exchange % 2 == 0 else np.zeros(n)
    x = np.linalg.solve(symmetric(theta[:n], theta[n:]), b + nudge)
    for name, level in zip(names, theta):
        row(exchange, "PARAMETER", name, level)
    for i in range(n):
        row(exchange, "INPUT", f"b{i + 1}", b[i])
        if exchange % 2 == 0:
            row(exchange, "NUDGE", f"n{i + 1}", nudge[i])
        row(exchange, "OUTPUT", f"x{i + 1}", x[i], 1e-10)
    for name, force in zip(names, forces(x)):
        row(exchange, "FORCE", "f." + name, force, 1e-9)
