import * as Plot from '@observablehq/plot';
import { formatCount, formatLevel, formatNumber } from '../common/format.ts';
import type { Terms } from '../data/terms.ts';
import type { Timeline } from '../data/timeline.ts';
import { type Chart, frame } from './chart.ts';

/** The alarms a day at a significance level, over time. */
export function timeAlarmsChart(
  { length, periods }: Timeline,
  date: string,
  significance: number,
  terms: Terms,
): Chart {
  const known = periods.filter(({ tested }) => tested > 0);
  const day = (time: Date) =>
    time.toISOString().slice(0, length === 'hour' || length === '6 hours' ? 16 : 10);
  const most = known.reduce(
    (a, b) => (b.alarms > a.alarms ? b : a),
    known[0] ?? { alarms: 0, start: new Date(0) },
  );
  return {
    title: 'Alarms a day',
    explanation: `How many of all ${terms.samples} would be flagged a day at the significance ${formatLevel(significance)}, by ${length} of ${date}: the share of the test ${terms.samples} that is flagged, times all ${terms.samples} of that time.`,
    alternative: `Bar chart over ${formatCount(known.length)} periods, with the most alarms in the one from ${day(most.start)}: ${formatNumber(most.alarms)} a day.`,
    series: [],
    options: (width) => ({
      ...frame(width),
      x: { type: 'utc', label: date, ticks: Math.max(2, Math.floor(width / 90)) },
      y: { label: 'alarms a day', grid: true, zero: true, ticks: 5 },
      marks: [
        Plot.rectY(known, {
          x1: 'start',
          x2: 'end',
          y: 'alarms',
          fill: 'var(--series-1)',
          insetLeft: 0.5,
          insetRight: 0.5,
          title: (period) =>
            `${day(period.start)}: ${formatNumber(period.alarms)} a day; ${formatCount(period.flagged)} of ${formatCount(period.tested)} test ${terms.samples}`,
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['From', 'Test rows', 'Flagged', 'Alarms a day'],
      rows: known.map(({ start, tested, flagged, alarms }) => [day(start), tested, flagged, alarms]),
    },
  };
}
