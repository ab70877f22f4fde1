"""Writes golden.csv: ground states of a small Ising machine, found by looking at every state."""

import itertools
import random

INPUTS, HIDDEN, OUTPUTS, COPIES = 2, 3, 2, 4
LIMIT = 4.0
SPINS = HIDDEN + OUTPUTS * COPIES


def clip(value):
    return max(-LIMIT, min(LIMIT, value))


def energy(p, x, force, s):
    hidden, out = s[:HIDDEN], s[HIDDEN:]
    total = 0.0
    for j in range(HIDDEN):
        h = p["b1"][j] + sum(x[i] * p["w1"][i * HIDDEN + j] for i in range(INPUTS))
        total += clip(h) * hidden[j]
    for k in range(OUTPUTS * COPIES):
        total += clip(p["b2"][k] - force[k // COPIES] / COPIES) * out[k]
        for j in range(HIDDEN):
            total += p["w2"][j * OUTPUTS * COPIES + k] * hidden[j] * out[k]
    return total


def ground(p, x, force):
    """The state of least energy, and how far above it the next one lies."""
    ranked = sorted((energy(p, x, force, s), s) for s in itertools.product((-1, 1), repeat=SPINS))
    return ranked[0][1], ranked[1][0] - ranked[0][0]


def drawn(rng):
    p = {
        "w1": [rng.choice((-1, 1)) * rng.uniform(1.0, 2.0) for _ in range(INPUTS * HIDDEN)],
        "b1": [rng.choice((-1, 1)) * rng.uniform(0.2, 0.5) for _ in range(HIDDEN)],
        "w2": [rng.choice((-1, 1)) * rng.uniform(0.4, 0.8) for _ in range(HIDDEN * OUTPUTS * COPIES)],
        "b2": [rng.choice((-1, 1)) * rng.uniform(0.2, 0.5) for _ in range(OUTPUTS * COPIES)],
    }
    return {name: [round(value, 3) for value in values] for name, values in p.items()}


def main():
    rng = random.Random(1)
    # One reading must be enough to find it, so take a machine whose ground states lie well below all else.
    while True:
        p = drawn(rng)
        asked = [((1.5, -1.0), (0, 0)), ((1.5, -1.0), (16.0, -16.0)), ((-1.0, -1.5), (0, 0)), ((-1.0, -1.5), (-12.0, 12.0))]
        found = [ground(p, x, force) for x, force in asked]
        if min(gap for _, gap in found) > 1.0 and found[0][0] != found[1][0] and found[2][0] != found[3][0]:
            break
    with open("golden.csv", "w", encoding="utf-8") as out:
        out.write(f"# twin:ising-machine?inputs={INPUTS}&hidden={HIDDEN}&outputs={OUTPUTS}\n")
        out.write("exchange,role,channel,level,tolerance\n")
        for number, ((x, force), (s, _)) in enumerate(zip(asked, found), 1):
            for i, value in enumerate(x, 1):
                out.write(f"{number},INPUT,x{i},{value},\n")
            if number == 1:
                for name, values in p.items():
                    for i, value in enumerate(values, 1):
                        out.write(f"{number},PARAMETER,{name}.{i},{value},\n")
            if any(force):
                for i, value in enumerate(force, 1):
                    out.write(f"{number},NUDGE,n{i},{value},\n")
            hidden, spins = s[:HIDDEN], s[HIDDEN:]
            for k in range(OUTPUTS):
                out.write(f"{number},OUTPUT,o{k + 1},{sum(spins[k * COPIES:(k + 1) * COPIES]) / COPIES},1e-9\n")
            forces = {
                "w1": [xi * h for xi in x for h in hidden],
                "b1": hidden,
                "w2": [h * o for h in hidden for o in spins],
                "b2": spins,
            }
            for name, values in forces.items():
                for i, value in enumerate(values, 1):
                    out.write(f"{number},FORCE,f.{name}.{i},{value},1e-9\n")


main()
