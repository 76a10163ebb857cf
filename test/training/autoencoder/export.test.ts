import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { buildDecoderGraph, buildReconstructionGraph } from '../../../training/autoencoder/export.ts';
import type { Configuration } from '../../../training/config/schema.ts';
import { createSession, tensor } from '../../../training/runtime/session.ts';
import { Scorer } from '../../../training/scorer/scorer.ts';
import { drawWeights, resolveModel } from './models.ts';

const SAMPLES = 40;
const random = new Random(9);
const scaling = { kind: 'range', low: 0, high: 255 } as const;
const { model, training } = resolveModel({
  architecture: 'dense',
  widths: [7],
  code: 3,
  activation: 'relu',
});
const weights = drawWeights(model, 9);
const trained = { model, weights, training, scaling };
const samples = Float32Array.from({ length: SAMPLES * 12 }, () => random.below(256));

/** The network in plain float64, from its definition. */
function forward(sample: Float32Array) {
  let y = Array.from(sample, (v) => v / 255);
  const layers: number[][] = [];
  for (let i = 0; i < 4; i++) {
    const [W, b] = [weights.get(`layer${i}.weight`)!, weights.get(`layer${i}.bias`)!];
    y = Array.from(b, (bias, j) => y.reduce((sum, v, k) => sum + v * W[k * b.length + j], bias));
    if (i === 0 || i === 2) y = y.map((v) => Math.max(0, v));
    layers.push(y);
  }
  const reconstruction = layers[3].map((v) => 1 / (1 + Math.exp(-v)));
  const error = reconstruction.map((v, j) => (v - sample[j] / 255) ** 2);
  const score = error.reduce((a, b) => a + b) / 12;
  return { code: layers[1], reconstruction: reconstruction.map((v) => 255 * v), feature_error: error, score };
}

let found: Awaited<ReturnType<typeof all>>;
async function all() {
  const scorer = await Scorer.load(buildReconstructionGraph(trained));
  return scorer.run(samples, SAMPLES, ['code', 'reconstruction', 'feature_error', 'score']);
}
beforeAll(async () => {
  found = await all();
});

for (const name of ['code', 'reconstruction', 'feature_error', 'score'] as const) {
  test(`the model alone: ${name} agrees with the network written out in float64`, () => {
    const expected = Array.from(
      { length: SAMPLES },
      (_, i) => forward(samples.subarray(12 * i, 12 * i + 12))[name],
    ).flat();
    expect(found[name]).toHaveLength(expected.length);
    for (const [i, value] of expected.entries()) {
      expect(Math.abs(found[name][i] - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
    }
  });
}

test('decoder.onnx turns a code into the reconstruction of its sample', async () => {
  const session = await createSession(buildDecoderGraph(trained));
  const { sample } = await session.run({ code: tensor(found.code, [SAMPLES, 3]) });
  const values = sample.data as Float32Array;
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(found.reconstruction[i], 3);
  await session.release();
});

/** Scores the samples with a model of this configuration. */
async function scoreSamples(configuration: Configuration, shape = [12], seed = 4) {
  const other = resolveModel(configuration, { shape });
  const weights = drawWeights(other.model, seed);
  const scorer = await Scorer.load(buildReconstructionGraph({ ...other, weights, scaling }));
  return { ...other, weights, ...(await scorer.run(samples, SAMPLES, ['code', 'reconstruction', 'score'])) };
}

describe('other models', () => {
  test('batch normalisation folded into the weights agrees with the running averages', async () => {
    const folded = await scoreSamples({
      architecture: 'dense',
      widths: [7],
      code: 3,
      activation: 'relu',
      normalisation: 'batch',
    });
    const { weights } = folded;
    const x = Array.from(samples.subarray(0, 12), (v) => v / 255);
    const [W, b, gain, shift, mean, variance] = ['weight', 'bias', 'gain', 'shift', 'mean', 'variance'].map(
      (name) => weights.get(`layer0.${name}`)!,
    );
    const hidden = Array.from(b, (bias, j) => {
      const product = x.reduce((sum, v, k) => sum + v * W[k * 7 + j], bias);
      return Math.max(0, ((product - mean[j]) / Math.sqrt(variance[j] + 1e-5)) * gain[j] + shift[j]);
    });
    const V = weights.get('layer1.weight')!;
    for (const [j, bias] of weights.get('layer1.bias')!.entries()) {
      const code = hidden.reduce((sum, v, k) => sum + v * V[k * 3 + j], bias);
      expect(folded.code[j]).toBeCloseTo(code, 4);
    }
  });

  test('a convolutional scorer takes images of any size and channels, and keeps their shape', async () => {
    const image = await scoreSamples(
      { architecture: 'convolutional', channels: [3, 4], code: 2, widths: [] },
      [2, 2, 3],
    );
    expect(image.reconstruction).toHaveLength(SAMPLES * 12);
    expect(image.reconstruction.every((v) => v >= 0 && v <= 255)).toBe(true);
  });

  test('a variational score is the mean negative log-likelihood over draws of the code', async () => {
    const { model, weights, score, code } = await scoreSamples({
      architecture: 'dense',
      widths: [7],
      code: 3,
      variational: true,
    });
    expect(code).toHaveLength(SAMPLES * 3);
    expect(score.every((s) => s > 0)).toBe(true);
    // Without spread of the code, all draws equal the mean, and the score is the cross-entropy.
    const narrow = new Map(weights);
    const bias = weights.get('layer1.bias')!.slice();
    const weight = weights.get('layer1.weight')!.slice();
    for (let j = 3; j < 6; j++) bias[j] = -10;
    for (let p = 0; p < weight.length; p++) if (p % 6 >= 3) weight[p] = 0;
    narrow.set('layer1.bias', bias).set('layer1.weight', weight);
    const variational = { model, weights: narrow, training, scaling };
    const scorer = await Scorer.load(buildReconstructionGraph(variational));
    const found = await scorer.run(samples, SAMPLES, ['score', 'reconstruction']);
    for (let i = 0; i < SAMPLES; i++) {
      let entropy = 0;
      for (let p = 12 * i; p < 12 * i + 12; p++) {
        const [x, y] = [samples[p] / 255, found.reconstruction[p] / 255];
        entropy -= x * Math.log(y) + (1 - x) * Math.log(1 - y);
      }
      expect(found.score[i]).toBeCloseTo(entropy / 12, 1);
    }
  });

  test('table columns are reconstructed by their kinds', async () => {
    const columns = [
      'number',
      'flag',
      { categories: 3 },
      'number',
      { categories: 2 },
      'flag',
      'flag',
      'number',
      'number',
    ] as const;
    const { reconstruction } = await scoreSamples({
      architecture: 'dense',
      widths: [7],
      code: 3,
      loss: 'mixed',
      columns: [...columns],
    });
    for (let i = 0; i < SAMPLES; i++) {
      const row = Array.from(reconstruction.subarray(12 * i, 12 * i + 12), (v) => v / 255);
      expect(row[2] + row[3] + row[4]).toBeCloseTo(1, 5);
      expect(row[6] + row[7]).toBeCloseTo(1, 5);
      for (const flag of [row[1], row[8], row[9]]) expect(flag > 0 && flag < 1).toBe(true);
    }
  });
});
