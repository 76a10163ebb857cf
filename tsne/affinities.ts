/**
 * Symmetric joint probabilities P of n points in compressed sparse rows: row i has the columns
 * `column[rowStart[i]] … column[rowStart[i + 1] - 1]`, ascending, with the probabilities in `value`.
 */
export interface Affinities {
  /** n + 1 */
  readonly rowStart: Int32Array;
  /** at least rowStart[n] long, at most 2 × n × k */
  readonly column: Int32Array;
  /** as long as `column`; sums to 1 */
  readonly value: Float32Array;
}

/** Tolerance for the natural logarithm of the perplexity. */
const TOLERANCE = 1e-6;
const MAX_STEPS = 100;

/** How many times larger β may become in one step. */
const LARGEST_STEP = 8;

/**
 * Computes the conditional probabilities p(j|i) of the points `start` to `end` (exclusive) over their k nearest
 * neighbours: a Gaussian around each point, with the width that gives the row the requested perplexity (van der Maaten
 * & Hinton 2008, eq. 1; over the nearest neighbours only: van der Maaten 2014, eq. 6). The precision β = 1 / 2σ² is found
 * by Newton's method in log β, and by bisection where that leaves the bracket. If no β reaches the perplexity (more
 * neighbours than that share the smallest distance), the row gets the narrowest Gaussian: uniform over those neighbours.
 *
 * @param distances n × k Euclidean distances, row-major, finite
 * @param conditional n × k, where the rows are written; each sums to 1
 */
export function computeConditionalAffinities(
  distances: Float32Array,
  k: number,
  perplexity: number,
  start: number,
  end: number,
  conditional: Float64Array,
): void {
  const entropy = Math.log(perplexity);
  const gap = new Float64Array(k);
  for (let i = start; i < end; i++) {
    const row = i * k;
    let nearest = Number.POSITIVE_INFINITY;
    for (let j = 0; j < k; j++) nearest = Math.min(nearest, distances[row + j]);
    let mean = 0;
    for (let j = 0; j < k; j++) {
      const distance = distances[row + j];
      gap[j] = (distance - nearest) * (distance + nearest);
      mean += gap[j] / k;
    }
    // In units of the mean gap, so that the search starts near the solution whatever the scale of the data.
    if (mean > 0) for (let j = 0; j < k; j++) gap[j] /= mean;
    let low = 0;
    let high = Number.POSITIVE_INFINITY;
    let beta = 1;
    for (let step = 1; ; step++) {
      let sum = 0;
      let weighted = 0;
      let squares = 0;
      for (let j = 0; j < k; j++) {
        const weight = Math.exp(-beta * gap[j]);
        conditional[row + j] = weight;
        sum += weight;
        weighted += gap[j] * weight;
        squares += gap[j] * gap[j] * weight;
      }
      const average = weighted / sum;
      const excess = Math.log(sum) + beta * average - entropy;
      if (Math.abs(excess) < TOLERANCE || mean === 0 || step === MAX_STEPS) {
        for (let j = 0; j < k; j++) conditional[row + j] /= sum;
        break;
      }
      if (excess > 0) low = beta;
      else high = beta;
      // The slope of the entropy by log β is −β² times the variance of the gaps. Where that vanishes, no β may be enough:
      // then it grows by no more than this factor, and stays finite.
      const newton = beta * Math.exp(excess / (beta * beta * (squares / sum - average * average)));
      if (newton > low && newton < Math.min(high, LARGEST_STEP * beta)) beta = newton;
      else beta = high === Number.POSITIVE_INFINITY ? LARGEST_STEP * beta : (low + high) / 2;
    }
  }
}

/**
 * The mean of the conditional probabilities for several perplexities, which keeps neighbourhoods of several sizes (Kobak &
 * Berens 2019); for one, these.
 */
export function computeMultiscaleAffinities(
  distances: Float32Array,
  k: number,
  perplexities: readonly number[],
  start: number,
  end: number,
  conditional: Float64Array,
): void {
  if (perplexities.length === 1) {
    computeConditionalAffinities(distances, k, perplexities[0], start, end, conditional);
    return;
  }
  const rows = distances.subarray(start * k, end * k);
  const scale = new Float64Array(rows.length);
  const target = conditional.subarray(start * k, end * k).fill(0);
  for (const perplexity of perplexities) {
    computeConditionalAffinities(rows, k, perplexity, 0, end - start, scale);
    for (let e = 0; e < scale.length; e++) target[e] += scale[e] / perplexities.length;
  }
}

/**
 * Computes the joint probabilities p_ij = (p(j|i) + p(i|j)) / 2n (van der Maaten & Hinton 2008, section 3.1).
 *
 * @param conditional n × k, rows that sum to 1
 * @param indices n × k, the neighbour of each entry
 * @param joint where P is written; `column` and `value` have room for 2 × n × k
 */
export function computeJointAffinities(
  conditional: Float64Array,
  indices: Int32Array,
  n: number,
  k: number,
  joint: Affinities,
): void {
  const pointers = groupByNeighbour(indices, n);
  // Unsorted rows: a point's own neighbours, then the points whose neighbour it is.
  const { rowStart } = joint;
  const column = new Int32Array(2 * n * k);
  const value = new Float64Array(2 * n * k);
  const place = new Int32Array(n).fill(-1);
  let size = 0;
  rowStart[0] = 0;
  for (let i = 0; i < n; i++) {
    for (let e = i * k; e < (i + 1) * k; e++) {
      place[indices[e]] = size;
      column[size] = indices[e];
      value[size++] = conditional[e] / (2 * n);
    }
    for (let r = pointers.start[i]; r < pointers.start[i + 1]; r++) {
      const e = pointers.entry[r];
      const j = Math.floor(e / k);
      if (place[j] >= rowStart[i]) {
        value[place[j]] += conditional[e] / (2 * n);
      } else {
        column[size] = j;
        value[size++] = conditional[e] / (2 * n);
      }
    }
    rowStart[i + 1] = size;
  }
  // P is its own transpose, and transposing leaves the columns in order.
  const next = rowStart.slice(0, n);
  for (let i = 0; i < n; i++) {
    for (let e = rowStart[i]; e < rowStart[i + 1]; e++) {
      const slot = next[column[e]]++;
      joint.column[slot] = i;
      joint.value[slot] = value[e];
    }
  }
}

/** Groups the entries of `indices` by the point that they name: those of point j are `entry[start[j]] …`. */
function groupByNeighbour(indices: Int32Array, n: number): { start: Int32Array; entry: Int32Array } {
  const start = new Int32Array(n + 1);
  for (const j of indices) start[j + 1]++;
  for (let j = 0; j < n; j++) start[j + 1] += start[j];
  const next = start.slice(0, n);
  const entry = new Int32Array(indices.length);
  for (let e = 0; e < indices.length; e++) entry[next[indices[e]]++] = e;
  return { start, entry };
}
