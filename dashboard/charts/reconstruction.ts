import * as Plot from '@observablehq/plot';
import type { Report } from '../../bundle/report.ts';
import { capital, type Words } from '../data/words.ts';
import { type Chart, frame } from './chart.ts';

/** Reconstruction error of each class, autoencoder beside PCA. */
export function reconstructionChart({ reconstruction }: Report, words: Words): Chart {
  const label = words.label.toLowerCase();
  const { pca, per_class: classes } = reconstruction;
  const rows = classes.flatMap(({ label, autoencoder_mse, pca_mse }) => [
    { label, method: 'Autoencoder', mse: autoencoder_mse },
    { label, method: 'PCA', mse: pca_mse },
  ]);
  const worst = classes.reduce((a, b) => (b.autoencoder_mse > a.autoencoder_mse ? b : a));
  const best = classes.reduce((a, b) => (b.autoencoder_mse < a.autoencoder_mse ? b : a));
  return {
    title: `Reconstruction error by ${label}`,
    explanation: `Both methods squeeze ${words.sample === 'image' ? 'an image' : 'a row'} into ${pca.components} numbers and rebuild it. PCA may only lay a flat plane through the data; the autoencoder bends, and may follow the manifold of ${words.many} more closely.`,
    alternative: `Bar chart of mean squared error for each ${label}. The autoencoder's error is smallest for ${best.label} (${best.autoencoder_mse.toPrecision(3)}) and largest for ${worst.label} (${worst.autoencoder_mse.toPrecision(3)}); PCA's overall is ${pca.test_mse.toPrecision(3)}.`,
    series: [
      { name: `Autoencoder, ${pca.components} numbers`, colour: 'var(--series-1)' },
      { name: `PCA, ${pca.components} components`, colour: 'var(--series-2)' },
    ],
    options: (width) => ({
      ...frame(width),
      x: { axis: null, domain: ['Autoencoder', 'PCA'], padding: 0.08 },
      fx: { label, padding: 0.22 },
      y: { label: `mean squared error per ${words.feature}`, grid: true, nice: true, ticks: 5 },
      marks: [
        Plot.barY(rows, {
          fx: 'label',
          x: 'method',
          y: 'mse',
          fill: (row) => (row.method === 'PCA' ? 'var(--series-2)' : 'var(--series-1)'),
          title: (row) => `${row.method}, ${label} ${row.label}: ${row.mse.toPrecision(3)}`,
          ry2: 2,
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: [words.label, capital(words.samples), 'Autoencoder', 'PCA'],
      rows: classes.map((row) => [row.label, row.count, row.autoencoder_mse, row.pca_mse]),
    },
  };
}
