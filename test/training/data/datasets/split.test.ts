import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../../kernels/random.ts';
import { listRemaining, merge, split } from '../../../../training/data/datasets/split.ts';
import { openMatrix } from '../../../../training/data/sources/matrix.ts';

describe('the split', () => {
  test('is disjoint, ascending, of the sizes asked for, and the rest is for training', () => {
    const sizes = fc.record({ validation: fc.nat(20), calibration: fc.nat(20), test: fc.nat(20) });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 200 }), fc.nat(), (sizes, train, seed) => {
        const count = sizes.validation + sizes.calibration + sizes.test + train;
        if (count < 2) return;
        const parts = split(count, sizes, new Random(seed));
        for (const name of ['validation', 'calibration', 'test'] as const) {
          expect(parts[name].length).toBe(sizes[name]);
          expect(parts[name]).toEqual(parts[name].slice().sort());
        }
        const rest = listRemaining(count, Object.values(parts));
        expect(rest.length).toBe(train);
        const all = merge([rest, ...Object.values(parts)]);
        expect(Array.from(all)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  test('is a function of the seed', () => {
    const draw = (seed: number) =>
      split(1000, { validation: 10, calibration: 20, test: 30 }, new Random(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(2)).not.toEqual(draw(1));
  });

  test('draws each row equally often', () => {
    const counts = new Uint32Array(50);
    const random = new Random(1);
    for (let i = 0; i < 2000; i++) {
      const { validation, calibration } = split(50, { validation: 5, calibration: 5, test: 0 }, random);
      for (const row of [...validation, ...calibration]) counts[row]++;
    }
    // 400 of each are expected, and five standard errors of 18.
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(90);
  });

  test('of too few rows is refused with the sizes', () => {
    const sizes = { validation: 2, calibration: 3, test: 4 };
    expect(() => split(9, sizes, new Random(1))).toThrow(
      'the data has 9 samples: 2 for validation, 3 for calibration and 4 for testing leave none to train on; ' +
        'hold out at most 8 in all',
    );
    expect(listRemaining(10, Object.values(split(10, sizes, new Random(1)))).length).toBe(1);
  });
});

test('a row that is held out twice or is not there is refused', () => {
  expect(() => merge([Uint32Array.of(1, 2), Uint32Array.of(2, 3)])).toThrow('row 2 is held out twice');
  expect(() => listRemaining(3, [Uint32Array.of(3)])).toThrow(
    'there is no row 3: there are 3, counted from 0',
  );
});

test('the test samples of a matrix keep the numbers of their rows', async () => {
  const values = Float32Array.from({ length: 900 }, (_, p) => p);
  const source = await openMatrix(values, [3], { seed: 5 });
  const first = Array.from(source.ids, (_, i) => source.test.data[3 * i]);
  expect(first).toEqual(Array.from(source.ids, (row) => 3 * row));
  expect(source.ids).toHaveLength(source.test.count);
  await source.close();
});
