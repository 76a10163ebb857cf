import * as Plot from '@observablehq/plot';
import type { LevelFigures } from '../../bundle/evaluation.ts';
import { formatArea, formatInterval, formatNumber, formatPercent } from '../common/format.ts';
import type { Curves } from '../data/threshold.ts';
import { type Chart, frame } from './chart.ts';

const COLOUR = 'var(--series-1)';
const here = 'var(--series-2)';

/** The ROC curve for labelled anomalies, with its 95 % band and the chosen level. */
export const labelledRocChart = (curves: Curves, level: LevelFigures): Chart => ({
  title: 'ROC curve, labelled',
  explanation:
    'For every threshold, the share of anomalies found against the share of normal rows flagged by mistake.',
  alternative: `ROC curve. AUROC ${formatArea(curves.auroc)}, 95% interval ${formatInterval(curves.aurocInterval, formatArea)}.`,
  series: [
    {
      name: `AUROC ${formatArea(curves.auroc)} (${formatInterval(curves.aurocInterval, formatArea)})`,
      colour: COLOUR,
    },
    { name: 'the chosen level', colour: here },
  ],
  options: (width) => ({
    ...frame(width),
    x: { label: 'normal rows flagged by mistake (false-positive rate)', domain: [0, 1], ticks: 5 },
    y: { label: 'anomalies found (recall)', domain: [0, 1], grid: true, ticks: 5 },
    marks: [
      Plot.line([0, 1], { x: (v) => v, y: (v) => v, stroke: 'var(--line-strong)', strokeDasharray: '3 4' }),
      Plot.areaY(curves.points, {
        x: 'falsePositiveRate',
        y1: ({ recallInterval }) => recallInterval[0],
        y2: ({ recallInterval }) => recallInterval[1],
        fill: COLOUR,
        fillOpacity: 0.16,
      }),
      Plot.line(curves.points, { x: 'falsePositiveRate', y: 'recall', stroke: COLOUR, strokeWidth: 2 }),
      dot(level.false_positive_rate, level.recall),
    ],
  }),
  table: {
    columns: ['False-positive rate', 'Recall', 'from', 'to'],
    rows: curves.points.map((point) => [point.falsePositiveRate, point.recall, ...point.recallInterval]),
  },
});

/** The precision–recall curve for labelled anomalies, with its 95 % band and the chosen level. */
export const precisionRecallChart = (curves: Curves, level: LevelFigures): Chart => ({
  title: 'Precision and recall',
  explanation: `For every threshold, the share of alarms that are right against the share of anomalies found. Alarms at random would be right ${formatPercent(curves.prevalence)} of the time.`,
  alternative: `Precision–recall curve. Average precision ${formatNumber(curves.averagePrecision)}, 95% interval ${formatInterval(curves.averagePrecisionInterval, formatNumber)}.`,
  series: [
    {
      name: `average precision ${formatNumber(curves.averagePrecision)} (${formatInterval(curves.averagePrecisionInterval, formatNumber)})`,
      colour: COLOUR,
    },
    { name: 'the chosen level', colour: here },
  ],
  options: (width) => ({
    ...frame(width),
    x: { label: 'anomalies found (recall)', domain: [0, 1], ticks: 5 },
    y: { label: 'alarms that are right (precision)', domain: [0, 1], grid: true, ticks: 5 },
    marks: [
      Plot.ruleY([curves.prevalence], { stroke: 'var(--line-strong)', strokeDasharray: '3 4' }),
      Plot.areaY(curves.points, {
        x: 'recall',
        y1: ({ precisionInterval }) => precisionInterval[0],
        y2: ({ precisionInterval }) => precisionInterval[1],
        fill: COLOUR,
        fillOpacity: 0.16,
      }),
      Plot.line(curves.points, { x: 'recall', y: 'precision', stroke: COLOUR, strokeWidth: 2 }),
      ...(level.precision === null ? [] : [dot(level.recall, level.precision)]),
    ],
  }),
  table: {
    columns: ['Recall', 'Precision', 'from', 'to'],
    rows: curves.points.map((point) => [point.recall, point.precision, ...point.precisionInterval]),
  },
});

const dot = (x: number, y: number) =>
  Plot.dot([[x, y]], { r: 6, fill: here, stroke: 'var(--surface)', strokeWidth: 2 });
