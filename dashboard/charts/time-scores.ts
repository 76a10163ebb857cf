import * as Plot from '@observablehq/plot';
import { formatCount, formatNumber } from '../common/format.ts';
import type { Terms } from '../data/terms.ts';
import { formatStart, type Timeline } from '../data/timeline.ts';
import { type Chart, frame } from './chart.ts';

/** The median and the 95% quantile of the scores over time, of the map's rows or of those of a file. */
export function timeScoresChart(timeline: Timeline, date: string, terms: Terms, file?: string): Chart {
  const { length, periods } = timeline;
  const highest = periods.reduce((a, b) => (b.high > a.high ? b : a));
  return {
    title: 'Scores over time',
    explanation: `The scores of the ${terms.samples} ${file === undefined ? 'on the map' : `of ${file}`}, in periods of ${length}, by ${date}. If the median moves, the data have changed; if only the upper line does, there are more anomalies.${file === undefined ? ` Training saw most of these ${terms.samples}.` : ''}`,
    alternative: `Line chart over ${formatCount(periods.length)} periods. The 95% quantile is highest in the one from ${formatStart(timeline, highest)}: ${formatNumber(highest.high)} nats, where the median is ${formatNumber(highest.median)}.`,
    series: [
      { name: '95% of the scores are below', colour: 'var(--series-2)' },
      { name: 'median', colour: 'var(--series-1)' },
    ],
    options: (width) => ({
      ...frame(width),
      x: { type: 'utc', label: date, ticks: Math.max(2, Math.floor(width / 90)) },
      y: { label: 'score, in nats', grid: true, zero: true, ticks: 5 },
      marks: [
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
        Plot.lineY(periods, { x: 'start', y: 'high', stroke: 'var(--series-2)', strokeWidth: 2 }),
        Plot.lineY(periods, { x: 'start', y: 'median', stroke: 'var(--series-1)', strokeWidth: 2 }),
        Plot.dot(periods, {
          x: 'start',
          y: 'high',
          r: 2.5,
          fill: 'var(--series-2)',
          title: (period) => `${formatStart(timeline, period)}: 95% below ${formatNumber(period.high)}`,
        }),
        Plot.dot(periods, {
          x: 'start',
          y: 'median',
          r: 2.5,
          fill: 'var(--series-1)',
          title: (period) => `${formatStart(timeline, period)}: median ${formatNumber(period.median)}`,
        }),
      ],
    }),
    table: {
      columns: ['From', 'Rows', 'Median', '95% below'],
      rows: periods.map((period) => [formatStart(timeline, period), period.rows, period.median, period.high]),
    },
  };
}
