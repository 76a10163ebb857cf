type Values = Float32Array | Float64Array;

/** Where values are in their order. */
export interface Ranks {
  /** The rank of each value, from 1 for the smallest; equal values get the mean of their ranks. */
  readonly rank: Float64Array;
  /** How many values are smaller than each. */
  readonly below: Uint32Array;
}

/** Ranks values, which are sorted once. */
export function rankValues(values: Values): Ranks {
  const order = new Uint32Array(values.length).map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const rank = new Float64Array(values.length);
  const below = new Uint32Array(values.length);
  for (let i = 0; i < order.length; ) {
    let end = i + 1;
    while (end < order.length && values[order[end]] === values[order[i]]) end++;
    for (let k = i; k < end; k++) {
      rank[order[k]] = (i + 1 + end) / 2;
      below[order[k]] = i;
    }
    i = end;
  }
  return { rank, below };
}

/** Spearman's rank correlation: Pearson's correlation of the ranks. NaN if all values of `a` or of `b` are equal. */
export const spearman = (a: Values, b: Values): number => correlateRanks(rankValues(a), rankValues(b));

/** The same for values that are ranked already. */
export function correlateRanks({ rank: x }: Ranks, { rank: y }: Ranks): number {
  const middle = (x.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i] - middle, y[i] - middle];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}
