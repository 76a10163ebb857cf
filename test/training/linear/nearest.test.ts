import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { NearestRows } from '../../../training/linear/nearest.ts';
import { rankRows } from './rank-rows.ts';

test('a k out of range is refused', async () => {
  const values = new Float32Array(10);
  await expect(NearestRows.open({ values, n: 5, d: 2 }, 6)).rejects.toThrow(
    'k is 6: for 5 rows it must be from 1 to 5',
  );
  await expect(NearestRows.open({ values, n: 6, d: 2 }, 2)).rejects.toThrow(
    'there are 10 values, 6 × 2 are needed',
  );
});

/** Rows of small whole numbers, so that distances tie often and are exact. */
function cloud(count: number, dims: number, random: Random, spread = 4): Float32Array {
  return Float32Array.from({ length: count * dims }, () => random.below(spread));
}

test('distances are exact and ascending, over more queries than one run of the graph takes', async () => {
  const random = new Random(5);
  const [count, dims, n, k] = [300, 7, 1300, 4];
  const features = cloud(count, dims, random, 50);
  const queries = cloud(n, dims, random, 50);
  await using rows = await NearestRows.open({ values: features, n: count, d: dims }, k);
  const { indices, distances } = await rows.find({ values: queries, n, d: dims });
  for (let i = 0; i < n; i++) {
    const query = queries.subarray(i * dims, (i + 1) * dims);
    const best = rankRows(features, query, dims);
    for (let slot = 0; slot < k; slot++) {
      expect(distances[i * k + slot]).toBeCloseTo(Math.sqrt(best[slot].square), 4);
      const own = best.find(({ row }) => row === indices[i * k + slot])!;
      expect(Math.sqrt(own.square)).toBeCloseTo(distances[i * k + slot], 4);
    }
  }
});

test('a row is its own nearest', async () => {
  const random = new Random(6);
  const [count, dims] = [200, 30];
  const features = Float32Array.from({ length: count * dims }, () => 1000 + random.normal());
  const all = { values: features, n: count, d: dims };
  await using rows = await NearestRows.open(all, 1);
  const { indices, distances } = await rows.find(all);
  expect(Array.from(indices)).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(Math.max(...distances)).toBe(0);
});
