import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRecord } from '../../bundle/column-parsing.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import { toRecord, typicalRow, unknownCategory } from '../../bundle/record.ts';

const number = {
  center: 40,
  scale: 12,
  knots: [],
  scores: [],
  missing: 38.123456,
};
const date = { origin: 19_723, center: 0.4, scale: 30, weekday: true, clock: false, missing: 0.25 };
const columns: TableColumn[] = [
  { kind: 'number', name: 'age', missing_share: 0, scaling: 'standard', ...number },
  { kind: 'flag', name: 'member', missing_share: 0.1, words: ['no', 'yes'], share: 0.4, missing: 0 },
  {
    kind: 'category',
    name: 'city',
    missing_share: 0,
    categories: ['Oslo', 'unknown', 'unknown?'],
    frequencies: [0.5, 0.3, 0.2],
    encoding: 'one_hot',
  },
  { kind: 'date', name: 'day', missing_share: 0, time: false, ...date },
  { kind: 'date', name: 'at', missing_share: 0, time: true, ...date },
];

const missing = fc.constant(Number.NaN);
const row = fc
  .tuple(
    fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), missing),
    fc.oneof(fc.constantFrom(0, 1), missing),
    fc.oneof(fc.constantFrom(-1, 0, 1, 2), missing),
    fc.oneof(fc.integer({ min: -15_000, max: 15_000 }), missing),
    fc.oneof(
      fc.integer({ min: -86_400 * 90, max: 86_400 * 90 }).map((seconds) => seconds / 86_400),
      missing,
    ),
  )
  .map((values) => Float32Array.from(values));

test('the record of a raw row is that raw row again, through JSON too', () => {
  fc.assert(
    fc.property(row, (raw) => {
      const again = new Float32Array(5);
      const record = JSON.parse(JSON.stringify(toRecord(columns, raw)));
      expect(parseRecord(columns, record, again)).toEqual([]);
      // A time is written to the second.
      for (const [j, value] of raw.entries()) {
        if (j === 4 && !Number.isNaN(value)) expect(again[j]).toBeCloseTo(value, 4);
        else expect(again[j]! + 0).toBe(value + 0);
      }
    }),
  );
});

test('numbers are written as short as they are, and flags, categories and dates as a person does', () => {
  expect(toRecord(columns, Float32Array.of(0.1, 1, -1, 2, 0.5))).toEqual({
    age: 0.1,
    member: true,
    city: 'unknown??',
    day: '2024-01-03',
    at: '2024-01-01T12:00:00Z',
  });
  expect(unknownCategory(['Oslo'])).toBe('unknown');
});

test('a typical row has the median, the most frequent, and a whole day where there is no time', () => {
  expect(toRecord(columns, typicalRow(columns))).toEqual({
    age: 38.12,
    member: false,
    city: 'Oslo',
    day: '2024-01-01',
    at: '2024-01-01T06:00:00Z',
  });
});
