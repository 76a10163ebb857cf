import * as Plot from '@observablehq/plot';
import type { Report } from '../../bundle/report.ts';
import { formatArea } from '../common/format.ts';
import { capital, type Words } from '../data/words.ts';
import { type Chart, frame } from './chart.ts';

/** ROC curves of the score for each kind of outlier. */
export function rocChart({ detection }: Report, { one, many, samples }: Words): Chart {
  const ordinary = one === 'digit' ? many : `ordinary ${many}`;
  const rival = one === 'digit' ? 'a digit' : `an ordinary ${one}`;
  const curves = detection.outliers.map(({ name, auroc, roc, count }, i) => ({
    name,
    auroc,
    count,
    colour: `var(--series-${(i % 4) + 1})`,
    points: roc.fpr.map((fpr, j) => ({ fpr, tpr: roc.tpr[j]! })),
  }));
  return {
    title: 'How well the score tells them apart',
    explanation: `For every threshold, the share of outliers caught against the share of ${ordinary} flagged by mistake; the area below (AUROC) is the chance that an outlier outscores ${rival}: 1 is perfect, 0.5 a coin toss.${one === 'digit' ? ' What still looks like a digit, such as a turned 0, no threshold can tell.' : ''}`,
    alternative: `ROC curves. ${curves.map(({ name, auroc }) => `${name}: AUROC ${formatArea(auroc)}`).join('; ')}.`,
    series: curves.map(({ name, auroc, colour }) => ({
      name: `${name}: AUROC ${formatArea(auroc)}`,
      colour,
    })),
    options: (width) => ({
      ...frame(width),
      x: { label: `${ordinary} flagged by mistake (false-positive rate)`, domain: [0, 1], ticks: 5 },
      y: { label: 'outliers caught (true-positive rate)', domain: [0, 1], grid: true, ticks: 5 },
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
      columns: ['Outliers', capital(samples), 'AUROC'],
      rows: curves.map(({ name, count, auroc }) => [name, count, auroc]),
    },
  };
}
