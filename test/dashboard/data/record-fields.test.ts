import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRecord } from '../../../bundle/column-parsing.ts';
import { toRecord } from '../../../bundle/record.ts';
import {
  categoryOption,
  dateInputText,
  describeWrongFields,
  readCategoryOption,
} from '../../../dashboard/data/record-fields.ts';
import { columns } from './columns.ts';

test('a category, a missing one and an unknown one survive the menu', () => {
  const categories = ['Oslo', 'unknown', 'Lima'];
  for (const value of [...categories, null]) {
    expect(readCategoryOption(categories, categoryOption(categories, value))).toBe(value);
  }
  expect(categoryOption(categories, undefined)).toBe('');
  const unknown = readCategoryOption(categories, categoryOption(categories, 'Atlantis'));
  expect(typeof unknown).toBe('string');
  expect(categories).not.toContain(unknown);
});

test('a date in an input field is the date of the record', () => {
  const [day, at] = [3, 4].map((j) => columns[j]!);
  fc.assert(
    fc.property(fc.integer({ min: -86_400 * 90, max: 86_400 * 90 }), (seconds) => {
      for (const [column, raw] of [
        [day!, Math.floor(seconds / 86_400)],
        [at!, seconds / 86_400],
      ] as const) {
        const text = dateInputText(toRecord([column], [raw])[column.name]);
        expect(text).toMatch(/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?$/);
        const read = new Float32Array(1);
        expect(parseRecord([column], { [column.name]: text }, read)).toEqual([]);
        expect(read[0]).toBeCloseTo(raw, 4);
      }
    }),
  );
  expect(dateInputText(null)).toBe('');
});

test('wrong fields are named in one sentence', () => {
  expect(describeWrongFields([])).toBe('');
  expect(describeWrongFields(['age'])).toBe('A field is wrong: age.');
  expect(describeWrongFields(['age', 'city'])).toBe('2 fields are wrong: age, city.');
});
