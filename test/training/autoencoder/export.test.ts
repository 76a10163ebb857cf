import { beforeAll, expect, test } from 'vitest';
import { DenseAutoencoder } from '../../../training/autoencoder/dense.ts';
import { decoderGraph, scorerGraph } from '../../../training/autoencoder/export.ts';
import { Random } from '../../../training/random.ts';
import { Scorer } from '../../../training/scorer.ts';
import { createSession, tensor } from '../../../training/session.ts';

const model = new DenseAutoencoder([12, 7, 3, 5, 12]);
const SAMPLES = 40;
const random = new Random(9);
const weights = new Map(
  model
    .parameters()
    .map(({ name, shape }) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal() / 2),
    ]),
);
const samples = Float32Array.from({ length: SAMPLES * 12 }, () => random.below(256));
const calibration = Float32Array.from({ length: 99 }, () => random.uniform() / 4);

/** The network in plain float64, from its definition. */
function forward(sample: Float32Array) {
  let y = Array.from(sample, (v) => v / 255);
  const layers: number[][] = [];
  for (let i = 0; i < 4; i++) {
    const [W, b] = [weights.get(`W${i}`)!, weights.get(`b${i}`)!];
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
  const scorer = await Scorer.load(scorerGraph(model, weights, 255, calibration));
  return scorer.run(samples, SAMPLES, ['code', 'reconstruction', 'feature_error', 'score', 'p_value']);
}
beforeAll(async () => {
  found = await all();
});

for (const name of ['code', 'reconstruction', 'feature_error', 'score'] as const) {
  test(`scorer.onnx: ${name} is that of the network written out in float64`, () => {
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

test('scorer.onnx: p_value is (1 + calibration scores at or above) / (n + 1)', () => {
  for (const [i, score] of found.score.entries()) {
    const above = calibration.filter((value) => value >= score).length;
    expect(found.p_value[i]).toBeCloseTo((1 + above) / 100, 6);
  }
  expect(new Set(found.p_value).size).toBeGreaterThan(3);
});

test('scorer.onnx: a score equal to a calibration score counts it', async () => {
  const own = await Scorer.load(scorerGraph(model, weights, 255, found.score));
  const { p_value } = await own.run(samples, SAMPLES, ['p_value']);
  const ranks = found.score.map((score) => found.score.filter((value) => value >= score).length);
  expect(Array.from(p_value, (p) => Math.round(p * (SAMPLES + 1)))).toEqual(
    Array.from(ranks, (rank) => rank + 1),
  );
});

test('decoder.onnx: a code gives the reconstruction of its sample', async () => {
  const session = await createSession(decoderGraph(model, weights, 255));
  const { sample } = await session.run({ code: tensor(found.code, [SAMPLES, 3]) });
  const values = sample.data as Float32Array;
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(found.reconstruction[i], 3);
  await session.release();
});
