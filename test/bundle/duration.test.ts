import { expect, test } from 'vitest';
import { parseDuration } from '../../bundle/duration.ts';

const DAY = 86_400;

test('durations are read in seconds', () => {
  for (const [text, value] of [
    ['17:59:42', 64_782],
    ['0:01', 60],
    ['100:00:00.5', 360_000.5],
    ['-1:00:00', -3600],
    ['2 days 03:00:00', 183_600],
    ['1 day, 0:00:01', 86_401],
    ['1h 20m', 4800],
    ['1h20m', 4800],
    ['45m', 2700],
    ['90s', 90],
    ['-2 hours, 5 min', -7500],
    ['1 day 3 hrs', 97_200],
    ['1d 2h 3m 4.5s', 93_784.5],
    ['PT1H30M', 5400],
    ['P1DT2.5S', 86_402.5],
    // Parts of a second, as Go writes them.
    ['350ms', 0.35],
    ['1.20s', 1.2],
    ['12.5µs', 0.0000125],
    ['-4 ns', -4e-9],
    // With a fraction, the last part is of seconds.
    ['58:12.5', 3492.5],
    ['-1:00.25', -60.25],
    // An hour before zero by pandas and by Python, and all of it before zero by PostgreSQL.
    ['-1 days +23:00:00', -3600],
    ['-1 day, 23:00:00', -3600],
    ['-1 days -01:00:00', -DAY - 3600],
    ['0 days +00:30:00', 1800],
  ] as const) {
    expect(parseDuration(text), text).toBeCloseTo(value, 12);
  }
});

test('other texts are none', () => {
  for (const text of ['20m 1h', '1h,', 'h', '-', '', '1:60:00', 'P', '12', '+-1:00', '5 kg', '1 days -']) {
    expect(parseDuration(text), text).toBeUndefined();
  }
});
