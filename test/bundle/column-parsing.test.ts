import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayValue } from '../../bundle/column-display.ts';
import { parseRecord, parseValue } from '../../bundle/column-parsing.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import type { Notation } from '../../bundle/notation.ts';
import { columns } from './table-columns.ts';

const raw = (record: Record<string, unknown> | unknown[]) => {
  const target = new Float32Array(4);
  const errors = parseRecord(columns, record, target);
  return errors.length > 0 ? errors : Array.from(target);
};

describe('a record is parsed to raw values', () => {
  test('as an object, whatever the order, or as an array', () => {
    const expected = [41, 1, 1, 1.5];
    expect(raw({ at: '2024-01-02T12:00:00Z', city: 'Rome', member: true, age: 41, more: 'ignored' })).toEqual(
      expected,
    );
    expect(raw([41, 'YES', 'Rome', '2024-01-02 12:00'])).toEqual(expected);
    expect(raw([41, 1, 'Rome', '2024-01-02T14:00:00+02:00'])).toEqual(expected);
  });

  test('null is missing, and so is an absent column that was missing in training', () => {
    expect(raw([null, null, null, null])).toEqual([NaN, NaN, NaN, NaN]);
    expect(raw({ age: 1, city: 'Oslo', at: '2024-01-01' })).toEqual([1, NaN, 0, 0]);
  });

  test('an unknown category is −1, and a number is read as its text', () => {
    expect(raw([1, false, 'Atlantis', '2024-01-01'])).toEqual([1, 0, -1, 0]);
    expect(raw([1, false, 7, '2024-01-01'])).toEqual([1, 0, 2, 0]);
  });

  test('1e400, which JSON.parse makes infinite, is too large', () => {
    const detail = parseValue(columns[0]!, JSON.parse('1e400'));
    expect(detail).toBe('expected a number within ±3.4e38, got a number that is too large');
  });

  test('a number with the other decimal separator is shown as it should be', () => {
    const detail = (text: string, notation?: Notation) =>
      parseValue({ ...columns[0]!, notation } as TableColumn, text);
    const comma = { decimal: ',', group: '.', unit: '€' } as const;
    expect(detail('54.3', comma)).toBe(
      'expected a decimal comma, as in the training data: "54,3", got "54.3"',
    );
    expect(detail('-0.25 €', comma)).toContain('as in the training data: "-0,25 €", got');
    expect(detail('54,3')).toBe('expected a decimal point, as in the training data: "54.3", got "54,3"');
    for (const text of ['1,234', '1,234,5', 'a,5', '5,', '5,a']) {
      expect(detail(text)).toMatch(/^expected a number, got/);
    }
    expect(detail('1e39', comma)).toBe(
      'expected a number within ±3.4e38, or a text such as "1.234,5€", got "1e39"',
    );
  });

  test('every error names the column and what it accepts', () => {
    expect(raw({ age: 'forty', member: 'maybe', city: ['Rome'], at: 'yesterday' })).toEqual([
      { column: 'age', detail: 'expected a number, got "forty"' },
      { column: 'member', detail: 'expected true or false (or "no", "yes"), got "maybe"' },
      { column: 'city', detail: 'expected text, got ["Rome"]' },
      {
        column: 'at',
        detail:
          'expected a date, such as "2024-05-31", "2024-05-31T16:30:00Z" or "31.05.2024", got "yesterday"',
      },
    ]);
    expect(raw({ member: true, city: 'Oslo', at: '2024-02-30' })).toEqual([
      { column: 'age', detail: 'absent: expected a number, or null for a missing value' },
      { column: 'at', detail: expect.stringMatching(/^expected a date.*, got "2024-02-30"$/) },
    ]);
    expect(raw([1e39, true, 'Oslo', '2024-01-01'])).toEqual([
      { column: 'age', detail: 'expected a number within ±3.4e38, got 1e+39' },
    ]);
    expect(raw([1, 2])).toEqual([{ column: '', detail: 'expected 4 values (age, member, city, at), got 2' }]);
  });

  test('any JSON gives raw values or sentences', () => {
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

test('a text is parsed as in a CSV file', () => {
  const [age, member, city, at] = columns;
  expect(parseValue(age, ' 1e3 ')).toBe(1000);
  expect(parseValue(age, 'n/a')).toBeNaN();
  expect(parseValue(age, '')).toBeNaN();
  expect(parseValue(age, 'ten')).toBe('expected a number, got "ten"');
  expect(parseValue(member, 'True')).toBe(1);
  expect(parseValue(city, 'Rome')).toBe(1);
  expect(parseValue(city, '?')).toBeNaN();
  expect(parseValue(city, 'rome')).toBe(-1);
  expect(parseValue(at, '2024-01-03')).toBe(2);
});

test('a flag that is written as 0 and 1 takes other numbers, which are unusual but not wrong', () => {
  const [, member] = columns;
  const count: TableColumn = {
    kind: 'flag',
    name: 'used',
    missing_share: 0,
    words: ['0', '1'],
    share: 0.4,
    missing: 0,
  };
  expect([0, '1', true, 2, '2', '-3.5'].map((value) => parseValue(count, value))).toEqual([
    0, 1, 1, 2, 2, -3.5,
  ]);
  expect(displayValue(count, 2)).toBe('2');
  expect(parseValue(count, 'two')).toBe('expected true or false (or "0", "1", or another number), got "two"');
  expect(parseValue(count, 1e39)).toMatch(/^expected true or false/);
  expect(parseValue(member, 2)).toMatch(/^expected true or false/);
});
