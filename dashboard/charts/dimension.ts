import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatNumber } from '../common/format.ts';
import { type Chart, frame } from './chart.ts';

/** The intrinsic dimension of digits, codes and noise, by two estimators. */
export function dimensionChart({ dimension }: Studies): Chart {
  const rows = dimension.flatMap(({ data, ambient, two_nn, maximum_likelihood }) => [
    { data, ambient, estimator: 'TwoNN', value: two_nn },
    { data, ambient, estimator: 'maximum likelihood', value: maximum_likelihood },
  ]);
  const find = (data: string) => dimension.find((row) => row.data === data);
  const [digits, noise] = [
    find('digits, pixels') ?? dimension[0]!,
    find('noise, pixels') ?? dimension.at(-1)!,
  ];
  return {
    title: 'Intrinsic dimension',
    explanation: `An image has ${digits.ambient} pixels, yet two estimators that only use distances between neighbours find that digits vary along about ${formatNumber(digits.two_nn, 2)} dimensions. ${noise.two_nn > 1.5 * digits.two_nn ? 'For noise they find many more, up to the limit that the number of points sets.' : `For noise they find ${formatNumber(noise.two_nn, 2)}: with so few points, that is hardly more.`}`,
    alternative: `Dot plot of intrinsic dimensions on a logarithmic axis: digits ${formatNumber(digits.two_nn)} (TwoNN) and ${formatNumber(digits.maximum_likelihood)} (maximum likelihood), noise ${formatNumber(noise.two_nn)} and ${formatNumber(noise.maximum_likelihood)}.`,
    series: [
      { name: 'TwoNN (Facco et al. 2017)', colour: 'var(--series-1)' },
      { name: 'Maximum likelihood (Levina & Bickel 2004)', colour: 'var(--series-2)' },
    ],
    options: (width) => ({
      ...frame(width),
      height: Math.max(300, 22 * dimension.length + 64),
      marginLeft: 104,
      x: {
        label: 'intrinsic dimension (log scale)',
        type: 'log',
        grid: true,
        tickFormat: '~g',
        ticks: 5,
        inset: 8,
      },
      y: { label: null, domain: dimension.map(({ data }) => data) },
      marks: [
        Plot.ruleY(
          dimension.map(({ data }) => data),
          { stroke: 'var(--line)' },
        ),
        Plot.dot(rows, {
          x: 'value',
          y: 'data',
          fill: (row) => (row.estimator === 'TwoNN' ? 'var(--series-1)' : 'var(--series-2)'),
          r: 5,
          title: (row) =>
            `${row.data}, ${row.ambient} numbers: ${formatNumber(row.value)} by ${row.estimator}`,
        }),
      ],
    }),
    table: {
      columns: ['Data', 'Points', 'Numbers', 'TwoNN', 'Maximum likelihood'],
      rows: dimension.map((row) => [row.data, row.points, row.ambient, row.two_nn, row.maximum_likelihood]),
    },
  };
}
