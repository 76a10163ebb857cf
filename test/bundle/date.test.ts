import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDate, parseDate } from '../../bundle/date.ts';

test('a date is parsed to the same days since 1970 as by Date', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
      (date) => {
        expect(parseDate(date.toISOString())).toBeCloseTo(date.getTime() / 86_400_000, 9);
        expect(parseDate(date.toISOString().slice(0, 10))).toBe(Math.floor(date.getTime() / 86_400_000));
      },
    ),
  );
  expect(parseDate('2024-01-01T00:30:00-01:30')).toBe(parseDate('2024-01-01T02:00:00Z'));
  for (const text of ['2024-13-01', '2023-02-29', '2024-01-01T24:00', '24-01-01', '2024-01-01T10', 'now']) {
    expect(parseDate(text), text).toBeUndefined();
  }
});

test('days since 1970 are formatted as ISO 8601, as far as the calendar goes', () => {
  expect(formatDate(19_723.5, 'second')).toBe('2024-01-01T12:00:00Z');
  expect(formatDate(19_723.5, 'day')).toBe('2024-01-01');
  expect(formatDate(1e12, 'day')).toBeUndefined();
});
