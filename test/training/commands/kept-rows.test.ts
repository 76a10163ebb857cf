import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CodeIndex } from '../../../bundle/codes.ts';
import { Random } from '../../../kernels/random.ts';
import { Encoder } from '../../../training/autoencoder/encoder.ts';
import { openMatrix } from '../../../training/data/sources/matrix.ts';
import { autoencoder, type Configuration, train } from '../../../training/index.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { Scorer } from '../../../training/scorer/scorer.ts';
import { countKeptRows } from '../../support/kept-rows.ts';
import { readMapRows } from '../../support/map-rows.ts';

const [COUNT, D] = [500, 6];
const random = new Random(4);
const data = Float32Array.from({ length: COUNT * D }, () => random.normal());
const OPTIONS: Configuration = { code: 2, epochs: 2, map_points: 100, iterations: 250, seed: 2 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Trains a model, and counts which training rows, as the model sees them, and which of their codes are in it. */
async function trainAndCount(name: string, configuration: Configuration) {
  const out = join(folder, name);
  const options = autoencoder({ ...OPTIONS, ...configuration });
  const manifest = await train(options, { values: data, shape: [D] }, { out });
  const source = await openMatrix(data, [D], options);
  const n = source.train.count;
  const raw = new Float32Array(n * D);
  await source.train.read(0, n, raw);
  await using encoder = new Encoder(D, manifest.data.scaling);
  const rows: Matrix = { values: await encoder.encode(raw), n, d: D };
  const model = await readFile(join(out, 'scorer.onnx'));
  await using scorer = await Scorer.load(model);
  const { code } = await scorer.run(raw, n, ['code']);
  const count = (matrix: Matrix) => countKeptRows(model, matrix);
  return { out, n, rows: count(rows), codes: count({ values: code, n, d: 2 }), ids: [...source.ids] };
}

test('detectors that keep rows put training rows, or their codes, into scorer.onnx', async () => {
  const ofInput = await trainAndCount('default', {});
  expect(ofInput).toMatchObject({ rows: ofInput.n, codes: 0 });
  const trusted = await trainAndCount('trusted', { detectors: ['knn'] });
  expect(trusted).toMatchObject({ rows: Math.round(0.7 * trusted.n), codes: 0 });
  const ofCodes = await trainAndCount('codes', { detectors: ['kde:code'], contamination: 0 });
  expect(ofCodes).toMatchObject({ rows: 0, codes: ofCodes.n });
});

test('with keep_rows none, no training row is in the bundle; the map has test rows', async () => {
  const { out, ids, ...found } = await trainAndCount('none', { keep_rows: 'none' });
  expect(found).toMatchObject({ rows: 0, codes: 0 });
  const points = await readMapRows(await readFile(join(out, 'map.parquet')));
  expect(points.map(({ id }) => id)).toEqual(ids.slice(0, 100));
  expect(points.every(({ split }) => split === 'test')).toBe(true);
  expect(new CodeIndex(await readFile(join(out, 'codes.bin'))).count).toBe(100);
  expect(await readdir(out)).not.toContain('rows.parquet');
});
