"""Writes golden.csv from the equations alone. Run in this folder: python3 golden.py > golden.csv"""
import numpy as np

random = np.random.default_rng(3)
print("# twin:thermodynamic-solver")
print("exchange,role,channel,level,tolerance")


def row(exchange, role, channel, level, tolerance=""):
    print(f"{exchange},{role},{channel},{float(level)!r},{tolerance}")


n, samples, width = 16, 4, 3
for exchange in range(1, 5):
    jacobian = random.uniform(-1, 1, (samples * width, n))
    blocks = []
    for _ in range(samples):
        p = random.dirichlet(np.ones(width))
        blocks.append(np.diag(p) - np.outer(p, p))
    damping = random.uniform(0.5, 1)
    c = random.uniform(-1, 1, n)
    nudge = random.uniform(-1, 1, n) if exchange % 2 == 0 else np.zeros(n)
    curvature = np.zeros((samples * width, samples * width))
    for s, block in enumerate(blocks):
        curvature[s * width:(s + 1) * width, s * width:(s + 1) * width] = block / samples
    x = np.linalg.solve(jacobian.T @ curvature @ jacobian + damping * np.eye(n), c + nudge)
    for k, level in enumerate(jacobian.ravel()):
        row(exchange, "PARAMETER", f"j{k + 1}", level)
    for k, level in enumerate(np.concatenate([block[np.triu_indices(width)] for block in blocks])):
        row(exchange, "PARAMETER", f"h{k + 1}", level)
    row(exchange, "PARAMETER", "lambda1", damping)
    for i in range(n):
        row(exchange, "INPUT", f"c{i + 1}", c[i])
        if exchange % 2 == 0:
            row(exchange, "NUDGE", f"n{i + 1}", nudge[i])
        row(exchange, "OUTPUT", f"x{i + 1}", x[i], 1e-10)
