import * as Plot from '@observablehq/plot';
import type { Report } from '../../bundle/report.ts';
import { formatArea, formatNumber, formatPercent } from '../common/format.ts';
import type { Terms } from '../data/terms.ts';
import { type Chart, frame } from './chart.ts';

/** The scores of the test samples against those of one kind of outlier, with the threshold for a significance level. */
export function scoresChart({ detection }: Report, kind: string, significance: number, terms: Terms): Chart {
  const digits = terms.item === 'digit';
  const outliers = detection.outliers.find(({ name }) => name === kind)!;
  const { edges } = detection;
  const level = detection.calibration.reduce((a, b) =>
    Math.abs(Math.log(b.significance / significance)) < Math.abs(Math.log(a.significance / significance))
      ? b
      : a,
  );
  const [low, high] = [edges[0]!, edges.at(-1)!];
  const place = Math.log(level.threshold / low) / Math.log(high / low);
  const bins = detection.test_histogram.map((test, i) => ({
    low: edges[i]!,
    high: edges[i + 1]!,
    test,
    outlier: outliers.histogram[i]!,
  }));
  return {
    title: digits
      ? 'Scores of digits and of outliers'
      : `Scores of ordinary ${terms.samples} and of outliers`,
    explanation: digits
      ? 'The network has only learned to reconstruct digits, so anything off their manifold is reconstructed badly and scores high. Random images look like noise, never like a digit: digits fill a tiny, low-dimensional part of the space of all images.'
      : `The network has only learned to reconstruct ${terms.samples} like those it was trained on, so anything off their manifold is reconstructed badly and scores high.`,
    alternative: `Histogram of scores on a logarithmic axis: test ${terms.items} against ${outliers.description}; AUROC ${formatArea(outliers.auroc)}.`,
    series: [
      { name: `Test ${terms.items}`, colour: 'var(--series-1)' },
      { name: `${outliers.name}: ${outliers.description}`, colour: 'var(--series-2)' },
    ],
    options: (width) => ({
      ...frame(width),
      x: {
        label: `score: ${terms.score} (log scale)`,
        type: 'log',
        tickFormat: '~g',
        ticks: width < 480 ? 4 : 8,
      },
      y: {
        label: `share of ${terms.samples} in a bin`,
        grid: true,
        percent: true,
        nice: true,
        tickFormat: (value: number) => `${value}%`,
        ticks: 5,
      },
      marks: [
        ...(['test', 'outlier'] as const).map((column, i) =>
          Plot.rectY(
            bins.filter((bin) => bin[column] > 0),
            {
              x1: 'low',
              x2: 'high',
              y: column,
              fill: `var(--series-${i + 1})`,
              fillOpacity: 0.62,
              inset: 0.5,
              title: (bin) =>
                `${formatNumber(bin.low)} to ${formatNumber(bin.high)}: ${formatPercent(bin[column])}`,
            },
          ),
        ),
        Plot.ruleX([level.threshold], { stroke: 'var(--ink)', strokeDasharray: '4 3' }),
        Plot.text([level.threshold], {
          x: (threshold) => threshold,
          text: () => `flagged at ${level.significance} →`,
          frameAnchor: 'top',
          textAnchor: place < 0.7 ? 'start' : 'end',
          dx: place < 0.7 ? 5 : -5,
          // Above the frame, unless the name of the axis is there.
          dy: place < 0.45 ? 8 : -14,
          fill: 'var(--ink)',
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['Score from', 'to', `Test ${terms.items}`, outliers.name],
      rows: bins.map((bin) => [bin.low, bin.high, bin.test, bin.outlier]),
    },
  };
}
