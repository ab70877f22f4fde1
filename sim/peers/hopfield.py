#!/usr/bin/env python3
"""One hidden layer of a continuous Hopfield network, taught by centred equilibrium propagation, in PyTorch.

The energy (arXiv 2205.15021), x held, h in [0, 1], o in [-1, 2]:

    E = |h|^2/2 + |o|^2/2 - b1.h - b2.o - x W1 h - h W2 o,      C = |o - y|^2/2,     nudged: E + beta C

A layer is moved to where the energy is least, the other held: h = clip(b1 + x W1 + o W2'), o = clip((b2 + h W2 + beta y) /
(1 + beta)). Sweeps go from input to output in the free phase and from output to input in the nudged ones, until each layer's
change, summed over units and batch, is below 1e-3 (with --largest until no unit moves further), or for 100 sweeps. A step,
as the published reference does it: the free state, begun where the last batch ended; nudged by -beta/2 from there, which
gives where the knobs stand; nudged by +beta/2 from the free state, and one more sweep, after which the parameters go where
the springs put them:

    W += eps (mean x'h at +beta/2 - mean x'h at -beta/2)

Variant "published" works out x W1 again in every sweep, and both products x'h, as the reference does. Variant "cached" works
out x W1 once a step, and one product x'(h2 - h1): the same numbers up to rounding, the strongest peer.
"""

import math

import torch

from measured import arguments, run

BETA = 0.5
THRESHOLD = 1e-3
MOST_SWEEPS = 100
EPS_WEIGHTS = (0.1, 0.05)
EPS_BIASES = (0.02, 0.01)
GAINS = (0.8, 1.2)


class Hopfield:
    def __init__(self, sizes, batch, cached, largest):
        inputs, hidden, outputs = sizes
        self.cached = cached
        self.largest = largest
        self.w1 = self.drawn(inputs, hidden, GAINS[0])
        self.w2 = self.drawn(hidden, outputs, GAINS[1])
        self.b1 = torch.zeros(hidden)
        self.b2 = torch.zeros(outputs)
        self.h = torch.zeros(batch, hidden)
        self.o = torch.zeros(batch, outputs)

    @staticmethod
    def drawn(above, below, gain):
        reach = gain * 0.5 * math.sqrt(6 / (above + below))
        return torch.empty(above, below).uniform_(-reach, reach)

    def hidden(self, x, drive, o):
        if drive is None:
            drive = torch.addmm(self.b1, x, self.w1)
        return torch.addmm(drive, o, self.w2.t()).clamp_(0, 1)

    def output(self, h, y, beta):
        o = torch.addmm(self.b2, h, self.w2)
        if beta != 0:
            o.add_(y, alpha=beta).div_(1 + beta)
        return o.clamp_(-1, 2)

    def settled(self, x, drive, y, h, o, beta, forward):
        """Sweeps until nothing moves; returns the state and how many sweeps it took."""
        for sweep in range(1, MOST_SWEEPS + 1):
            if forward:
                h_new = self.hidden(x, drive, o)
                o_new = self.output(h_new, y, beta)
            else:
                o_new = self.output(h, y, beta)
                h_new = self.hidden(x, drive, o_new)
            ended = self.ended((h_new - h).abs_(), (o_new - o).abs_())
            h, o = h_new, o_new
            if ended:
                break
        return h, o, sweep

    def ended(self, h_moved, o_moved):
        if self.largest is None:
            return max(h_moved.sum().item(), o_moved.sum().item()) < THRESHOLD
        return max(h_moved.max().item(), o_moved.max().item()) <= self.largest

    def step(self, x, y):
        batch = x.shape[0]
        drive = torch.addmm(self.b1, x, self.w1) if self.cached else None
        h0, o0, free = self.settled(x, drive, y, self.h, self.o, 0, True)
        self.h, self.o = h0, o0
        wrong = (o0.argmax(1) != y.argmax(1)).sum().item()

        h1, o1, first = self.settled(x, drive, y, h0, o0, -BETA / 2, False)
        if not self.cached:
            # The knobs, where they hold the parameters against the force of this phase.
            knobs = [
                torch.addmm(self.w1, x.t(), h1, alpha=-EPS_WEIGHTS[0] / batch),
                torch.addmm(self.w2, h1.t(), o1, alpha=-EPS_WEIGHTS[1] / batch),
                self.b1 - EPS_BIASES[0] * h1.mean(0),
                self.b2 - EPS_BIASES[1] * o1.mean(0),
            ]

        h2, o2, second = self.settled(x, drive, y, h0, o0, BETA / 2, False)
        o2 = self.output(h2, y, BETA / 2)
        h2 = self.hidden(x, drive, o2)
        if self.cached:
            self.w1.addmm_(x.t(), h2 - h1, alpha=EPS_WEIGHTS[0] / batch)
            self.w2.addmm_(h2.t(), o2, alpha=EPS_WEIGHTS[1] / batch)
            self.w2.addmm_(h1.t(), o1, alpha=-EPS_WEIGHTS[1] / batch)
            self.b1.add_((h2 - h1).mean(0), alpha=EPS_BIASES[0])
            self.b2.add_((o2 - o1).mean(0), alpha=EPS_BIASES[1])
        else:
            self.w1 = torch.addmm(knobs[0], x.t(), h2, alpha=EPS_WEIGHTS[0] / batch)
            self.w2 = torch.addmm(knobs[1], h2.t(), o2, alpha=EPS_WEIGHTS[1] / batch)
            self.b1 = knobs[2] + EPS_BIASES[0] * h2.mean(0)
            self.b2 = knobs[3] + EPS_BIASES[1] * o2.mean(0)
        return wrong, (free, first, second + 1)


def main():
    options = arguments(__doc__.splitlines()[0], batch=32).parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    sizes = (784, options.hidden or 2048, 10)
    with torch.no_grad():
        network = Hopfield(sizes, options.batch, options.variant == "cached", options.largest)
        run(options, {"net": "hopfield", "sizes": sizes, "beta": BETA}, network)


if __name__ == "__main__":
    main()
