import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { nearestNeighbours } from '../../../training/classifiers/nearest.ts';
import { rankRows } from '../linear/rank-rows.ts';

test('the class is the most common among the k nearest; if classes tie, the nearer one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
      async (seed, dims, k) => {
        const random = new Random(seed);
        const [count, n, classes] = [40, 25, 3];
        // Distances differ, so that the nearest rows are unique.
        const features = Float32Array.from({ length: count * dims }, () => random.normal());
        const labels = Uint8Array.from({ length: count }, () => random.below(classes));
        const queries = Float32Array.from({ length: n * dims }, () => random.normal());
        await using classifier = await nearestNeighbours(k).fit(
          { values: features, n: count, d: dims, labels, classes },
          { seed: 1 },
        );
        const found = await classifier.predict({ values: queries, n, d: dims });
        for (let i = 0; i < n; i++) {
          const best = rankRows(features, queries.subarray(i * dims, (i + 1) * dims), dims).slice(0, k);
          const votes = (label: number) => best.filter(({ row }) => labels[row] === label).length;
          const most = Math.max(...Array.from({ length: classes }, (_, label) => votes(label)));
          expect(found[i]).toBe(labels[best.find(({ row }) => votes(labels[row]) === most)!.row]);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test('arguments that do not fit are named', async () => {
  const values = new Float32Array(6);
  const labels = new Uint8Array(3);
  const fitted = (k: number, changed: object) =>
    nearestNeighbours(k).fit({ values, n: 3, d: 2, labels, classes: 2, ...changed }, { seed: 1 });
  await expect(fitted(4, {})).rejects.toThrow('k is 4: for 3 rows it must be from 1 to 3');
  await expect(fitted(1, { d: 3 })).rejects.toThrow('there are 6 values, 3 × 3 are needed');
  await expect(fitted(1, { labels: new Uint8Array(2) })).rejects.toThrow('2 labels for 3 rows');
  await expect(fitted(1, { labels: Uint8Array.of(0, 2, 1) })).rejects.toThrow(
    'row 1 has class 2: there are only 2 classes',
  );
  await using classifier = await fitted(1, {});
  await expect(classifier.predict({ values: new Float32Array(3), n: 1, d: 3 })).rejects.toThrow(
    '3 values, 1 × 2 are needed',
  );
});
