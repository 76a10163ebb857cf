import { findBestLevel, findBestScore, measureLevel, type Pair } from '../../bundle/evaluation.ts';
import type { Bundle } from '../../bundle/files.ts';
import { kindOf } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { auroc, aurocInterval, averagePrecision, averagePrecisionInterval } from '../../bundle/metrics.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { defaultSignificance, LEVELS, smallestPValue } from '../../bundle/p-value.ts';
import { parseReport } from '../../bundle/report.ts';
import type { Cell } from '../../bundle/tables/cell.ts';
import { computeCost, type OperatingPoint, type Target } from '../../bundle/thresholds.ts';
import { quoteWord } from '../console/shell.ts';
import { DataError } from '../data/datasets/error.ts';
import { openRows } from '../data/input/open.ts';
import type { RowFile } from '../data/input/row-file.ts';
import { describeInput, type InputOptions, withInput } from '../data/input/standard-input.ts';
import { assertExists } from '../data/readers/formats.ts';
import { nameOthers } from '../data/tables/label-classes.ts';
import { labelText } from '../data/tables/label-values.ts';
import { parseLabels } from '../evaluate/labels.ts';
import { loadForRows } from '../scorer/scorer-threads.ts';
import { describeEvaluation, type Evaluation, type Reached } from './evaluation-lines.ts';
import { scoreAll } from './score-all.ts';

export interface EvaluateFlags extends InputOptions {
  /** The column of labels; by default the label of the training data. */
  label?: string;
  /** Its value for anomalous rows. */
  anomalous?: string;
  /** A significance level to measure beside the usual ones. */
  significance?: number;
  /** What the threshold to find must reach. */
  target?: Target;
  json?: boolean;
  threads?: number;
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
  const anomalousClass = flags.label === undefined ? await findAnomalousClass(bundle) : undefined;
  const column = flags.label ?? data.label ?? (anomalousClass && 'class');
  if (!column && kindOf(data) === 'image') {
    throw new DataError(
      `${describeInput(file)}: which images are anomalous? Name their class with --label class --anomalous NAME; the classes of a folder are its subfolders`,
    );
  }
  if (!column) {
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
      return { scores, labels: readLabels(path, column, cells, data, flags.anomalous ?? anomalousClass) };
    } finally {
      await rows.close();
    }
  });
  const result: Evaluation = {
    file,
    model_id: manifest.model_id,
    label: { column, ...labels.words },
    ...measure(scores, labels.anomalous, manifest, flags),
  };
  if (flags.json) console.log(JSON.stringify(result, null, 2));
  else for (const line of describeEvaluation(result)) console.log(line);
  return result;
}

/** The class of a folder's images that training was told is anomalous; the manifest has labels of tables only. */
async function findAnomalousClass({ manifest, json }: Bundle): Promise<string | undefined> {
  if (kindOf(manifest.data) !== 'image') return undefined;
  const { detection } = parseReport(await json('report.json'));
  return detection.labelled?.class;
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
  { target: wanted, significance }: Pick<EvaluateFlags, 'target' | 'significance'>,
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
    levels: listLevels(calibration, significance).map((level) => measureLevel(pValues, level, calibration)),
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

/** The levels to measure, in ascending order: of the usual ones, those at which a row can be flagged. */
function listLevels(calibration: number, asked: number | undefined): number[] {
  const usual = LEVELS.filter((level) => level >= smallestPValue(calibration));
  const others = [defaultSignificance(calibration), ...(asked === undefined ? [] : [asked])];
  return [...new Set([...usual, ...others])].toSorted((a, b) => a - b);
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

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
