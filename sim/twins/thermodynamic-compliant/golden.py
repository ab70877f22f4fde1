"""Writes golden.csv from the equations alone. Run in this folder: python3 golden.py > golden.csv"""
import numpy as np

random = np.random.default_rng(2)
print("# twin:thermodynamic-compliant")
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


n, inputs, hidden = 9, 4, 6
pairs = n * (n - 1) // 2
names = [f"a{i + 1}" for i in range(n)] + [f"c{k + 1}" for k in range(pairs)] + [f"b{i + 1}" for i in range(n)]
low = np.concatenate([np.full(n, 2.5), np.full(pairs, -0.3), np.full(n, -2.0)])
high = np.concatenate([np.full(n, 4.5), np.full(pairs, 0.3), np.full(n, 2.0)])
for exchange in range(1, 5):
    knob = np.concatenate([random.uniform(2.8, 3.6, n), random.uniform(-0.2, 0.2, pairs), random.uniform(-0.5, 0.5, n)])
    drive = random.uniform(-2, 2, inputs)
    softness = 0.03
    nudge = random.uniform(-1, 1, n - hidden) if exchange % 2 == 0 else np.zeros(n - hidden)
    load = np.concatenate([drive, np.zeros(n - inputs)])
    load[hidden:] += nudge
    theta = knob.copy()
    for _ in range(10000):
        x = np.linalg.solve(symmetric(theta[:n], theta[n:n + pairs]), load + theta[n + pairs:])
        theta = np.clip(knob - softness * np.concatenate([forces(x), -x]), low, high)
    row(exchange, "SOFTNESS", "softness", softness)
    for name, level in zip(names, knob):
        row(exchange, "KNOB", "u." + name, level)
    for i in range(inputs):
        row(exchange, "INPUT", f"x{i + 1}", drive[i])
    for i in range(hidden):
        row(exchange, "MONITOR", f"h{i + 1}", x[i], 1e-9)
    for i in range(n - hidden):
        if exchange % 2 == 0:
            row(exchange, "NUDGE", f"n{i + 1}", nudge[i])
        row(exchange, "OUTPUT", f"o{i + 1}", x[hidden + i], 1e-9)
