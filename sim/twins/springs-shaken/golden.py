"""Works out golden.csv from the equations alone: python3 golden.py > golden.csv (needs NumPy).

The mean of a shaken network is its place of rest, but for a shift of the order of kT / (k L) = 1e-5 m. One read, a mean over
10 s, scatters by somewhat less than 1e-3 m; the tolerance is five times that.
"""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "springs"))
from golden import ASKED, DRIVEN, PAIRS, imposed, laid_out, rest, shown  # noqa: E402

if __name__ == "__main__":
    draw = np.random.default_rng(5)
    home = laid_out(1.0, 0.9)
    print("# twin:springs-shaken")
    print("exchange,role,channel,level,tolerance")
    k = draw.uniform(0.7, 1.3, len(PAIRS)).round(3)
    l = draw.uniform(0.85, 0.93, len(PAIRS)).round(3)
    for e in range(len(PAIRS)):
        print(f"1,PARAMETER,k{e + 1},{float(k[e])!r},\n1,PARAMETER,l{e + 1},{float(l[e])!r},")
    for number, (x, force) in enumerate(ASKED, 1):
        imposed(number, x, force)
        start = home.copy()
        start[2 * DRIVEN] += x
        for i, o in enumerate(shown(rest(start, k, l, force), home), 1):
            print(f"{number},OUTPUT,o{i},{o!r},5e-3")
