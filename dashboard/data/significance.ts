import { lowestSignificance, smallestPValue } from '../../bundle/p-value.ts';
import { formatCount, roundTo } from '../common/format.ts';
import { logScaleBetween, type Scale } from '../common/scale.ts';
import type { Points } from './dataset.ts';

/** The largest significance level of a slider. */
export const HIGHEST = 0.5;

/** The scale of significance levels to choose from: from the lowest that can flag a sample to 0.5. */
export function significanceScale(calibrationCount: number): Scale {
  const scale = logScaleBetween(lowestSignificance(calibrationCount), HIGHEST);
  // Two significant digits, so that the label shows the level that is used.
  return { ...scale, fromShare: (share) => roundTo(scale.fromShare(share), 2) };
}

/** Why a level that was typed cannot be used, in a sentence; undefined if it can. */
export function explainLevel(level: number, calibrationCount: number): string | undefined {
  if (level >= smallestPValue(calibrationCount) && level <= 1) return undefined;
  const lowest = lowestSignificance(calibrationCount);
  return level > 0 && level < lowest
    ? `Below ${lowest}, nothing can be flagged with ${formatCount(calibrationCount)} calibration samples.`
    : `Enter a number from ${lowest} to 1, such as ${lowest < 0.05 ? 0.05 : 0.5}.`;
}

/** How many points have a p-value of at most `significance`. */
export const countFlagged = (pValues: Float64Array, significance: number): number =>
  pValues.reduce((count, pValue) => count + (pValue <= significance ? 1 : 0), 0);

/**
 * Finds the smallest flagged score among the points, which is where a significance level puts the threshold. If no
 * point is flagged, this is the largest score.
 */
export function findLowestFlagged(
  { pValue, score }: Pick<Points, 'pValue' | 'score'>,
  significance: number,
): number {
  let flagged = Infinity;
  let largest = -Infinity;
  for (let i = 0; i < score.length; i++) {
    if (pValue[i]! <= significance) flagged = Math.min(flagged, score[i]!);
    largest = Math.max(largest, score[i]!);
  }
  return Number.isFinite(flagged) ? flagged : largest;
}
