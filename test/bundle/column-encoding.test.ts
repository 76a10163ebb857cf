import { expect, test } from 'vitest';
import { encodedNames } from '../../bundle/column-encoding.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import { isClock } from '../../bundle/column-traits.ts';
import { columns } from './table-columns.ts';

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
