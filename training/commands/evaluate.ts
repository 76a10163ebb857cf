import { shortestFloat } from '../../bundle/float.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { exactPValue, LEVELS, smallestPValue } from '../../bundle/p-value.ts';
import type { Cell } from '../data/datasets/cell.ts';
import { DataError } from '../data/datasets/error.ts';
import { openRows } from '../data/input/open.ts';
import { nameOthers } from '../data/tables/label-classes.ts';
import { labelling } from '../evaluate/labels.ts';
import { auroc, averagePrecision, binomialInterval, operatingCurve } from '../evaluate/metrics.ts';
import { bestPoint, costOf, type OperatingPoint, type Target } from '../evaluate/thresholds.ts';
import { BatchScorer } from '../scorer/scorer.ts';
import { scoreAll } from './score.ts';
import { table } from './table.ts';

export interface EvaluateFlags {
  /** The column of labels; unless given, that of the training data. */
  label?: string;
  /** What it says of anomalous rows. */
  anomalous?: string;
  /** What a threshold is to reach. */
  target?: Target;
  json?: boolean;
  threads?: number;
}

/** How well scores tell rows that a label calls anomalous from the others. */
export interface Evaluation {
  file: string;
  model_id: string;
  label: { column: string; anomalous: string; normal: string | null };
  rows: number;
  anomalous: number;
  auroc: number;
  average_precision: number;
  /** What flagging every p-value up to a level finds. */
  levels: {
    significance: number;
    flagged: number;
    /** Null if nothing is flagged. */
    precision: number | null;
    recall: number;
    false_positive_rate: number;
    /** Of the false-positive rate, at 95 %. */
    interval: [number, number];
  }[];
  detectors: { name: string; title: string; auroc: number; average_precision: number }[];
  /** Of a target: where to draw the line by score and by p-value; null where no line reaches it. */
  target?: { wanted: Target; score: Reached | null; significance: Reached | null };
}

/** A line that reaches a target, and what comes of it. */
export interface Reached {
  /** Anomalous is a score of at least, or a p-value of at most this; null: nothing is anomalous. */
  threshold: number | null;
  precision: number | null;
  recall: number;
  false_positives: number;
  false_negatives: number;
  cost: number | null;
}

/**
 * Scores a labelled file by a bundle, and prints how well the scores agree with the labels. Throws a
 * {@link DataError} that says what is wrong with the file or its labels.
 */
export async function evaluate(path: string, folder: string, flags: EvaluateFlags): Promise<Evaluation> {
  const bundle = await openFolder(folder);
  const { manifest } = bundle;
  const { data } = manifest;
  const column = flags.label ?? data.label;
  if (column === null) {
    throw new DataError(`${path}: which column says what is anomalous? --label COLUMN names it`);
  }
  const [others, own] = column === data.label && data.classes.length === 2 ? data.classes : [];
  const normal = own !== undefined && others === nameOthers(own) ? undefined : others;
  const rows = await openRows(path, data, [column]);
  try {
    const scorer = await BatchScorer.load(
      await bundle.file('scorer.onnx'),
      ['score', 'p_value', 'detectors'],
      flags,
    );
    const parts: Record<'score' | 'p_value' | 'detectors', Float32Array[]> = {
      score: [],
      p_value: [],
      detectors: [],
    };
    const cells: Cell[] = [];
    await scoreAll(rows, scorer, (found, _count, [labels]) => {
      for (const label of labels) cells.push(label);
      for (const name of ['score', 'p_value', 'detectors'] as const) parts[name].push(found[name]);
    });
    await scorer.release();
    const { anomalous, words } = labelling(
      path,
      column,
      cells,
      flags.anomalous ?? own,
      flags.anomalous === undefined ? normal : undefined,
    );
    const result: Evaluation = {
      file: path,
      model_id: manifest.model_id,
      label: { column, ...words },
      ...measured(
        { score: joined(parts.score), p_value: joined(parts.p_value), detectors: joined(parts.detectors) },
        anomalous,
        manifest,
        flags.target,
      ),
    };
    if (flags.json) console.log(JSON.stringify(result, null, 2));
    else for (const line of described(result)) console.log(line);
    return result;
  } finally {
    await rows.close();
  }
}

