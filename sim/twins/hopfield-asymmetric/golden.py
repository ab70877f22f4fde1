"""Levels of a layered network with weights of their own for each direction, worked out by projected gradient descent with NumPy; nothing here is shared with the twin.

Run: python3 golden.py > golden.csv
"""

import numpy as np

rng = np.random.default_rng(3)
SIZES = [3, 4, 2]
W1 = rng.uniform(-0.5, 0.9, (3, 4))
B1 = rng.uniform(0.1, 0.4, 4)
W2 = rng.uniform(-0.5, 0.5, (4, 2))
B2 = rng.uniform(-0.2, 0.2, 2)
V2 = rng.uniform(-0.5, 0.5, (4, 2))


def rows(exchange, role, stem, values, tolerance=""):
    for number, value in enumerate(np.ravel(values), 1):
        print(f"{exchange},{role},{stem}{number},{float(value)!r},{tolerance}")


def settled(x, force):
    """The fixed point of h = clip(x'W1 + b1 + V2 o), o = h'W2 + b2 + force; there is no energy to descend."""
    h, o = np.zeros(4), np.zeros(2)
    for _ in range(20000):
        h, o = h + 0.1 * (np.clip(x @ W1 + B1 + V2 @ o, 0, 1) - h), o + 0.1 * (h @ W2 + B2 + force - o)
    return h, o


QUESTIONS = [
    (np.array([0.8, -0.3, 0.5]), np.zeros(2)),
    (np.array([0.8, -0.3, 0.5]), np.array([0.4, -0.25])),
    (np.array([-0.6, 0.9, 0.2]), np.zeros(2)),
    (np.array([-0.6, 0.9, 0.2]), np.array([-0.3, 0.5])),
]

print("# twin:hopfield-asymmetric?inputs=3&hidden=4&outputs=2")
print("exchange,role,channel,level,tolerance")
for exchange, (x, force) in enumerate(QUESTIONS, 1):
    h, o = settled(x, force)
    rows(exchange, "INPUT", "x", x)
    if exchange == 1:
        for stem, values in (("w1.", W1), ("b1.", B1), ("w2.", W2), ("b2.", B2), ("v2.", V2)):
            rows(exchange, "PARAMETER", stem, values)
    if force.any():
        rows(exchange, "NUDGE", "n", force)
    rows(exchange, "OUTPUT", "o", o, 1e-7)
    pairs = (("w1.", -np.outer(x, h)), ("b1.", -h), ("w2.", -np.outer(h, o)), ("b2.", -o), ("v2.", -np.outer(h, o)))
    for stem, values in pairs:
        rows(exchange, "FORCE", "f." + stem, values, 1e-7)
