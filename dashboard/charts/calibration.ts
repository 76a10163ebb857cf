import * as Plot from '@observablehq/plot';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { formatCount, formatPercent } from '../common/format.ts';
import type { Terms } from '../data/terms.ts';
import { type Chart, frame, logTicks } from './chart.ts';

/** The share of ordinary test samples flagged at each significance level, against the share allowed. */
export function calibrationChart(
  { detection }: Report,
  { scorer }: { scorer: Pick<Manifest['scorer'], 'calibration_count'> },
  { aSample, samples, items }: Terms,
): Chart {
  const rows = detection.calibration;
  const low = Math.min(...rows.map((row) => Math.min(row.significance, row.flagged || 1)));
  const high = Math.max(...rows.map((row) => Math.max(row.significance, row.flagged)));
  const ticks = logTicks(low, high, [1]);
  const axis = {
    type: 'log',
    tickFormat: formatPercent,
    ticks: ticks.length > 1 ? ticks : 4,
    grid: true,
  } as const;
  return {
    title: 'Calibration of the p‑value',
    explanation: `A conformal p‑value is the rank of ${aSample}'s score among ${formatCount(scorer.calibration_count)} calibration ${samples} that training never saw. Whatever the model, about 5% of ordinary ${samples} get a p‑value of at most 0.05. On the dashed line the share flagged is exactly as promised; below the line, fewer are flagged.`,
    alternative: `Flagged share of test ${items} by significance: ${rows.map((row) => `${row.flagged} at ${row.significance}`).join(', ')}.`,
    series: [
      { name: `Test ${items} flagged`, colour: 'var(--series-1)' },
      { name: 'Promised', colour: 'var(--line-strong)' },
    ],
    options: (width) => ({
      ...frame(width),
      x: { ...axis, label: 'significance level (log scale)' },
      y: { ...axis, label: 'share flagged (log scale)' },
      marks: [
        Plot.line([low, high], {
          x: (v) => v,
          y: (v) => v,
          stroke: 'var(--line-strong)',
          strokeDasharray: '4 4',
        }),
        Plot.line(
          rows.filter((row) => row.flagged > 0),
          { x: 'significance', y: 'flagged', stroke: 'var(--series-1)', strokeWidth: 2, marker: 'circle' },
        ),
        Plot.tip(
          rows.filter((row) => row.flagged > 0),
          Plot.pointerX({
            x: 'significance',
            y: 'flagged',
            title: (row) => `${row.flagged} flagged at ${row.significance}`,
          }),
        ),
      ],
    }),
    table: {
      columns: ['Significance', 'Threshold on the score', 'Flagged'],
      rows: rows.map((row) => [row.significance, row.threshold, row.flagged]),
    },
  };
}
