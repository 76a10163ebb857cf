import { describe, expect, test } from 'vitest';
import { chooseBandwidth, kde } from '../../../training/detectors/kde.ts';
import { runDetector } from '../../../training/detectors/run.ts';
import { clusters, distance, matrix, rowAt, rowsOf } from './points.ts';

describe('kernel density', () => {
  test('equals the direct sum of the kernels', async () => {
    const train = clusters(150);
    const h = chooseBandwidth(train);
    const fresh = clusters(20, 2);
    const scores = await runDetector(await kde.fit(train, { seed: 1 }), fresh);
    for (let i = 0; i < fresh.n; i++) {
      let density = 0;
      for (let j = 0; j < train.n; j++) {
        const r = distance(rowAt(fresh, i), rowAt(train, j)) / h;
        density += Math.exp(-0.5 * r * r) / (train.n * (h * Math.sqrt(2 * Math.PI)) ** 3);
      }
      if (density > 1e-30) expect(scores[i]).toBeCloseTo(-Math.log(density), 3);
    }
  });

  test('where every kernel underflows, the logarithm is that of the nearest one', async () => {
    const train = rowsOf(50, (random) => [random.normal(), random.normal()]);
    const h = chooseBandwidth(train);
    const [score] = await runDetector(await kde.fit(train, { seed: 1 }), matrix([[1000, 0]]));
    const nearest = Math.min(...Array.from({ length: 50 }, (_, j) => distance([1000, 0], rowAt(train, j))));
    expect(score / (nearest ** 2 / (2 * h * h))).toBeCloseTo(1, 3);
  });

  test('the bandwidth has the highest leave-one-out likelihood of a fine grid', () => {
    const train = rowsOf(120, (random) => [random.normal(), random.normal()]);
    const rows = Array.from({ length: train.n }, (_, i) => rowAt(train, i));
    const distances = rows.map((a, i) => rows.filter((_, j) => j !== i).map((b) => distance(a, b)));
    const likelihood = (h: number) =>
      distances
        .map((own) => own.reduce((sum, far) => sum + Math.exp(-0.5 * (far / h) ** 2) / h ** 2, 0))
        .reduce((total, sum) => total + Math.log(sum), 0);
    const grid = Array.from({ length: 200 }, (_, i) => 0.05 * 1.02 ** i);
    const likelihoods = grid.map(likelihood);
    const best = grid[likelihoods.indexOf(Math.max(...likelihoods))];
    expect(chooseBandwidth(train) / best).toBeGreaterThan(0.97);
    expect(chooseBandwidth(train) / best).toBeLessThan(1.03);
  });

  test('copies do not make the bandwidth vanish', () => {
    const distinct = rowsOf(100, (random) => [random.normal(), random.normal()]);
    const doubled = matrix(Array.from({ length: 200 }, (_, i) => rowAt(distinct, i >> 1)));
    expect(chooseBandwidth(doubled) / chooseBandwidth(distinct)).toBeCloseTo(1, 1);
  });
});
