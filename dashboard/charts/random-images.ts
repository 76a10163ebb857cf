import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatCount, formatNumber } from '../common/format.ts';
import { type Chart, frame } from './chart.ts';

/** What is measured of random images. */
export const MEASURES = ['distance', 'error'] as const;

const WORDS = {
  distance: { name: 'Distance', axis: 'distance to the nearest training digit (log scale)' },
  error: { name: 'Reconstruction', axis: 'mean squared error of the reconstruction per pixel (log scale)' },
} as const;

export const measureName = (measure: (typeof MEASURES)[number]): string => WORDS[measure].name;

/** Where random images are: far from every digit, and beyond what the autoencoder can say. */
export function randomImagesChart({ random_images }: Studies, measure: (typeof MEASURES)[number]): Chart {
  const { kinds } = random_images;
  const edges = random_images[`${measure}_edges`];
  const bins = kinds.flatMap((kind, k) =>
    kind[`${measure}_histogram`].map((share, i) => ({
      name: kind.name,
      colour: `var(--series-${(k % 4) + 1})`,
      low: edges[i]!,
      high: edges[i + 1]!,
      share,
    })),
  );
  return {
    title: 'Random images look like noise',
    explanation: `${formatCount(kinds[0]!.count)} images of each kind. However many are drawn at random, none comes near a digit, not even if every pixel has the values that it has in digits: what makes a digit is how pixels hang together, and that fills a tiny part of the space.`,
    alternative: `Histograms on a logarithmic axis. Means: ${kinds.map((kind) => `${kind.name} ${formatNumber(kind[measure])}`).join('; ')}.`,
    series: kinds.map(({ name, description }, k) => ({
      name: `${name}: ${description}`,
      colour: `var(--series-${(k % 4) + 1})`,
    })),
    options: (width) => ({
      ...frame(width),
      x: { label: WORDS[measure].axis, type: 'log', tickFormat: '~g', ticks: width < 480 ? 4 : 8 },
      y: {
        label: 'share of images in a bin',
        grid: true,
        percent: true,
        nice: true,
        tickFormat: (value: number) => `${value}%`,
        ticks: 5,
      },
      marks: [
        Plot.rectY(
          bins.filter(({ share }) => share > 0),
          {
            x1: 'low',
            x2: 'high',
            y: 'share',
            fill: 'colour',
            fillOpacity: 0.62,
            inset: 0.5,
            title: (bin) =>
              `${bin.name}, ${formatNumber(bin.low)} to ${formatNumber(bin.high)}: ${(100 * bin.share).toPrecision(3)}%`,
          },
        ),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['Images', 'Number', 'Distance to a digit', 'Reconstruction error'],
      rows: kinds.map(({ name, count, distance, error }) => [name, count, distance, error]),
    },
  };
}
