"""What both peers share: the images, the clock, and how results are told.

A peer learns batch after batch of MNIST in file order, one thread, and measures the processor time of each step (process
time, so that whatever threads a library keeps are counted). Alone it runs its batches and prints one line of JSON. With
--turns it does so many batches as each line of standard input says, and answers with a line of JSON each time: whoever
compares can let two programs work by turns, so that both have the same of what else the machine does.
"""

import argparse
import gzip
import json
import math
import os
import statistics
import sys
import time

import numpy
import torch

WHITE = 255.0


def arguments(description, batch):
    """The options that both take."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", required=True, help="folder with train-images-idx3-ubyte and its labels, packed or not")
    parser.add_argument("--variant", choices=["published", "cached"], default="published")
    parser.add_argument(
        "--largest",
        type=float,
        help="a phase ends when no unit moved further than this part of the largest state asked for (default: as published)",
    )
    parser.add_argument("--hidden", type=int, help="hidden units")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--batches", type=int, default=50, help="how many steps are measured")
    parser.add_argument("--warmup", type=int, default=5, help="how many steps come before, learned but not measured")
    parser.add_argument("--images", type=int, default=3200, help="the first so many, again and again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--turns", action="store_true", help="do as many steps as each line of standard input says")
    return parser


def unpacked(folder, name):
    """The bytes of an IDX file that may be packed."""
    plain = os.path.join(folder, name)
    if os.path.exists(plain):
        with open(plain, "rb") as file:
            return file.read()
    if os.path.exists(plain + ".gz"):
        with gzip.open(plain + ".gz", "rb") as file:
            return file.read()
    sys.exit(f"{folder}: no {name} there, packed or not; --data names the folder of the MNIST files")


def images(folder, count):
    """Pixels from 0 to 1, count x 784, and the digits as one-hot rows."""
    raw = unpacked(folder, "train-images-idx3-ubyte")
    held = (len(raw) - 16) // 784
    if raw[:4] != b"\x00\x00\x08\x03" or held < count:
        sys.exit(f"{folder}: train-images-idx3-ubyte holds {max(held, 0)} images of 784 pixels; --images asks for {count}")
    pixels = numpy.frombuffer(raw, numpy.uint8, count * 784, 16).reshape(count, 784)
    digits = numpy.frombuffer(unpacked(folder, "train-labels-idx1-ubyte"), numpy.uint8, count, 8)
    x = torch.from_numpy(pixels.astype(numpy.float32) / WHITE)
    y = torch.zeros(count, 10)
    y[torch.arange(count), torch.from_numpy(digits.astype(numpy.int64))] = 1
    return x, y


def product_rate(inputs, units, batch):
    """Floating point operations a second of the largest product of a step, the best of several: whether the library is quick."""
    a, b = torch.rand(batch, inputs), torch.rand(inputs, units)
    best = math.inf
    for _ in range(20):
        start = time.process_time()
        torch.mm(a, b)
        best = min(best, time.process_time() - start)
    return 2 * batch * inputs * units / best


def run(options, what, network):
    """Learns and tells.

    network.step(x, y) learns a batch and returns how many answers were wrong before it and the sweeps of its phases.
    """
    # Numbers too small to matter cost a hundred times the time of others.
    torch.set_flush_denormal(True)
    x, y = images(options.data, options.images)
    per_epoch = options.images // options.batch
    if per_epoch < 1:
        sys.exit(f"--batch: {options.batch} images a step, but --images are {options.images}")
    seconds, wrong, sweeps, done = [], [], [], 0

    def work(batches):
        nonlocal done
        for _ in range(batches):
            begin = done % per_epoch * options.batch
            batch, target = x[begin : begin + options.batch], y[begin : begin + options.batch]
            start = time.process_time()
            missed, swept = network.step(batch, target)
            seconds.append(time.process_time() - start)
            wrong.append(missed)
            sweeps.append(swept)
            done += 1

    def told(first):
        spent = seconds[first:]
        count = len(spent)
        return {
            **what,
            "variant": options.variant,
            "largest": options.largest,
            "batch": options.batch,
            "batches": count,
            "cpuSeconds": {
                "median": statistics.median(spent),
                "min": min(spent),
                "mean": statistics.fmean(spent),
            },
            "sweeps": [round(statistics.fmean(phase), 2) for phase in zip(*sweeps[first:])],
            "trainingError": sum(wrong[first:]) / (count * options.batch),
            "done": done,
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
            "productFlops": rate,
        }

    rate = product_rate(what["sizes"][0], what["sizes"][1], options.batch)
    work(options.warmup)
    if options.turns:
        print(json.dumps({"ready": True, "torch": torch.__version__}), flush=True)
        for line in sys.stdin:
            first = done
            work(int(line))
            print(json.dumps({**told(first), "perStep": seconds[first:]}), flush=True)
    else:
        work(options.batches)
        print(json.dumps(told(options.warmup)), flush=True)
