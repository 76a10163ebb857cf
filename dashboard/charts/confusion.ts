import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatPercent } from '../common/format.ts';
import { type Chart, frame } from './chart.ts';
import { viewOf } from './classifiers.ts';

/** Which digits a classifier mistakes for which others. */
export function confusionChart(classifier: Studies['classifiers'][number], classes: string[]): Chart {
  const { method, confusion, accuracy } = classifier;
  const cells = confusion.flatMap((row, i) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((count, j) => ({
      truth: classes[i]!,
      predicted: classes[j]!,
      count,
      share: total > 0 ? count / total : 0,
      right: i === j,
    }));
  });
  const wrong = cells.filter(({ right }) => !right);
  const worst = wrong.reduce((a, b) => (b.count > a.count ? b : a));
  const most = Math.max(worst.count, 1);
  return {
    title: 'Confusion matrix',
    explanation: `The ${method} on ${viewOf(classifier)}: each row is a true digit, each column a predicted one. Correct predictions are on the diagonal; elsewhere, a stronger colour is a more frequent mistake.`,
    alternative: `Confusion matrix; ${formatPercent(accuracy)} of the predictions are correct. The most frequent mistake is ${worst.truth} predicted as ${worst.predicted}, ${worst.count} times.`,
    series: [],
    options: (width) => ({
      ...frame(width),
      height: Math.round(Math.min(380, Math.max(300, 0.8 * width))),
      marginLeft: 44,
      x: { label: 'predicted', domain: classes, padding: 0.04 },
      y: { label: 'true', domain: classes, padding: 0.04 },
      marks: [
        Plot.cell(cells, {
          x: 'predicted',
          y: 'truth',
          fill: (cell) => (cell.right ? 'var(--series-1)' : 'var(--series-2)'),
          fillOpacity: (cell) => (cell.right ? 0.28 : 0.75 * Math.sqrt(cell.count / most)),
          title: (cell) =>
            `${cell.truth} predicted as ${cell.predicted}: ${cell.count}, ${formatPercent(cell.share)}`,
        }),
        Plot.text(
          cells.filter(({ count }) => count > 0),
          {
            x: 'predicted',
            y: 'truth',
            text: (cell) => String(cell.count),
            fill: 'var(--ink)',
            fontSize: width < 420 ? 9 : 11,
          },
        ),
      ],
      opacity: { type: 'identity' },
    }),
    table: {
      columns: ['True', ...classes.map((name) => `as ${name}`)],
      rows: confusion.map((row, i) => [classes[i]!, ...row]),
    },
  };
}
