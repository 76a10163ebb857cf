import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDate } from '../../bundle/date.ts';
import { formatDate } from '../../bundle/date-format.ts';
import { epochDays, parseEpoch } from '../../bundle/epoch.ts';

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
  '20240105T120000Z': '2024-01-05T12:00:00Z',
  '20240105T1200+0100': '2024-01-05T11:00:00Z',
  '20240105T120000.5': '2024-01-05T12:00:00.5Z',
  '20241305T120000Z': undefined,
  '20240105T': undefined,
  '05/Jan/2024:12:00:00 +0100': '2024-01-05T11:00:00Z',
  '[05/Jan/2024:12:00:00 +0100]': '2024-01-05T11:00:00Z',
  '05JAN2024:12:00:00.25': '2024-01-05T12:00:00.25Z',
  '05JAN2024': '2024-01-05T00:00:00Z',
  '06-MAY-2024': '2024-05-06T00:00:00Z',
  '06-MAY-24': undefined,
  '31 September 2024': undefined,
  '5 Sept. 2024': '2024-09-05T00:00:00Z',
  'Fri, 05 Jan 2024 12:00:00 GMT': '2024-01-05T12:00:00Z',
  'January 5, 2024 12:00': '2024-01-05T12:00:00Z',
  'Jan 5th 2024': '2024-01-05T00:00:00Z',
  'Jan 5, 2024 3:00 PM': undefined,
  '5 Januar 2024': undefined,
  '2024-01-05T12:00:00+02:00[Europe/Berlin]': '2024-01-05T10:00:00Z',
  '2024-01-05T12:00:00[Europe/Berlin]': undefined,
  '2024-01-05 12:00:00 CEST': undefined,
  '2024-01-05T12:00:00.123000000012Z': '2024-01-05T12:00:00.123Z',
  '="2024-01-05"': '2024-01-05T00:00:00Z',
  '\u200e2024-01-05\u200e': '2024-01-05T00:00:00Z',
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

test('numbers are dates that count from 1970, except within a year of it', () => {
  for (const [unit, count] of [
    ['seconds', 1],
    ['milliseconds', 1e3],
    ['microseconds', 1e6],
    ['nanoseconds', 1e9],
  ] as const) {
    expect(epochDays(1_714_521_600 * count, unit)).toBe(Date.UTC(2024, 4, 1) / 86_400_000);
    expect(epochDays(-1e9 * count, unit)).toBeCloseTo(-1e9 / 86_400, 6);
    for (const near of [0, -1, 1e7 * count]) expect(epochDays(near, unit)).toBeUndefined();
  }
  // Seconds where milliseconds are expected, and the other way round.
  expect(epochDays(1_714_521_600, 'milliseconds')).toBeUndefined();
  expect(epochDays(1_714_521_600_000, 'seconds')).toBeUndefined();
});

test('numbers that count from 1970 may be in groups', () => {
  for (const text of [
    '1714521600',
    '1,714,521,600',
    '1.714.521.600',
    '1 714 521 600',
    '1\u2019714\u2019521\u2019600',
  ]) {
    expect(parseEpoch(text), text).toBe(1_714_521_600);
  }
  expect(parseEpoch('1714521600.25')).toBe(1_714_521_600.25);
  for (const text of ['1,714', '1,714.521,600', '17,14,521,600', 'now']) {
    expect(parseEpoch(text), text).toBeUndefined();
  }
});

test('days since 1970 are formatted as ISO 8601, as far as the calendar goes', () => {
  expect(formatDate(19_723.5, 'second')).toBe('2024-01-01T12:00:00Z');
  expect(formatDate(19_723.5, 'day')).toBe('2024-01-01');
  expect(formatDate(1e12, 'day')).toBeUndefined();
});
