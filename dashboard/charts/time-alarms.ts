import * as Plot from '@observablehq/plot';
import { formatCount, formatLevel, formatNumber } from '../common/format.ts';
import { capitalise, type Terms } from '../data/terms.ts';
import { formatStart, type Timeline } from '../data/timeline.ts';
import { type Chart, frame } from './chart.ts';

/** The alarms a day over time, of the map's rows or of those of a file. Some period must have rows that count for alarms. */
export function timeAlarmsChart(
  timeline: Timeline,
  date: string,
  cutoff: number,
  terms: Terms,
  file?: string,
): Chart {
  const known = timeline.periods.filter(({ tested }) => tested > 0);
  const most = known.reduce((a, b) => (b.alarms > a.alarms ? b : a));
  const counted = file === undefined ? `test ${terms.samples}` : terms.samples;
  const when = `in periods of ${timeline.length}, by ${date}`;
  return {
    title: 'Alarms a day',
    explanation:
      file === undefined
        ? `How many of all ${terms.samples} would be flagged a day at the significance ${formatLevel(cutoff)}, ${when}: the share of the test ${terms.samples} that is flagged, times all ${terms.samples} of that time.`
        : `How many ${terms.samples} of ${file} are flagged a day, with a p-value up to ${formatLevel(cutoff)}, ${when}.`,
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
            `${formatStart(timeline, period)}: ${formatNumber(period.alarms)} a day; ${formatCount(period.flagged)} of ${formatCount(period.tested)} ${counted}`,
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['From', capitalise(counted), 'Flagged', 'Alarms a day'],
      rows: known.map((period) => [
        formatStart(timeline, period),
        period.tested,
        period.flagged,
        period.alarms,
      ]),
    },
  };
}
