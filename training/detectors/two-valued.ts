import { decomposeSymmetric } from '../linear/eigen.ts';
import type { Matrix } from '../runtime/rows.ts';

/** The variance of 0 and 1, each in half of the rows. */
const EVEN_VARIANCE = 1 / 4;

/** A column with exactly two values, such as a flag or one category of several. */
interface TwoValued {
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

/**
 * Gives columns with two values, in every direction among them, at least the variance of one column whose values are equally
 * frequent. By columns alone it would not do: the categories of a column add up to 1 in every row of a subset without gaps,
 * and without any variance in this direction, a single gap would be farther away than any fault.
 */
export function widenFlags(covariance: Float64Array, columns: readonly (TwoValued | undefined)[]): void {
  const d = columns.length;
  const flags = columns.flatMap((column, j) => (column ? [{ j, gap: column.gap }] : []));
  const f = flags.length;
  if (f === 0) return;
  const own = flags.flatMap((a) => flags.map((b) => covariance[a.j * d + b.j] / (a.gap * b.gap)));
  const { values, vectors } = decomposeSymmetric(Float64Array.from(own), f);
  for (const [k, value] of values.entries()) {
    const lacking = Math.max(0, EVEN_VARIANCE - value);
    const direction = flags.map(({ gap }, a) => gap * vectors[k * f + a]);
    for (const [a, one] of flags.entries()) {
      for (const [b, other] of flags.entries()) {
        covariance[one.j * d + other.j] += lacking * (direction[a] * direction[b]);
      }
    }
  }
}
