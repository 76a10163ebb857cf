import { type Interval, type LevelFigures, roundLevelUp } from '../../bundle/evaluation.ts';
import { shortestFloat } from '../../bundle/float.ts';
import type { Target } from '../../bundle/thresholds.ts';
import { plural } from '../console/plural.ts';
import { formatTable } from '../console/table.ts';
import { describeInput } from '../data/input/standard-input.ts';

/** How well scores separate the rows labelled anomalous from the others. */
export interface Evaluation {
  file: string;
  model_id: string;
  label: { column: string; anomalous: string; normal: string | null };
  rows: number;
  anomalous: number;
  auroc: number;
  auroc_interval: Interval;
  average_precision: number;
  average_precision_interval: Interval;
  /** What flagging every p-value up to a level finds: the usual levels, the model's default and the one asked for. */
  levels: LevelFigures[];
  detectors: { name: string; title: string; auroc: number; average_precision: number }[];
  /** The thresholds by score and by p-value that reach a target; null where none does. */
  target?: { wanted: Target; score: Reached | null; significance: Reached | null };
}

/** A threshold that reaches a target, and the figures at it. */
export interface Reached {
  /** Rows are anomalous from this score up, or from this p-value down; null if none is. */
  threshold: number | null;
  precision: number | null;
  recall: number;
  false_positives: number;
  false_negatives: number;
  cost: number | null;
}

/** What `evaluate` prints. */
export function describeEvaluation({
  file,
  label,
  rows,
  anomalous,
  levels,
  detectors,
  target,
  ...all
}: Evaluation): string[] {
  return [
    `${describeInput(file)}: ${plural(rows, 'row')}, ${anomalous} anomalous (${percent(anomalous / rows)}), where ${label.column} is ${label.anomalous}`,
    '',
    ...formatTable(
      ['what', 'AUROC', 'average precision'],
      [
        ['score', all.auroc, all.average_precision] as const,
        ...detectors.map((one) => [`${one.name}: ${one.title}`, one.auroc, one.average_precision] as const),
      ].map(([name, ...figures]) => [name, ...figures.map((figure) => figure.toFixed(4))]),
    ),
    '',
    ...formatTable(
      ['p ≤', 'flagged', 'precision', 'recall', 'F1', 'false positive rate', '95% interval'],
      levels.map((level) => [
        String(level.significance),
        String(level.flagged),
        level.precision === null ? '–' : percent(level.precision),
        percent(level.recall),
        percent(level.f1),
        percent(level.false_positive_rate),
        level.interval.map(percent).join(' to '),
      ]),
    ),
    ...(target ? ['', ...describeTarget(target)] : []),
  ];
}

function describeTarget({ wanted, score, significance }: NonNullable<Evaluation['target']>): string[] {
  const title =
    'precision' in wanted
      ? `precision of at least ${wanted.precision}`
      : 'recall' in wanted
        ? `recall of at least ${wanted.recall}`
        : 'f1' in wanted
          ? 'highest F1'
          : `lowest cost: ${wanted.cost.false_positive} per false alarm, ${wanted.cost.false_negative} per missed anomaly`;
  const figures: [string, (reached: Reached) => string][] = [
    ['precision', ({ precision }) => (precision === null ? '–' : percent(precision))],
    ['recall', ({ recall }) => percent(recall)],
    ['F1', ({ precision, recall }) => percent(harmonicMean(precision ?? 0, recall))],
    ['false alarms', ({ false_positives }) => String(false_positives)],
    ['missed', ({ false_negatives }) => String(false_negatives)],
    ...('cost' in wanted
      ? [
          ['cost', ({ cost }: Reached) => String(Number(cost!.toPrecision(6)))] as [
            string,
            (reached: Reached) => string,
          ],
        ]
      : []),
  ];
  const row = (name: string, line: (threshold: number) => string, reached: Reached | null) =>
    reached === null
      ? [name, 'out of reach', ...figures.map(() => '–')]
      : [
          name,
          reached.threshold === null ? 'flag nothing' : line(reached.threshold),
          ...figures.map(([, write]) => write(reached)),
        ];
  return formatTable(
    [title, 'threshold', ...figures.map(([name]) => name)],
    [
      row('by score', (threshold) => `≥ ${shortestFloat(threshold)}`, score),
      row('by p-value (--significance)', (p) => `≤ ${roundLevelUp(p)}`, significance),
    ],
  );
}

const harmonicMean = (a: number, b: number) => (a + b === 0 ? 0 : (2 * a * b) / (a + b));

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
