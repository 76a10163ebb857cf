import * as Plot from '@observablehq/plot';
import type { Report } from '../../bundle/report.ts';
import { type Chart, frame } from './chart.ts';

/** Reconstruction error of each class, autoencoder beside PCA. */
export function reconstructionChart({ reconstruction }: Report): Chart {
  const { pca, per_class: classes } = reconstruction;
  const rows = classes.flatMap(({ label, autoencoder_mse, pca_mse }) => [
    { label, method: 'Autoencoder', mse: autoencoder_mse },
    { label, method: 'PCA', mse: pca_mse },
  ]);
  const worst = classes.reduce((a, b) => (b.autoencoder_mse > a.autoencoder_mse ? b : a));
  const best = classes.reduce((a, b) => (b.autoencoder_mse < a.autoencoder_mse ? b : a));
  return {
    title: 'Reconstruction error by digit',
    explanation: `Both methods squeeze an image into ${pca.components} numbers and rebuild it. PCA may only lay a flat plane through the data; the autoencoder bends, follows the manifold of digits more closely, and loses less of every one.`,
    alternative: `Bar chart of mean squared error for each digit. The autoencoder's error is smallest for ${best.label} (${best.autoencoder_mse.toPrecision(3)}) and largest for ${worst.label} (${worst.autoencoder_mse.toPrecision(3)}); PCA's overall is ${pca.test_mse.toPrecision(3)}.`,
    series: [
      { name: `Autoencoder, ${pca.components} numbers`, colour: 'var(--series-1)' },
      { name: `PCA, ${pca.components} components`, colour: 'var(--series-2)' },
    ],
    options: (width) => ({
      ...frame(width),
      x: { axis: null, domain: ['Autoencoder', 'PCA'], padding: 0.08 },
      fx: { label: 'digit', padding: 0.22 },
      y: { label: 'mean squared error per pixel', grid: true, nice: true, ticks: 5 },
      marks: [
        Plot.barY(rows, {
          fx: 'label',
          x: 'method',
          y: 'mse',
          fill: (row) => (row.method === 'PCA' ? 'var(--series-2)' : 'var(--series-1)'),
          title: (row) => `${row.method}, digit ${row.label}: ${row.mse.toPrecision(3)}`,
          ry2: 2,
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['Digit', 'Images', 'Autoencoder', 'PCA'],
      rows: classes.map((row) => [row.label, row.count, row.autoencoder_mse, row.pca_mse]),
    },
  };
}
