import { describe, expect, test } from 'vitest';
import { hbos } from '../../../training/detectors/hbos.ts';
import { runDetector, runSubgraph } from '../../../training/detectors/run.ts';
import { matrix, rowsOf } from './points.ts';

const options = { seed: 1 };

describe('histograms', () => {
  // Values at the centres of quarters, so that rounding moves none into another bin; 400 rows have 20 bins.
  const train = rowsOf(400, (random) => [random.below(random.below(20) + 1) + 0.5, random.below(20) + 0.5]);
  for (const j of [0, 1]) {
    train.values[j] = 0.5;
    train.values[2 + j] = 19.5;
  }
  // The histogram is a little wider than from 0.5 to 19.5.
  const bin = (value: number) => Math.min(19, Math.floor(((value - 0.5 + 0.019) / (19 + 0.038)) * 20));
  const counted = [0, 1].map((j) => {
    const counts = new Array<number>(20).fill(0);
    for (let i = 0; i < 400; i++) counts[bin(train.values[i * 2 + j])]++;
    return counts;
  });
  const expected = (j: number, value: number) => {
    const count = value < 0.4 || value > 19.6 ? 0 : counted[j][bin(value)];
    return Math.log((Math.max(...counted[j]) + 1) / (count + 1));
  };

  test('a column adds log (highest bin / own bin), by counting', async () => {
    const fitted = await hbos.fit(train, options);
    const fresh = matrix([
      [0.5, 19.5],
      [3.5, 7.5],
      [18.5, 0.5],
      [-2, 10.5],
      [25, -1e6],
    ]);
    const scores = await runDetector(fitted, fresh);
    const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), fresh);
    for (let i = 0; i < fresh.n; i++) {
      const parts = [0, 1].map((j) => expected(j, fresh.values[i * 2 + j]));
      for (const j of [0, 1]) expect(shares[i * 2 + j], `${i}, ${j}`).toBeCloseTo(parts[j], 5);
      expect(scores[i]).toBeCloseTo(parts[0] + parts[1], 4);
    }
  });

  test('no value in the histogram is rarer than one beyond it', async () => {
    const fitted = await hbos.fit(train, options);
    const inside = await runSubgraph((graph, x) => fitted.shares!(graph, x), train);
    const [beyond] = await runSubgraph((graph, x) => fitted.shares!(graph, x), matrix([[100, 100]]));
    for (let i = 0; i < 400; i++) expect(inside[i * 2]).toBeLessThanOrEqual(beyond);
  });

  test('no training row is in an empty bin', async () => {
    const rows = rowsOf(3000, (random) => [random.normal(), 1e4 + random.uniform(), random.below(3)]);
    const fitted = await hbos.fit(rows, options);
    const inside = await runSubgraph((graph, x) => fitted.shares!(graph, x), rows);
    const beyond = await runSubgraph((graph, x) => fitted.shares!(graph, x), matrix([[1e6, 0, -9]]));
    for (let p = 0; p < inside.length; p++) expect(inside[p]).toBeLessThan(beyond[p % 3]);
  });
});
