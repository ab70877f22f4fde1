"""Works out golden.csv from the equations alone: python3 golden.py > golden.csv (needs NumPy)."""
import numpy as np

N = 5
PIPES = [(r * N + c, r * N + c + 1) for r in range(N) for c in range(N - 1)]
PIPES += [(r * N + c, (r + 1) * N + c) for r in range(N - 1) for c in range(N)]
INPUTS, GROUND, OUTPUT = [0, 4], 20, 12


def pressures(k, x, force):
    """Kirchhoff's law at every node, those that are held replaced by what they are held at."""
    a, b = np.zeros((N * N, N * N)), np.zeros(N * N)
    for (i, j), g in zip(PIPES, k):
        a[i, i] += g
        a[j, j] += g
        a[i, j] -= g
        a[j, i] -= g
    b[OUTPUT] = force
    for node, level in [(INPUTS[0], x[0]), (INPUTS[1], x[1]), (GROUND, 0.0)]:
        a[node, :] = 0
        a[node, node] = 1
        b[node] = level
    return np.linalg.solve(a, b)


if __name__ == "__main__":
    draw = np.random.default_rng(1)
    print("# twin:flow-5x5")
    print("exchange,role,channel,level,tolerance")
    k = None
    for number, (x, force) in enumerate([((1.0, -0.5), 0.0), ((0.25, 2.0), 0.0), ((0.25, 2.0), -0.75)], 1):
        if number != 3:
            k = draw.uniform(0.001, 3, len(PIPES)).round(4)
            for e, g in enumerate(k, 1):
                print(f"{number},PARAMETER,k{e},{float(g)!r},")
        for i, level in enumerate(x, 1):
            print(f"{number},INPUT,x{i},{level},")
        if force:
            print(f"{number},NUDGE,n1,{force},")
        p = pressures(k, x, force)
        print(f"{number},OUTPUT,o1,{float(p[OUTPUT])!r},1e-12")
        for e, (i, j) in enumerate(PIPES, 1):
            print(f"{number},FORCE,f.k{e},{float((p[i] - p[j]) ** 2 / 2)!r},1e-12")
