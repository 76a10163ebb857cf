import type { Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { buildTrainingStep, buildValidationLoss } from '../../../training/autoencoder/objective.ts';
import type { Configuration } from '../../../training/config/schema.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../training/runtime/session.ts';
import { drawWeights, resolveModel } from './models.ts';

const scaling = { kind: 'range', low: -1, high: 3 } as const;
const ROWS = 8;

/**
 * The five-point difference with this step has a truncation error of about h⁴ of the fifth derivative, and a
 * rounding error of 1.5 ε |loss| / h: for losses of about 10, 1e-4.
 */
const H = 2e-2;
const TOLERANCE = 3e-3;

/** All inputs of a graph, drawn from a seed. */
function feedsOf(configuration: Configuration, shape: number[]) {
  const { model, training } = resolveModel(configuration, { shape });
  const step = buildTrainingStep(model, training, scaling);
  const random = new Random(3);
  const weights = drawWeights(model, 5);
  const feeds: Record<string, Tensor> = {};
  for (const { name, shape: dims } of model.parameters) {
    const values = weights.get(name)!;
    // Gains near 1 and small weights keep the activations away from saturation.
    for (let i = 0; i < values.length; i++) {
      if (name.endsWith('.gain')) values[i] = 1 + values[i] / 4;
      else values[i] *= 0.8;
    }
    feeds[name] = tensor(values, dims);
  }
  const draw = (count: number, of: () => number) => Float32Array.from({ length: count }, of);
  feeds.x = tensor(
    draw(ROWS * model.features, () => -1 + 4 * random.uniform()),
    [ROWS, model.features],
  );
  for (const { name, kind, columns } of step.noise) {
    const of = kind === 'normal' ? () => random.normal() : () => random.uniform();
    feeds[name] = tensor(draw(ROWS * columns, of), [ROWS, columns]);
  }
  if (step.feeds.beta) feeds.beta = tensor(Float32Array.of(0.7), []);
  return { model, training, step, feeds };
}

const image = [6, 5, 2];
const dense: Configuration = { architecture: 'dense', widths: [9], code: 3, activation: 'tanh' };
const convolutional: Configuration = {
  architecture: 'convolutional',
  channels: [3, 4],
  strides: [2, 1],
  widths: [7],
  code: 3,
  activation: 'silu',
};

const networks: [string, Configuration, number[]][] = [
  ['dense', dense, [12]],
  ['dense with tied weights', { ...dense, tied: true }, [12]],
  [
    'dense, GELU, layer normalisation, dropout',
    { ...dense, activation: 'gelu', normalisation: 'layer', dropout: 0.3 },
    [12],
  ],
  ['dense, ELU, batch normalisation', { ...dense, activation: 'elu', normalisation: 'batch' }, [12]],
  ['convolutional', convolutional, image],
  [
    'convolutional with batch normalisation',
    { ...convolutional, normalisation: 'batch', activation: 'softplus' },
    image,
  ],
  [
    'convolutional with layer normalisation, Gaussian output',
    { ...convolutional, channels: [6, 8], normalisation: 'layer', loss: 'gaussian_nll' },
    image,
  ],
  ['denoising, Gaussian', { ...dense, corruption: 'gaussian' }, [12]],
  ['denoising, masking', { ...dense, corruption: 'masking' }, [12]],
  ['denoising, salt and pepper', { ...dense, corruption: 'salt_and_pepper' }, [12]],
  ['sparse, L1', { ...dense, sparsity: 'l1', sparsity_weight: 0.3, code_activation: 'tanh' }, [12]],
  ['sparse, KL divergence', { ...dense, sparsity: 'kl', sparsity_weight: 0.3 }, [12]],
  [
    'contractive, one layer in closed form',
    { ...dense, widths: [], code_activation: 'sigmoid', contraction: 0.5 },
    [12],
  ],
  ['contractive, deep by Hutchinson’s estimate', { ...dense, contraction: 0.1 }, [12]],
  ['contractive, convolutional', { ...convolutional, contraction: 0.1 }, image],
  ['variational, Bernoulli', { ...dense, variational: true }, [12]],
  ['variational, Gaussian', { ...dense, variational: true, loss: 'gaussian_nll' }, [12]],
  ['Huber', { ...dense, loss: 'huber', huber_delta: 0.3 }, [12]],
  [
    'mixed columns',
    { ...dense, loss: 'mixed', columns: ['number', { categories: 5 }, 'flag', 'number', { categories: 4 }] },
    [12],
  ],
];

describe('the gradient of a whole training step agrees with finite differences', () => {
  for (const [name, configuration, shape] of networks) {
    test(name, async () => {
      const { model, step, feeds } = feedsOf(configuration, shape);
      const session = await createSession(serialise(step.graph, 'step'), { threads: 1 });
      const lossAt = async () => Number((await session.run(feeds, ['loss'])).loss.data[0]);
      const found = await session.run(feeds);
      const random = new Random(8);
      for (const { name: parameter } of model.parameters) {
        const values = feeds[parameter].data as Float32Array;
        const gradient = found[`grad:${parameter}`].data as Float32Array;
        expect(gradient).toHaveLength(values.length);
        for (let draw = 0; draw < 3; draw++) {
          const i = random.below(values.length);
          const x = values[i];
          let numeric = 0;
          for (const [move, factor] of [
            [2, -1],
            [1, 8],
            [-1, -8],
            [-2, 1],
          ]) {
            values[i] = x + move * H;
            numeric += (factor * (await lossAt())) / (12 * H);
          }
          values[i] = x;
          const tolerance = TOLERANCE * Math.max(1, Math.abs(numeric));
          expect(Math.abs(gradient[i] - numeric), `${parameter}[${i}]`).toBeLessThan(tolerance);
        }
      }
      await session.release();
    });
  }
});

test('a trimmed loss is the mean of the smallest losses, and the other samples get no gradient', async () => {
  const squared: Configuration = { ...dense, loss: 'mean_squared_error' };
  const whole = feedsOf(squared, [12]);
  const trimmed = feedsOf({ ...squared, trim: 0.25 }, [12]);
  // Two samples far from the others: eight times as large.
  const x = trimmed.feeds.x.data as Float32Array;
  for (let p = 0; p < 24; p++) x[p] = 8 * x[p] + 40;
  trimmed.feeds.keep = tensor(BigInt64Array.of(6n), [1]);
  const rest: Record<string, Tensor> = { ...trimmed.feeds, x: tensor(x.slice(24), [6, 12]) };
  const run = async (of: typeof whole, feeds: Record<string, Tensor>) => {
    const session = await createSession(serialise(of.step.graph, 'step'), { threads: 1 });
    return session.run(feeds);
  };
  const found = await run(trimmed, trimmed.feeds);
  const { keep: _, ...plain } = rest;
  const expected = await run(whole, plain);
  expect(Number(found.loss.data[0])).toBeCloseTo(Number(expected.loss.data[0]), 4);
  for (const { name } of whole.model.parameters) {
    const [a, b] = [found, expected].map((of) => of[`grad:${name}`].data as Float32Array);
    for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i], 4);
  }
});

test('the validation loss has no dropout and no regularisers, only the divergence of a variational code', async () => {
  const { model, training, feeds } = feedsOf({ ...dense, dropout: 0.5, sparsity: 'l1' }, [12]);
  const plain = feedsOf(dense, [12]);
  const validation = buildValidationLoss(model, training, scaling);
  expect(validation.noise).toEqual([]);
  const session = await createSession(serialise(validation.graph, 'loss'));
  const known = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]]));
  const step = await createSession(serialise(plain.step.graph, 'step'));
  const [a, b] = [await session.run(known), await step.run(plain.feeds)];
  expect(Number(a.loss.data[0])).toBeCloseTo(Number(b.loss.data[0]), 5);
  const variational = feedsOf({ ...dense, variational: true }, [12]);
  expect(buildValidationLoss(variational.model, variational.training, scaling).feeds.beta).toBe(true);
});
