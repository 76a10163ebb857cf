import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { trainAutoencoder } from '../../../training/autoencoder/train.ts';
import type { Configuration } from '../../../training/config/schema.ts';
import { MemoryDataset } from '../../../training/data/datasets/dataset.ts';
import { resolveModel } from './models.ts';

const FEATURES = 6;
const random = new Random(1);
const values = Float32Array.from({ length: 1000 * FEATURES }, () => random.normal());
const rows = (from: number, count: number) => values.subarray(from * FEATURES, (from + count) * FEATURES);

/** Trains on some rows for an epoch, so slowly that the weights stay as they are. Also returns the size of each batch. */
async function train(count: number, changes: Configuration) {
  const { model, training } = resolveModel(
    {
      architecture: 'dense',
      widths: [8],
      code: 2,
      seed: 3,
      epochs: 1,
      schedule: 'constant',
      learning_rate: 1e-12,
      ...changes,
    },
    { shape: [FEATURES] },
  );
  const done = [0];
  const { weights } = await trainAutoencoder(
    model,
    {
      train: new MemoryDataset(rows(0, count), [FEATURES]),
      validation: { data: rows(900, 100), count: 100 },
      scaling: { kind: 'range', low: -4, high: 4 },
    },
    training,
    { onProgress: (progress) => void done.push(progress.done) },
  );
  return { weights, sizes: done.slice(1).map((end, i) => end - done[i]), averages: model.averages };
}

test('a last batch of few rows moves the running averages little', async () => {
  const [whole, split] = [
    await train(802, { normalisation: 'batch', batch: 802 }),
    await train(802, { normalisation: 'batch', batch: 800 }),
  ];
  expect(split.sizes).toEqual([800, 2]);
  expect(whole.averages.length).toBeGreaterThan(0);
  for (const { name } of whole.averages) {
    const [expected, found] = [whole.weights.get(name)!, split.weights.get(name)!];
    for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i])).toBeLessThan(2e-3);
  }
});

test('with batch normalisation, one row is not a batch of its own', async () => {
  const batch = 128;
  expect((await train(257, { normalisation: 'batch', batch })).sizes).toEqual([128, 128]);
  expect((await train(258, { normalisation: 'batch', batch })).sizes).toEqual([128, 128, 2]);
  expect((await train(257, { batch })).sizes).toEqual([128, 128, 1]);
});
