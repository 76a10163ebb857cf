import {
  findBestLevel,
  findBestScore,
  type Interval,
  type LevelFigures,
  measureLevel,
  type Pair,
  roundLevelUp,
} from '../../bundle/evaluation.ts';
import { shortestFloat } from '../../bundle/float.ts';
import { kindOf } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { auroc, aurocInterval, averagePrecision, averagePrecisionInterval } from '../../bundle/metrics.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { LEVELS, smallestPValue } from '../../bundle/p-value.ts';
import type { Cell } from '../../bundle/tables/cell.ts';
import { computeCost, type OperatingPoint, type Target } from '../../bundle/thresholds.ts';
import { plural } from '../console/plural.ts';
import { quoteWord } from '../console/shell.ts';
import { formatTable } from '../console/table.ts';
import { DataError } from '../data/datasets/error.ts';
import { openRows } from '../data/input/open.ts';
import type { RowFile } from '../data/input/row-file.ts';
import { describeInput, type InputOptions, withInput } from '../data/input/standard-input.ts';
import { assertExists } from '../data/readers/formats.ts';
import { nameOthers } from '../data/tables/label-classes.ts';
import { labelText } from '../data/tables/label-values.ts';
import { parseLabels } from '../evaluate/labels.ts';
import { loadForRows } from '../scorer/scorer-threads.ts';
import { scoreAll } from './score-all.ts';

export interface EvaluateFlags extends InputOptions {
  /** The column of labels; by default the label of the training data. */
  label?: string;
  /** Its value for anomalous rows. */
  anomalous?: string;
  /** What the threshold to find must reach. */
  target?: Target;
  json?: boolean;
  threads?: number;
}

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
  /** What flagging every p-value up to a level finds. */
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

/**
 * Scores a labelled file, or standard input for `-`, and prints how well the scores agree with the labels. Throws a
 * {@link DataError} that says what is wrong with the file or its labels.
 */
export async function evaluate(file: string, folder: string, flags: EvaluateFlags): Promise<Evaluation> {
  await assertExists(file);
  const bundle = await openFolder(folder);
  const { manifest } = bundle;
  const { data } = manifest;
  const column = flags.label ?? data.label;
  if (column === null && kindOf(data) === 'image') {
    throw new DataError(
      `${describeInput(file)}: which images are anomalous? Name their class with --label class --anomalous NAME; the classes of a folder are its subfolders`,
    );
  }
  if (column === null) {
    throw new DataError(
      `${describeInput(file)}: which column marks anomalous rows? Name it with --label COLUMN`,
    );
  }
  if (data.names?.includes(column)) {
    const word = quoteWord(column);
    throw new DataError(
      `${describeInput(file)}: column ${column} is a feature of the model, so the model has already seen it: ` +
        `train again with --label ${word} or --exclude ${word}, or name another column with --label`,
    );
  }
  const model = await bundle.file('scorer.onnx');
  const { scores, labels } = await withInput(file, flags, async (path) => {
    const who =
      flags.label === undefined ? 'was the label in training (name another with --label)' : '--label names';
    const rows = await openRows(path, data, [column], who);
    try {
      const { cells, ...scores } = await scoreLabelled(rows, model, flags);
      return { scores, labels: readLabels(path, column, cells, data, flags.anomalous) };
    } finally {
      await rows.close();
    }
  });
  const result: Evaluation = {
    file,
    model_id: manifest.model_id,
    label: { column, ...labels.words },
    ...measure(scores, labels.anomalous, manifest, flags.target),
  };
  if (flags.json) console.log(JSON.stringify(result, null, 2));
  else for (const line of describeEvaluation(result)) console.log(line);
  return result;
}

const OUTPUTS = ['score', 'p_value', 'detectors'] as const;
type Scores = Record<(typeof OUTPUTS)[number], Float32Array>;

