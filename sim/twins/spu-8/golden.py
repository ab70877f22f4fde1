"""Writes golden.csv from the equations alone. Run in this folder: python3 golden.py > golden.csv"""
import numpy as np

random = np.random.default_rng(5)
print("# twin:spu-8?heat=0&settle=2e-6")
print("exchange,role,channel,level,tolerance")


def row(exchange, role, channel, level, tolerance=""):
    print(f"{exchange},{role},{channel},{float(level)!r},{tolerance}")


n, ohms, henries, seconds = 8, 1000.0, 100e-6, 2e-6
pairs = n * (n - 1) // 2
spread, gain, code = 0.02, 0.01, 4.0 / 4095


def rung(ground, between, state, current):
    """Rings for a while: the matrix exponential, summed as its series on a 256th of the time and squared."""
    c = np.diag(ground).astype(float)
    for k, (i, j) in enumerate(zip(*np.triu_indices(n, 1))):
        c[i, i] += between[k]
        c[j, j] += between[k]
        c[i, j] -= between[k]
        c[j, i] -= between[k]
    inverse = np.linalg.inv(c)
    motion = np.block([[-inverse / ohms, -inverse], [np.eye(n) / henries, np.zeros((n, n))]])
    small = motion * seconds / 256
    step, term = np.eye(2 * n), np.eye(2 * n)
    for k in range(1, 30):
        term = term @ small / k
        step = step + term
    for _ in range(8):
        step = step @ step
    rest = np.concatenate([np.zeros(n), current])
    return rest + step @ (state - rest)


state = np.zeros(2 * n)
specimens = [np.zeros(2 * n) for _ in range(400)]
errors = [(random.uniform(-spread, spread, n), random.uniform(-spread, spread, pairs)) for _ in specimens]
for exchange in range(1, 4):
    ground = random.integers(1, 5, n) * 1e-9
    between = np.array([0, 0.25e-9, 0.5e-9, 0.75e-9])[random.integers(0, 4, pairs)]
    current = random.uniform(-1e-3, 1e-3, n)
    state = rung(ground, between, state, current)
    # A specimen's capacitors are off by up to the spread, which nobody knows beforehand: as far as 400 drawn ones go,
    # and half as far again.
    specimens = [rung(ground * (1 + e), between * (1 + f), s, current) for s, (e, f) in zip(specimens, errors)]
    reach = 1.5 * np.max(np.abs(np.array(specimens) - state), axis=0)
    for i in range(n):
        row(exchange, "PARAMETER", f"c{i + 1}", ground[i])
    for k in range(pairs):
        row(exchange, "PARAMETER", f"k{k + 1}", between[k])
    for i in range(n):
        row(exchange, "INPUT", f"j{i + 1}", current[i])
    for i in range(n):
        # Three standard deviations of the converter's gain, and one code.
        row(exchange, "OUTPUT", f"v{i + 1}", state[i], reach[i] + 3 * gain * abs(state[i]) + code)
        row(exchange, "MONITOR", f"i{i + 1}", state[n + i], reach[n + i])
