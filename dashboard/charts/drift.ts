import * as Plot from '@observablehq/plot';
import { formatCount, formatNumber } from '../common/format.ts';
import type { Drift } from '../data/drift.ts';
import { type Chart, frame } from './chart.ts';

/** Columns in the drawing; the table has all. */
const MOST = 10;
const ROW = 26;

/** The columns whose distribution moved from the earlier half of the rows to the later one. */
export function driftChart(drifts: readonly Drift[], date: string): Chart {
  const moved = drifts.filter(({ distance, chance }) => distance > chance);
  const drawn = drifts.slice(0, MOST);
  const [most] = moved;
  const say = ({ name, category, earlier, later }: Drift) =>
    `${name}${category === undefined ? ' (median)' : `: ${category}`} from ${earlier} to ${later}`;
  return {
    title: 'Columns that move',
    explanation: `How far apart the distributions of each column are in the earlier and the later half of the rows, by ${date}: 0 for the same, 1 for no value in common. Independent rows differ by up to the mark. ${most ? `The largest move is ${say(most)}.` : 'No column moves further than that.'}`,
    alternative: `Bar chart of ${formatCount(drawn.length)} columns; ${formatCount(moved.length)} of ${formatCount(drifts.length)} move further than chance. ${drawn.map(({ name, distance }) => `${name}: ${formatNumber(distance, 2)}`).join('; ')}.`,
    series: [
      { name: 'moves', colour: 'var(--series-2)' },
      { name: 'within chance', colour: 'var(--line-strong)' },
    ],
    options: (width) => ({
      ...frame(width),
      height: Math.max(230, 70 + ROW * drawn.length),
      marginLeft: Math.min(160, 0.3 * width),
      x: {
        label: 'distance',
        grid: true,
        domain: [0, Math.max(0.1, ...drawn.map(({ distance, chance }) => Math.max(distance, chance)))],
        ticks: 5,
      },
      y: {
        label: null,
        domain: drawn.map(({ name }) => name),
        tickFormat: (name: string) => (name.length > 20 ? `${name.slice(0, 19)}…` : name),
      },
      marks: [
        Plot.barX(drawn, {
          x: 'distance',
          y: 'name',
          fill: ({ distance, chance }) => (distance > chance ? 'var(--series-2)' : 'var(--line-strong)'),
          insetTop: 3,
          insetBottom: 3,
          title: (drift) => `${say(drift)}; distance ${formatNumber(drift.distance, 2)}`,
        }),
        Plot.tickX(drawn, { x: 'chance', y: 'name', stroke: 'var(--ink)', strokeWidth: 2 }),
        Plot.ruleX([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['Column', 'Of', 'Earlier', 'Later', 'Distance', 'By chance'],
      rows: drifts.map(({ name, category, earlier, later, distance, chance }) => [
        name,
        category ?? 'median',
        earlier,
        later,
        distance,
        chance,
      ]),
    },
  };
}
