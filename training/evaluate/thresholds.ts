import type { OperatingCurve } from './metrics.ts';

/** What a threshold is to reach: a precision or recall at least, or the least cost. */
export type Target =
  | { readonly precision: number }
  | { readonly recall: number }
  | {
      /** What a false positive and a false negative cost, in any common unit. */
      readonly cost: { readonly false_positive: number; readonly false_negative: number };
    };

/** Flagging every sample from a threshold upwards, and what comes of it. */
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
 * The point of a curve that reaches a target best: of those precise enough, the one with the highest recall; of those
 * with enough recall, the most precise; or the cheapest, which may be to flag nothing. Of equals, the one that flags
 * the fewest. Undefined if no point reaches it. `outliers` is how many there are.
 */
export function bestPoint(
  curve: OperatingCurve,
  outliers: number,
  target: Target,
): OperatingPoint | undefined {
  const none = { threshold: Number.POSITIVE_INFINITY, truePositives: 0, falsePositives: 0 };
  let best = 'cost' in target ? pointOf(none, outliers) : undefined;
  for (let k = 0; k < curve.threshold.length; k++) {
    const point = pointOf(
      {
        threshold: curve.threshold[k],
        truePositives: curve.truePositives[k],
        falsePositives: curve.falsePositives[k],
      },
      outliers,
    );
    if (reaches(point, target) && (!best || value(point, target) > value(best, target))) best = point;
  }
  return best;
}

type Counts = Pick<OperatingPoint, 'threshold' | 'truePositives' | 'falsePositives'>;

/** A point by its counts. */
export function pointOf(counts: Counts, outliers: number): OperatingPoint {
  const { truePositives, falsePositives } = counts;
  return {
    ...counts,
    falseNegatives: outliers - truePositives,
    precision: truePositives / (truePositives + falsePositives),
    recall: truePositives / outliers,
  };
}

/** What a point costs. */
export const costOf = (
  { falsePositives, falseNegatives }: OperatingPoint,
  { false_positive, false_negative }: { false_positive: number; false_negative: number },
): number => falsePositives * false_positive + falseNegatives * false_negative;

const reaches = ({ precision, recall }: OperatingPoint, target: Target) =>
  'precision' in target ? precision >= target.precision : 'recall' in target ? recall >= target.recall : true;

/** What is to be as large as can be. */
const value = (point: OperatingPoint, target: Target) =>
  'precision' in target ? point.recall : 'recall' in target ? point.precision : -costOf(point, target.cost);
