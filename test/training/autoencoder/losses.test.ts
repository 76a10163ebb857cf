import { describe, expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { buildLoss } from '../../../training/autoencoder/losses.ts';
import type { Configuration } from '../../../training/config/schema.ts';
import { Graph } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../training/runtime/session.ts';
import { resolveModel } from './models.ts';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const each = (z: number[], x: number[], of: (z: number, x: number) => number) =>
  sum(z.map((v, i) => of(v, x[i])));

function crossEntropy(z: number[], x: number[]): number {
  const most = Math.max(...z);
  const logSum = most + Math.log(sum(z.map((v) => Math.exp(v - most))));
  return each(z, x, (v, share) => share * (logSum - v));
}

const binary = (z: number, x: number) => x * Math.log1p(Math.exp(-z)) + (1 - x) * Math.log1p(Math.exp(z));

const FEATURES = 12;
const columns = ['number', 'number', { categories: 4 }, 'flag', 'flag', { categories: 3 }, 'number'] as const;

/** The losses by definition, in float64, between the output of the decoder, z, and the sample, x. */
const cases: [string, Configuration, (z: number[], x: number[]) => number][] = [
  ['binary cross-entropy of logits', { loss: 'binary_cross_entropy' }, (z, x) => each(z, x, binary)],
  [
    'squared error after a sigmoid',
    { loss: 'mean_squared_error' },
    (z, x) => each(z, x, (a, b) => (sigmoid(a) - b) ** 2),
  ],
  [
    'squared error',
    { loss: 'mean_squared_error', output: 'linear' },
    (z, x) => each(z, x, (a, b) => (a - b) ** 2),
  ],
  [
    'absolute error',
    { loss: 'mean_absolute_error', output: 'linear' },
    (z, x) => each(z, x, (a, b) => Math.abs(a - b)),
  ],
  [
    'Huber’s loss, linear from δ on',
    { loss: 'huber', output: 'linear', huber_delta: 0.7 },
    (z, x) =>
      each(z, x, (a, b) => {
        const d = Math.abs(a - b);
        return d <= 0.7 ? d ** 2 / 2 : 0.7 * (d - 0.35);
      }),
  ],
  ['categorical cross-entropy of logits', { loss: 'categorical_cross_entropy' }, crossEntropy],
  [
    'Gaussian negative log-likelihood with a learned variance',
    { loss: 'gaussian_nll' },
    (z, x) =>
      sum(
        x.map((v, i) => {
          const s = Math.min(7, Math.max(-7, z[FEATURES + i]));
          return (s + (v - z[i]) ** 2 / Math.exp(s) + Math.log(2 * Math.PI)) / 2;
        }),
      ),
  ],
  [
    'mixed columns',
    { loss: 'mixed', columns: [...columns] },
    (z, x) => {
      const squared = [0, 1, 11].map((i) => (z[i] - x[i]) ** 2);
      const flags = [6, 7].map((i) => binary(z[i], x[i]));
      return (
        sum(squared) +
        sum(flags) +
        crossEntropy(z.slice(2, 6), x.slice(2, 6)) +
        crossEntropy(z.slice(8, 11), x.slice(8, 11))
      );
    },
  ],
];

describe('a loss agrees with its definition, whatever the spread of the decoder’s outputs', () => {
  for (const [name, options, definition] of cases) {
    for (const spread of [0.1, 3, 40]) {
      test(`${name}, ±${spread}`, async () => {
        const { model, training } = resolveModel({
          architecture: 'dense',
          widths: [7],
          code: 3,
          ...options,
        });
        const n = 20;
        const random = new Random(1);
        const wide = options.loss === 'gaussian_nll' ? 2 * FEATURES : FEATURES;
        const graph = new Graph();
        const [z, x] = [graph.input('z', ['N', wide]), graph.input('x', ['N', FEATURES])];
        graph.output('loss', buildLoss(training.loss, graph, z, x, model, training));
        const session = await createSession(serialise(graph, 'loss'));
        const decoded = Float32Array.from({ length: n * wide }, () => spread * random.normal());
        const samples = Float32Array.from({ length: n * FEATURES }, () => random.uniform());
        const feeds = { z: tensor(decoded, [n, wide]), x: tensor(samples, [n, FEATURES]) };
        const found = (await session.run(feeds)).loss.data as Float32Array;
        for (let i = 0; i < n; i++) {
          const row = (values: Float32Array, width: number) =>
            Array.from(values.subarray(i * width, (i + 1) * width));
          const expected = definition(row(decoded, wide), row(samples, FEATURES));
          expect(Math.abs(found[i] - expected)).toBeLessThan(2e-5 * Math.abs(expected) + 1e-3);
        }
        await session.release();
      });
    }
  }
});
