import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  daysOf,
  displayValue,
  encodedNames,
  isClock,
  rawRow,
  rawText,
  type TableColumn,
  TableColumnSchema,
} from '../../bundle/columns.ts';

const columns: TableColumn[] = [
  {
    kind: 'number',
    name: 'age',
    missing_share: 0,
    scaling: 'standard',
    center: 40,
    scale: 12,
    knots: [],
    scores: [],
    missing: 38,
  },
  { kind: 'flag', name: 'member', missing_share: 0.1, words: ['no', 'yes'], share: 0.4, missing: 0 },
  {
    kind: 'category',
    name: 'city',
    missing_share: 0,
    categories: ['Oslo', 'Rome', '7'],
    frequencies: [0.5, 0.3, 0.2],
    encoding: 'one_hot',
  },
  {
    kind: 'date',
    name: 'at',
    missing_share: 0,
    origin: 19_723,
    center: 0,
    scale: 30,
    time: true,
    weekday: true,
    clock: false,
    missing: 0,
  },
];

const raw = (record: Record<string, unknown> | unknown[]) => {
  const target = new Float32Array(4);
  const errors = rawRow(columns, record, target);
  return errors.length > 0 ? errors : Array.from(target);
};

test('the columns pass their own schema', () => {
  for (const column of columns) expect(TableColumnSchema.parse(column)).toEqual(column);
});

test('a clock is a date that rises row by row, if its time of day or its weekday is modelled instead', () => {
  const at = columns[3]!;
  for (const clock of [false, true]) {
    for (const time of [false, true]) {
      for (const weekday of [false, true]) {
        const column = { ...at, clock, time, weekday } as TableColumn;
        expect(isClock(column)).toBe(clock && (time || weekday));
        expect(encodedNames([column]).includes('at')).toBe(!isClock(column));
      }
    }
  }
  expect(columns.map(isClock)).toEqual([false, false, false, false]);
});

describe('a record becomes raw numbers', () => {
  test('as an object, whatever the order, or as an array', () => {
    const expected = [41, 1, 1, 1.5];
    expect(
      raw({ at: '2024-01-02T12:00:00Z', city: 'Rome', member: true, age: 41, more: 'passed over' }),
    ).toEqual(expected);
    expect(raw([41, 'YES', 'Rome', '2024-01-02 12:00'])).toEqual(expected);
    expect(raw([41, 1, 'Rome', '2024-01-02T14:00:00+02:00'])).toEqual(expected);
  });

  test('null is missing, and an absent column if it was missing in training', () => {
    expect(raw([null, null, null, null])).toEqual([NaN, NaN, NaN, NaN]);
    expect(raw({ age: 1, city: 'Oslo', at: '2024-01-01' })).toEqual([1, NaN, 0, 0]);
  });

  test('an unknown category is −1, and a number is the text that it is written as', () => {
    expect(raw([1, false, 'Atlantis', '2024-01-01'])).toEqual([1, 0, -1, 0]);
    expect(raw([1, false, 7, '2024-01-01'])).toEqual([1, 0, 2, 0]);
  });

  test('what is wrong is said, all of it, with the column and what is accepted', () => {
    expect(raw({ age: '41', member: 'maybe', city: ['Rome'], at: 'yesterday' })).toEqual([
      { column: 'age', detail: '"41" is a text: write it without quotes, expected a number' },
      { column: 'member', detail: '"maybe", expected true or false (or "no", "yes")' },
      { column: 'city', detail: '["Rome"], expected a text, such as "Oslo"' },
      {
        column: 'at',
        detail: '"yesterday", expected a date, such as "2024-05-31" or "2024-05-31T16:30:00Z"',
      },
    ]);
    expect(raw({ member: true, city: 'Oslo', at: '2024-02-30' })).toEqual([
      { column: 'age', detail: 'it is not there, expected a number, or null if it is missing' },
      { column: 'at', detail: expect.stringContaining('"2024-02-30", expected a date') },
    ]);
    expect(raw([1e39, true, 'Oslo', '2024-01-01'])).toEqual([
      { column: 'age', detail: '1e+39 is beyond 3.4e38, expected a number' },
    ]);
    expect(raw([1, 2])).toEqual([{ column: '', detail: '2 values, expected 4: age, member, city, at' }]);
  });

  test('whatever is sent, the result is raw values or sentences', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fc.jsonValue()),
          fc.dictionary(fc.constantFrom('age', 'member', 'city', 'at'), fc.jsonValue()),
        ),
        (record) => {
          const found = raw(record as unknown[]);
          for (const part of found) {
            if (typeof part === 'number') expect(Math.abs(part)).not.toBe(Number.POSITIVE_INFINITY);
            else expect(part.detail).toMatch(/expected/);
          }
        },
      ),
    );
  });
});

test('a text is read as in a CSV file', () => {
  const [age, member, city, at] = columns;
  expect(rawText(age, ' 1e3 ')).toBe(1000);
  expect(rawText(age, 'n/a')).toBeNaN();
  expect(rawText(age, '')).toBeNaN();
  expect(rawText(age, 'ten')).toBe('"ten", expected a number');
  expect(rawText(member, 'True')).toBe(1);
  expect(rawText(city, 'Rome')).toBe(1);
  expect(rawText(city, '?')).toBeNaN();
  expect(rawText(city, 'rome')).toBe(-1);
  expect(rawText(at, '2024-01-03')).toBe(2);
});

test('days since 1970 are those of Date', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
      (date) => {
        expect(daysOf(date.toISOString())).toBeCloseTo(date.getTime() / 86_400_000, 9);
        expect(daysOf(date.toISOString().slice(0, 10))).toBe(Math.floor(date.getTime() / 86_400_000));
      },
    ),
  );
  expect(daysOf('2024-01-01T00:30:00-01:30')).toBe(daysOf('2024-01-01T02:00:00Z'));
  for (const text of ['2024-13-01', '2023-02-29', '2024-01-01T24:00', '24-01-01', '2024-01-01T10', 'now']) {
    expect(daysOf(text), text).toBeUndefined();
  }
});

test('raw values are shown as a person reads them', () => {
  const [age, member, city, at] = columns;
  expect([displayValue(age, 40.123456789), displayValue(age, Number.NaN)]).toEqual(['40.1235', 'missing']);
  expect([0, 1, 0.25].map((x) => displayValue(member, x))).toEqual(['no', 'yes', 'no (75 %)']);
  expect([0, 2, -1].map((x) => displayValue(city, x))).toEqual(['Oslo', '7', 'unknown']);
  expect(displayValue(at, 1.5)).toBe('2024-01-02T12:00:00Z');
  expect(displayValue({ ...at, time: false } as TableColumn, 1)).toBe('2024-01-02');
});
