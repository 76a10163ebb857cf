import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatCount, formatPercent } from '../common/format.ts';
import { type Chart, frame } from './chart.ts';

/** Where a map starts, and in which colour. */
const COLOURS = { PCA: 'var(--series-1)', random: 'var(--series-2)', spectral: 'var(--series-3)' } as const;

/** The share of digits that a map splits, by the number of points and by where it starts. */
export function splitsChart({ map }: Studies, classes: string[]): Chart {
  const rows = map.splits.map((row) => ({
    ...row,
    start: row.start ?? 'random',
    name: formatCount(row.points),
  }));
  const starts = [...new Set(rows.map(({ start }) => start))];
  const sizes = [...new Set(rows.map(({ name }) => name))];
  const describe = ({ name, start, split_share }: (typeof rows)[number]) =>
    `${formatPercent(split_share)} of the digits are split on maps of ${name} points${starts.length > 1 ? `, start: ${start}` : ''}`;
  return {
    title: 'Split clusters',
    explanation:
      't‑SNE can get stuck in a local minimum: a digit’s cluster is then split into several large pieces with other digits in between. The chart shows the share of split digits on maps with more and more points, by where the map starts: from principal components, at random, or from eigenvectors of its neighbour graph.',
    alternative: `Bar chart: ${rows.map(describe).join('; ')}.`,
    series: starts.length > 1 ? starts.map((start) => ({ name: start, colour: COLOURS[start] })) : [],
    options: (width) => ({
      ...frame(width),
      fx: { label: 'points on the map', domain: sizes, padding: 0.2 },
      x: { axis: null, domain: starts, padding: 0.1 },
      y: {
        label: 'split digits',
        domain: [0, 100],
        grid: true,
        percent: true,
        tickFormat: (value: number) => `${value}%`,
        ticks: 5,
      },
      marks: [
        Plot.axisFx({ anchor: 'bottom', label: 'points on the map' }),
        Plot.barY(rows, {
          fx: 'name',
          x: 'start',
          y: 'split_share',
          fill: ({ start }) => COLOURS[start as keyof typeof COLOURS],
          ry2: 2,
          title: (row) =>
            `${row.name} points, start: ${row.start}, ${row.maps} maps: ${formatPercent(row.split_share)}`,
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['Points', 'Start', 'Maps', 'Split', ...classes],
      rows: rows.map((row) => [row.points, row.start, row.maps, row.split_share, ...row.by_class]),
    },
  };
}