/** What the scorer finds in all rows, and their labels. */
async function scoreLabelled(
  rows: RowFile,
  model: Uint8Array,
  { threads }: EvaluateFlags,
): Promise<Scores & { cells: Cell[] }> {
  await using scorer = await loadForRows(model, OUTPUTS, { rows: rows.expected, threads });
  const parts: Record<keyof Scores, Float32Array[]> = { score: [], p_value: [], detectors: [] };
  const cells: Cell[] = [];
  await scoreAll(rows, scorer, (found, _count, [labels]) => {
    for (const label of labels) cells.push(label);
    for (const name of OUTPUTS) parts[name].push(found[name]);
  });
  const { score, p_value, detectors } = parts;
  return {
    score: concatenate(score),
    p_value: concatenate(p_value),
    detectors: concatenate(detectors),
    cells,
  };
}

/** Which rows are anomalous: as `given` says, or else as the label of the training data. */
function readLabels(
  path: string,
  column: string,
  cells: readonly Cell[],
  data: Manifest['data'],
  given: string | undefined,
) {
  const { label, classes } = data;
  const [others, own] = column === label && classes.length === 2 ? classes : [];
  const normal = own !== undefined && others === nameOthers(own) ? undefined : others;
  // The class of an image is the name of a folder, also NA.
  const labels = kindOf(data) === 'table' ? cells.map((cell) => labelText(cell) ?? null) : cells;
  return parseLabels(path, column, labels, given ?? own, given === undefined ? normal : undefined);
}

function measure(
  { score, p_value, detectors }: Scores,
  anomalous: Uint8Array,
  { scorer }: Manifest,
  wanted: Target | undefined,
): Omit<Evaluation, 'file' | 'model_id' | 'label'> {
  const { calibration_count: calibration } = scorer;
  const split = (values: Float32Array): Pair => [
    values.filter((_, i) => !anomalous[i]),
    values.filter((_, i) => anomalous[i]),
  ];
  const rank = (pair: Pair) => ({ auroc: auroc(...pair), average_precision: averagePrecision(...pair) });
  const [scores, pValues] = [split(score), split(p_value)];
  const k = scorer.detectors.length;
  return {
    rows: anomalous.length,
    anomalous: scores[1].length,
    ...rank(scores),
    auroc_interval: aurocInterval(...scores),
    average_precision_interval: averagePrecisionInterval(averagePrecision(...scores), scores[1].length),
    levels: LEVELS.filter((level) => level >= smallestPValue(calibration)).map((level) =>
      measureLevel(pValues, level, calibration),
    ),
    detectors: scorer.detectors.map(({ name, title }, j) => ({
      name,
      title,
      ...rank(split(score.map((_, i) => detectors[i * k + j]))),
    })),
    ...(wanted && {
      target: {
        wanted,
        score: toReached(findBestScore(scores, wanted), wanted),
        significance: toReached(findBestLevel(pValues, wanted, calibration), wanted),
      },
    }),
  };
}

/** A point of a curve as JSON can hold it. */
function toReached(point: OperatingPoint | undefined, wanted: Target): Reached | null {
  if (!point) return null;
  return {
    threshold: Number.isFinite(point.threshold) ? point.threshold : null,
    precision: Number.isNaN(point.precision) ? null : point.precision,
    recall: point.recall,
    false_positives: point.falsePositives,
    false_negatives: point.falseNegatives,
    cost: 'cost' in wanted ? computeCost(point, wanted.cost) : null,
  };
}

function describeEvaluation({
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
          : `lowest cost: ${wanted.cost.false_positive} a false positive, ${wanted.cost.false_negative} a miss`;
  const row = (name: string, line: (threshold: number) => string, reached: Reached | null) =>
    reached === null
      ? [name, 'out of reach', '–', '–', '–', '–', '–']
      : [
          name,
          reached.threshold === null ? 'flag nothing' : line(reached.threshold),
          reached.precision === null ? '–' : percent(reached.precision),
          percent(reached.recall),
          String(reached.false_positives),
          String(reached.false_negatives),
          reached.cost === null ? '–' : String(Number(reached.cost.toPrecision(6))),
        ];
  return formatTable(
    [title, 'threshold', 'precision', 'recall', 'false alarms', 'missed', 'cost'],
    [
      row('by score', (threshold) => `≥ ${shortestFloat(threshold)}`, score),
      row('by p-value (--significance)', (p) => `≤ ${roundLevelUp(p)}`, significance),
    ],
  );
}

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
