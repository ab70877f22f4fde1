"""Works out golden.csv from the equations alone: python3 golden.py > golden.csv (needs NumPy)."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "springs"))
from golden import DRIVEN, PAIRS, laid_out, lengths, rest, shown  # noqa: E402

if __name__ == "__main__":
    draw = np.random.default_rng(4)
    softness = 0.2
    home = laid_out(0.1, 0.9)
    print("# twin:springs-compliant")
    print("exchange,role,channel,level,tolerance")
    ku = draw.uniform(0.08, 0.12, len(PAIRS)).round(4)
    lu = draw.uniform(0.87, 0.93, len(PAIRS)).round(3)
    for e in range(len(PAIRS)):
        print(f"1,KNOB,u.k{e + 1},{float(ku[e])!r},\n1,KNOB,u.l{e + 1},{float(lu[e])!r},")
    print(f"1,SOFTNESS,softness,{softness},")
    for number, (x, force) in enumerate([(0.0, (0, 0)), (0.2, (0, 0)), (0.2, (0.003, -0.002))], 1):
        print(f"{number},INPUT,x1,{x},")
        for i, f in enumerate(force, 1):
            if any(force):
                print(f"{number},NUDGE,n{i},{f},")
        # Each parameter rests where its spring and the force on it balance: (u - theta) / softness = dE/dtheta.
        k, l = ku.copy(), lu.copy()
        r = home.copy()
        r[2 * DRIVEN] += x
        for _ in range(60):
            r = rest(r, k, l, force)
            stretch = lengths(r) - l
            k, l = np.clip(ku - softness * stretch**2 / 2, 0.05, 20), np.clip(lu + softness * k * stretch, 0.3, 1.5)
        for i, o in enumerate(shown(rest(r, k, l, force), home), 1):
            print(f"{number},OUTPUT,o{i},{o!r},1e-6")
