import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { NearestRows, nearest } from '../../../training/classifiers/nearest.ts';

/** Rows of small whole numbers, so that distances tie often and are exact. */
function cloud(count: number, dims: number, random: Random, spread = 4): Float32Array {
  return Float32Array.from({ length: count * dims }, () => random.below(spread));
}

/** The definition: all rows by squared distance, then by index. */
function ranked(rows: Float32Array, query: Float32Array, dims: number): { row: number; square: number }[] {
  return Array.from({ length: rows.length / dims }, (_, row) => {
    let square = 0;
    for (let j = 0; j < dims; j++) square += (rows[row * dims + j] - query[j]) ** 2;
    return { row, square };
  }).sort((a, b) => a.square - b.square || a.row - b.row);
}

test('the class is the commonest among the k nearest, of equally common ones the nearer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
      async (seed, dims, k) => {
        const random = new Random(seed);
        const [count, n, classes] = [40, 25, 3];
        // Distances that differ, so that which rows are the nearest is no matter of chance.
        const features = Float32Array.from({ length: count * dims }, () => random.normal());
        const labels = Uint8Array.from({ length: count }, () => random.below(classes));
        const queries = Float32Array.from({ length: n * dims }, () => random.normal());
        const classifier = await nearest(k).fit({ features, count, dims, labels, classes }, { seed: 1 });
        const found = await classifier.predict(queries, n);
        await classifier.release();
        for (let i = 0; i < n; i++) {
          const best = ranked(features, queries.subarray(i * dims, (i + 1) * dims), dims).slice(0, k);
          const votes = (label: number) => best.filter(({ row }) => labels[row] === label).length;
          const most = Math.max(...Array.from({ length: classes }, (_, label) => votes(label)));
          expect(found[i]).toBe(labels[best.find(({ row }) => votes(labels[row]) === most)!.row]);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test('distances are exact, in ascending order, over more queries than one run of the graph takes', async () => {
  const random = new Random(5);
  const [count, dims, n, k] = [300, 7, 1300, 4];
  const features = cloud(count, dims, random, 50);
  const queries = cloud(n, dims, random, 50);
  const rows = await NearestRows.open({ features, count, dims }, k);
  const { indices, distances } = await rows.of(queries, n);
  await rows.release();
  for (let i = 0; i < n; i++) {
    const query = queries.subarray(i * dims, (i + 1) * dims);
    const best = ranked(features, query, dims);
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
  const rows = await NearestRows.open({ features, count, dims }, 1);
  const { indices, distances } = await rows.of(features, count);
  await rows.release();
  expect(Array.from(indices)).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(Math.max(...distances)).toBe(0);
});

test('what does not fit is named', async () => {
  const features = new Float32Array(6);
  const labels = new Uint8Array(3);
  const fitted = (k: number, changed: object) =>
    nearest(k).fit({ features, count: 3, dims: 2, labels, classes: 2, ...changed }, { seed: 1 });
  await expect(fitted(4, {})).rejects.toThrow('k is 4, of 3 rows it may be 1 to 3');
  await expect(fitted(1, { dims: 3 })).rejects.toThrow('features has 6 values, 3 × 3 are needed');
  await expect(fitted(1, { labels: new Uint8Array(2) })).rejects.toThrow('2 labels for 3 rows');
  await expect(fitted(1, { labels: Uint8Array.of(0, 2, 1) })).rejects.toThrow(
    'row 1 is of class 2, there are 2',
  );
  const classifier = await fitted(1, {});
  await expect(classifier.predict(new Float32Array(3), 1)).rejects.toThrow('3 values, 1 × 2 are needed');
  await classifier.release();
});
