import { describe, expect, test } from 'vitest';
import { linearScale } from '../../../dashboard/common/scale.ts';
import type { Column } from '../../../dashboard/data/columns.ts';
import { measureDrift } from '../../../dashboard/data/drift.ts';
import { dateKeys, followTime, timedPoints } from '../../../dashboard/data/timeline.ts';
import { Random } from '../../../kernels/random.ts';
import { data } from './columns.ts';
import { pointsOf } from './points.ts';

const numbers = (key: string, values: Float64Array): Column => ({
  key,
  name: key,
  kind: 'number',
  values,
  scale: linearScale(values),
});

describe('scores over time', () => {
  // Two days of ten rows each, 2026-01-01 and 2026-01-03, and a single row on the day after.
  const day = Date.UTC(2026, 0, 1) / 86_400_000;
  const times = Float64Array.from({ length: 21 }, (_, i) =>
    i < 20 ? day + 2 * Math.floor(i / 10) + 0.01 * i : day + 3.5,
  );
  const points = pointsOf(
    Array.from({ length: 21 }, (_, i) => ({ score: i < 10 ? i : 10 * i, pValue: i >= 16 ? 0.001 : 0.5 })),
  );
  const manifest = { data: { splits: { train: 30, validation: 0, calibration: 0, test: 12 } } };

  test('have a median and a 95% quantile of each period, and alarms a day for all rows', () => {
    const { length, periods } = followTime(timedPoints({ points, manifest }), times, 0.01);
    expect(length).toBe('6 hours');
    expect(periods.map(({ start }) => start.toISOString())).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-03T00:00:00.000Z',
    ]);
    expect(periods.map(({ rows, median, high }) => [rows, median, high])).toEqual([
      [10, 4, 9],
      [10, 140, 190],
    ]);
    // The map has half of the rows, and a period is a quarter of a day: 4 of 10 are 4 · 2 · 4 a day.
    expect(periods.map(({ flagged, tested, alarms }) => [flagged, tested, alarms])).toEqual([
      [0, 10, 0],
      [4, 10, 32],
    ]);
  });

  test('leave out rows without a time, and are by longer periods the longer it takes', () => {
    const some = times.map((time, i) => (i < 10 ? time : Number.NaN));
    expect(followTime(timedPoints({ points, manifest }), some, 0.01).periods).toHaveLength(1);
    const years = times.map((_, i) => day + 300 * i);
    expect(followTime(timedPoints({ points, manifest }), years, 0.01).length).toBe('52 weeks');
  });

  test('count the whole last day of dates without a time', () => {
    // Ten weeks with a row a day, and two days of the next: as many alarms a day as in the weeks before.
    const first = 7 * Math.ceil(day / 7);
    const dates = Float64Array.from({ length: 5 * 72 }, (_, i) => first + Math.floor(i / 5));
    const flat = pointsOf(Array.from(dates, () => ({ score: 1, pValue: 0.001 })));
    const splits = { train: 0, validation: 0, calibration: 0, test: dates.length };
    const { length, periods } = followTime(
      timedPoints({ points: flat, manifest: { data: { splits } } }),
      dates,
      0.01,
    );
    expect(length).toBe('1 week');
    expect(periods.map(({ rows }) => rows)).toEqual([...new Array(10).fill(35), 10]);
    for (const { alarms } of periods) expect(alarms).toBeCloseTo(5, 9);
    const few = dates.subarray(0, 10);
    const two = pointsOf(Array.from(few, () => ({ score: 1, pValue: 0.001 })));
    const days = followTime(
      timedPoints({ points: two, manifest: { data: { splits: { ...splits, test: 10 } } } }),
      few,
      0.01,
    );
    expect([days.length, ...days.periods.map(({ alarms }) => alarms)]).toEqual(['1 day', 5, 5]);
  });

  test('are by the clock first, then by other dates', () => {
    expect(dateKeys(data)).toEqual(['data.logged', 'data.day', 'data.at']);
  });
});

describe('columns that move', () => {
  const random = new Random(3);
  const count = 8000;
  const times = Float64Array.from({ length: count }, (_, i) => i);
  const still = numbers(
    'still',
    Float64Array.from(times, () => random.normal()),
  );
  const level = numbers(
    'level',
    Float64Array.from(times, (i) => random.normal() + (i < 4000 ? 0 : 1)),
  );
  const spread = numbers(
    'spread',
    Float64Array.from(times, (i) => random.normal() * (i < 4000 ? 1 : 3)),
  );
  const site: Column = {
    key: 'site',
    name: 'site',
    kind: 'category',
    categories: ['hill', 'north'],
    codes: Array.from(times, (i) => Number(random.uniform() < (i < 4000 ? 0.2 : 0.6))),
    missing: 'missing',
  };
  const same: Column = { ...site, key: 'same', name: 'same', codes: Array.from(times, (i) => i % 2) };

  test('are told from those that do not: by level, by spread and by category', () => {
    const drifts = measureDrift([still, level, spread, site, same], times);
    const moved = drifts.filter(({ distance, chance }) => distance > chance).map(({ name }) => name);
    expect(moved.toSorted()).toEqual(['level', 'site', 'spread']);
    const of = (name: string) => drifts.find((drift) => drift.name === name)!;
    // Normal distributions one deviation apart: 2Φ(1/2) − 1.
    expect(of('level').distance).toBeCloseTo(0.383, 1);
    expect(of('site').distance).toBeCloseTo(0.4, 1);
    expect(of('same').distance).toBeCloseTo(0, 9);
  });

  test('have distance 1 without a common value, and none without rows on both sides', () => {
    const apart = numbers(
      'apart',
      Float64Array.from(times, (i) => (i < 4000 ? 1 : 2)),
    );
    expect(measureDrift([apart], times)[0]).toMatchObject({ distance: 1, earlier: '1.00', later: '2.00' });
    expect(measureDrift([apart], new Float64Array(count))).toEqual([]);
    const nothing = numbers('nothing', new Float64Array(count).fill(Number.NaN));
    expect(measureDrift([nothing], times)).toEqual([]);
  });

  test('chance alone moves a column further than its bound in at most 1 of 100 tables', () => {
    let beyond = 0;
    for (let table = 0; table < 300; table++) {
      const a = numbers(
        'a',
        Float64Array.from({ length: 60 }, () => random.normal()),
      );
      const b: Column = { ...site, codes: Array.from({ length: 60 }, () => Number(random.uniform() < 0.3)) };
      const drifts = measureDrift([a, b], times.subarray(0, 60));
      if (drifts.some(({ distance, chance }) => distance > chance)) beyond++;
    }
    expect(beyond).toBeLessThanOrEqual(9);
  });
});
