import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatNumber, formatPercent } from '../common/format.ts';
import { type Chart, frame } from './chart.ts';

type Inputs = NonNullable<Studies['map']['inputs']>;

const COLOURS = { pixels: 'var(--series-1)', PCA: 'var(--series-2)', code: 'var(--series-3)' } as const;

/** The measures that are shares; the others are in the table. */
const SHARES = [
  { key: 'knn_accuracy', name: 'accuracy' },
  { key: 'trustworthiness', name: 'trustworthiness' },
  { key: 'continuity', name: 'continuity' },
  { key: 'kept_10', name: '10 nearest kept' },
  { key: 'kept_100', name: '100 nearest kept' },
  { key: 'distance_correlation', name: 'distances' },
] as const;

/** How good a map is that t-SNE makes of pixels, of principal components, and of codes. */
export function mapInputsChart(inputs: Inputs, classes: string[]): Chart {
  const named = inputs.map((row) => ({
    ...row,
    view: row.features === 'pixels' ? 'pixels' : `${row.features}-${row.dims}`,
  }));
  const dots = named.flatMap((row) =>
    SHARES.flatMap(({ key, name }) => {
      const value = row[key];
      return value === null ? [] : [{ name, value, view: row.view, colour: COLOURS[row.features] }];
    }),
  );
  const measures = SHARES.map(({ name }) => name).filter((name) => dots.some((dot) => dot.name === name));
  return {
    title: 'What a map is made from',
    explanation:
      'Maps of the test digits from their pixels, from principal components, and from their codes, each compared with what it was made from. Accuracy is how often the 10 nearest on the map vote for a digit’s class; distances are compared by rank, which t‑SNE does not try to keep.',
    alternative: `Dot plot: ${named.map(({ view, knn_accuracy, trustworthiness }) => `${view}: accuracy ${formatPercent(knn_accuracy)}, trustworthiness ${formatNumber(trustworthiness)}`).join('; ')}.`,
    series: named.map(({ view, features }) => ({ name: view, colour: COLOURS[features] })),
    options: (width) => ({
      ...frame(width),
      marginLeft: 124,
      x: {
        label: 'share, or correlation',
        domain: [Math.min(0, ...dots.map(({ value }) => value)), 1],
        grid: true,
        ticks: 5,
        inset: 8,
      },
      y: { label: null, domain: measures, padding: 0.5 },
      marks: [
        Plot.ruleY(measures, { stroke: 'var(--line)' }),
        Plot.dot(dots, {
          x: 'value',
          y: 'name',
          fill: 'colour',
          r: 6,
          stroke: 'var(--surface)',
          strokeWidth: 1.5,
          title: (dot) => `${dot.view}, ${dot.name}: ${formatNumber(dot.value)}`,
        }),
      ],
    }),
    table: {
      columns: [
        'Made from',
        'KL divergence',
        'Trustworthiness',
        'Continuity',
        '10 nearest kept',
        '100 nearest kept',
        'Distances',
        'Accuracy',
        'Accuracy of the input',
        'Torn digits',
      ],
      rows: named.map((row) => [
        row.view,
        row.kl_divergence,
        row.trustworthiness,
        row.continuity,
        row.kept_10,
        row.kept_100 ?? '',
        row.distance_correlation,
        row.knn_accuracy,
        row.input_knn_accuracy,
        row.torn.map((digit) => classes[digit]!).join(', ') || 'none',
      ]),
    },
  };
}
