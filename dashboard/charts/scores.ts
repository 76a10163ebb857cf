import * as Plot from '@observablehq/plot';
import { type Evidence, listEvidence } from '../../bundle/evidence.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { formatArea, formatNumber, formatPercent } from '../common/format.ts';
import { capitalise, type Terms } from '../data/terms.ts';
import { amountAxis, type Chart, frame, shareAxis } from './chart.ts';

/** Why an outlier scores high, which depends on what the detectors look at. */
function explainScore(evidence: ReadonlySet<Evidence>, { items, samples, aSample }: Terms): string {
  const reasons = [
    ...(evidence.has('error')
      ? [
          `it is reconstructed badly, because the network has only learned to reconstruct ${items} like those it was trained on`,
        ]
      : []),
    ...(evidence.has('code') ? [`its code lies where few codes of training ${samples} do`] : []),
    ...(evidence.has('sample') ? [`its values are unlike those of training ${samples}`] : []),
  ];
  const alone =
    evidence.has('error') || evidence.has('code') ? '' : ' The autoencoder has no part in this score.';
  return `${capitalise(aSample)} off the manifold scores high if ${reasons.join(', or ')}.${alone}`;
}

/** The scores of the test samples against those of one kind of outlier, with the threshold for a significance level. */
export function scoresChart(
  { detection }: Report,
  { scorer }: { scorer: Pick<Manifest['scorer'], 'detectors'> },
  kind: string,
  significance: number,
  terms: Terms,
): Chart {
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
    explanation: `${explainScore(listEvidence(scorer.detectors), terms)}${digits ? ' Random images look like noise, never like a digit: digits fill a tiny, low-dimensional part of the space of all images.' : ''}`,
    alternative: `Histogram of scores on a logarithmic axis: test ${terms.items} against ${outliers.description}; AUROC ${formatArea(outliers.auroc)}.`,
    series: [
      { name: `Test ${terms.items}`, colour: 'var(--series-1)' },
      { name: `${outliers.name}: ${outliers.description}`, colour: 'var(--series-2)' },
    ],
    options: (width) => ({
      ...frame(width),
      x: amountAxis(`score: ${terms.score} (log scale)`, width),
      y: shareAxis(`share of ${terms.samples} in a bin`),
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
