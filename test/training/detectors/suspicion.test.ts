import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  groupRows,
  measureSuspicion,
  selectLeast,
  selectLeastByGroup,
} from '../../../training/detectors/suspicion.ts';
import { matrix, rowAt, rowsOf } from './points.ts';

const options = { seed: 1 };
const D = 5;

describe('suspicion', () => {
  test.each([
    ['tight', 24, 0.2],
    ['as wide as the rest', 48, 1],
  ])(
    'a far cluster, %s, of %i among 600 rows is among the most suspicious 30 %%',
    async (_name, count, spread) => {
      const rows = rowsOf(600, (random, i) =>
        Array.from({ length: D }, () => (i < count ? 6 + spread * random.normal() : random.normal())),
      );
      const found = await measureSuspicion(rows, options);
      const trusted = selectLeast(found, 0.7);
      expect(trusted.filter((i) => i < count)).toHaveLength(0);
    },
  );

  test('is the sum of three ranks, from 0 to 3 and 3 (n − 1) / 2n on average, and the same for the same seed', async () => {
    const rows = rowsOf(200, (random) => Array.from({ length: D }, () => random.normal()));
    const found = await measureSuspicion(rows, options);
    expect(found.reduce((a, b) => a + b) / 200).toBeCloseTo((3 * 199) / 400, 9);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...found)).toBeLessThan(3);
    expect(await measureSuspicion(rows, options)).toEqual(found);
  });

  test('the farthest row is the most suspicious', async () => {
    const rows = rowsOf(100, (random, i) =>
      Array.from({ length: D }, () => (i === 37 ? 50 : random.normal())),
    );
    const found = await measureSuspicion(rows, options);
    expect(found.indexOf(Math.max(...found))).toBe(37);
  });

  test('a flagged fifth of the rows that lies elsewhere keeps its share', async () => {
    const rows = rowsOf(800, (random, i) => [
      Number(i % 5 === 0),
      ...Array.from({ length: D }, () => random.normal() + (i % 5 === 0 ? 4 : 0)),
    ]);
    const found = await measureSuspicion(rows, options);
    const flagged = (kept: Uint32Array) => kept.filter((i) => i % 5 === 0).length;
    const kept = selectLeastByGroup(found, groupRows(rows), 0.7);
    expect(flagged(kept)).toBe(0.7 * 160);
    expect(kept).toHaveLength(0.7 * 800);
    // Without groups, hardly any would be kept.
    expect(flagged(selectLeast(found, 0.7))).toBeLessThan(20);
  });
});

describe('groups', () => {
  test('have at least 20 rows that agree in every column with two values; the others are group 0', () => {
    const rows = matrix(
      Array.from({ length: 110 }, (_, i) => {
        const kind = i < 60 ? [0, 0] : i < 80 ? [1, 0] : i < 99 ? [0, 1] : [1, 1];
        return [kind[0], i, kind[1], 7, i % 3];
      }),
    );
    const found = groupRows(rows);
    const of = (from: number, to: number) => new Set(found.subarray(from, to));
    expect([of(0, 60), of(60, 80), of(80, 110)].map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(found[80]).toBe(0);
    expect(new Set([found[0], found[60], 0]).size).toBe(3);
  });

  test('two rows are in one group exactly if they agree in all such columns, or both groups are small', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 90 }).chain((n) =>
          fc.array(fc.array(fc.integer({ min: -1, max: 1 }), { minLength: n, maxLength: n }), {
            minLength: 1,
            maxLength: 3,
          }),
        ),
        (columns) => {
          const n = columns[0].length;
          const rows = matrix(Array.from({ length: n }, (_, i) => columns.map((column) => column[i])));
          const binary = columns.filter((column) => new Set(column).size === 2);
          const alike = (a: number, b: number) => binary.every((column) => column[a] === column[b]);
          const size = (a: number) =>
            Array.from({ length: n }, (_, b) => b).filter((b) => alike(a, b)).length;
          const found = groupRows(rows);
          for (let a = 0; a < n; a++) {
            expect(found[a] === 0).toBe(size(a) < 20);
            for (let b = 0; b < a; b++)
              expect(found[a] === found[b]).toBe(alike(a, b) || (size(a) < 20 && size(b) < 20));
          }
        },
      ),
      { seed: 1, numRuns: 40 },
    );
  });

  test('without such columns there is one group', () => {
    const rows = rowsOf(50, (random) => [random.normal(), 3]);
    expect(new Set(groupRows(rows)).size).toBe(1);
    expect(rowAt(rows, 0)[1]).toBe(3);
  });
});

describe('the rows with the smallest values', () => {
  const values = Float64Array.from([5, 1, 4, 2, 3, 9, 8, 7, 6, 0]);

  test('selectLeast returns the share with the smallest values, rounded up, in order, at least one', () => {
    expect([...selectLeast(values, 0.5)]).toEqual([1, 2, 3, 4, 9]);
    expect([...selectLeast(values, 0.41)]).toEqual([1, 2, 3, 4, 9]);
    expect([...selectLeast(values, 0.01)]).toEqual([9]);
    expect([...selectLeast(values, 1)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...selectLeast(Float64Array.of(2, 2, 2, 2), 0.5)]).toEqual([0, 1]);
  });

  test('selectLeastByGroup takes the share of each group', () => {
    const group = Uint32Array.from([1, 1, 1, 1, 0, 2, 2, 2, 2, 2]);
    // The least two of 5, 1, 4, 2; the only 3; the least three of 9, 8, 7, 6, 0.
    expect([...selectLeastByGroup(values, group, 0.5)]).toEqual([1, 3, 4, 7, 8, 9]);
  });

  test('selectLeastByGroup is selectLeast, group by group', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ noNaN: true, min: -5, max: 5 }), fc.integer({ min: 0, max: 3 })), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (pairs, share) => {
          const found = selectLeastByGroup(
            Float64Array.from(pairs, ([value]) => value),
            Uint32Array.from(pairs, ([, group]) => group),
            share,
          );
          const kept = new Set(found);
          expect([...found]).toEqual([...kept].sort((a, b) => a - b));
          for (const group of new Set(pairs.map(([, of]) => of))) {
            const own = Array.from(pairs.keys()).filter((i) => pairs[i][1] === group);
            const inside = own.filter((i) => kept.has(i));
            expect(inside).toHaveLength(Math.max(1, Math.ceil(share * own.length)));
            const most = Math.max(...inside.map((i) => pairs[i][0]));
            for (const i of own) if (!kept.has(i)) expect(pairs[i][0]).toBeGreaterThanOrEqual(most);
          }
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });
});
