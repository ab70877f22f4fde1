#!/usr/bin/env python3
"""Writes golden.csv of the twins of qubits from the equations: whole diagonalisation of Kronecker products (NumPy)."""

import sys
from functools import reduce
from pathlib import Path

import numpy as np

I2, X, Z = np.eye(2), np.array([[0.0, 1], [1, 0]]), np.diag([1.0, -1])


def on(qubits, **at):
    """Operators on some qubits, such as on(3, q0=Z, q2=Z)."""
    return reduce(np.kron, [at.get(f"q{i}", I2) for i in range(qubits)])


def ground(hamiltonian):
    energies, states = np.linalg.eigh(hamiltonian)
    return energies[1] - energies[0], states[:, 0]


class Net:
    """Qubits coupled all to all; inputs are fields along Z on the first ones, the output is <Z> of the last."""

    def __init__(self, qubits, transverse):
        self.qubits = qubits
        self.pairs = [(i, j) for i in range(qubits) for j in range(i + 1, qubits)]
        self.operators = [on(qubits, **{f"q{i}": Z, f"q{j}": Z}) for i, j in self.pairs]
        self.operators += [on(qubits, **{f"q{i}": Z}) for i in range(qubits)]
        self.drive = -transverse * sum(on(qubits, **{f"q{i}": X}) for i in range(qubits))

    def answer(self, theta, x, force):
        """Output, gap and dE/dtheta."""
        h = self.drive - sum(t * o for t, o in zip(theta, self.operators))
        for i, level in enumerate(x):
            h = h - level * self.operators[len(self.pairs) + i]
        h = h - force * self.operators[-1]
        gap, state = ground(h)
        means = [state @ o @ state for o in self.operators]
        return means[-1], gap, [-m for m in means]


def exact(net, exchanges, names, tolerance=1e-9, forces=True):
    rows = []
    for number, (theta, x, force) in enumerate(exchanges, 1):
        output, gap, derivatives = net.answer(theta, x, force)
        rows += [(number, "PARAMETER", n, t, "") for n, t in zip(names, theta)]
        rows += [(number, "INPUT", f"x{i + 1}", level, "") for i, level in enumerate(x)]
        rows += [(number, "NUDGE", "n1", force, "")] if force else []
        rows += [(number, "OUTPUT", "o1", output, tolerance), (number, "MONITOR", "gap1", gap, 1e-9)]
        rows += [(number, "FORCE", "F." + n, d, tolerance) for n, d in zip(names, derivatives)] if forces else []
    return rows


def compliant(net, exchanges, names):
    """Parameters on springs: theta = u - softness dE/dtheta, which holds at the same time as the ground state."""
    rows = []
    for number, (knobs, softness, x, force) in enumerate(exchanges, 1):
        theta = np.array(knobs)
        for _ in range(2000):
            theta = np.array(knobs) - softness * np.array(net.answer(theta, x, force)[2])
        output, gap, _ = net.answer(theta, x, force)
        rows += [(number, "KNOB", "u." + n, u, "") for n, u in zip(names, knobs)]
        rows += [(number, "SOFTNESS", "softness", softness, "")]
        rows += [(number, "INPUT", f"x{i + 1}", level, "") for i, level in enumerate(x)]
        rows += [(number, "NUDGE", "n1", force, "")] if force else []
        rows += [(number, "OUTPUT", "o1", output, 1e-8), (number, "MONITOR", "gap1", gap, 1e-8)]
    return rows


def one_qubit():
    """H = -h Z - (g + x) X - n Z by hand: the mean spin points along the field."""
    rows = []
    for number, (h, g, x, n) in enumerate([(0.8, 1.5, -2.0, 0), (0.8, 1.5, 0.5, 0.3), (-0.4, 0.6, 1.0, -0.2)], 1):
        length = np.hypot(h + n, g + x)
        rows += [(number, "PARAMETER", "h1", h, ""), (number, "PARAMETER", "g1", g, ""), (number, "INPUT", "x1", x, "")]
        rows += [(number, "NUDGE", "n1", n, "")] if n else []
        rows += [(number, "OUTPUT", "o1", (h + n) / length, 1e-12), (number, "MONITOR", "gap1", 2 * length, 1e-12)]
        rows += [(number, "FORCE", "F.h1", -(h + n) / length, 1e-12), (number, "FORCE", "F.g1", -(g + x) / length, 1e-12)]
    return rows


def names(net):
    return [f"J{c + 1}" for c in range(len(net.pairs))] + [f"h{i + 1}" for i in range(net.qubits)]


def draw(rng, net):
    return [float(f"{t:.4f}") for t in rng.uniform(-0.8, 0.8, len(net.operators))]


def write(twin, uri, rows):
    file = Path(__file__).resolve().parent.parent / twin / "golden.csv"
    lines = [f"# {uri}", "exchange,role,channel,level,tolerance"]
    lines += [f"{n},{role},{channel},{level:.15g},{tol}" for n, role, channel, level, tol in rows]
    file.write_text("\n".join(lines) + "\n")
    print(f"{file}: {len(rows)} rows", file=sys.stderr)


def main():
    rng = np.random.default_rng(1)
    six, five, four = Net(6, 1.0), Net(5, 1.0), Net(4, 1.0)
    write(
        "transverse-ising",
        "twin:transverse-ising?lanes=1",
        exact(six, [(draw(rng, six), [2, -2], 0), (draw(rng, six), [-1, 0.5], 0.2), (draw(rng, six), [0, 3], -0.4)], names(six)),
    )
    # 1000 shots leave an error of up to 0.032; five times that, once in two million.
    write(
        "transverse-ising-annealed",
        "twin:transverse-ising-annealed?lanes=1",
        exact(five, [(draw(rng, five), [2, -2], 0), (draw(rng, five), [-1, 0.5], 0.2), (draw(rng, five), [1, 3], -0.4)], names(five), 0.16),
    )
    write(
        "transverse-ising-compliant",
        "twin:transverse-ising-compliant?lanes=1",
        compliant(
            four,
            [(draw(rng, four), 0.1, [2, -2], 0), (draw(rng, four), 0.1, [-1, 0.5], 0.4), (draw(rng, four), 0.2, [0, 3], -0.4)],
            names(four),
        ),
    )
    write("one-qubit", "twin:one-qubit?lanes=1", one_qubit())


if __name__ == "__main__":
    main()
