type Values = Float32Array | Float64Array;

/** The rank of each value, from 1 for the smallest; equal values get the mean of their ranks. */
export function rankValues(values: Values): Float64Array {
  const order = new Uint32Array(values.length).map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const result = new Float64Array(values.length);
  for (let i = 0; i < order.length; ) {
    let end = i + 1;
    while (end < order.length && values[order[end]] === values[order[i]]) end++;
    for (let k = i; k < end; k++) result[order[k]] = (i + 1 + end) / 2;
    i = end;
  }
  return result;
}

/** Spearman's rank correlation: Pearson's correlation of the ranks. NaN if all values of `a` or of `b` are equal. */
export function spearman(a: Values, b: Values): number {
  const [x, y] = [rankValues(a), rankValues(b)];
  const middle = (a.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i] - middle, y[i] - middle];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}
