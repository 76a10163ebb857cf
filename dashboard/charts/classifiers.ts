import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatPercent, roundTo } from '../common/format.ts';
import { type Chart, frame } from './chart.ts';

type Classifier = Studies['classifiers'][number];

/** The features that a classifier uses: `pixels`, `PCA-64`, `code-64`. */
export const viewOf = ({ features, dims }: Classifier): string =>
  features === 'pixels' ? features : `${features}-${dims}`;

const COLOURS: Record<Classifier['features'], string> = {
  pixels: 'var(--series-1)',
  PCA: 'var(--series-2)',
  code: 'var(--series-3)',
};

/** The share of test digits that each classifier gets wrong. */
export function classifiersChart({ classifiers, seconds, settings }: Studies): Chart {
  const rows = classifiers.map((row) => ({ ...row, view: viewOf(row), error: 1 - row.accuracy }));
  const best = rows.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  const methods = [...new Set(rows.map(({ method }) => method))];
  const views = [...new Map(rows.map((row) => [row.view, COLOURS[row.features]]))];
  return {
    title: 'Classifying the digits',
    explanation:
      'Each method is trained on the labelled training digits and tested on the test digits. The code was learned without labels; a classifier that is as accurate on it as on pixels shows that the code keeps what distinguishes the digits.',
    alternative: `Dot plot of test errors on a logarithmic axis. The best is the ${best.method} on ${best.view}, which gets ${formatPercent(best.error)} wrong.`,
    series: views.map(([name, colour]) => ({ name, colour })),
    options: (width) => ({
      ...frame(width),
      marginLeft: width < 480 ? 112 : 156,
      x: {
        label: 'test error (log scale)',
        type: 'log',
        grid: true,
        tickFormat: (value: number) => formatPercent(value),
        ticks: 5,
        inset: 8,
      },
      y: {
        label: null,
        domain: methods,
        padding: 0.5,
        tickFormat: (name: string) => (width < 480 ? name.replace('multilayer ', '') : name),
      },
      marks: [
        Plot.ruleY(methods, { stroke: 'var(--line)' }),
        Plot.dot(rows, {
          x: (row) => Math.max(row.error, 1 / (2 * settings.test)),
          y: 'method',
          fill: (row) => COLOURS[row.features as Classifier['features']],
          r: 6,
          stroke: 'var(--surface)',
          strokeWidth: 1.5,
          title: (row) => `${row.method} on ${row.view}: ${formatPercent(row.error)} wrong`,
        }),
      ],
    }),
    table: {
      columns: [
        'Classifier',
        'Features',
        'Accuracy',
        'Parameters',
        'MB',
        'Seconds to fit',
        'Seconds to predict',
      ],
      rows: rows.map((row, i) => [
        row.method,
        row.view,
        row.accuracy,
        row.parameters,
        roundTo(row.bytes / 1e6, 3),
        seconds.classifiers[i]!.fit,
        seconds.classifiers[i]!.predict,
      ]),
    },
  };
}
