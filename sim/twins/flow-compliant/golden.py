"""Works out golden.csv from the equations alone: python3 golden.py > golden.csv (needs NumPy)."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow-5x5"))
from golden import OUTPUT, PIPES, pressures  # noqa: E402

if __name__ == "__main__":
    draw = np.random.default_rng(2)
    softness = 0.1
    print("# twin:flow-compliant")
    print("exchange,role,channel,level,tolerance")
    for number, (x, force) in enumerate([((1.0, -0.5), 0.0), ((0.25, 1.0), 0.0), ((0.25, 1.0), -0.75)], 1):
        if number != 3:
            u = draw.uniform(0.5, 1.5, len(PIPES)).round(4)
            for e, knob in enumerate(u, 1):
                print(f"{number},KNOB,u{e},{float(knob)!r},")
            print(f"{number},SOFTNESS,softness,{softness},")
        for i, level in enumerate(x, 1):
            print(f"{number},INPUT,x{i},{level},")
        if force:
            print(f"{number},NUDGE,n1,{force},")
        # Each pipe rests where its spring and the force of the pressures balance: (u - k) / softness = dp^2 / 2.
        k = u.copy()
        for _ in range(500):
            p = pressures(k, x, force)
            k = np.clip([u[e] - softness * (p[i] - p[j]) ** 2 / 2 for e, (i, j) in enumerate(PIPES)], 0.05, 20)
        print(f"{number},OUTPUT,o1,{float(pressures(k, x, force)[OUTPUT])!r},1e-9")
