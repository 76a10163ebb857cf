import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeAccuracy, confusionMatrix } from '../../../training/studies/confusion.ts';

test('rows sum to the occurrences of a class, columns to its predictions, the diagonal to the right ones', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1 }), (pairs) => {
      const truth = Uint8Array.from(pairs, ([a]) => a);
      const predicted = Uint8Array.from(pairs, ([, b]) => b);
      const matrix = confusionMatrix(truth, predicted, 5);
      for (let c = 0; c < 5; c++) {
        expect(matrix[c].reduce((a, b) => a + b)).toBe(truth.filter((label) => label === c).length);
        expect(matrix.reduce((sum, row) => sum + row[c], 0)).toBe(predicted.filter((l) => l === c).length);
      }
      expect(computeAccuracy(matrix)).toBeCloseTo(
        pairs.filter(([a, b]) => a === b).length / pairs.length,
        12,
      );
    }),
  );
});

test('rows are true classes, columns predicted ones', () => {
  expect(confusionMatrix(Uint8Array.of(0, 0, 1), Uint8Array.of(0, 1, 1), 2)).toEqual([
    [1, 1],
    [0, 1],
  ]);
});

test('refuses different numbers of predictions and labels', () => {
  expect(() => confusionMatrix(new Uint8Array(2), new Uint8Array(3), 2)).toThrow(
    '3 predictions for 2 labels',
  );
});
