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
});

const FORMS: Record<string, string | undefined> = {
  '2024-1-5': '2024-01-05T00:00:00Z',
  '2024/01/05': '2024-01-05T00:00:00Z',
  '2024.1.5 9:07': '2024-01-05T09:07:00Z',
  ' 2024-01-05 ': '2024-01-05T00:00:00Z',
  '2024-01': '2024-01-01T00:00:00Z',
  '2024-01-05 24:00': '2024-01-06T00:00:00Z',
  '2024-01-05T24:00:00Z': '2024-01-06T00:00:00Z',
  '2024-01-05t12:00:00z': '2024-01-05T12:00:00Z',
  '2024-01-05 12:00:00 UTC': '2024-01-05T12:00:00Z',
  '2024-01-05 12:00:00 +0900': '2024-01-05T03:00:00Z',
  '2024-01-05T12:00:00-03:30': '2024-01-05T15:30:00Z',
  '2024-01-05T12:00:00.5+01': '2024-01-05T11:00:00.5Z',
  '2024-01-05T12:00:00,5': '2024-01-05T12:00:00.5Z',
  '2024-13-01': undefined,
  '2023-02-29': undefined,
  '0000-00-00': undefined,
  '2024-01-05T24:01': undefined,
  '2024-01-05 12:00:60': undefined,
  '2024-01/05': undefined,
  '24-01-01': undefined,
  '12024-02-01': undefined,
  '2024-02-01 (BC)': undefined,
  '2024-01-01T10': undefined,
  '2024-W05-4': undefined,
  '2024-032': undefined,
  '20240201': undefined,
  '31.05.2024': '2024-05-31T00:00:00Z',
  '5.1.2026 00:20': '2026-01-05T00:20:00Z',
  '31.05.2024 16:30:05,5 +02:00': '2024-05-31T14:30:05.5Z',
  '05.31.2024': undefined,
  '31.05.24': undefined,
  '31.05.20245': undefined,
  '31/05/2024': undefined,
  epoch: undefined,
  infinity: undefined,
  now: undefined,
};

test('dates have these forms, and no others', () => {
  for (const [text, expected] of Object.entries(FORMS)) {
    const days = parseDate(text);
    if (expected === undefined) expect(days, text).toBeUndefined();
    else expect(days, text).toBeCloseTo(Date.parse(expected) / 86_400_000, 9);
  }
});

test('days since 1970 are formatted as ISO 8601, as far as the calendar goes', () => {
  expect(formatDate(19_723.5, 'second')).toBe('2024-01-01T12:00:00Z');
  expect(formatDate(19_723.5, 'day')).toBe('2024-01-01');
  expect(formatDate(1e12, 'day')).toBeUndefined();
});
