"""Levels of a convolutional Hopfield network, worked out by projected gradient descent with NumPy; nothing here is shared with the twin.

Run: python3 golden.py > golden.csv
"""

import numpy as np

rng = np.random.default_rng(4)
# One convolution of 5 x 5 on pictures of 8 x 8, maximum pooling over 2 x 2, two maps of 2 x 2; then two outputs.
MAPS = 2
KERNELS = rng.uniform(-0.1, 0.25, (5, 5, 1, MAPS))
B1 = rng.uniform(-0.2, 0.1, MAPS)
W2 = rng.uniform(-0.4, 0.4, (2 * 2 * MAPS, 2))
B2 = rng.uniform(-0.2, 0.2, 2)


def rows(exchange, role, stem, values, tolerance=""):
    for number, value in enumerate(np.ravel(values), 1):
        print(f"{exchange},{role},{stem}{number},{float(value)!r},{tolerance}")


def pooled(x):
    """What the convolution makes of a picture, and where each patch had its greatest."""
    plane = np.zeros((4, 4, MAPS))
    for row in range(4):
        for column in range(4):
            plane[row, column] = np.tensordot(x[row : row + 5, column : column + 5], KERNELS[:, :, 0], 2)
    best, winner = np.zeros((2, 2, MAPS)), np.zeros((2, 2, MAPS, 2), int)
    for index in np.ndindex(2, 2, MAPS):
        patch = plane[2 * index[0] : 2 * index[0] + 2, 2 * index[1] : 2 * index[1] + 2, index[2]]
        best[index] = patch.max()
        winner[index] = np.array(np.unravel_index(patch.argmax(), (2, 2))) + 2 * np.array(index[:2])
    return best, winner


def settled(x, force):
    best, _ = pooled(x)
    drive = (best + B1).ravel()
    h, o = np.zeros(drive.size), np.zeros(2)
    for _ in range(20000):
        h, o = np.clip(h - 0.1 * (h - drive - W2 @ o), 0, 1), o - 0.1 * (o - h @ W2 - B2 - force)
    return h, o


def kernel_forces(x, h):
    _, winner = pooled(x)
    forces = np.zeros_like(KERNELS)
    for index in np.ndindex(2, 2, MAPS):
        row, column = winner[index]
        forces[:, :, 0, index[2]] -= h.reshape(2, 2, MAPS)[index] * x[row : row + 5, column : column + 5]
    return forces


QUESTIONS = [
    (rng.uniform(0, 1, (8, 8)), np.zeros(2)),
    (None, np.array([0.4, -0.25])),
    (rng.uniform(0, 1, (8, 8)), np.zeros(2)),
]
print("# twin:hopfield-conv?inputs=64&hidden=2&outputs=2")
print("exchange,role,channel,level,tolerance")
x = np.zeros((8, 8))
for exchange, (picture, force) in enumerate(QUESTIONS, 1):
    if picture is not None:
        x = picture
        rows(exchange, "INPUT", "x", x)
    h, o = settled(x, force)
    if exchange == 1:
        for stem, values in (("w1.", KERNELS), ("b1.", B1), ("w2.", W2), ("b2.", B2)):
            rows(exchange, "PARAMETER", stem, values)
    if force.any():
        rows(exchange, "NUDGE", "n", force)
    rows(exchange, "OUTPUT", "o", o, 1e-5)
    biases = -h.reshape(4, MAPS).sum(0)
    for stem, values in (("w1.", kernel_forces(x, h)), ("b1.", biases), ("w2.", -np.outer(h, o)), ("b2.", -o)):
        rows(exchange, "FORCE", "f." + stem, values, 1e-5)
