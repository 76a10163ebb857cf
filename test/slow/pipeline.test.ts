import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../bundle/manifest.ts';
import { verifyFolder } from '../../bundle/node/folder.ts';
import { parseReport } from '../../bundle/report.ts';
import { Random } from '../../kernels/random.ts';
import { rebuildMap } from '../../training/commands/map.ts';
import { parseConfiguration } from '../../training/config/schema.ts';
import { openSource } from '../../training/data/source.ts';
import { openMatrix } from '../../training/data/sources/matrix.ts';
import { runPipeline } from '../../training/pipeline/run.ts';
import { readMapRows } from '../support/map-rows.ts';

const small = {
  limit: 1000,
  epochs: 1,
  map_points: 200,
  validation: 200,
  calibration: 200,
  perplexity: 10,
  iterations: 260,
};

let folder: string;
/** The bundle that the tests share, trained with two threads. */
let first: string;
let manifest: Manifest;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  first = join(folder, 'first', 'mnist');
  manifest = await run({ threads: 2, out: first });
});
afterAll(() => rm(folder, { recursive: true }));

/** Trains a bundle. Its name, the last part of the path, is part of its identity. */
const run = async ({ threads, out }: { threads: number; out: string }) => {
  const source = await openSource('mnist', small);
  return runPipeline(async () => source, small, { threads, out });
};

test('training again with the same seed gives the same model id, even with one thread instead of two', async () => {
  const out = join(folder, 'again', 'mnist');
  expect((await run({ threads: 1, out })).model_id).toBe(manifest.model_id);
});

test('another seed gives another model', async () => {
  const random = new Random(1);
  const values = Float32Array.from({ length: 200 * 4 }, () => random.normal());
  const ids = [];
  for (const seed of [1, 2]) {
    const configuration = parseConfiguration({ epochs: 1, iterations: 260, seed }, 'seed');
    const source = await openMatrix(values, [4], configuration);
    const { model_id } = await runPipeline(async () => source, configuration, { out: join(folder, 'seed') });
    ids.push(model_id);
  }
  expect(ids[1]).not.toBe(ids[0]);
});

describe('the same holds where onnxruntime sums products by the number of threads', () => {
  for (const [what, shape, more] of [
    ['few samples of many values', [300], {}],
    ['few images', [20, 24, 3], { preset: 'image' }],
    ['few filters', [12, 12, 3], { preset: 'image', channels: [8, 12], strides: [2, 1] }],
  ] as const) {
    test(what, async () => {
      const random = new Random(1);
      const size = shape.reduce((a, b) => a * b, 1);
      const values = Float32Array.from({ length: 200 * size }, () => random.normal());
      const configuration = parseConfiguration({ epochs: 2, iterations: 260, ...more }, what);
      const ids = [];
      for (const threads of [1, 2]) {
        const source = await openMatrix(values, shape, configuration);
        const { model_id } = await runPipeline(async () => source, configuration, {
          threads,
          out: join(folder, 'few'),
        });
        ids.push(model_id);
      }
      expect(ids[1]).toBe(ids[0]);
    });
  }
});

test('a new map replaces the map and keeps the model', async () => {
  const remapped = join(folder, 'remapped', 'mnist');
  await cp(first, remapped, { recursive: true });
  const after = await rebuildMap(remapped, { perplexity: 5, iterations: 260 });
  expect(after.map).toMatchObject({ perplexity: 5, iterations: 260 });
  expect(after.map.frames).toBe(manifest.map.frames);
  expect(after.model_id).not.toBe(manifest.model_id);
  const scorer = ({ files }: Manifest) => files.find(({ name }) => name === 'scorer.onnx');
  expect(scorer(after)).toEqual(scorer(manifest));
  const bundle = await verifyFolder(remapped);
  expect(await readMapRows(await bundle.file('map.parquet'))).toHaveLength(200);
  expect(parseReport(await bundle.json('report.json')).map.kl_divergence.at(-1)!.iteration).toBe(260);
});

test('the report counts every test digit once, and its headline is the manifest’s', async () => {
  const report = parseReport(await (await verifyFolder(first)).json('report.json'));
  expect(report.reconstruction.per_class.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  const weighted =
    report.reconstruction.per_class.reduce((sum, c) => sum + c.count * c.autoencoder_mse, 0) / 10_000;
  expect(weighted).toBeCloseTo(report.reconstruction.test_mse, 10);
  expect(report.headline).toEqual(manifest.headline);
  for (const bins of [
    report.detection.test_histogram,
    ...report.detection.outliers.map((o) => o.histogram),
  ]) {
    expect(bins.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
  }
});
