import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatNumber, formatPercent } from '../common/format.ts';
import { type Chart, frame } from './chart.ts';

/** The share of units that an image activates, by penalty. */
export function sparsityChart({ sparsity }: Studies): Chart {
  const rows = sparsity.map((row) => ({ ...row, name: row.penalty === 'none' ? 'no penalty' : row.penalty }));
  const penalised = sparsity.filter(({ penalty }) => penalty !== 'none');
  const sparse = penalised.length > 0 && penalised.every(({ active_share }) => active_share < 0.5);
  return {
    title: 'Sparse codes',
    explanation: `${sparsity[0]!.units} sigmoid units reconstruct the digits, without a penalty and with one that should keep most units inactive: on their sum (L1), or on how far each unit’s mean is from a target (KL). ${sparse ? 'A digit is then a combination of a few units, each with its own meaning.' : 'In this run, the penalties do not keep most units inactive.'}`,
    alternative: `Bar chart of the share of units above 0.1 for an image. ${rows.map(({ name, active_share, test_mse }) => `${name}: ${formatPercent(active_share)}, error ${formatNumber(test_mse)}`).join('; ')}.`,
    series: [],
    options: (width) => ({
      ...frame(width),
      x: { label: null, domain: rows.map(({ name }) => name), padding: 0.4 },
      y: {
        label: 'units above 0.1 for an image',
        insetTop: 18,
        grid: true,
        percent: true,
        nice: true,
        zero: true,
        tickFormat: (value: number) => `${value}%`,
        ticks: 5,
      },
      marks: [
        Plot.barY(rows, { x: 'name', y: 'active_share', fill: 'var(--series-1)', ry2: 2 }),
        Plot.text(rows, {
          x: 'name',
          y: 'active_share',
          text: (row) => `error ${formatNumber(row.test_mse)}`,
          dy: -9,
          fill: 'var(--ink)',
        }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    }),
    table: {
      columns: ['Penalty', 'Weight', 'Error', 'Mean activation', 'Active', 'Silent units'],
      rows: rows.map((row) => [
        row.name,
        row.weight,
        row.test_mse,
        row.mean_activation,
        row.active_share,
        row.silent_units,
      ]),
    },
  };
}
