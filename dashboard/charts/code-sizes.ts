import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatNumber } from '../common/format.ts';
import { type Chart, frame, logTicks } from './chart.ts';

/** Reconstruction error by the length of the code: autoencoder and PCA. */
export function codeSizesChart({ code_sizes: rows }: Studies): Chart {
  const best = rows.reduce((a, b) => (b.pca_mse / b.autoencoder_mse > a.pca_mse / a.autoencoder_mse ? b : a));
  const errors = rows.flatMap((row) => [row.autoencoder_mse, row.pca_mse]);
  return {
    title: 'Code size',
    explanation: `Reconstruction from shorter and shorter codes, by autoencoders trained for only a few epochs. ${best.autoencoder_mse < best.pca_mse ? `A curved surface needs fewer numbers than a flat plane: the autoencoder’s lead is largest with ${best.code} numbers.` : 'In this run, PCA reconstructs better with every length of the code.'}`,
    alternative: `Line chart of mean squared error by code length, both axes logarithmic. ${rows.map((row) => `${row.code}: autoencoder ${formatNumber(row.autoencoder_mse, 2)}, PCA ${formatNumber(row.pca_mse, 2)}`).join('; ')}.`,
    series: [
      { name: 'Autoencoder', colour: 'var(--series-1)' },
      { name: 'PCA', colour: 'var(--series-2)' },
    ],
    options: (width) => ({
      ...frame(width),
      x: {
        label: 'numbers in the code (log scale)',
        type: 'log',
        base: 2,
        ticks: rows.map(({ code }) => code),
        tickFormat: String,
      },
      y: {
        label: 'mean squared error per pixel (log scale)',
        type: 'log',
        grid: true,
        tickFormat: '~g',
        ticks: logTicks(Math.min(...errors), Math.max(...errors), [1, 2, 5]),
      },
      marks: (['autoencoder_mse', 'pca_mse'] as const).flatMap((y, i) => [
        Plot.line(rows, { x: 'code', y, stroke: `var(--series-${i + 1})`, strokeWidth: 2 }),
        Plot.dot(rows, {
          x: 'code',
          y,
          fill: `var(--series-${i + 1})`,
          r: 4,
          title: (row) => `${i === 0 ? 'Autoencoder' : 'PCA'}, ${row.code}: ${formatNumber(row[y])}`,
        }),
      ]),
    }),
    table: {
      columns: ['Numbers', 'Autoencoder', 'PCA'],
      rows: rows.map((row) => [row.code, row.autoencoder_mse, row.pca_mse]),
    },
  };
}
