"""Works out golden.csv from the equations alone: python3 golden.py > golden.csv (needs NumPy)."""
import numpy as np

N = 5
PINNED, DRIVEN, OUTPUTS = [0, 4, 20, 24], 7, [(17, 0), (13, 1)]


def springs():
    """To the right, then to the two neighbours in the row above, node by node."""
    pairs = []
    for row in range(N):
        for column in range(N):
            left = column - 1 if row % 2 == 0 else column
            for r, c in [(row, column + 1), (row + 1, left), (row + 1, left + 1)]:
                if r < N and 0 <= c < N:
                    pairs.append((row * N + column, r * N + c))
    return np.array(pairs)


PAIRS = springs()
FREE = np.array([2 * n + a for n in range(N * N) for a in (0, 1) if n not in PINNED + [DRIVEN]])


def slope(flat, k, l, force):
    """dE/dr of E = sum k (L - l)^2 / 2 - sum force * output, for all coordinates."""
    r = flat.reshape(-1, 2)
    d = r[PAIRS[:, 0]] - r[PAIRS[:, 1]]
    length = np.hypot(d[:, 0], d[:, 1])
    pull = (k * (length - l) / length)[:, None] * d
    g = np.zeros_like(r)
    np.add.at(g, PAIRS[:, 0], pull)
    np.add.at(g, PAIRS[:, 1], -pull)
    for (node, axis), f in zip(OUTPUTS, force):
        g[node, axis] -= f
    return g.ravel()


def rest(start, k, l, force):
    """Newton's method on the slope, its derivative by central differences of the slope."""
    r = start.copy()
    for _ in range(60):
        g = slope(r, k, l, force)[FREE]
        if np.abs(g).max() < 1e-14:
            break
        h = np.empty((len(FREE), len(FREE)))
        for column, i in enumerate(FREE):
            step = np.zeros_like(r)
            step[i] = 1e-5
            h[:, column] = (slope(r + step, k, l, force)[FREE] - slope(r - step, k, l, force)[FREE]) / 2e-5
        move = np.linalg.solve(h, -g)
        r[FREE] += move * min(1, 0.1 / np.abs(move).max())
    return r


def laid_out(k, l):
    """Where the lattice rests undriven with all springs alike."""
    places = np.array([(c + 0.5 * (r % 2), r * np.sqrt(0.75)) for r in range(N) for c in range(N)]).ravel()
    return rest(places, np.full(len(PAIRS), k), np.full(len(PAIRS), l), (0, 0))


def shown(r, home):
    return [float(r[2 * n + a] - home[2 * n + a]) for n, a in OUTPUTS]


def lengths(r):
    d = r.reshape(-1, 2)[PAIRS[:, 0]] - r.reshape(-1, 2)[PAIRS[:, 1]]
    return np.hypot(d[:, 0], d[:, 1])


ASKED = [(0.0, (0.0, 0.0)), (0.2, (0.0, 0.0)), (0.2, (0.03, -0.02)), (-0.1, (0.0, 0.04))]


def imposed(number, x, force):
    print(f"{number},INPUT,x1,{x},")
    for i, f in enumerate(force, 1):
        if any(force):
            print(f"{number},NUDGE,n{i},{f},")


if __name__ == "__main__":
    draw = np.random.default_rng(3)
    home = laid_out(1.0, 0.9)
    print("# twin:springs")
    print("exchange,role,channel,level,tolerance")
    k = draw.uniform(0.7, 1.3, len(PAIRS)).round(3)
    l = draw.uniform(0.85, 0.93, len(PAIRS)).round(3)
    for e in range(len(PAIRS)):
        print(f"1,PARAMETER,k{e + 1},{float(k[e])!r},\n1,PARAMETER,l{e + 1},{float(l[e])!r},")
    for number, (x, force) in enumerate(ASKED, 1):
        imposed(number, x, force)
        start = home.copy()
        start[2 * DRIVEN] += x
        r = rest(start, k, l, force)
        for i, o in enumerate(shown(r, home), 1):
            print(f"{number},OUTPUT,o{i},{o!r},1e-8")
        stretch = lengths(r) - l
        for e in range(len(PAIRS)):
            print(f"{number},FORCE,f.k{e + 1},{float(stretch[e] ** 2 / 2)!r},1e-8")
            print(f"{number},FORCE,f.l{e + 1},{float(-k[e] * stretch[e])!r},1e-8")
