import * as Plot from '@observablehq/plot';
import type { Report } from '../../bundle/report.ts';
import { formatNumber } from '../common/format.ts';
import { capitalise, type Terms } from '../data/terms.ts';
import { type Chart, frame } from './chart.ts';

/** The reconstruction error for each class, by the autoencoder and by PCA. */
export function reconstructionChart({ reconstruction }: Report, terms: Terms): Chart {
  const label = terms.label.toLowerCase();
  const { pca, per_class: classes } = reconstruction;
  const rows = classes.flatMap(({ label, autoencoder_mse, pca_mse }) => [
    { label, method: 'Autoencoder', mse: autoencoder_mse },
    { label, method: 'PCA', mse: pca_mse },
  ]);
  const worst = classes.reduce((a, b) => (b.autoencoder_mse > a.autoencoder_mse ? b : a));
  const best = classes.reduce((a, b) => (b.autoencoder_mse < a.autoencoder_mse ? b : a));
  return {
    title: `Reconstruction error by ${label}`,
    explanation: `Both methods compress ${terms.aSample} to ${pca.components} numbers and reconstruct it. PCA can only fit a flat plane to the data; the autoencoder can fit a curved surface, and may follow the manifold of ${terms.items} more closely.`,
    alternative: `Bar chart of mean squared error for each ${label}. The autoencoder's error is smallest for ${best.label} (${formatNumber(best.autoencoder_mse)}) and largest for ${worst.label} (${formatNumber(worst.autoencoder_mse)}); PCA's overall is ${formatNumber(pca.test_mse)}.`,
    series: [
      { name: `Autoencoder, ${pca.components} numbers`, colour: 'var(--series-1)' },
      { name: `PCA, ${pca.components} components`, colour: 'var(--series-2)' },
    ],
    options: (width) => ({
      ...frame(width),
      x: { axis: null, domain: ['Autoencoder', 'PCA'], padding: 0.08 },
      fx: { label, padding: 0.22 },
      y: { label: `mean squared error per ${terms.feature}`, grid: true, nice: true, ticks: 5 },
      marks: [
        Plot.barY(rows, {
          fx: 'label',
          x: 'method',
          y: 'mse',
          fill: (row) => (row.method === 'PCA' ? 'var(--series-2)' : 'var(--series-1)'),
          title: (row) => `${row.method}, ${label} ${row.label}: ${formatNumber(row.mse)}`,
          ry2: 2,
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: [terms.label, capitalise(terms.samples), 'Autoencoder', 'PCA'],
      rows: classes.map((row) => [row.label, row.count, row.autoencoder_mse, row.pca_mse]),
    },
  };
}
