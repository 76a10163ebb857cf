import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareScores } from '../../bundle/comparison.ts';

const scored = (score: readonly number[]) => ({ score: Float64Array.from(score), p: score.map(() => 0.5) });

test('a place is the share of rows that score below: none below the lowest, and none among equal scores', () => {
  const { mostDifferent } = compareScores(scored([1, 2, 3, 3]), scored([9, 8, 7, 7]), 0.01);
  expect(mostDifferent.map(({ row, place }) => [row, ...place])).toEqual([
    [0, 0, 0.75],
    [2, 0.5, 0],
    [3, 0.5, 0],
    [1, 0.25, 0.5],
  ]);
});

test('of many rows, those whose places differ most are listed, by their numbers where they differ as much', () => {
  const scores = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(scores, (pairs) => {
      const [a, b] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)];
      const below = (values: number[], i: number) => values.filter((value) => value < values[i]).length;
      const distance = (i: number) => Math.abs(below(a, i) - below(b, i));
      const all = pairs.map((_, i) => i).sort((i, j) => distance(j) - distance(i) || i - j);
      const listed = compareScores(scored(a), scored(b), 0.01).mostDifferent.map(({ row }) => row);
      expect(listed).toEqual(all.filter((i) => distance(i) > 0).slice(0, 10));
    }),
  );
});
