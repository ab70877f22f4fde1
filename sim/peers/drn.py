#!/usr/bin/env python3
"""One hidden layer of a deep resistive network, taught by centred equilibrium propagation, in PyTorch.

The power that the resistors turn into heat is least (arXiv 2402.11674), each pixel x being two sources +A x and -A x:

    E = 1/2 sum g_ij (v_i - v_j)^2 - sum b_i v_i,      C = |o - y|^2/2,      nudged: E + beta C

A diode to ground holds the first half of the hidden nodes at 0 or above and the second half at 0 or below. A node goes where
the energy is least: v = clip((sum g_j v_j + b) / sum g_j); of an output, nudged, beta y is added above and beta below. Four
sweeps a phase (with --largest until no node moves further), hidden nodes first, the free phase begun where the last batch
ended, the nudged ones (+beta, -beta) at the free state. A step: g -= rate (mean of (v_i - v_j)^2 at +beta - at -beta) / (4 beta), then no conductance below 0; rate 0.006.

Variant "published" holds all 1568 inputs, and works out their currents and the sums of conductances again in every sweep; its
squared drops are multiplied out (an outer product and two sums; never a number per image and resistor). Variant "cached" folds
the pairs of inputs into one product with G+ - G-, works out currents and sums once a step, and updates both halves of the
first layer from one outer product: the same numbers up to rounding, the strongest peer.
"""

import math

import torch

from measured import arguments, run

BETA = 1.0
SWEEPS = 4
MOST_SWEEPS = 100
RATE = 0.006
INPUT_GAIN = 480


class DeepResistive:
    def __init__(self, sizes, batch, cached, largest):
        inputs, hidden, outputs = sizes
        self.cached = cached
        self.largest = largest
        self.g1 = self.drawn(inputs, hidden)
        self.g2 = self.drawn(hidden, outputs)
        self.b1 = torch.zeros(hidden)
        self.b2 = torch.zeros(outputs)
        self.state = torch.zeros(batch, hidden), torch.zeros(batch, outputs)
        self.half = hidden // 2

    @staticmethod
    def drawn(above, below):
        reach = math.sqrt(1 / above)
        return torch.empty(above, below).uniform_(-reach, reach).clamp_(0)

    def hidden(self, x, known, o):
        if known is None:
            currents = torch.addmm(self.b1, x, self.g1)
            conductance = self.g1.sum(0) + self.g2.sum(1)
        else:
            currents, conductance, _ = known
        h = torch.addmm(currents, o, self.g2.t()).div_(conductance)
        h[:, : self.half].clamp_(min=0)
        h[:, self.half :].clamp_(max=0)
        return h

    def output(self, h, y, known, beta):
        conductance = self.g2.sum(0) if known is None else known[2]
        currents = torch.addmm(self.b2, h, self.g2)
        if beta == 0:
            return currents.div_(conductance)
        return currents.add_(y, alpha=beta).div_(conductance + beta)

    def settled(self, x, known, y, state, beta):
        """Sweeps; returns the state and how many sweeps it took."""
        h, o = state
        for sweep in range(1, (SWEEPS if self.largest is None else MOST_SWEEPS) + 1):
            h_new = self.hidden(x, known, o)
            o_new = self.output(h_new, y, known, beta)
            ended = self.largest is not None and self.ended(h_new, h, o_new, o)
            h, o = h_new, o_new
            if ended:
                break
        return (h, o), sweep

    def ended(self, h_new, h, o_new, o):
        asked = max(h_new.abs().max().item(), o_new.abs().max().item())
        return max((h_new - h).abs_().max().item(), (o_new - o).abs_().max().item()) <= self.largest * asked

    def phases(self, x, known, y):
        self.state, free = self.settled(x, known, y, self.state, 0)
        high, first = self.settled(x, known, y, self.state, BETA)
        low, second = self.settled(x, known, y, self.state, -BETA)
        return self.state, high, low, (free, first, second)

    @staticmethod
    def squared_drops(above, below):
        """Mean over the batch of (v_i - v_j)^2 of every resistor between two layers."""
        batch = above.shape[0]
        return (
            above.square().mean(0)[:, None]
            + below.square().mean(0)
            - 2 / batch * torch.mm(above.t(), below)
        )

    def step(self, x, y):
        return self.cached_step(x, y) if self.cached else self.published_step(x, y)

    def published_step(self, x, y):
        x = torch.cat([x, -x], 1) * INPUT_GAIN
        (h0, o0), (hp, op), (hm, om), sweeps = self.phases(x, None, y)
        scale = RATE / (4 * BETA)
        self.g1.sub_(self.squared_drops(x, hp) - self.squared_drops(x, hm), alpha=scale).clamp_(0)
        self.g2.sub_(self.squared_drops(hp, op) - self.squared_drops(hm, om), alpha=scale).clamp_(0)
        self.b1.add_((hp - hm).mean(0), alpha=RATE / (2 * BETA))
        self.b2.add_((op - om).mean(0), alpha=RATE / (2 * BETA))
        return self.missed(o0, y), sweeps

    def cached_step(self, x, y):
        batch, pixels = x.shape
        x = x * INPUT_GAIN
        up, down = self.g1[:pixels], self.g1[pixels:]
        known = (
            torch.addmm(self.b1, x, up - down),
            self.g1.sum(0) + self.g2.sum(1),
            self.g2.sum(0),
        )
        (h0, o0), (hp, op), (hm, om), sweeps = self.phases(x, known, y)
        scale = RATE / (4 * BETA)
        # x^2 is the same in both phases; of the rest, the halves of a pair differ in the sign of the product alone.
        across = torch.mm(x.t(), hp - hm).mul_(2 * scale / batch)
        below = (hp.square() - hm.square()).mean(0).mul_(scale)
        up.add_(across).sub_(below).clamp_(0)
        down.sub_(across).sub_(below).clamp_(0)
        self.g2.sub_(self.squared_drops(hp, op) - self.squared_drops(hm, om), alpha=scale).clamp_(0)
        self.b1.add_((hp - hm).mean(0), alpha=RATE / (2 * BETA))
        self.b2.add_((op - om).mean(0), alpha=RATE / (2 * BETA))
        return self.missed(o0, y), sweeps

    @staticmethod
    def missed(o, y):
        return (o.argmax(1) != y.argmax(1)).sum().item()


def main():
    options = arguments(__doc__.splitlines()[0], batch=4).parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    sizes = (1568, options.hidden or 1024, 10)
    with torch.no_grad():
        network = DeepResistive(sizes, options.batch, options.variant == "cached", options.largest)
        run(options, {"net": "drn", "sizes": sizes, "beta": BETA}, network)


if __name__ == "__main__":
    main()
