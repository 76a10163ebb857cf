"""
The training step by PyTorch on the CPU: prints one JSON object. Usage: python3 torch_epoch.py dense|conv

dense is the autoencoder of problem.py; conv has convolutions of 3 × 3 and stride 2 from 1 to 16 and 32 channels,
a dense layer to a code of 64, and the mirror of it all.
"""

import os
import sys

import torch
from problem import BATCH, BETA1, BETA2, CODE, EPSILON, RATE, WIDTHS, Generator, blas, dense_problem, report, times_of
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

KERNEL = 3
CHANNELS = 16, 32
SIDE = 7  # of the planes after both convolutions
CODE_WIDTH = 64


def fill(module, weight):
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(weight))
        module.bias.zero_()
    return module


def dense():
    weights, batch = dense_problem()
    modules = []
    for i, weight in enumerate(weights):
        modules.append(fill(nn.Linear(WIDTHS[i], WIDTHS[i + 1]), weight.T))
        if i not in (CODE, len(weights) - 1):
            modules.append(nn.ReLU())
    return nn.Sequential(*modules), batch


def conv():
    generator = Generator()
    flat = CHANNELS[1] * SIDE * SIDE

    def linear(inputs, outputs):
        return fill(nn.Linear(inputs, outputs), generator.weights((outputs, inputs), inputs, outputs))

    def planes(module):
        taps = KERNEL * KERNEL
        return fill(
            module,
            generator.weights(module.weight.shape, taps * module.in_channels, taps * module.out_channels),
        )

    stride = {"kernel_size": KERNEL, "stride": 2, "padding": 1}
    model = nn.Sequential(
        nn.Unflatten(1, (1, 4 * SIDE, 4 * SIDE)),
        planes(nn.Conv2d(1, CHANNELS[0], **stride)),
        nn.ReLU(),
        planes(nn.Conv2d(*CHANNELS, **stride)),
        nn.ReLU(),
        nn.Flatten(),
        linear(flat, CODE_WIDTH),
        linear(CODE_WIDTH, flat),
        nn.ReLU(),
        nn.Unflatten(1, (CHANNELS[1], SIDE, SIDE)),
        planes(nn.ConvTranspose2d(CHANNELS[1], CHANNELS[0], output_padding=1, **stride)),
        nn.ReLU(),
        planes(nn.ConvTranspose2d(CHANNELS[0], 1, output_padding=1, **stride)),
        nn.Flatten(),
    )
    return model, generator.batch()


MODELS = {"dense": dense, "conv": conv}
if len(sys.argv) != 2 or sys.argv[1] not in MODELS:
    sys.exit(__doc__.strip())


def training(threads):
    """The step of a new model, by this many threads of PyTorch's own."""
    torch.set_num_threads(threads)
    model, batch = MODELS[sys.argv[1]]()
    x = torch.from_numpy(batch)
    optimiser = torch.optim.Adam(model.parameters(), RATE, (BETA1, BETA2), EPSILON, foreach=True)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = binary_cross_entropy_with_logits(model(x), x, reduction="sum") / BATCH
        loss.backward()
        optimiser.step()
        return loss.item()

    return step


# OpenBLAS has threads of its own, which PyTorch's, waiting for work, can keep from the cores.
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
threads = min({1, cores}, key=lambda n: min(times_of(training(n), 30, 5)))
facts = {"version": torch.__version__, "backend": f"{sys.argv[1]}, threads of PyTorch: {threads}", **blas()}
report(training(threads), **facts)
