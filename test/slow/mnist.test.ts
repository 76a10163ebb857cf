import { expect, test } from 'vitest';
import { bench as detect } from '../../bench/detect.ts';
import { type Bench, measure } from '../../bench/harness.ts';
import { shipped } from '../../bench/reconstruct.ts';
import { bench as tsne } from '../../bench/tsne.ts';

/** Runs a benchmark on the bundle in models/mnist, which `npm start` makes; the benchmarks also compare with its report. */
const run = async (name: string, bench: Bench) => measure(name, bench, () => {});

test('the default model reconstructs and detects as well as its targets say', async () => {
  expect((await shipped()).figures.dense_test_mse_px).toBeLessThanOrEqual(0.0024);
  for (const { key, figure, target, holds } of (await run('detect', detect)).targets) {
    expect(holds, `${key} is ${figure}, target ${target}`).toBe(true);
  }
});

test('the map of 10,000 codes keeps the digits together', async () => {
  const { figures } = await run('tsne', tsne);
  expect(figures.knn_accuracy_10k).toBeGreaterThanOrEqual(0.9);
});

test('the share of test digits flagged at a level is near the level', async () => {
  const { figures } = await run('detect', detect);
  for (const level of [0.01, 0.05, 0.1]) {
    // Five standard errors of 10,000 draws at a threshold that 4,000 others set.
    const error = 5 * Math.sqrt(level * (1 - level) * (1 / 10_000 + 1 / 4000));
    expect(Math.abs(figures[`flagged_at_${level}`] - level), `at ${level}`).toBeLessThan(error);
  }
});
