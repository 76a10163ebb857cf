import { describe, expect, test } from 'vitest';
import { findThreshold } from '../../../bundle/p-value.ts';
import { Random } from '../../../kernels/random.ts';
import { runSubgraph } from '../../../training/detectors/run.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { fitMembers } from '../../../training/scorer/ensemble.ts';
import { fuse } from '../../../training/scorer/fusion.ts';
import { chooseMembers } from '../../../training/scorer/members.ts';

/** Ten distributions of normal rows. */
const SETS: Record<string, { d: number; row: (random: Random) => number[] }> = {
  gaussian: { d: 4, row: (r) => Array.from({ length: 4 }, () => r.normal()) },
  correlated: {
    d: 5,
    row(r) {
      const z = r.normal();
      return Array.from({ length: 5 }, (_, j) => z * (j + 1) + 0.2 * r.normal());
    },
  },
  clusters: {
    d: 3,
    row(r) {
      const c = r.below(4);
      return Array.from({ length: 3 }, (_, j) => 5 * ((c + j) % 4) + r.normal());
    },
  },
  'heavy tails': { d: 3, row: (r) => Array.from({ length: 3 }, () => r.normal() / Math.abs(r.normal())) },
  'log-normal': { d: 2, row: (r) => [Math.exp(r.normal()), Math.exp(2 * r.normal())] },
  ring: {
    d: 2,
    row(r) {
      const a = 2 * Math.PI * r.uniform();
      return [Math.cos(a) + 0.1 * r.normal(), Math.sin(a) + 0.1 * r.normal()];
    },
  },
  uniform: { d: 6, row: (r) => Array.from({ length: 6 }, () => r.uniform()) },
  counts: { d: 4, row: (r) => Array.from({ length: 4 }, () => Math.floor(-3 * Math.log(1 - r.uniform()))) },
  'mostly zero': { d: 8, row: (r) => Array.from({ length: 8 }, () => (r.uniform() < 0.8 ? 0 : r.normal())) },
  'a constant column': { d: 3, row: (r) => [1, r.normal(), r.normal() ** 2] },
};

const LEVELS = [0.01, 0.05, 0.1];
const CALIBRATION = 500;
const TEST = 2000;
/** The probability of failure, over random seeds, of each of the thirty counts of a correct test. */
const CHANCE = 1e-4;

const logFactorial = (() => {
  const table = [0];
  for (let n = 1; n <= CALIBRATION + TEST + 2; n++) table.push(table[n - 1] + Math.log(n));
  return (n: number) => table[n];
})();

/**
 * The number of new rows that are flagged at a level that allows l of n + 1 is beta-binomial with parameters l and
 * n + 1 − l (Bates et al. 2023, section 2.2). Returns its quantiles at `chance` and 1 − `chance`.
 */
function interval(level: number, chance: number): [number, number] {
  const l = Math.floor(level * (CALIBRATION + 1));
  const rest = CALIBRATION + 1 - l;
  const beta = (a: number, b: number) => logFactorial(a - 1) + logFactorial(b - 1) - logFactorial(a + b - 1);
  const choose = (k: number) => logFactorial(TEST) - logFactorial(k) - logFactorial(TEST - k);
  let sum = 0;
  let [low, high] = [-1, -1];
  for (let k = 0; k <= TEST; k++) {
    sum += Math.exp(choose(k) + beta(k + l, TEST - k + rest) - beta(l, rest));
    if (low < 0 && sum > chance) low = k;
    if (high < 0 && sum >= 1 - chance) high = k;
  }
  return [low, high];
}

describe('without anomalies, the share that is flagged matches the level', () => {
  for (const [seed, [name, { d, row }]] of Object.entries(SETS).entries()) {
    test(name, async () => {
      const random = new Random(100 + seed);
      const draw = (n: number): Matrix => {
        const values = new Float32Array(n * d);
        for (let i = 0; i < n; i++) values.set(row(random), i * d);
        return { values, n, d };
      };
      const train = draw(600);
      const none = { values: new Float32Array(0), n: 0, d };
      const members = chooseMembers(undefined, { kind: 'matrix', shape: [d], variational: false });
      const fitted = await fitMembers(
        members,
        { train: { input: train, projection: train }, unseen: { input: none, projection: none } },
        { seed: 1, contamination: 0.3 },
      );
      const scores = (rows: Matrix) =>
        runSubgraph((graph, x) => fuse(graph, () => x, fitted, 'mean').score, rows);
      const calibration = (await scores(draw(CALIBRATION))).sort();
      const tested = await scores(draw(TEST));
      for (const level of LEVELS) {
        const flagged = tested.filter((score) => score > findThreshold(calibration, level)!).length;
        const [low, high] = interval(level, CHANCE);
        // Many of these rows are equal and share one score: none of them can be flagged, so too few are.
        if (name !== 'mostly zero') expect(flagged).toBeGreaterThanOrEqual(low);
        expect(flagged).toBeLessThanOrEqual(high);
      }
    });
  }
});
