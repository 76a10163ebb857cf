import type { Matrix } from '../runtime/rows.ts';

/** A column with exactly two values, such as a flag or one category of several. */
export interface TwoValued {
  /** The difference between the values. */
  readonly gap: number;
  /** The share of the rows that have the rarer one. */
  readonly rarer: number;
}

/** Each column's values, if there are exactly two; otherwise undefined. [d] */
export function findTwoValued({ values, n, d }: Matrix): (TwoValued | undefined)[] {
  return Array.from({ length: d }, (_, j) => {
    const first = values[j];
    let other = first;
    let count = 0;
    for (let p = j + d; p < n * d; p += d) {
      const value = values[p];
      if (value === first) continue;
      if (other !== first && value !== other) return undefined;
      other = value;
      count++;
    }
    return count > 0 ? { gap: Math.abs(other - first), rarer: Math.min(count, n - count) / n } : undefined;
  });
}
