"""The step that every peer measures, from numbers that every peer draws alike: problem.ts is its twin."""

import ctypes
import json
import re
import statistics
import sys
import time
from math import sqrt
from pathlib import Path

import numpy as np

WIDTHS = [784, 512, 128, 64, 128, 512, 784]
BATCH = 256
CODE = 2  # the layer whose outputs are the code: it and the last have no ReLU
RATE, BETA1, BETA2, EPSILON = 2e-3, 0.9, 0.999, 1e-8
PROTOTYPES = 16


class Generator:
    """The linear congruential generator of Numerical Recipes, from 0 to below 1; its seed is 1."""

    def __init__(self):
        self.state = 1

    def draw(self, n):
        """The next n numbers, float64; k steps at once are again one multiplication and one addition."""
        states = np.empty(n, np.uint32)
        factor, term, mask = 1664525, 1013904223, 0xFFFFFFFF
        states[0] = (factor * self.state + term) & mask
        known = 1
        while known < n:
            new = min(known, n - known)
            states[known : known + new] = states[:new] * np.uint32(factor) + np.uint32(term)
            term = (factor * term + term) & mask
            factor = (factor * factor) & mask
            known += new
        self.state = int(states[-1])
        return states / 2.0**32

    def weights(self, shape, inputs, outputs):
        """float32 within ±√(6 / (inputs + outputs)) (Glorot & Bengio 2010)."""
        uniform = 2 * self.draw(int(np.prod(shape))) - 1
        return (uniform * sqrt(6 / (inputs + outputs))).astype(np.float32).reshape(shape)

    def batch(self):
        """BATCH × 784, within 0 to 1: sixteen random images in turn, a fifth of their pixels inked, as in MNIST."""
        images = np.maximum(0, 5 * self.draw(PROTOTYPES * WIDTHS[0]) - 4).astype(np.float32)
        return np.tile(images.reshape(PROTOTYPES, WIDTHS[0]), (BATCH // PROTOTYPES, 1))


def dense_problem():
    """The weights, inputs × outputs each, and the batch."""
    generator = Generator()
    weights = [generator.weights((n, m), n, m) for n, m in zip(WIDTHS, WIDTHS[1:])]
    return weights, generator.batch()


def times_of(step, count, seconds):
    """Milliseconds of each of `count` steps, or of as many as `seconds` are enough for."""
    times = []
    end = time.perf_counter() + seconds
    while len(times) < count and (not times or time.perf_counter() < end):
        began = time.perf_counter()
        step()
        times.append((time.perf_counter() - began) * 1e3)
    return times


def report(step, **facts):
    """Prints the first ten losses, the fastest of the 400 steps after them (or of ten seconds), and the facts."""
    losses = [float(step()) for _ in range(10)]
    times = times_of(step, 400, 10)
    figures = {"ms_per_step": min(times), "ms_per_step_median": statistics.median(times), "steps": len(times)}
    print(json.dumps({**figures, "losses": losses, **facts}))


def blas():
    """
    What NumPy and PyTorch multiply with: the BLAS libraries of this process, where Linux tells, or what OpenBLAS
    says of itself. Exits if it is the reference BLAS, with which there is nothing to compare.
    """
    try:
        maps = Path("/proc/self/maps").read_text()
    except OSError:
        return {"blas": "unknown"}
    paths = sorted(set(re.findall(r"(/\S*/[^/\s]*(?:blas|mkl_rt|blis)[^/\s]*\.so\S*)$", maps, re.M)))
    for path in paths:
        if re.search(r"/libblas\.so\.\d+\.\d+", path):
            sys.exit(f"{path} is the slow reference BLAS: apt-get install libopenblas0-pthread")
    for path in paths:
        library = ctypes.CDLL(path)
        for name in ("openblas_{}", "openblas_{}64_", "scipy_openblas_{}64_", "scipy_openblas_{}"):
            config = getattr(library, name.format("get_config"), None)
            if config is not None:
                config.restype = ctypes.c_char_p
                threads = getattr(library, name.format("get_num_threads"))
                return {"blas": config().decode().strip(), "threads": threads()}
    return {"blas": ", ".join(Path(path).name for path in paths) or "unknown"}
