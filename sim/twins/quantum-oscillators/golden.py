#!/usr/bin/env python3
"""Writes golden.csv from the equations with NumPy: the balance of forces, and a matrix root by repeated averaging."""

from pathlib import Path

import numpy as np

PARTICLES, TETHER, MASS, HBAR = 6, 0.5, 1.0, 1.0
PAIRS = [(i, j) for i in range(PARTICLES) for j in range(i + 1, PARTICLES)]


def root(a):
    """The square root of a positive definite matrix (Denman and Beavers)."""
    y, z = a.copy(), np.eye(len(a))
    for _ in range(60):
        y, z = (y + np.linalg.inv(z)) / 2, (z + np.linalg.inv(y)) / 2
    return y


def answer(stiffness, length, x, force):
    k = TETHER * np.eye(PARTICLES)
    f = np.zeros(PARTICLES)
    f[: len(x)] = TETHER * np.array(x)
    f[-1] += force
    for (i, j), kij, lij in zip(PAIRS, stiffness, length):
        d = np.zeros(PARTICLES)
        d[i], d[j] = 1, -1
        k += kij * np.outer(d, d)
        f += kij * lij * d
    mean = np.linalg.solve(k, f)
    spread = HBAR / 2 / np.sqrt(MASS) * np.linalg.inv(root(k))
    stretch = [mean[i] - mean[j] - lij for (i, j), lij in zip(PAIRS, length)]
    on_k = [(s * s + spread[i, i] + spread[j, j] - 2 * spread[i, j]) / 2 for (i, j), s in zip(PAIRS, stretch)]
    on_l = [-kij * s for kij, s in zip(stiffness, stretch)]
    return mean[-1], spread[-1, -1], on_k + on_l


def main():
    rng = np.random.default_rng(2)
    names = [f"{stem}{c + 1}" for stem in "kl" for c in range(len(PAIRS))]
    lines = ["# twin:quantum-oscillators", "exchange,role,channel,level,tolerance"]
    for number, (x, force) in enumerate([([1.0, -0.5], 0), ([-1.0, 2.0], 0.7), ([0.0, 0.3], -1.5)], 1):
        stiffness = [float(f"{v:.4f}") for v in rng.uniform(0.1, 1, len(PAIRS))]
        length = [float(f"{v:.4f}") for v in rng.uniform(-1, 1, len(PAIRS))]
        output, variance, forces = answer(stiffness, length, x, force)
        lines += [f"{number},PARAMETER,{n},{v}," for n, v in zip(names, stiffness + length)]
        lines += [f"{number},INPUT,x{i + 1},{v}," for i, v in enumerate(x)]
        lines += [f"{number},NUDGE,n1,{force},"] if force else []
        lines += [f"{number},OUTPUT,o1,{output:.15g},1e-10", f"{number},MONITOR,var1,{variance:.15g},1e-10"]
        lines += [f"{number},FORCE,F.{n},{v:.15g},1e-10" for n, v in zip(names, forces)]
    Path(__file__).resolve().parent.joinpath("golden.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
