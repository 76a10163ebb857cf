"""The training step of problem.py by NumPy: prints one JSON object. Usage: python3 numpy_epoch.py"""

import time
from math import sqrt

import numpy as np
from problem import BATCH, BETA1, BETA2, CODE, EPSILON, RATE, dense_problem, blas, report

ADAM_BLOCK = 1 << 16  # parameters at a time, whose five arrays stay in the cache


class Layer:
    def __init__(self, weight, bias, grad_weight, grad_bias, relu):
        outputs = len(bias)
        self.weight, self.bias = weight, bias
        self.grad_weight, self.grad_bias = grad_weight, grad_bias
        self.relu = relu
        self.y = np.empty((BATCH, outputs), np.float32)
        self.dy = np.empty((BATCH, outputs), np.float32)
        self.positive = np.empty((BATCH, outputs), bool)


class Autoencoder:
    """Every array is allocated here; the parameters, as their gradients and moments, are slices of one array."""

    def __init__(self, weights):
        size = sum(w.size + w.shape[1] for w in weights)
        self.parameters, self.gradients, self.m, self.v = (np.zeros(size, np.float32) for _ in range(4))
        self.scratch = np.empty(ADAM_BLOCK, np.float32)
        self.ones = np.ones(BATCH, np.float32)
        self.layers = []
        self.t = 0
        at = 0
        for i, initial in enumerate(weights):
            to = at + initial.size
            end = to + initial.shape[1]
            weight, grad_weight = (a[at:to].reshape(initial.shape) for a in (self.parameters, self.gradients))
            weight[:] = initial
            relu = i not in (CODE, len(weights) - 1)
            self.layers.append(Layer(weight, self.parameters[to:end], grad_weight, self.gradients[to:end], relu))
            at = end
        self.exponentials = np.empty_like(self.layers[-1].y)

    def step(self, x):
        """Forward, backward and Adam over a batch; returns the loss."""
        self.forward(x)
        loss = self.output_gradient(x)
        self.backward(x)
        self.adam()
        return loss

    def forward(self, x):
        for layer in self.layers:
            np.matmul(x, layer.weight, out=layer.y)
            layer.y += layer.bias
            if layer.relu:
                np.maximum(layer.y, 0, out=layer.y)
            x = layer.y

    def output_gradient(self, x):
        """
        The binary cross-entropy max(z, 0) − z x + log(1 + e^−|z|), summed over the features and averaged over the
        batch, and its gradient (σ(z) − x) / BATCH.
        """
        last, e = self.layers[-1], self.exponentials
        z, dz, positive = last.y, last.dy, last.positive
        np.abs(z, out=e)
        np.negative(e, out=e)
        np.exp(e, out=e)
        np.greater(z, 0, out=positive)
        loss = np.dot(z.ravel(), positive.ravel()) - np.dot(z.ravel(), x.ravel())
        np.copyto(dz, e)
        np.copyto(dz, 1, where=positive)  # σ(z) is 1 or e^−|z| over 1 + e^−|z|
        e += 1
        dz /= e
        dz -= x
        dz *= 1 / BATCH
        np.log(e, out=e)
        return (loss + e.sum()) / BATCH

    def backward(self, x):
        for i in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[i]
            before = self.layers[i - 1] if i else None
            if layer.relu:
                np.greater(layer.y, 0, out=layer.positive)
                layer.dy *= layer.positive
            np.matmul((before.y if before else x).T, layer.dy, out=layer.grad_weight)
            np.dot(self.ones, layer.dy, out=layer.grad_bias)
            if before:
                np.matmul(layer.dy, layer.weight.T, out=before.dy)

    def adam(self):
        """
        Adam (Kingma & Ba 2015, algorithm 1). The moments are kept divided by 1 − β₁ and 1 − β₂, and the step's
        constants make up for it: two passes over them fewer.
        """
        self.t += 1
        correction = sqrt((1 - BETA2**self.t) / (1 - BETA2))
        rate = RATE * (1 - BETA1) / (1 - BETA1**self.t) * correction
        epsilon = EPSILON * correction
        for at in range(0, self.parameters.size, ADAM_BLOCK):
            block = slice(at, at + ADAM_BLOCK)
            w, g, m, v = self.parameters[block], self.gradients[block], self.m[block], self.v[block]
            s = self.scratch[: w.size]
            m *= BETA1
            m += g
            v *= BETA2
            g *= g
            v += g
            np.sqrt(v, out=s)
            s += epsilon
            np.divide(m, s, out=s)
            s *= rate
            w -= s


def gemm_gflops():
    """The best rate of a square product."""
    best = 0.0
    for n in (768, 1024, 1536, 2048):
        a, b = (np.random.default_rng(n).random((n, n), np.float32) for _ in range(2))
        c = np.empty_like(a)
        for _ in range(13):
            began = time.perf_counter()
            np.matmul(a, b, out=c)
            best = max(best, 2 * n**3 / (time.perf_counter() - began) / 1e9)
    return best


weights, batch = dense_problem()
model = Autoencoder(weights)
facts = {"version": np.__version__, "backend": "numpy", **blas(), "gemm_gflops": gemm_gflops()}
report(lambda: model.step(batch), **facts)
