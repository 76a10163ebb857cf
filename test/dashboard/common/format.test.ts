import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatArea,
  formatCount,
  formatDuration,
  formatLevel,
  formatMilliseconds,
  formatNats,
  formatNumber,
  formatOdds,
  formatPercent,
  formatSigned,
  roundTo,
} from '../../../dashboard/common/format.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });

test('a formatted number reads back as the number to its digits', () => {
  fc.assert(
    fc.property(finite, fc.integer({ min: 1, max: 6 }), (value, digits) => {
      const read = Number(formatNumber(value, digits).replaceAll(',', ''));
      const size = Math.abs(value);
      // From a thousand on, there are no decimals.
      const whole = size >= Math.min(1000, 0.5 * 10 ** digits) && size < 1e6;
      const tolerance = Math.max(whole ? 0.5 : 0, size * 0.5 * 10 ** (1 - digits));
      expect(Math.abs(read - value)).toBeLessThanOrEqual(tolerance + 1e-12 * size);
    }),
  );
});

test('numbers have exponents only below 0.0001 and from a million on', () => {
  const values = [0, 0.0001, 0.00009999, 0.05, 1, -12.345, 999.4, 999.7, 1234.5, 999_999, 1e6];
  expect(values.map((value) => formatNumber(value))).toEqual([
    '0',
    '0.000100',
    '1.00e-4',
    '0.0500',
    '1.00',
    '-12.3',
    '999',
    '1,000',
    '1,235',
    '999,999',
    '1.00e6',
  ]);
  fc.assert(
    fc.property(
      fc.double({ min: 1e-4, max: 999_999, noNaN: true }),
      fc.integer({ min: 1, max: 6 }),
      (value, digits) => {
        expect(formatNumber(value, digits)).not.toContain('e');
      },
    ),
  );
  expect(formatNumber(150, 2)).toBe('150');
  expect(formatNumber(Number.NaN)).toBe('NaN');
  expect(formatNumber(-Infinity)).toBe('-Infinity');
});

test('a smallest p-value is not shown as 0', () => {
  for (const count of [9, 999, 59_999, 10_000_000]) {
    expect(Number(formatNumber(1 / (count + 1)))).toBeGreaterThan(0);
  }
});

test('counts have thousands separators', () => {
  expect(formatCount(12_345)).toBe('12,345');
});

test('rounding keeps significant digits and leaves shorter numbers alone', () => {
  expect(roundTo(123_456, 2)).toBe(120_000);
  expect(roundTo(0.1, 6)).toBe(0.1);
});

test('signs are shown in both directions, with a real minus', () => {
  expect([1.5, -1.5].map((value) => formatSigned(value, 2))).toEqual(['+1.5', '−1.5']);
});

test('levels have no trailing zeros', () => {
  expect([0.01, 0.05, 0.5, 0.0017].map(formatLevel)).toEqual(['0.01', '0.05', '0.5', '0.0017']);
});

test('percentages have two digits below ten and three above', () => {
  expect([0, 0.00123, 0.052, 0.0999, 0.1, 0.1234, 0.98765, 1].map(formatPercent)).toEqual([
    '0%',
    '0.12%',
    '5.2%',
    '10%',
    '10%',
    '12.3%',
    '98.8%',
    '100%',
  ]);
});

test('an area is 1 only if it is 1, and otherwise shows how far it is from 1', () => {
  expect([1, 0.9, 0.999, 0.99994, 0.5].map(formatArea)).toEqual([
    '1',
    '0.900',
    '0.9990',
    '0.999940',
    '0.500',
  ]);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1 - 1e-6, noNaN: true }), (area) => {
      expect(Number(formatArea(area))).toBeLessThan(1);
    }),
  );
});

test('durations change unit at a minute and never show 60 seconds', () => {
  expect([0.5, 7.1, 59.4, 60, 102, 119.7, 3600].map(formatDuration)).toEqual([
    '0.50\u00a0s',
    '7.1\u00a0s',
    '59\u00a0s',
    '1\u00a0min\u00a00\u00a0s',
    '1\u00a0min\u00a042\u00a0s',
    '2\u00a0min\u00a00\u00a0s',
    '60\u00a0min\u00a00\u00a0s',
  ]);
  for (let seconds = 59; seconds < 62; seconds += 0.01) expect(formatDuration(seconds)).not.toMatch(/\b60 s/);
});

test('milliseconds have a decimal only below ten', () => {
  expect([0.84, 9.94, 12.6].map(formatMilliseconds)).toEqual(['0.8\u00a0ms', '9.9\u00a0ms', '13\u00a0ms']);
});

test('a surprise has three digits or so and is never negative', () => {
  expect([-1e-9, 0.5, 9.994, 12.34, 123.4].map(formatNats)).toEqual(['0.00', '0.50', '9.99', '12.3', '123']);
});

test('odds are the inverse probability of the surprise', () => {
  for (const rarity of [2, 20, 1500, 990_000]) {
    const [, odds] = /^1 in ([\d,]+)$/.exec(formatOdds(Math.log(rarity), 1e6))!;
    expect(Number(odds!.replaceAll(',', ''))).toBe(rarity);
  }
  expect(formatOdds(0, 100)).toBe('as usual');
  expect(formatOdds(20, 4000)).toBe('1 in 4,000 or rarer');
  expect(formatOdds(Math.log(190_000), 111)).toBe('1 in 111 or rarer');
});
