"""Writes golden.csv from the equations alone. Run in this folder: python3 golden.py > golden.csv"""
import numpy as np

random = np.random.default_rng(4)
print("# twin:digital-network?hidden=5-4")
print("exchange,role,channel,level,tolerance")


def row(exchange, role, channel, level, tolerance=""):
    print(f"{exchange},{role},{channel},{float(level)!r},{tolerance}")


layers = [4, 5, 4, 3]
for exchange in range(1, 4):
    signal = random.uniform(-2, 2, layers[0])
    for i, level in enumerate(signal):
        row(exchange, "INPUT", f"x{i + 1}", level)
    for l in range(1, len(layers)):
        weights = random.uniform(-1, 1, (layers[l], layers[l - 1]))
        biases = random.uniform(-1, 1, layers[l])
        for k, level in enumerate(weights.ravel()):
            row(exchange, "PARAMETER", f"w{l}.{k + 1}", level)
        for k, level in enumerate(biases):
            row(exchange, "PARAMETER", f"b{l}.{k + 1}", level)
        signal = weights @ signal + biases
        if l < len(layers) - 1:
            signal = np.tanh(signal)
    for k, level in enumerate(signal):
        row(exchange, "OUTPUT", f"o{k + 1}", level, 1e-12)
