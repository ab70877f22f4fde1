"""Works out golden.csv from the equations alone: python3 golden.py > golden.csv (needs nothing but Python).

Two inputs, two hidden oscillators, one output, all coupled to all. The phases follow dphi/dt = -dE/dphi by small steps of
the classical Runge-Kutta method until nothing moves; biases are strong, so that there is one rest.
"""
from math import cos, pi, sin
from random import Random

HIDDEN = 2
FREE = 3
PAIRS = [(i, j) for i in range(FREE) for j in range(i + 1, FREE)]


def rate(s, x, w, h, psi, push):
    into = w[: len(x) * FREE]
    among = w[len(x) * FREE :]
    down = [-h[i] * sin(s[i] - psi[i]) for i in range(FREE)]
    for a, phase in enumerate(x):
        for i in range(FREE):
            down[i] -= into[a * FREE + i] * sin(s[i] - phase)
    for weight, (i, j) in zip(among, PAIRS):
        down[i] -= weight * sin(s[i] - s[j])
        down[j] -= weight * sin(s[j] - s[i])
    for k, f in enumerate(push):
        down[HIDDEN + k] += f * cos(s[HIDDEN + k])
    return down


def rest(s, x, w, h, psi, push, step=0.05, steps=4000):
    def at(state):
        return rate(state, x, w, h, psi, push)

    for _ in range(steps):
        k1 = at(s)
        k2 = at([p + step / 2 * k for p, k in zip(s, k1)])
        k3 = at([p + step / 2 * k for p, k in zip(s, k2)])
        k4 = at([p + step * k for p, k in zip(s, k3)])
        s = [p + step / 6 * (a + 2 * b + 2 * c + d) for p, a, b, c, d in zip(s, k1, k2, k3, k4)]
    return s


def forces(s, x, h, psi):
    """dE/dtheta in the order of the parameters: couplings, h, psi."""
    return (
        [-cos(phase - s[i]) for phase in x for i in range(FREE)]
        + [-cos(s[i] - s[j]) for i, j in PAIRS]
        + [-cos(s[i] - psi[i]) for i in range(FREE)]
        + [-h[i] * sin(s[i] - psi[i]) for i in range(FREE)]
    )


def drawn(random):
    w = [round(random.uniform(-0.5, 0.5), 3) for _ in range(2 * FREE + len(PAIRS))]
    h = [round(random.uniform(1.5, 2.5), 3) for _ in range(FREE)]
    psi = [round(random.uniform(-1, 1), 3) for _ in range(FREE)]
    return w, h, psi


NAMES = [f"w{k + 1}" for k in range(9)] + [f"h{i + 1}" for i in range(FREE)] + [f"psi{i + 1}" for i in range(FREE)]
CASES = [([0.0, 0.0], []), ([pi / 2, -1.1], []), ([pi / 2, -1.1], [0.7]), ([-0.4, 2.0], [-1.5])]

if __name__ == "__main__":
    w, h, psi = drawn(Random(1))
    print("# twin:oscillators-xy?inputs=2&hidden=2&outputs=1")
    print("exchange,role,channel,level,tolerance")
    for name, level in zip(NAMES, w + h + psi):
        print(f"1,PARAMETER,{name},{level},")
    for number, (x, push) in enumerate(CASES, 1):
        for i, phase in enumerate(x, 1):
            print(f"{number},INPUT,x{i},{phase!r},")
        for i, f in enumerate(push, 1):
            print(f"{number},NUDGE,n{i},{f},")
        s = rest([0.0] * FREE, x, w, h, psi, push)
        print(f"{number},OUTPUT,o1,{sin(s[HIDDEN])!r},1e-5")
        for name, force in zip(NAMES, forces(s, x, h, psi)):
            print(f"{number},FORCE,f.{name},{force!r},1e-5")
