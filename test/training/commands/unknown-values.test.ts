import { expect, test } from 'vitest';
import { UnknownValues } from '../../../bundle/unknown-values.ts';
import { describeUnknown } from '../../../training/commands/unknown-values.ts';

test('values that training did not know are counted', () => {
  const named = (name: string, missing_share: number) => ({ name, missing_share });
  const moments = { center: 0, scale: 1, knots: [], scores: [], missing: 0 };
  const number = { kind: 'number' as const, scaling: 'standard' as const, ...moments };
  const category = { kind: 'category' as const, encoding: 'one_hot' as const };
  const unknown = new UnknownValues([
    { ...number, ...named('whole', 0) },
    { ...number, ...named('holed', 0.1) },
    { ...category, categories: ['a'], frequencies: [1], ...named('kind', 0) },
  ]);
  unknown.add([1, Number.NaN, 0, -1, 2, -1], 2);
  unknown.add(Float32Array.of(Number.NaN, Number.NaN, Number.NaN), 1);
  expect(describeUnknown(unknown)).toEqual([
    'column whole: the value is missing in 1 of 3 rows: every training row had one',
    'column kind: the category is new in 1 of 3 rows: no training row had it',
    'column kind: the value is missing in 1 of 3 rows: every training row had one',
  ]);
});
