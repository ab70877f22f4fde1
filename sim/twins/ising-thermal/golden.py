"""Writes golden.csv: means of a small Ising machine in a heat bath, summed over all states."""

import itertools
import math
import random

INPUTS, HIDDEN, OUTPUTS, COPIES = 2, 8, 2, 4
LIMIT = 16.0
TEMPERATURE = 1.0
SPINS = OUTPUTS * COPIES


def clip(value):
    return max(-LIMIT, min(LIMIT, value))


def means(p, x, force):
    """Mean spins of both layers and mean products. With the hidden spins given the others do not see each other."""
    field = [clip(p["b1"][j] + sum(x[i] * p["w1"][i * HIDDEN + j] for i in range(INPUTS))) for j in range(HIDDEN)]
    bias = [clip(p["b2"][k] - force[k // COPIES] / COPIES) for k in range(SPINS)]
    terms = []
    for hidden in itertools.product((-1, 1), repeat=HIDDEN):
        pull = [bias[k] + sum(p["w2"][j * SPINS + k] * hidden[j] for j in range(HIDDEN)) for k in range(SPINS)]
        log = -sum(f * h for f, h in zip(field, hidden)) / TEMPERATURE
        log += sum(abs(f) / TEMPERATURE + math.log1p(math.exp(-2 * abs(f) / TEMPERATURE)) for f in pull)
        terms.append((log, hidden, [-math.tanh(f / TEMPERATURE) for f in pull]))
    most = max(log for log, _, _ in terms)
    weights = [math.exp(log - most) for log, _, _ in terms]
    total = sum(weights)
    first, second = [0.0] * HIDDEN, [0.0] * SPINS
    product = [0.0] * (HIDDEN * SPINS)
    for weight, (_, hidden, out) in zip(weights, terms):
        for j in range(HIDDEN):
            first[j] += weight / total * hidden[j]
            for k in range(SPINS):
                product[j * SPINS + k] += weight / total * hidden[j] * out[k]
        for k in range(SPINS):
            second[k] += weight / total * out[k]
    return first, second, product


def main():
    rng = random.Random(1)
    a = [rng.choice((-1, 1)) for _ in range(HIDDEN)]
    b = [rng.choice((-1, 1)) for _ in range(SPINS)]
    p = {
        "w1": [-rng.uniform(3.0, 4.0) * a[j] for _ in range(INPUTS) for j in range(HIDDEN)],
        "b1": [rng.uniform(-0.5, 0.5) for _ in range(HIDDEN)],
        "w2": [-rng.uniform(0.9, 1.1) * a[j] * b[k] for j in range(HIDDEN) for k in range(SPINS)],
        "b2": [rng.uniform(-0.5, 0.5) for _ in range(SPINS)],
    }
    p = {name: [round(value, 3) for value in values] for name, values in p.items()}
    asked = [((2.5, 2.0), (0, 0)), ((-2.0, -2.5), (0, 0)), ((-2.0, -2.5), (64.0, 64.0)), ((2.5, 2.0), (-64.0, 64.0))]
    with open("golden.csv", "w", encoding="utf-8") as out:
        out.write(f"# twin:ising-thermal?inputs={INPUTS}&hidden={HIDDEN}&outputs={OUTPUTS}\n")
        out.write("exchange,role,channel,level,tolerance\n")
        for number, (x, force) in enumerate(asked, 1):
            first, second, product = means(p, x, force)
            for i, value in enumerate(x, 1):
                out.write(f"{number},INPUT,x{i},{value},\n")
            if number == 1:
                for name, values in p.items():
                    for i, value in enumerate(values, 1):
                        out.write(f"{number},PARAMETER,{name}.{i},{value},\n")
            if any(force):
                for i, value in enumerate(force, 1):
                    out.write(f"{number},NUDGE,n{i},{value},\n")
            for k in range(OUTPUTS):
                out.write(f"{number},OUTPUT,o{k + 1},{sum(second[k * COPIES:(k + 1) * COPIES]) / COPIES:.9f},1e-5\n")
            forces = {"w1": [xi * h for xi in x for h in first], "b1": first, "w2": product, "b2": second}
            for name, values in forces.items():
                for i, value in enumerate(values, 1):
                    out.write(f"{number},FORCE,f.{name}.{i},{value:.9f},1e-5\n")


main()
