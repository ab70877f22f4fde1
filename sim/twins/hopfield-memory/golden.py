"""Levels of a layered Hopfield network, worked out by projected gradient descent with NumPy; nothing here is shared with the twin.

Run: python3 golden.py > golden.csv
"""

import numpy as np

rng = np.random.default_rng(5)
SIZES = [3, 4, 2]
W1 = rng.uniform(-0.5, 0.9, (3, 4))
B1 = rng.uniform(0.1, 0.4, 4)
W2 = rng.uniform(-0.5, 0.5, (4, 2))
B2 = rng.uniform(-0.2, 0.2, 2)


def rows(exchange, role, stem, values, tolerance=""):
    for number, value in enumerate(np.ravel(values), 1):
        print(f"{exchange},{role},{stem}{number},{float(value)!r},{tolerance}")


def settled(x, force):
    """The least of |h|^2/2 + |o|^2/2 - x'W1 h - b1'h - h'W2 o - b2'o - force'o over h in [0, 1]."""
    h, o = np.zeros(4), np.zeros(2)
    for _ in range(20000):
        h, o = np.clip(h - 0.1 * (h - x @ W1 - B1 - W2 @ o), 0, 1), o - 0.1 * (o - h @ W2 - B2 - force)
    return h, o


QUESTIONS = [
    (np.array([0.8, -0.3, 0.5]), np.zeros(2)),
    (np.array([0.8, -0.3, 0.5]), np.array([0.4, -0.25])),
    (np.array([-0.6, 0.9, 0.2]), np.zeros(2)),
    (np.array([-0.6, 0.9, 0.2]), np.array([-0.3, 0.5])),
]

print("# twin:hopfield-memory?inputs=3&hidden=4&outputs=2")
print("exchange,role,channel,level,tolerance")
for exchange, (x, force) in enumerate(QUESTIONS, 1):
    h, o = settled(x, force)
    rows(exchange, "INPUT", "x", x)
    if exchange == 1:
        for stem, values in (("w1.", W1), ("b1.", B1), ("w2.", W2), ("b2.", B2)):
            rows(exchange, "PARAMETER", stem, values)
    if force.any():
        rows(exchange, "NUDGE", "n", force)
    rows(exchange, "OUTPUT", "o", o, 1e-7)
