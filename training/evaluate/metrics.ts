/** `bins + 1` edges, equally spaced on a logarithmic scale from the smallest positive value to the largest. */
export function logEdges(values: readonly Float32Array[], bins: number): number[] {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const array of values) {
    for (const value of array) {
      if (value > 0 && value < low) low = value;
      if (value > high) high = value;
    }
  }
  const step = Math.log(high / low) / bins;
  return Array.from({ length: bins + 1 }, (_, i) => low * Math.exp(i * step));
}

/** The share of the values in each bin; values beyond the edges count in the outer bins. */
export function histogram(values: Float32Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (const value of values) {
    let low = 0;
    let high = counts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (value < edges[middle]) high = middle;
      else low = middle;
    }
    counts[low]++;
  }
  return counts.map((count) => count / values.length);
}

/** The arithmetic mean, summed in float64. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
