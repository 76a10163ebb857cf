import { describe, expect, test } from 'vitest';
import { sampleRows } from '../../../training/detectors/sample.ts';
import { rowAt, rowsOf } from './points.ts';

describe('a sample of rows', () => {
  const train = rowsOf(300, (random, i) => [i, random.normal()]);

  test('is without replacement, in the order of the rows, and the same for the same seed', () => {
    const kept = sampleRows(train, 100, { seed: 7 });
    expect(kept.n).toBe(100);
    const numbers = Array.from({ length: 100 }, (_, i) => rowAt(kept, i)[0]);
    for (let i = 1; i < 100; i++) expect(numbers[i]).toBeGreaterThan(numbers[i - 1]);
    for (const [i, number] of numbers.entries()) expect(rowAt(kept, i)).toEqual(rowAt(train, number));
    expect(sampleRows(train, 100, { seed: 7 })).toEqual(kept);
    expect(sampleRows(train, 100, { seed: 8 })).not.toEqual(kept);
  });

  test('favours no row', () => {
    const chosen = new Float64Array(300);
    for (let seed = 0; seed < 400; seed++) {
      const kept = sampleRows(train, 100, { seed });
      for (let i = 0; i < 100; i++) chosen[rowAt(kept, i)[0]]++;
    }
    // Binomial with 400 draws of a third: 133 ± 9.4, five deviations off at most.
    expect(Math.min(...chosen)).toBeGreaterThan(86);
    expect(Math.max(...chosen)).toBeLessThan(181);
  });

  test('is all rows if they are few', () => {
    expect(sampleRows(train, 300, { seed: 7 })).toBe(train);
  });
});
