import fc from 'fast-check';
import { expect, test as plain } from 'vitest';
import { MemoryDataset } from '../../../../training/data/datasets/dataset.ts';
import { DiskDataset } from '../../../../training/data/datasets/disk.ts';
import { NpyFile } from '../../../../training/data/datasets/npy.ts';
import { computeStatistics } from '../../../../training/data/datasets/statistics.ts';
import { test, writeNpy } from '../temporary.ts';

plain('of numbers far from zero are those of their definition', async () => {
  // 0 … n − 1 shifted by 2^23, where squares of single values would lose all digits of the deviation.
  const [n, shift] = [300_000, 2 ** 23];
  const values = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    values[2 * i] = shift + i;
    values[2 * i + 1] = i % 2;
  }
  const found = await computeStatistics(new MemoryDataset(values, [2]));
  expect(found.mean[0]).toBeCloseTo(shift + (n - 1) / 2, 6);
  expect(found.deviation[0] / Math.sqrt((n * n - 1) / 12)).toBeCloseTo(1, 12);
  expect(found.mean[1]).toBeCloseTo(0.5, 12);
  expect(found.deviation[1]).toBeCloseTo(0.5, 12);
});

plain('of many chunks are those of two passes over all', async () => {
  const features = 600_000; // one sample a chunk: Welford's recurrence
  const values = new Float32Array(5 * features).map((_, i) => Math.sin(i) * (1 + (i % 7)));
  const found = await computeStatistics(new MemoryDataset(values, [features]));
  for (const j of [0, 1, 12_345, features - 1]) {
    const column = Array.from({ length: 5 }, (_, i) => values[i * features + j]);
    const mean = column.reduce((a, b) => a + b) / 5;
    const variance = column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 5;
    expect(found.mean[j]).toBeCloseTo(mean, 12);
    expect(found.deviation[j]).toBeCloseTo(Math.sqrt(variance), 12);
  }
});

plain('a constant feature has deviation 0 exactly, whatever its value', () => {
  const value = fc.float({ noNaN: true, noDefaultInfinity: true });
  return fc.assert(
    fc.asyncProperty(value, fc.integer({ min: 1, max: 50 }), async (value, count) => {
      const values = new Float32Array(2 * count).map((_, i) => (i % 2 ? i : value));
      const { mean, deviation } = await computeStatistics(new MemoryDataset(values, [2]));
      expect(deviation[1] === 0).toBe(count === 1);
      expect([mean[0], deviation[0]]).toEqual([Math.fround(value), 0]);
    }),
  );
});

plain('are of the rows in use only', async () => {
  const dataset = new MemoryDataset(Uint8Array.of(1, 2, 3, 200), [1], Uint32Array.of(0, 2));
  const { mean, deviation } = await computeStatistics(dataset);
  expect([mean[0], deviation[0]]).toEqual([2, 1]);
});

plain('a value that is not finite is refused with its place', async () => {
  const values = Float32Array.of(1, 2, 3, Number.NaN);
  await expect(computeStatistics(new MemoryDataset(values, [2]))).rejects.toThrow(
    'sample 1, feature 1 (counted from 0) is NaN',
  );
});

test('of data on disk are, bit for bit, those of data in memory', async ({ folder }) => {
  const values = new Float32Array(3 * 2000).map((_, i) => Math.cos(i) * 100);
  const file = await NpyFile.open(await writeNpy(folder, values, [3]));
  const dataset = new DiskDataset(file, { memory: 20_000 });
  expect(await computeStatistics(dataset)).toEqual(await computeStatistics(new MemoryDataset(values, [3])));
  await dataset.close();
  await file.close();
});
