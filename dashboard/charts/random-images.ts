import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatCount, formatNumber, formatPercent } from '../common/format.ts';
import { amountAxis, type Chart, frame, shareAxis } from './chart.ts';

/** What is measured for random images. */
export const MEASURES = ['distance', 'error'] as const;

const LABELS = {
  distance: { name: 'Distance', axis: 'distance to the nearest training digit (log scale)' },
  error: { name: 'Reconstruction', axis: 'mean squared error of the reconstruction per pixel (log scale)' },
} as const;

export const measureName = (measure: (typeof MEASURES)[number]): string => LABELS[measure].name;

/** Random images are apart from digits if they are, on average, farther away by this factor. */
const FAR = 1.2;

/** Histograms for random images: the distance to the nearest digit, or the reconstruction error. */
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
  const [own, ...others] = kinds;
  const apart = others.every((kind) => kind[measure] > FAR * own![measure]);
  return {
    title: 'Digits and random images',
    explanation: `${formatCount(kinds[0]!.count)} images of each kind. ${apart ? 'Random images look like noise and never come close to a digit, even with each pixel drawn from its values in digits: a digit is made by how its pixels depend on each other, and digits fill a tiny part of the space of images.' : 'This run does not tell digits and all kinds of random images clearly apart.'}`,
    alternative: `Histograms on a logarithmic axis. Means: ${kinds.map((kind) => `${kind.name} ${formatNumber(kind[measure])}`).join('; ')}.`,
    series: kinds.map(({ name, description }, k) => ({
      name: `${name}: ${description}`,
      colour: `var(--series-${(k % 4) + 1})`,
    })),
    options: (width) => ({
      ...frame(width),
      x: amountAxis(LABELS[measure].axis, width),
      y: shareAxis('share of images in a bin'),
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
              `${bin.name}, ${formatNumber(bin.low)} to ${formatNumber(bin.high)}: ${formatPercent(bin.share)}`,
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