function measured(
  found: Record<'score' | 'p_value' | 'detectors', Float32Array>,
  anomalous: Uint8Array,
  { scorer }: Manifest,
  wanted: Target | undefined,
): Omit<Evaluation, 'file' | 'model_id' | 'label'> {
  const of = (values: Float32Array) =>
    [values.filter((_, i) => !anomalous[i]), values.filter((_, i) => anomalous[i])] as const;
  const exact = (p: number) => exactPValue(p, scorer.calibration_count);
  const [normal, outliers] = of(found.score);
  const [normalP, outliersP] = of(found.p_value);
  const k = scorer.detectors.length;
  const upTo = (values: Float32Array, level: number) =>
    values.reduce((sum, p) => sum + Number(exact(p) <= level), 0);
  const reached = (scores: readonly [Float32Array, Float32Array], readable: (threshold: number) => number) =>
    wanted && reading(bestPoint(operatingCurve(...scores), outliers.length, wanted), wanted, readable);
  return {
    rows: anomalous.length,
    anomalous: outliers.length,
    auroc: auroc(normal, outliers),
    average_precision: averagePrecision(normal, outliers),
    levels: LEVELS.filter((level) => level >= smallestPValue(scorer.calibration_count)).map(
      (significance) => {
        const hits = upTo(outliersP, significance);
        const alarms = upTo(normalP, significance);
        const flagged = hits + alarms;
        return {
          significance,
          flagged,
          precision: flagged > 0 ? hits / flagged : null,
          recall: hits / outliers.length,
          false_positive_rate: alarms / normal.length,
          interval: binomialInterval(alarms, normal.length),
        };
      },
    ),
    detectors: scorer.detectors.map(({ name, title }, j) => {
      const own = of(found.score.map((_, i) => found.detectors[i * k + j]));
      return { name, title, auroc: auroc(...own), average_precision: averagePrecision(...own) };
    }),
    ...(wanted && {
      target: {
        wanted,
        score: reached([normal, outliers], (threshold) => threshold) ?? null,
        // Small p-values are what is flagged.
        significance: reached([normalP.map((p) => -p), outliersP.map((p) => -p)], (p) => exact(-p)) ?? null,
      },
    }),
  };
}

function reading(
  point: OperatingPoint | undefined,
  wanted: Target,
  readable: (threshold: number) => number,
): Reached | undefined {
  if (!point) return undefined;
  return {
    threshold: Number.isFinite(point.threshold) ? readable(point.threshold) : null,
    precision: Number.isNaN(point.precision) ? null : point.precision,
    recall: point.recall,
    false_positives: point.falsePositives,
    false_negatives: point.falseNegatives,
    cost: 'cost' in wanted ? costOf(point, wanted.cost) : null,
  };
}

function described({
  file,
  label,
  rows,
  anomalous,
  levels,
  detectors,
  target,
  ...all
}: Evaluation): string[] {
  const others = label.normal === null ? '' : `, normal: ${label.normal}`;
  return [
    `${file}: ${rows} rows, ${anomalous} anomalous (${percent(anomalous / rows)}; ${label.column}: ${label.anomalous}${others})`,
    '',
    ...table(
      ['what', 'AUROC', 'average precision'],
      [
        ['score', all.auroc, all.average_precision] as const,
        ...detectors.map((one) => [`${one.name}: ${one.title}`, one.auroc, one.average_precision] as const),
      ].map(([name, ...figures]) => [name, ...figures.map((figure) => figure.toFixed(4))]),
    ),
    ...table(
      ['p ≤', 'flagged', 'precision', 'recall', 'false positives', '95 % interval'],
      levels.map((level) => [
        String(level.significance),
        String(level.flagged),
        level.precision === null ? '–' : percent(level.precision),
        percent(level.recall),
        percent(level.false_positive_rate),
        level.interval.map(percent).join(' to '),
      ]),
    ),
    ...(target ? reachedLines(target) : []),
  ];
}

function reachedLines({ wanted, score, significance }: NonNullable<Evaluation['target']>): string[] {
  const title =
    'precision' in wanted
      ? `precision of at least ${wanted.precision}`
      : 'recall' in wanted
        ? `recall of at least ${wanted.recall}`
        : `least cost, ${wanted.cost.false_positive} a false positive, ${wanted.cost.false_negative} a miss`;
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
  return table(
    [title, 'anomalous is', 'precision', 'recall', 'false positives', 'missed', 'cost'],
    [
      row('by score', (threshold) => `≥ ${shortestFloat(threshold)}`, score),
      // Rounded up, so that what is on the line stays on it.
      row('by p-value (--significance)', (p) => `≤ ${Math.ceil(p * 1e6) / 1e6}`, significance),
    ],
  );
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
