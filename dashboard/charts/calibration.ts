import * as Plot from '@observablehq/plot';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { formatCount, formatPercent } from '../common/format.ts';
import type { Words } from '../data/words.ts';
import { type Chart, frame, logTicks } from './chart.ts';

/** The share of ordinary test images flagged at each significance, against the share promised. */
export function calibrationChart(
  { detection }: Report,
  { scorer }: Manifest,
  { sample, samples, many }: Words,
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
    title: 'Is the p‑value honest?',
    explanation: `A conformal p‑value is the rank of ${sample === 'image' ? 'an image' : 'a row'}'s score among ${formatCount(scorer.calibration_count)} calibration ${samples} that training never saw. For ordinary ${samples} it must be at most 0.05 about 5% of the time, whatever the model: on the dashed line the promise is kept, below it the alarm is cautious.`,
    alternative: `Flagged share of test ${many} by significance: ${rows.map((row) => `${row.flagged} at ${row.significance}`).join(', ')}.`,
    series: [
      { name: `Test ${many} flagged`, colour: 'var(--series-1)' },
      { name: 'Promised', colour: 'var(--line-strong)' },
    ],
    options: (width) => ({
      ...frame(width),
      x: { ...axis, label: 'significance: share that may be flagged (log scale)' },
      y: { ...axis, label: 'share that is flagged (log scale)' },
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
