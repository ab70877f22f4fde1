"""Works out golden.csv from the equations alone: python3 golden.py > golden.csv (needs nothing but Python)."""
import importlib.util
import os
from math import sin
from random import Random

HERE = os.path.dirname(os.path.abspath(__file__))
SPEC = importlib.util.spec_from_file_location("xy", os.path.join(HERE, "..", "oscillators-xy", "golden.py"))
xy = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(xy)

if __name__ == "__main__":
    softness = 0.1
    w, h, psi = xy.drawn(Random(2))
    u = w + h + psi
    print("# twin:oscillators-xy-compliant?inputs=2&hidden=2&outputs=1")
    print("exchange,role,channel,level,tolerance")
    for name, level in zip(xy.NAMES, u):
        print(f"1,KNOB,u.{name},{level},")
    print(f"1,SOFTNESS,softness,{softness},")
    for number, (x, push) in enumerate(xy.CASES, 1):
        for i, phase in enumerate(x, 1):
            print(f"{number},INPUT,x{i},{phase!r},")
        for i, f in enumerate(push, 1):
            print(f"{number},NUDGE,n{i},{f},")
        # Each parameter rests where its spring and the force on it balance: (u - theta) / softness = dE/dtheta.
        theta = u
        s = [0.0] * xy.FREE
        for _ in range(40):
            s = xy.rest(s, x, theta[:9], theta[9:12], theta[12:], push, steps=800)
            theta = [a - softness * f for a, f in zip(u, xy.forces(s, x, theta[9:12], theta[12:]))]
        print(f"{number},OUTPUT,o1,{sin(s[xy.HIDDEN])!r},1e-6")
