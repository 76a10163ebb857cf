import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRecord, parseValue } from '../../../bundle/column-parsing.ts';
import type { TableColumn } from '../../../bundle/column-schema.ts';
import { toRecord } from '../../../bundle/record.ts';
import {
  featureName,
  formatExpected,
  formatRow,
  formatValue,
  isReconstructed,
  makeTypicalRow,
  measureUsualness,
  mixRows,
  parseRow,
} from '../../../dashboard/data/rows.ts';
import { columns } from './columns.ts';

type Data = Parameters<typeof parseRow>[1];

const matrix = (features: number, range: [number, number] | null = null): Data => ({
  shape: [features],
  features,
  names: null,
  range,
  scaling: { kind: 'standard', mean: Array(features).fill(1), deviation: Array(features).fill(2) },
});
const ranged: Data = { ...matrix(3, [-1, 3]), scaling: { kind: 'range', low: -1, high: 3 } };
const table: Data = {
  shape: [columns.length],
  features: columns.length,
  names: columns.map(({ name }) => name),
  range: null,
  scaling: { kind: 'columns', columns },
};

const float = fc.float({ noNaN: true, noDefaultInfinity: true });

test('a row written as text reads back as the same row, to the last bit', () => {
  fc.assert(
    fc.property(fc.array(float, { minLength: 1, maxLength: 8 }), (values) => {
      const row = Float32Array.from(values, (value) => value + 0); // without −0, which text does not keep
      expect(parseRow(formatRow(row), matrix(row.length))).toEqual(row);
    }),
  );
});

test('a row is written with the digits of a person, not of a float32', () => {
  expect(formatRow(Float32Array.of(0.1, -2.5, 1e-7, 40))).toBe('0.1, -2.5, 1e-7, 40');
});

test('numbers may be separated by commas, semicolons, tabs, blanks and new lines', () => {
  expect(parseRow(' 1,2;3\t4\n5   6,\n', matrix(6))).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
});

test('what is wrong with a row is said in a sentence, with the index of the first wrong number', () => {
  expect(parseRow('1, two, three', matrix(3))).toBe('Feature 1 is “two”, which is not a number.');
  expect(parseRow('1, 2', matrix(3))).toBe('The row has 2 numbers; expected 3.');
  expect(parseRow('0 3.5 0', ranged)).toBe('Feature 1 is 3.5; expected a number from -1 to 3.');
  expect(parseRow('1e39 0 0', matrix(3))).toMatch(/^Feature 0/);
});

const end = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0);

test('the ends of a range are in it, also where float32 rounds them outwards', () => {
  fc.assert(
    fc.property(end, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, width) => {
      const data = { ...ranged, features: 2, range: [low, low + width] as [number, number] };
      expect(parseRow(`${low} ${low + width}`, data)).toEqual(Float32Array.of(low, low + width));
      const ends = Float32Array.of(low, low + width);
      expect(parseRow(formatRow(ends), data)).toEqual(Float32Array.from(ends, (value) => value + 0));
    }),
  );
});

test('a typical row is typical: the mean, the middle of the range, a likely record', () => {
  expect(makeTypicalRow(matrix(2))).toEqual(Float32Array.of(1, 1));
  expect(makeTypicalRow(ranged)).toEqual(Float32Array.of(1, 1, 1));
  const row = makeTypicalRow(table);
  expect(parseRecord(columns, toRecord(columns, row), new Float32Array(columns.length))).toEqual([]);
});

test('a mixed row has in each place a value that one of the rows has there, and not all of one row', () => {
  const rows = Array.from({ length: 6 }, (_, i) => Float32Array.from(columns, (_column, j) => 10 * i + j));
  const mixed = Array.from({ length: 50 }, () => mixRows(rows));
  for (const row of mixed) {
    for (const [j, value] of row.entries()) expect(rows.map((own) => own[j])).toContain(value);
  }
  expect(mixed.some((row) => new Set(row.map((value) => Math.floor(value / 10))).size > 1)).toBe(true);
});

const rawOf: Record<TableColumn['kind'], fc.Arbitrary<number>> = {
  number: float.map((value) => Math.fround(Number(value.toPrecision(6)))),
  flag: fc.constantFrom(0, 1),
  category: fc.constantFrom(0, 1, 2),
  date: fc.integer({ min: -15_000, max: 15_000 }),
};

test('a value of a table shown as text is read by the bundle as the same value', () => {
  for (const [j, column] of columns.entries()) {
    fc.assert(
      fc.property(rawOf[column.kind], (raw) => {
        const read = parseValue(column, formatValue(table, j, raw));
        expect(Math.abs(Number(read) - raw)).toBeLessThanOrEqual(Math.abs(raw) * 1e-5);
      }),
    );
    expect(parseValue(column, 'NA')).toBeNaN();
    expect(formatValue(table, j, Number.NaN)).toBe('missing');
  }
});

test('values that are no columns have four digits', () => {
  expect(formatValue(matrix(1), 0, 0.123456)).toBe('0.1235');
});

test('features are named by their columns, else by their index', () => {
  expect([featureName(table, 2), featureName(matrix(3), 2)]).toEqual(['city', '2']);
});

test('the model has no reconstruction of a clock, which is shown by a dash', () => {
  const clock = columns.findIndex(({ name }) => name === 'logged');
  expect(columns.map((_, j) => isReconstructed(table, j))).toEqual(columns.map((_, j) => j !== clock));
  expect(formatExpected(table, clock, 3)).toBe('—');
  expect(formatExpected(table, 0, 3)).toBe('3');
  expect(isReconstructed(matrix(1), 0)).toBe(true);
});

test('a value is compared to the range, the deviations or the frequencies of the training data', () => {
  expect(measureUsualness(ranged, 0, 1)).toEqual({ measure: 'range', amount: 0.5 });
  expect(measureUsualness(matrix(1), 0, -3)).toEqual({ measure: 'deviations', amount: -2 });
  expect(measureUsualness(table, 0, 52)).toEqual({ measure: 'deviations', amount: 1 });
  expect(measureUsualness(table, 1, 1)).toEqual({ measure: 'frequency', amount: 0.4 });
  expect(measureUsualness(table, 1, 0)).toEqual({ measure: 'frequency', amount: 0.6 });
  expect(measureUsualness(table, 2, 1)).toEqual({ measure: 'frequency', amount: 0.3 });
  expect(measureUsualness(table, 2, -1)).toEqual({ measure: 'frequency', amount: 0 });
});
