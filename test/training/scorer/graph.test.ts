import { beforeAll, describe, expect, test } from 'vitest';
import { FUSIONS } from '../../../bundle/fusion.ts';
import { SCORER_OUTPUTS } from '../../../bundle/scorer.ts';
import { load } from '../../../engine/index.ts';
import { Random } from '../../../kernels/random.ts';
import { buildReconstructionGraph } from '../../../training/autoencoder/export.ts';
import { MemoryDataset } from '../../../training/data/datasets/dataset.ts';
import type { FittedEnsemble } from '../../../training/scorer/ensemble.ts';
import { fitDetectors } from '../../../training/scorer/fit-detectors.ts';
import { buildScorerGraph } from '../../../training/scorer/graph.ts';
import { chooseMembers } from '../../../training/scorer/members.ts';
import { Scorer } from '../../../training/scorer/scorer.ts';
import { drawWeights, resolveModel } from '../autoencoder/models.ts';

const FEATURES = 12;
const SAMPLES = 40;
const NAMES = ['reconstruction', 'knn:input', 'knn:code', 'mixture:projection', 'masked_error', 'loss'];

const random = new Random(5);
const scaling = { kind: 'range', low: 0, high: 255 } as const;
const { model, training } = resolveModel({ architecture: 'dense', widths: [7], code: 3 });
const trained = { model, weights: drawWeights(model, 9), training, scaling };
const rows = (n: number) =>
  Float32Array.from({ length: n * FEATURES }, (_, p) => 60 + 10 * (p % FEATURES) + 10 * random.normal());
const train = new MemoryDataset(rows(400), [FEATURES]);
const validation = { data: rows(80), count: 80 };
const samples = rows(SAMPLES);
const calibration = Float32Array.from({ length: 99 }, () => 2 * random.uniform());

let ensemble: FittedEnsemble;
let found: Awaited<ReturnType<typeof run>>;

async function run(graph: Uint8Array) {
  const scorer = await Scorer.load(graph);
  return scorer.run(samples, SAMPLES, SCORER_OUTPUTS);
}

beforeAll(async () => {
  const members = chooseMembers(NAMES, { kind: 'matrix', shape: [FEATURES], variational: false });
  ensemble = await fitDetectors(trained, { train, validation, features: FEATURES }, members, {
    seed: 1,
    fusion: 'mean',
    contamination: 0.1,
  });
  found = await run(buildScorerGraph(trained, ensemble, calibration));
});

describe('scorer.onnx', () => {
  test('has the outputs of the model', async () => {
    const alone = await Scorer.load(buildReconstructionGraph(trained));
    const own = await alone.run(samples, SAMPLES, ['code', 'reconstruction', 'feature_error']);
    for (const name of ['code', 'reconstruction', 'feature_error'] as const) {
      expect(found[name]).toHaveLength(own[name].length);
      for (const [p, value] of own[name].entries()) expect(found[name][p]).toBeCloseTo(value, 4);
    }
  });

  test('the score is the mean of the detectors’ surprises', () => {
    const k = NAMES.length;
    for (const [i, score] of found.score.entries()) {
      const own = found.detectors.subarray(i * k, (i + 1) * k);
      expect(score).toBeCloseTo(own.reduce((a, b) => a + b) / k, 4);
    }
  });

  test('the shares of the features are not negative and sum to 1', () => {
    for (let i = 0; i < SAMPLES; i++) {
      const shares = found.feature_share.subarray(i * FEATURES, (i + 1) * FEATURES);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    }
  });

  test.each(FUSIONS)('with %s, our engine computes what onnxruntime does', async (fusion) => {
    const graph = buildScorerGraph(trained, { ...ensemble, fusion }, calibration);
    const expected = await run(graph);
    const own = (await load(graph)).run(samples, SAMPLES, SCORER_OUTPUTS);
    for (const name of SCORER_OUTPUTS) {
      for (const [p, value] of expected[name].entries())
        expect(Math.abs(own[name][p] - value)).toBeLessThan(1e-3 * Math.max(1, Math.abs(value)));
    }
  });

  test('with max and top2, the score is the largest surprise and the mean of two', async () => {
    const k = NAMES.length;
    for (const [fusion, count] of [
      ['max', 1],
      ['top2', 2],
    ] as const) {
      const { score, detectors } = await run(buildScorerGraph(trained, { ...ensemble, fusion }, calibration));
      for (const [i, value] of score.entries()) {
        const largest = [...detectors.subarray(i * k, (i + 1) * k)].sort((a, b) => b - a).slice(0, count);
        expect(value).toBeCloseTo(largest.reduce((a, b) => a + b) / count, 5);
      }
    }
  });

  test('p_value is (1 + calibration scores at or above) / (n + 1)', () => {
    for (const [i, score] of found.score.entries()) {
      const above = calibration.filter((value) => value >= score).length;
      expect(found.p_value[i]).toBeCloseTo((1 + above) / 100, 6);
    }
    expect(new Set(found.p_value).size).toBeGreaterThan(3);
  });

  test('a calibration score equal to the score counts', async () => {
    const { p_value } = await run(buildScorerGraph(trained, ensemble, found.score));
    const ranks = found.score.map((score) => found.score.filter((value) => value >= score).length);
    expect(Array.from(p_value, (p) => Math.round(p * (SAMPLES + 1)))).toEqual(
      Array.from(ranks, (rank) => rank + 1),
    );
  });

  test('a sample gets the same p-value alone as among others, even if it ties with calibration scores', async () => {
    const graph = buildScorerGraph(trained, ensemble, found.score);
    const together = (await run(graph)).p_value;
    const scorer = await Scorer.load(graph);
    for (let i = 0; i < SAMPLES; i++) {
      const one = samples.subarray(i * FEATURES, (i + 1) * FEATURES);
      expect((await scorer.run(one, 1, ['p_value'])).p_value[0]).toBe(together[i]);
    }
  });

  test('is the same for the same seed, with one thread or two', async () => {
    const members = chooseMembers(NAMES, { kind: 'matrix', shape: [FEATURES], variational: false });
    const [one, two] = [1, 2].map((threads) =>
      fitDetectors(trained, { train, validation, features: FEATURES }, members, {
        seed: 1,
        fusion: 'mean',
        contamination: 0.1,
        threads,
      }),
    );
    expect(buildScorerGraph(trained, await two)).toEqual(buildScorerGraph(trained, await one));
  });

  test('a feature that is far off has the largest share', async () => {
    const off = samples.slice();
    for (let i = 0; i < SAMPLES; i++) off[i * FEATURES + (i % FEATURES)] += 90;
    const scorer = await Scorer.load(buildScorerGraph(trained, ensemble));
    const { feature_share } = await scorer.run(off, SAMPLES, ['feature_share']);
    const first = Array.from({ length: SAMPLES }, (_, i) => {
      const shares = feature_share.subarray(i * FEATURES, (i + 1) * FEATURES);
      return shares.indexOf(Math.max(...shares)) === i % FEATURES;
    });
    expect(first.filter(Boolean).length).toBeGreaterThan(0.9 * SAMPLES);
  });
});
