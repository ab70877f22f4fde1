"""Works out golden.csv from the equations alone: python3 golden.py > golden.csv (needs nothing but Python).

Three inputs, two hidden oscillators, two outputs. Every run begins at pi/2: 60 of Euler's steps of 0.1 without a nudge,
then 20 more under the nudge where there is one.
"""
from math import cos, pi, sin
from random import Random

INPUTS, HIDDEN, OUTPUTS = 3, 2, 2
FREE = HIDDEN + OUTPUTS


def pull(s, x, j, h, k, push):
    down = [-h[i] * sin(s[i]) - k[i] * sin(2 * s[i]) for i in range(FREE)]
    for a in range(INPUTS):
        for i in range(HIDDEN):
            down[i] -= x[a] * j[a * HIDDEN + i] * sin(s[i])
    for i in range(HIDDEN):
        for o in range(OUTPUTS):
            weight = j[INPUTS * HIDDEN + i * OUTPUTS + o]
            down[i] -= weight * sin(s[i] - s[HIDDEN + o])
            down[HIDDEN + o] -= weight * sin(s[HIDDEN + o] - s[i])
    for o, f in enumerate(push):
        down[HIDDEN + o] -= f * sin(s[HIDDEN + o])
    return down


def run(x, j, h, k, push):
    s = [pi / 2] * FREE
    for step in range(80 if push else 60):
        s = [p + 0.1 * f for p, f in zip(s, pull(s, x, j, h, k, push if step >= 60 else []))]
    return s


def golden(uri, bits):
    random = Random(3)
    j = [round(random.uniform(-0.8, 0.8), 3) for _ in range(INPUTS * HIDDEN + HIDDEN * OUTPUTS)]
    h = [round(random.uniform(-0.3, 0.3), 3) for _ in range(FREE)]
    k = [round(random.uniform(-0.3, 0.3), 3) for _ in range(FREE)]
    names = [f"j{i + 1}" for i in range(len(j))] + [f"h{i + 1}" for i in range(FREE)] + [f"k{i + 1}" for i in range(FREE)]
    print(f"# {uri}?inputs=3&hidden=2&outputs=2")
    print("exchange,role,channel,level,tolerance")
    for name, level in zip(names, j + h + k):
        print(f"1,PARAMETER,{name},{level},")
    for number, (x, push) in enumerate([([1, -0.5, 0.2], []), ([1, -0.5, 0.2], [0.5, -0.4]), ([-0.7, 0.1, 0.9], [])], 1):
        for i, level in enumerate(x, 1):
            print(f"{number},INPUT,x{i},{level},")
        for i, f in enumerate(push, 1):
            print(f"{number},NUDGE,n{i},{f},")
        s = run(x, j, h, k, push)
        if bits:
            step = 2 * pi / 2**bits
            s = [step * round(p / step) for p in s]
        for o in range(OUTPUTS):
            print(f"{number},OUTPUT,o{o + 1},{cos(s[HIDDEN + o])!r},1e-9")
        forces = (
            [-x[a] * cos(s[i]) for a in range(INPUTS) for i in range(HIDDEN)]
            + [-cos(s[i] - s[HIDDEN + o]) for i in range(HIDDEN) for o in range(OUTPUTS)]
            + [-cos(p) for p in s]
            + [-cos(2 * p) / 2 for p in s]
        )
        for name, force in zip(names, forces):
            print(f"{number},FORCE,f.{name},{force!r},1e-9")


if __name__ == "__main__":
    golden("twin:oscillator-ising", 0)
