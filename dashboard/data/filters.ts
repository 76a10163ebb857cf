import type { Scale } from '../common/scale.ts';
import type { Points } from './dataset.ts';

/** Part of a scale, as shares 0..1 of its length. */
export type Range = [low: number, high: number];

export const WHOLE_RANGE: Range = [0, 1];

/** What a filter lets through. */
export interface Filters {
  /** Labels that are hidden; -1 stands for points without a label. */
  hidden: ReadonlySet<number>;
  score: { scale: Scale; range: Range };
  pValue: { scale: Scale; range: Range };
}

/** Rounding must not hide the points at the very ends of a range. */
const TOLERANCE = 1e-9;

const isWithin = (share: number, [low, high]: Range) => share >= low - TOLERANCE && share <= high + TOLERANCE;

/** 1 for each point that the filters let through, else 0. */
export const filterPoints = (
  points: Pick<Points, 'label' | 'score' | 'pValue'>,
  { hidden, score, pValue }: Filters,
): Uint8Array =>
  Uint8Array.from(points.label, (label, i) =>
    !hidden.has(label) &&
    isWithin(score.scale.toShare(points.score[i]!), score.range) &&
    isWithin(pValue.scale.toShare(points.pValue[i]!), pValue.range)
      ? 1
      : 0,
  );

/** How many points are shown, given 1 for each that is. */
export const countShown = (shown: Uint8Array): number => shown.reduce((sum, flag) => sum + flag, 0);

/** A class as the filter lists it. */
export interface ClassCount {
  name: string;
  label: number;
  count: number;
}

/** The classes that some point has, in order, and last the points without a label. */
export function countClasses(classes: readonly string[], labels: Int16Array): ClassCount[] {
  const counts = new Uint32Array(classes.length);
  let unlabelled = 0;
  for (const label of labels) {
    if (label < 0) unlabelled++;
    else counts[label]!++;
  }
  return [
    ...classes.map((name, label) => ({ name, label, count: counts[label]! })),
    { name: 'no label', label: -1, count: unlabelled },
  ].filter(({ count }) => count > 0);
}

/** Hides a label that is shown and shows one that is hidden. */
export function toggleLabel(hidden: ReadonlySet<number>, label: number): ReadonlySet<number> {
  const next = new Set(hidden);
  if (!next.delete(label)) next.add(label);
  return next;
}

/** Hides every label but one. */
export const isolateLabel = (listed: readonly ClassCount[], label: number): ReadonlySet<number> =>
  new Set(listed.map((entry) => entry.label).filter((other) => other !== label));

/** Moves one end of a range, but not past the other end. */
export const moveEnd = ([low, high]: Range, end: 'low' | 'high', share: number): Range =>
  end === 'low' ? [Math.min(share, high), high] : [low, Math.max(share, low)];
