import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatCount, formatPercent } from '../common/format.ts';
import { type Chart, frame } from './chart.ts';

/** The share of digits that a randomly initialised map splits, by the number of points. */
export function splitsChart({ map }: Studies, classes: string[]): Chart {
  const rows = map.splits.map((row) => ({ ...row, name: formatCount(row.points) }));
  return {
    title: 'Split clusters',
    explanation:
      't‑SNE with random initialisation can get stuck in a local minimum: a digit’s cluster is then split into several large pieces with other digits in between. The chart shows the share of split digits on maps with more and more points.',
    alternative: `Bar chart: ${rows.map(({ name, split_share }) => `${formatPercent(split_share)} of the digits are split on maps of ${name} points`).join('; ')}.`,
    series: [],
    options: (width) => ({
      ...frame(width),
      x: { label: 'points on the map', domain: rows.map(({ name }) => name), padding: 0.4 },
      y: {
        label: 'split digits',
        domain: [0, 100],
        grid: true,
        percent: true,
        tickFormat: (value: number) => `${value}%`,
        ticks: 5,
      },
      marks: [
        Plot.barY(rows, {
          x: 'name',
          y: 'split_share',
          fill: 'var(--series-1)',
          ry2: 2,
          title: (row) => `${row.name} points, ${row.maps} maps: ${formatPercent(row.split_share)}`,
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['Points', 'Maps', 'Split', ...classes],
      rows: rows.map((row) => [row.points, row.maps, row.split_share, ...row.by_class]),
    },
  };
}
