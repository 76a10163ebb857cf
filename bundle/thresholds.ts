import type { OperatingCurve } from './metrics.ts';

/** The goal for a threshold: at least a precision or a recall, the largest F1, or the least cost. */
export type Target =
  | { readonly precision: number }
  | { readonly recall: number }
  | { readonly f1: true }
  | {
      /** The costs of a false positive and of a false negative, in any common unit. */
      readonly cost: { readonly false_positive: number; readonly false_negative: number };
    };

/** What flagging all samples that score at least `threshold` finds. */
export interface OperatingPoint {
  /** Infinity: nothing is flagged. */
  threshold: number;
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  /** NaN if nothing is flagged. */
  precision: number;
  recall: number;
}

/**
 * The best point of a curve for a target: the highest recall with enough precision, the highest precision with enough
 * recall, the highest F1, or the least cost, which may be to flag nothing. Among equals, the one that flags the fewest samples.
 * Undefined if no point reaches the target. `outliers` is their number.
 */
export function findOperatingPoint(
  curve: OperatingCurve,
  outliers: number,
  target: Target,
): OperatingPoint | undefined {
  const none = { threshold: Number.POSITIVE_INFINITY, truePositives: 0, falsePositives: 0 };
  let best = 'cost' in target ? measurePoint(none, outliers) : undefined;
  for (let k = 0; k < curve.threshold.length; k++) {
    const point = measurePoint(
      {
        threshold: curve.threshold[k],
        truePositives: curve.truePositives[k],
        falsePositives: curve.falsePositives[k],
      },
      outliers,
    );
    if (reaches(point, target) && (!best || computeObjective(point, target) > computeObjective(best, target)))
      best = point;
  }
  return best;
}

type Counts = Pick<OperatingPoint, 'threshold' | 'truePositives' | 'falsePositives'>;

/** Adds the rates to a point's counts. */
export function measurePoint(counts: Counts, outliers: number): OperatingPoint {
  const { truePositives, falsePositives } = counts;
  return {
    ...counts,
    falseNegatives: outliers - truePositives,
    precision: truePositives / (truePositives + falsePositives),
    recall: truePositives / outliers,
  };
}

export const computeCost = (
  { falsePositives, falseNegatives }: Pick<OperatingPoint, 'falsePositives' | 'falseNegatives'>,
  { false_positive, false_negative }: { false_positive: number; false_negative: number },
): number => falsePositives * false_positive + falseNegatives * false_negative;

/** F1, the harmonic mean of precision and recall: 0 if no outlier is found. */
export const computeF1 = ({
  truePositives,
  falsePositives,
  falseNegatives,
}: Pick<OperatingPoint, 'truePositives' | 'falsePositives' | 'falseNegatives'>): number =>
  (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);

const reaches = ({ precision, recall }: OperatingPoint, target: Target) =>
  'precision' in target ? precision >= target.precision : 'recall' in target ? recall >= target.recall : true;

/** What the best point maximises. */
const computeObjective = (point: OperatingPoint, target: Target) =>
  'precision' in target
    ? point.recall
    : 'recall' in target
      ? point.precision
      : 'f1' in target
        ? computeF1(point)
        : -computeCost(point, target.cost);
