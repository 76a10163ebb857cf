import * as Plot from '@observablehq/plot';
import type { Report } from '../../bundle/report.ts';
import { formatNumber } from '../common/format.ts';
import { readableName, type Terms } from '../data/terms.ts';
import { type Chart, frame, logTicks } from './chart.ts';

/** Training and validation loss by epoch. */
export function lossChart({ training }: Report, { sample, samples, items }: Terms): Chart {
  const name = readableName(training.loss);
  const rows = training.train_loss.map((train, i) => ({
    epoch: i + 1,
    train,
    validation: training.validation_loss[i]!,
  }));
  const last = rows.at(-1)!;
  const losses = [...training.train_loss, ...training.validation_loss];
  const least = Math.min(...losses);
  const ticks = logTicks(least, Math.max(...losses), [1, 1.5, 2, 3, 4, 5, 6, 8]);
  /** A negative log-likelihood can be negative, and has then no logarithm. */
  const logarithmic = least > 0;
  const axis = logarithmic
    ? ({ type: 'log', tickFormat: '~g', ticks: ticks.length > 1 ? ticks : 5 } as const)
    : { ticks: 5 };
  return {
    title: 'Training loss',
    explanation: `Training minimises the loss. It does not use the validation ${samples}: as long as both curves fall, the network generalises and does not merely memorise its training ${items}.`,
    alternative: `Line chart of the ${name} by epoch: training ends at ${formatNumber(last.train, 4)}, validation at ${formatNumber(last.validation, 4)}.`,
    series: [
      { name: 'Training', colour: 'var(--series-1)' },
      { name: 'Validation', colour: 'var(--series-2)' },
    ],
    options: (width) => ({
      ...frame(width),
      x: { label: 'epoch', ticks: Math.min(rows.length, 8) },
      y: { label: `${name} per ${sample}${logarithmic ? ' (log scale)' : ''}`, grid: true, ...axis },
      marks: [
        Plot.line(rows, { x: 'epoch', y: 'train', stroke: 'var(--series-1)', strokeWidth: 2 }),
        Plot.line(rows, { x: 'epoch', y: 'validation', stroke: 'var(--series-2)', strokeWidth: 2 }),
        Plot.dot([rows[training.best_epoch - 1]!], {
          x: 'epoch',
          y: 'validation',
          fill: 'var(--surface)',
          stroke: 'var(--series-2)',
          strokeWidth: 2,
          r: 4,
        }),
        Plot.text([rows[training.best_epoch - 1]!], {
          x: 'epoch',
          y: 'validation',
          text: () => `best: epoch ${training.best_epoch}`,
          textAnchor: training.best_epoch > rows.length / 2 ? 'end' : 'start',
          dy: -14,
          fill: 'var(--ink)',
        }),
        Plot.tip(
          rows,
          Plot.pointerX({
            x: 'epoch',
            y: 'validation',
            title: (row) =>
              `epoch ${row.epoch}\ntraining ${formatNumber(row.train, 4)}\nvalidation ${formatNumber(row.validation, 4)}`,
          }),
        ),
      ],
    }),
    table: {
      columns: ['Epoch', 'Training', 'Validation', 'Learning rate'],
      rows: rows.map((row, i) => [row.epoch, row.train, row.validation, training.learning_rate[i]!]),
    },
  };
}
