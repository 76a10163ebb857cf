import * as Plot from '@observablehq/plot';
import { formatNumber, formatPercent } from '../common/format.ts';
import { countBins, type Scale } from '../common/scale.ts';
import type { Terms } from '../data/terms.ts';
import type { TestRows } from '../data/threshold.ts';
import { amountAxis, type Chart, frame, shareAxis } from './chart.ts';

const BINS = 60;

/** The scores of the test rows, those of labelled anomalies apart. The line for a threshold is drawn over it. */
export function thresholdChart({ score, labelled }: TestRows, scale: Scale, terms: Terms): Chart {
  const groups = labelled
    ? [
        { name: `Normal ${terms.items}`, values: Float64Array.from(labelled.scores[0]) },
        { name: `Anomalous ${terms.items}`, values: Float64Array.from(labelled.scores[1]) },
      ]
    : [{ name: `Test ${terms.items}`, values: score }];
  const series = groups.map(({ name, values }, i) => ({
    name,
    colour: `var(--series-${i + 1})`,
    counts: [...countBins(values, scale, BINS)],
    total: values.length,
  }));
  const edge = (bin: number) => scale.fromShare(bin / BINS);
  return {
    title: 'Choose a threshold',
    explanation: `The scores of the test ${terms.items} on the map. Drag the line: everything to its right is flagged.${labelled ? ' The labels say what is right.' : ''}`,
    alternative: `Histogram of the scores of ${series.map(({ name, total }) => `${total} ${name.toLowerCase()}`).join(' and ')}, on a logarithmic axis from ${formatNumber(scale.low)} to ${formatNumber(scale.high)}.`,
    series: series.map(({ name, colour, total }) => ({ name: `${name} (${total})`, colour })),
    options: (width) => ({
      ...frame(width),
      // As tall as the figures beside it.
      ...(width > 560 && { height: labelled ? 470 : 330 }),
      x: { ...amountAxis(`score: ${terms.score} (log scale)`, width), domain: [scale.low, scale.high] },
      y: shareAxis('share of each group in a bin'),
      marks: [
        ...series.map(({ counts, total, colour }) =>
          Plot.rectY(
            counts.flatMap((count, bin) => (count > 0 ? [{ bin, share: count / total }] : [])),
            {
              x1: ({ bin }) => edge(bin),
              x2: ({ bin }) => edge(bin + 1),
              y: 'share',
              fill: colour,
              fillOpacity: 0.62,
              inset: 0.5,
              title: ({ bin, share }) =>
                `${formatNumber(edge(bin))} to ${formatNumber(edge(bin + 1))}: ${formatPercent(share)}`,
            },
          ),
        ),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['Score from', 'to', ...series.map(({ name }) => name)],
      rows: Array.from({ length: BINS }, (_, bin) => [
        edge(bin),
        edge(bin + 1),
        ...series.map(({ counts }) => counts[bin]!),
      ]),
    },
  };
}
