import {
  findBestLevel,
  type Interval,
  type LevelFigures,
  measureLevel,
  type Pair,
  roundLevelUp,
} from '../../bundle/evaluation.ts';
import {
  auroc,
  aurocInterval,
  averagePrecision,
  averagePrecisionInterval,
  binomialInterval,
  operatingCurve,
} from '../../bundle/metrics.ts';
import { estimateFalseDiscoveries } from '../../bundle/multiple-testing.ts';
import type { Report } from '../../bundle/report.ts';
import { computeCost, type Target } from '../../bundle/thresholds.ts';
import { type Dataset, isCalibrated, type Points } from './dataset.ts';
import { countFlagged } from './significance.ts';

/** The test rows of the map: what a threshold is tried on. */
export interface TestRows {
  score: Float64Array;
  pValue: Float64Array;
  /** For data with a binary label: scores and p-values of normal and of anomalous rows. */
  labelled: { scores: Pair; pValues: Pair } | undefined;
  calibrationCount: number;
}

/** The test rows of a bundle's map. */
export function testRowsOf({
  manifest,
  report,
  points,
}: {
  manifest: {
    scorer: Pick<Dataset['manifest']['scorer'], 'calibration_count'>;
    data: Pick<Dataset['manifest']['data'], 'classes' | 'label'>;
  };
  report: { detection: Pick<Report['detection'], 'labelled'> };
  points: Pick<Points, 'split' | 'splits' | 'score' | 'pValue' | 'label'>;
}): TestRows {
  const isTest = (_: number, i: number) => isCalibrated(points, i);
  const score = points.score.filter(isTest);
  const pValue = points.pValue.filter(isTest);
  const label = points.label.filter(isTest);
  const anomalous = findAnomalous(manifest.data, report.detection.labelled);
  const pairOf = (values: Float64Array): Pair => [
    Float32Array.from(values.filter((_, i) => label[i] !== anomalous)),
    Float32Array.from(values.filter((_, i) => label[i] === anomalous)),
  ];
  const scores = pairOf(score);
  const complete = label.every((value) => value >= 0) && scores.every(({ length }) => length > 0);
  return {
    score,
    pValue,
    labelled: anomalous !== undefined && complete ? { scores, pValues: pairOf(pValue) } : undefined,
    calibrationCount: manifest.scorer.calibration_count,
  };
}

/** The class of the anomalous rows; undefined where none is known to be. */
function findAnomalous(
  { classes, label }: Pick<Dataset['manifest']['data'], 'classes' | 'label'>,
  labelled: Report['detection']['labelled'],
): number | undefined {
  if (!labelled) return undefined;
  if (labelled.class !== undefined) return classes.indexOf(labelled.class);
  // Older bundles do not say it. Of the label of a table, the normal class comes first.
  return label === null ? undefined : 1;
}

/** What flagging every test row with a p-value up to a level means. */
export interface ThresholdFigures {
  rows: number;
  flagged: number;
  share: number;
  /** The 95 % interval of the share. */
  interval: Interval;
  /** An estimate of the share of flagged rows that are not anomalous; null if none is flagged. */
  falseDiscoveries: number | null;
  labelled: LevelFigures | undefined;
}

export function measureThreshold(rows: TestRows, significance: number): ThresholdFigures {
  const count = rows.pValue.length;
  const flagged = countFlagged(rows.pValue, significance);
  return {
    rows: count,
    flagged,
    share: flagged / count,
    interval: binomialInterval(flagged, count),
    falseDiscoveries: estimateFalseDiscoveries(count, flagged, significance),
    labelled: rows.labelled && measureLevel(rows.labelled.pValues, significance, rows.calibrationCount),
  };
}

/** The prices of a false alarm and of a missed anomaly, in any common unit. */
export interface Prices {
  false_positive: number;
  false_negative: number;
}

/** What a level's mistakes cost. */
export const costOf = (
  { true_positives, false_positives }: LevelFigures,
  anomalous: number,
  prices: Prices,
) => computeCost({ falsePositives: false_positives, falseNegatives: anomalous - true_positives }, prices);

/** The best significance level for a target; `level` is null where it is best to flag nothing. */
export function bestLevel(
  { labelled, calibrationCount }: TestRows,
  target: Target,
): { level: number | null; f1: number; cost: number | undefined } | undefined {
  const best = labelled && findBestLevel(labelled.pValues, target, calibrationCount);
  if (!best) return undefined;
  const { truePositives, falsePositives, falseNegatives } = best;
  return {
    level: Number.isFinite(best.threshold) ? roundLevelUp(best.threshold) : null,
    f1: (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
    cost: 'cost' in target ? computeCost(best, target.cost) : undefined,
  };
}

/** A point of the ROC and precision–recall curves, with 95 % intervals. */
export interface CurvePoint {
  falsePositiveRate: number;
  recall: number;
  recallInterval: Interval;
  precision: number;
  precisionInterval: Interval;
}

/** The curves of all thresholds on the score, thinned to points that differ, and the areas under them. */
export function measureCurves({ scores }: NonNullable<TestRows['labelled']>) {
  const [normal, anomalous] = scores;
  const { falsePositives, truePositives } = operatingCurve(normal, anomalous);
  const points: CurvePoint[] = [];
  for (const [k, hits] of truePositives.entries()) {
    const alarms = falsePositives[k]!;
    const recall = hits / anomalous.length;
    const falsePositiveRate = alarms / normal.length;
    const last = points.at(-1);
    const near = last && recall - last.recall < STEP && falsePositiveRate - last.falsePositiveRate < STEP;
    if (near && k < truePositives.length - 1 && k > FIRST) continue;
    points.push({
      falsePositiveRate,
      recall,
      recallInterval: binomialInterval(hits, anomalous.length),
      precision: hits / (hits + alarms),
      precisionInterval: binomialInterval(hits, hits + alarms),
    });
  }
  const precision = averagePrecision(normal, anomalous);
  return {
    points,
    auroc: auroc(normal, anomalous),
    aurocInterval: aurocInterval(normal, anomalous),
    averagePrecision: precision,
    averagePrecisionInterval: averagePrecisionInterval(precision, anomalous.length),
    /** What flagging rows at random would get as precision. */
    prevalence: anomalous.length / (normal.length + anomalous.length),
  };
}

export type Curves = ReturnType<typeof measureCurves>;

const STEP = 1 / 200;
/** The strictest thresholds are kept all: there, precision varies most. */
const FIRST = 60;
