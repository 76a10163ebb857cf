import { beforeAll, expect, test } from 'vitest';
import { bench as detect, measureShippedDetection } from '../../bench/detect.ts';
import { measure } from '../../bench/harness.ts';
import { measureShipped } from '../../bench/reconstruct.ts';
import { measureCodes } from '../../bench/tsne.ts';

/** The bundle in models/mnist, which `npm start` makes, against what is no digit; compared with its report, too. */
let figures: Record<string, number>;
beforeAll(async () => {
  figures = await measureShippedDetection(() => {});
}, 300_000);

test('the default model reconstructs and detects as well as its targets say', async () => {
  expect((await measureShipped()).figures.dense_test_mse_px).toBeLessThanOrEqual(0.0024);
  const { targets } = await measure('detect', { ...detect, run: async () => figures }, () => {});
  const known = targets.filter(({ key }) => key in figures);
  expect(known.length).toBeGreaterThanOrEqual(4);
  for (const { key, figure, target, holds } of known) {
    expect(holds, `${key} is ${figure}, target ${target}`).toBe(true);
  }
});

test('the map of 10,000 codes keeps the digits together', async () => {
  expect((await measureCodes(() => {})).knn_accuracy_10k).toBeGreaterThanOrEqual(0.9);
});

test('the share of test digits flagged at a level is near the level', () => {
  for (const level of [0.01, 0.05, 0.1]) {
    // Five standard errors of 10,000 draws at a threshold that 4,000 others set.
    const error = 5 * Math.sqrt(level * (1 - level) * (1 / 10_000 + 1 / 4000));
    expect(Math.abs(figures[`flagged_at_${level}`] - level), `at ${level}`).toBeLessThan(error);
  }
});
