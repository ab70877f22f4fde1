"""Levels of layered networks that learn in place, worked out in double precision by projected descent; nothing here is shared with the twin.

Run: python3 golden.py > golden.csv; for the deep resistive network: python3 golden.py drn > ../drn/golden.csv
"""

import sys

import numpy as np

MASK = (1 << 64) - 1


class SplitMix64:
    """Steele, Lea and Flood, OOPSLA 2014; Java's SplittableRandom."""

    def __init__(self, seed):
        self.state = seed

    def double(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53


def drawn(random, reach, rows, columns):
    values = [reach * (2 * random.double() - 1) for _ in range(rows * columns)]
    return np.array(values, dtype=np.float32).astype(float).reshape(rows, columns)


def rows(exchange, role, stem, values, tolerance=""):
    for number, value in enumerate(values, 1):
        print(f"{exchange},{role},{stem}{number},{float(value)!r},{tolerance}")


def hopfield(x, force):
    """The least of |h|^2/2 + |o|^2/2 - x'W1 h - h'W2 o - force'o over h in [0, 1]."""
    random = SplitMix64(1)
    w1 = drawn(random, 0.8 * 0.5 * np.sqrt(6 / 9), 3, 6)
    w2 = drawn(random, 1.2 * 0.5 * np.sqrt(6 / 8), 2, 6).T
    h, o = np.zeros(6), np.zeros(2)
    for _ in range(20000):
        h, o = np.clip(h - 0.1 * (h - x @ w1 - w2 @ o), 0, 1), o - 0.1 * (o - h @ w2 - force)
    return o


def drn(x, force):
    """The least of half the dissipated power less the nudge's, over h in the half lines of the diodes."""
    random = SplitMix64(1)
    plus = np.maximum(0, drawn(random, np.sqrt(1 / 6), 3, 6))
    minus = np.maximum(0, drawn(random, np.sqrt(1 / 6), 3, 6))
    g = np.maximum(0, drawn(random, np.sqrt(1 / 6), 2, 6)).T
    low, high = np.repeat([0, -np.inf], 3), np.repeat([np.inf, 0], 3)
    v = 100.0 * x
    h, o = np.zeros(6), np.zeros(2)
    for _ in range(20000):
        into = (h[None] - v[:, None]) * plus + (h[None] + v[:, None]) * minus
        slope = into.sum(0) + (g * (h[:, None] - o[None])).sum(1)
        up = (g * (o[None] - h[:, None])).sum(0) - force
        h, o = np.clip(h - 0.1 * slope, low, high), o - 0.1 * up
    return o


NAME, SOLVE, TOLERANCE, STRENGTH = (
    ("drn", drn, 1e-3, 5.0) if sys.argv[1:] == ["drn"] else ("hopfield-in-place", hopfield, 1e-4, 0.4)
)
QUESTIONS = [
    (np.array([0.8, -0.3, 0.5]), np.zeros(2)),
    (np.array([0.8, -0.3, 0.5]), np.array([STRENGTH, -0.6 * STRENGTH])),
    (np.array([-0.6, 0.9, 0.2]), np.zeros(2)),
    (np.array([-0.6, 0.9, 0.2]), np.array([-0.7 * STRENGTH, STRENGTH])),
]

print(f"# twin:{NAME}?inputs=3&hidden=6&outputs=2")
print("exchange,role,channel,level,tolerance")
for exchange, (x, force) in enumerate(QUESTIONS, 1):
    rows(exchange, "INPUT", "x", x)
    if force.any():
        rows(exchange, "NUDGE", "n", force)
    rows(exchange, "OUTPUT", "o", SOLVE(x, force), TOLERANCE)
