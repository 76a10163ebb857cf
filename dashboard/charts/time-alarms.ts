import * as Plot from '@observablehq/plot';
import { formatCount, formatLevel, formatNumber } from '../common/format.ts';
import type { Terms } from '../data/terms.ts';
import { formatStart, type Timeline } from '../data/timeline.ts';
import { type Chart, frame } from './chart.ts';

/** The alarms a day at a significance level, over time. Some period must have test rows. */
export function timeAlarmsChart(timeline: Timeline, date: string, significance: number, terms: Terms): Chart {
  const known = timeline.periods.filter(({ tested }) => tested > 0);
  const most = known.reduce((a, b) => (b.alarms > a.alarms ? b : a));
  return {
    title: 'Alarms a day',
    explanation: `How many of all ${terms.samples} would be flagged a day at the significance ${formatLevel(significance)}, in periods of ${timeline.length}, by ${date}: the share of the test ${terms.samples} that is flagged, times all ${terms.samples} of that time.`,
    alternative: `Bar chart over ${formatCount(known.length)} periods, with the most alarms in the one from ${formatStart(timeline, most)}: ${formatNumber(most.alarms)} a day.`,
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
            `${formatStart(timeline, period)}: ${formatNumber(period.alarms)} a day; ${formatCount(period.flagged)} of ${formatCount(period.tested)} test ${terms.samples}`,
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['From', 'Test rows', 'Flagged', 'Alarms a day'],
      rows: known.map((period) => [
        formatStart(timeline, period),
        period.tested,
        period.flagged,
        period.alarms,
      ]),
    },
  };
}
