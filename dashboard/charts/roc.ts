import * as Plot from '@observablehq/plot';
import type { Report } from '../../bundle/report.ts';
import { formatArea } from '../common/format.ts';
import { capitalise, type Terms } from '../data/terms.ts';
import { type Chart, frame } from './chart.ts';

/** The score's ROC curve for each kind of outlier. */
export function rocChart({ detection }: Report, { item, items, samples }: Terms): Chart {
  const ordinary = item === 'digit' ? items : `ordinary ${items}`;
  const rival = item === 'digit' ? 'a digit' : `an ordinary ${item}`;
  const curves = detection.outliers.map(({ name, auroc, roc, count }, i) => ({
    name,
    auroc,
    count,
    colour: `var(--series-${(i % 4) + 1})`,
    points: roc.fpr.map((fpr, j) => ({ fpr, tpr: roc.tpr[j]! })),
  }));
  return {
    title: 'ROC curves',
    explanation: `For every threshold, the share of outliers detected against the share of ${ordinary} flagged by mistake. The area under the curve (AUROC) is the chance that an outlier scores higher than ${rival}: 1 is perfect, 0.5 is a coin toss.${item === 'digit' ? ' No threshold detects an outlier that still looks like a digit, such as a rotated 0.' : ''}`,
    alternative: `ROC curves. ${curves.map(({ name, auroc }) => `${name}: AUROC ${formatArea(auroc)}`).join('; ')}.`,
    series: curves.map(({ name, auroc, colour }) => ({
      name: `${name}: AUROC ${formatArea(auroc)}`,
      colour,
    })),
    options: (width) => ({
      ...frame(width),
      x: { label: `${ordinary} flagged by mistake (false-positive rate)`, domain: [0, 1], ticks: 5 },
      y: { label: 'outliers detected (true-positive rate)', domain: [0, 1], grid: true, ticks: 5 },
      marks: [
        Plot.line([0, 1], { x: (v) => v, y: (v) => v, stroke: 'var(--line-strong)', strokeDasharray: '3 4' }),
        ...curves.map(({ points, colour }, i) =>
          Plot.line(points, {
            x: 'fpr',
            y: 'tpr',
            stroke: colour,
            strokeWidth: i === 0 ? 5 : 2,
            strokeOpacity: i === 0 ? 0.55 : 1,
          }),
        ),
      ],
    }),
    table: {
      columns: ['Outliers', capitalise(samples), 'AUROC'],
      rows: curves.map(({ name, count, auroc }) => [name, count, auroc]),
    },
  };
}
