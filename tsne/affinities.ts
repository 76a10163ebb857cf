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
  const { rowStart } = joint;
  const row = new SymmetricRow(conditional, indices, n, k, pointers);
  rowStart[0] = 0;
  for (let i = 0; i < n; i++) rowStart[i + 1] = rowStart[i] + row.count(i);
  // P is its own transpose: its rows, written as columns, leave the columns of each row in order.
  const next = rowStart.slice(0, n);
  for (let i = 0; i < n; i++) {
    const size = row.fill(i);
    for (let e = 0; e < size; e++) {
      const slot = next[row.column[e]]++;
      joint.column[slot] = i;
      joint.value[slot] = row.value[e];
    }
  }
}

/** One row of P at a time, unsorted: a point's own neighbours, then the points whose neighbour it is. */
class SymmetricRow {
  readonly #conditional: Float64Array;
  readonly #indices: Int32Array;
  readonly #n: number;
  readonly #k: number;
  readonly #pointers: { start: Int32Array; entry: Int32Array };
  /** Where in the row each point is, if `#owner` says that it is in this row. */
  readonly #place: Int32Array;
  readonly #owner: Int32Array;
  readonly column: Int32Array;
  readonly value: Float64Array;

  constructor(
    conditional: Float64Array,
    indices: Int32Array,
    n: number,
    k: number,
    pointers: { start: Int32Array; entry: Int32Array },
  ) {
    this.#conditional = conditional;
    this.#indices = indices;
    this.#n = n;
    this.#k = k;
    this.#pointers = pointers;
    this.#place = new Int32Array(n);
    this.#owner = new Int32Array(n).fill(-1);
    this.column = new Int32Array(n);
    this.value = new Float64Array(n);
  }

  /** The number of entries of a row. */
  count(i: number): number {
    const { start, entry } = this.#pointers;
    const k = this.#k;
    for (let e = i * k; e < (i + 1) * k; e++) this.#owner[this.#indices[e]] = i;
    let size = k;
    for (let r = start[i]; r < start[i + 1]; r++) {
      if (this.#owner[Math.floor(entry[r] / k)] !== i) size++;
    }
    return size;
  }

  /** Computes a row, and returns the number of its entries. */
  fill(i: number): number {
    const { start, entry } = this.#pointers;
    const k = this.#k;
    const scale = 2 * this.#n;
    let size = 0;
    for (let e = i * k; e < (i + 1) * k; e++) {
      const j = this.#indices[e];
      this.#owner[j] = -2 - i;
      this.#place[j] = size;
      this.column[size] = j;
      this.value[size++] = this.#conditional[e] / scale;
    }
    for (let r = start[i]; r < start[i + 1]; r++) {
      const e = entry[r];
      const j = Math.floor(e / k);
      if (this.#owner[j] === -2 - i) {
        this.value[this.#place[j]] += this.#conditional[e] / scale;
      } else {
        this.column[size] = j;
        this.value[size++] = this.#conditional[e] / scale;
      }
    }
    return size;
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
