import { binomialInterval, operatingCurve } from './metrics.ts';
import { exactPValue } from './p-value.ts';
import { computeF1, findOperatingPoint, type OperatingPoint, type Target } from './thresholds.ts';

/** One number for each normal and for each anomalous sample. */
export type Pair = readonly [normal: Float32Array, anomalous: Float32Array];

/** A confidence interval of about 95 %. */
export type Interval = [number, number];

/** What flagging every p-value up to a level finds. Intervals are Wilson's. */
export interface LevelFigures {
  significance: number;
  flagged: number;
  true_positives: number;
  false_positives: number;
  /** Null if nothing is flagged. */
  precision: number | null;
  precision_interval: Interval | null;
  recall: number;
  recall_interval: Interval;
  f1: number;
  false_positive_rate: number;
  /** The interval of the false-positive rate. */
  interval: Interval;
}

/** What flagging every p-value up to a level finds, given the p-values as the scorer returns them. */
export function measureLevel(
  [normal, anomalous]: Pair,
  significance: number,
  calibrationCount: number,
): LevelFigures {
  const flag = (values: Float32Array) =>
    values.reduce((sum, p) => sum + Number(exactPValue(p, calibrationCount) <= significance), 0);
  const [alarms, hits] = [flag(normal), flag(anomalous)];
  const flagged = hits + alarms;
  return {
    significance,
    flagged,
    true_positives: hits,
    false_positives: alarms,
    precision: flagged > 0 ? hits / flagged : null,
    precision_interval: flagged > 0 ? binomialInterval(hits, flagged) : null,
    recall: hits / anomalous.length,
    recall_interval: binomialInterval(hits, anomalous.length),
    f1: computeF1({
      truePositives: hits,
      falsePositives: alarms,
      falseNegatives: anomalous.length - hits,
    }),
    false_positive_rate: alarms / normal.length,
    interval: binomialInterval(alarms, normal.length),
  };
}

/** The best score to flag from, for a target: see {@link findOperatingPoint}. */
export const findBestScore = (scores: Pair, target: Target): OperatingPoint | undefined =>
  findOperatingPoint(operatingCurve(...scores), scores[1].length, target);

/** The best significance level for a target: like {@link findBestScore}, with the largest p-value to flag as `threshold`. */
export function findBestLevel(
  [normal, anomalous]: Pair,
  target: Target,
  calibrationCount: number,
): OperatingPoint | undefined {
  // Small p-values are flagged, so the curve is that of their negatives.
  const negative = (values: Float32Array) => values.map((p) => -p);
  const best = findBestScore([negative(normal), negative(anomalous)], target);
  return best && { ...best, threshold: exactPValue(-best.threshold, calibrationCount) };
}

/** A p-value as a level to give: rounded up to six digits, so that rows with this p-value stay flagged. */
export const roundLevelUp = (pValue: number): number => Math.ceil(pValue * 1e6 - 1e-6) / 1e6;
