import { lowestSignificance } from '../../bundle/p-value.ts';
import { roundTo } from '../common/format.ts';
import { logScaleBetween, type Scale } from '../common/scale.ts';
import { HIGHEST } from './significance.ts';
import type { TestRows } from './threshold.ts';

/**
 * A threshold as a line on the histogram of scores: where a significance level is on the axis, and which level a place on
 * it means. Rows to the right of the line are those that the level flags.
 */
export interface ThresholdLine {
  /** The axis of the histogram. */
  scale: Scale;
  /** The ends of where the line can be, 0..1. */
  ends: readonly [left: number, right: number];
  /** Where the line of a level is, 0..1. */
  shareOf(significance: number): number;
  /** The level of a line, to two significant digits. */
  significanceAt(share: number): number;
}

/** Scores below this share of the median would only stretch the axis. */
const SMALLEST_SCORE = 0.01;

export function thresholdLine({
  score,
  pValue,
  calibrationCount,
}: Omit<TestRows, 'labelled'>): ThresholdLine {
  const sorted = score.toSorted();
  const median = sorted[sorted.length >> 1]!;
  const high = Math.max(sorted.at(-1)!, Number.MIN_VALUE);
  const scale = logScaleBetween(Math.min(Math.max(sorted[0]!, SMALLEST_SCORE * median, 1e-12), high), high);
  const knots = findKnots(score, pValue, scale, lowestSignificance(calibrationCount));
  const logs = knots.map(({ level }) => Math.log(level));
  const shares = knots.map(({ share }) => share);
  const lowest = lowestSignificance(calibrationCount);
  const shareOf = (significance: number) => interpolate(logs, shares, Math.log(significance));
  const levelAt = (share: number) => Math.exp(interpolate(shares.toReversed(), logs.toReversed(), share));
  return {
    scale,
    ends: [shareOf(HIGHEST), shareOf(lowest)],
    shareOf,
    significanceAt: (share) => Math.min(Math.max(lowest, roundTo(levelAt(share), 2)), HIGHEST),
  };
}

/** The level and the place of the line, the strictest first: each distinct p-value with the lowest score that has it. */
function findKnots(score: Float64Array, pValue: Float64Array, scale: Scale, lowest: number) {
  const order = Uint32Array.from(pValue, (_, i) => i).sort((a, b) => pValue[a]! - pValue[b]!);
  const knots: { level: number; share: number }[] = [];
  for (const i of order) {
    const share = scale.toShare(score[i]!);
    const last = knots.at(-1);
    if (last?.level === pValue[i]!) last.share = Math.min(last.share, share);
    else if (!last || share < last.share) knots.push({ level: pValue[i]!, share });
  }
  // Where even the highest test score is not flagged.
  if (knots[0]!.level > lowest) knots.unshift({ level: lowest, share: 1 });
  return knots;
}

/** Linear between the knots, `x` ascending, and constant beyond them. */
function interpolate(x: readonly number[], y: readonly number[], at: number): number {
  const next = x.findIndex((value) => value >= at);
  if (next < 0) return y.at(-1)!;
  if (next === 0) return y[0]!;
  const [left, right] = [x[next - 1]!, x[next]!];
  const part = (at - left) / (right - left);
  return y[next - 1]! + part * (y[next]! - y[next - 1]!);
}
