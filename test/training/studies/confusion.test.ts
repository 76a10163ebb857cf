import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accuracyOf, confusionMatrix } from '../../../training/studies/confusion.ts';

test('rows sum to how often a class occurs, columns to how often it is predicted, the diagonal is right', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1 }), (pairs) => {
      const truth = Uint8Array.from(pairs, ([a]) => a);
      const predicted = Uint8Array.from(pairs, ([, b]) => b);
      const matrix = confusionMatrix(truth, predicted, 5);
      for (let c = 0; c < 5; c++) {
        expect(matrix[c].reduce((a, b) => a + b)).toBe(truth.filter((label) => label === c).length);
        expect(matrix.reduce((sum, row) => sum + row[c], 0)).toBe(predicted.filter((l) => l === c).length);
      }
      expect(accuracyOf(matrix)).toBeCloseTo(pairs.filter(([a, b]) => a === b).length / pairs.length, 12);
    }),
  );
});

test('a class is in its row, what it was taken for in its column', () => {
  expect(confusionMatrix(Uint8Array.of(0, 0, 1), Uint8Array.of(0, 1, 1), 2)).toEqual([
    [1, 1],
    [0, 1],
  ]);
});

test('predictions and labels that do not match are refused', () => {
  expect(() => confusionMatrix(new Uint8Array(2), new Uint8Array(3), 2)).toThrow(
    '3 predictions for 2 labels',
  );
});
