import * as Plot from '@observablehq/plot';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { formatNumber } from '../common/format.ts';
import { type Chart, frame } from './chart.ts';

/** The KL divergence that t-SNE minimises, by iteration. */
export function divergenceChart(
  { map }: Report,
  { map: settings }: { map: Pick<Manifest['map'], 'perplexity'> },
): Chart {
  const rows = map.kl_divergence;
  const last = rows.at(-1)!;
  return {
    title: 'Convergence of the map',
    explanation: `t‑SNE moves the points until neighbours by code are neighbours on the map (perplexity ${[settings.perplexity].flat().join(' and ')}). The Kullback–Leibler divergence measures how far the map is from that. Attraction is exaggerated at first, so that clusters can pass each other. t‑SNE can get stuck in a local minimum and split a cluster, which happens less often with more data.`,
    alternative: `Line chart of the KL divergence by iteration, ending at ${formatNumber(last.value, 4)} after ${last.iteration} iterations.`,
    series: [],
    options: (width) => ({
      ...frame(width),
      x: { label: 'iteration', ticks: 6 },
      y: { label: 'KL divergence (nats)', grid: true, zero: true, ticks: 5 },
      marks: [
        Plot.line(rows, { x: 'iteration', y: 'value', stroke: 'var(--series-1)', strokeWidth: 2 }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
        Plot.tip(
          rows,
          Plot.pointerX({
            x: 'iteration',
            y: 'value',
            title: (row) => `iteration ${row.iteration}\n${formatNumber(row.value, 4)} nats`,
          }),
        ),
      ],
    }),
    table: {
      columns: ['Iteration', 'KL divergence (nats)'],
      rows: rows.map((row) => [row.iteration, row.value]),
    },
  };
}
