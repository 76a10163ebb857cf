import * as Plot from '@observablehq/plot';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { type Chart, frame } from './chart.ts';

/** The KL divergence that t-SNE makes small, by iteration. */
export function divergenceChart({ map }: Report, { map: settings }: Manifest): Chart {
  const rows = map.kl_divergence;
  const last = rows.at(-1)!;
  return {
    title: 'How the map settles',
    explanation: `t‑SNE moves the points until neighbours by code are neighbours on the map (perplexity ${settings.perplexity}), and the Kullback–Leibler divergence measures what is still torn apart; attraction is exaggerated at first, so that clusters can pass each other. It may still get stuck and split a cluster, which more data cures.`,
    alternative: `Line chart of the KL divergence by iteration, ending at ${last.value.toPrecision(4)} after ${last.iteration} iterations.`,
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
            title: (row) => `iteration ${row.iteration}\n${row.value.toPrecision(4)} nats`,
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
