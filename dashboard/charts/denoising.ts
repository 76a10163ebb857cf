import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { readableName } from '../data/terms.ts';
import { type Chart, frame } from './chart.ts';

const BARS = ['Noisy', 'Autoencoder', 'PCA'] as const;
const COLOURS = { Noisy: 'var(--line-strong)', Autoencoder: 'var(--series-1)', PCA: 'var(--series-2)' };

/** A corruption without its level, for narrow charts. */
const abbreviate = (name: string) => name.replace(/ [\d.]+$/, '').replace(' and ', ', ');

/** Peak signal-to-noise ratio before and after, by corruption. */
export function denoisingChart({ denoising }: Studies): Chart {
  const rows = denoising.flatMap(({ corruption, level, psnr_noisy, psnr, pca }) =>
    [psnr_noisy, psnr, pca.psnr].map((value, i) => ({
      name: `${readableName(corruption)} ${level}`,
      bar: BARS[i]!,
      value,
    })),
  );
  const leads = denoising.every(({ psnr, pca }) => psnr > pca.psnr);
  return {
    title: 'Denoising',
    explanation: `An autoencoder trained to reconstruct the clean digit from a corrupted one learns to project what is off the manifold back onto it. PCA, here with its best number of components, can only drop directions. ${leads ? 'So the autoencoder comes closer to the clean digit.' : 'In this run, PCA does as well or better for some noise.'}`,
    alternative: `Bar chart of peak signal-to-noise ratios. ${denoising.map((row) => `${readableName(row.corruption)}: ${row.psnr_noisy.toFixed(1)} dB noisy, ${row.psnr.toFixed(1)} dB by the autoencoder, ${row.pca.psnr.toFixed(1)} dB by PCA`).join('; ')}.`,
    series: BARS.map((name) => ({ name, colour: COLOURS[name] })),
    options: (width) => ({
      ...frame(width),
      x: { axis: null, domain: BARS, padding: 0.08 },
      fx: {
        label: null,
        padding: 0.22,
        tickFormat: (name: string) => (width < 480 ? abbreviate(name) : name),
      },
      y: { label: 'peak signal-to-noise ratio (dB)', grid: true, nice: true, ticks: 5 },
      marks: [
        Plot.barY(rows, {
          fx: 'name',
          x: 'bar',
          y: 'value',
          fill: (row) => COLOURS[row.bar as (typeof BARS)[number]],
          title: (row) => `${row.name}, ${row.bar}: ${row.value.toFixed(2)} dB`,
          ry2: 2,
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['Corruption', 'Level', 'Noisy (dB)', 'Autoencoder (dB)', 'PCA (dB)', 'Components'],
      rows: denoising.map(({ corruption, level, psnr_noisy, psnr, pca }) => [
        readableName(corruption),
        level,
        psnr_noisy,
        psnr,
        pca.psnr,
        pca.components,
      ]),
    },
  };
}
