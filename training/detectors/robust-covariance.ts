import { Random } from '../../kernels/random.ts';
import { quantile } from '../data/datasets/statistics.ts';
import { chiSquaredCdf, chiSquaredQuantile } from '../linear/chi-squared.ts';
import { computeWhitening } from '../linear/covariance.ts';
import { decomposeSymmetric } from '../linear/eigen.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector } from './detector.ts';
import { buildMahalanobis } from './mahalanobis.ts';
import { sampleRows } from './sample.ts';
import { findTwoValued, widenFlags } from './two-valued.ts';

/** The share of the rows whose covariance is made as small as possible: anomalies may fill the rest. */
const SUPPORT = 0.75;
/** The covariance is fitted to at most this many rows, a random sample of them. */
const MOST_ROWS = 6000;
/** With more columns, a concentration step takes too long. */
const MOST_COLUMNS = 128;

/** Random subsets that the search starts from, and how many of the best go on to the next stage. */
const STARTS = 100;
const KEPT = 3;
/** Concentration steps before the best are kept. */
const FIRST_STEPS = 2;
/** The best of all goes on until a step lowers the logarithm of the determinant by less than this. */
const TOLERANCE = 1e-4;
const MOST_STEPS = 100;
/** With more than twice as many rows as a part has, the search starts in a few small parts of them. */
const PARTS = 5;
const PART = 300;

/**
 * The largest ratio of two variances in any directions; the covariance is regularised to stay below it. The smaller one is
 * that of Boudt et al. 2020, for subsets with few rows per column.
 */
const MOST_CONDITION = { few: 50, many: 1000 };
const FEW_ROWS = 5;
/** Added to every variance of standardised columns: a subset in a plane has a small determinant instead of none. */
const FLOOR = 1e-9;
/** How often the search is repeated with more regularisation, after it found a subset that needs it. */
const ROUNDS = 3;
/** Rows within this quantile of the chi-squared distribution count when the covariance is computed again. */
const CUTOFF = 0.975;

/**
 * The squared Mahalanobis distance from the mean, by the minimum covariance determinant: mean and covariance of the
 * subset of rows with the least determinant, found by FastMCD (Rousseeuw & Van Driessen 1999), and then of all rows that
 * are near by them. If that covariance is nearly singular, it is regularised (Boudt, Rousseeuw, Vanduffel & Verdonck 2020).
 *
 * A rare flag or category, which no row of the subset may have, alone is no anomaly: see {@link widenFlags}.
 */
export const robustCovariance: Detector = {
  name: 'robust_covariance',
  title: 'Mahalanobis distance, minimum covariance determinant',
  family: 'statistical',
  minRows: 2,
  maxColumns: MOST_COLUMNS,
  resistant: true,
  async fit(rows, options) {
    const taken = sampleRows(rows, MOST_ROWS, options);
    const { mean, covariance } = fitMcd(taken, Math.ceil(SUPPORT * taken.n), options);
    widenFlags(covariance, findTwoValued(rows));
    return buildMahalanobis(mean, covariance, taken.d);
  },
};

/** Rows with columns in units of their usual deviation: n × d, row-major. */
interface Sample {
  readonly values: Float64Array;
  readonly n: number;
  readonly d: number;
}

/** Moments of some rows of a sample: their mean, their covariance S, and K = ρ I + (1 − ρ) c S as L Lᵀ. */
interface Estimate {
  readonly rows: Uint32Array;
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  readonly inverse: Float64Array;
  readonly logDet: number;
}

/** What makes K of S: the share ρ of the identity, and the consistency factor c. */
interface Shape {
  readonly regularisation: number;
  readonly factor: number;
}

export interface SearchOptions {
  seed: number;
  /** Random subsets that the search starts from. */
  starts?: number;
}

/**
 * The minimum covariance determinant of rows: `subset` are the `h` rows with the least determinant that the search found,
 * ascending; `mean` [d] and `covariance` [d × d] are the reweighted estimates, consistent for normal rows. If
 * `regularisation` (0 to 1) is not 0, they are those of the subset itself, regularised.
 */
export function fitMcd(rows: Matrix, h: number, options: SearchOptions) {
  const { sample, centre, unit } = standardise(rows);
  const { n, d } = sample;
  const factor = consistencyFactor(h / n, d);
  const origin = measureDistances(sample, new Float64Array(d), identity(d));
  const middle = estimate(sample, takeNearest(origin, h), { regularisation: 0, factor });
  let regularisation = regularisationFor(middle, factor);
  let found = search(sample, h, { regularisation, factor }, options);
  for (let round = 1; round <= ROUNDS; round++) {
    const needed = regularisationFor(found, factor);
    if (needed <= regularisation) break;
    regularisation = needed;
    if (round < ROUNDS) found = search(sample, h, { regularisation, factor }, options);
  }
  const { mean, covariance } = reweight(sample, found, { regularisation, factor });
  return {
    subset: found.rows,
    regularisation,
    mean: mean.map((value, j) => centre[j] + unit[j] * value),
    covariance: covariance.map((value, p) => unit[Math.floor(p / d)] * unit[p % d] * value),
  };
}

/**
 * The median of each column and its usual deviation: the median absolute deviation, the standard deviation if most values
 * are equal, the mean of the other columns' if all are.
 */
function standardise({ values, n, d }: Matrix) {
  const centre = new Float64Array(d);
  const unit = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const column = Float64Array.from({ length: n }, (_, i) => values[i * d + j]).sort();
    centre[j] = quantile(column, 0.5);
    if (column[0] === column[n - 1]) continue;
    const away = column.map((value) => Math.abs(value - centre[j])).sort();
    const mean = column.reduce((sum, value) => sum + value / n, 0);
    const square = column.reduce((sum, value) => sum + (value - mean) ** 2 / n, 0);
    unit[j] = 1.4826 * quantile(away, 0.5) || Math.sqrt(square);
  }
  const known = unit.filter((value) => value > 0);
  const usual = known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : 1;
  for (let j = 0; j < d; j++) unit[j] ||= usual;
  const scaled = Float64Array.from(values, (value, p) => (value - centre[p % d]) / unit[p % d]);
  return { sample: { values: scaled, n, d }, centre, unit };
}

/** Makes the covariance of the nearest share of normal rows that of all of them (Croux & Haesbroeck 1999). */
function consistencyFactor(share: number, d: number): number {
  return share < 1 ? share / chiSquaredCdf(chiSquaredQuantile(share, d), d + 2) : 1;
}

/** The least ρ for which the condition of ρ I + (1 − ρ) c S is at most {@link MOST_CONDITION}. */
function regularisationFor({ rows, mean: { length: d }, covariance }: Estimate, factor: number): number {
  const limit = rows.length < FEW_ROWS * d ? MOST_CONDITION.few : MOST_CONDITION.many;
  const { values } = decomposeSymmetric(covariance, d);
  const most = factor * values[0];
  const least = factor * Math.max(0, values[d - 1]);
  if (most <= FLOOR) return 1;
  const lacking = most - limit * least;
  return lacking <= 0 ? 0 : lacking / (limit - 1 + lacking);
}

/** The best subset of h rows that the search finds, in three stages: parts of the rows, these parts together, all rows. */
function search(sample: Sample, h: number, shape: Shape, { seed, starts = STARTS }: SearchOptions): Estimate {
  const random = new Random(seed);
  const { n, d } = sample;
  const order = random.shuffle(new Uint32Array(n).map((_, i) => i));
  const size = Math.max(PART, 4 * d);
  const count = n > 2 * size ? Math.min(PARTS, Math.floor(n / size)) : 1;
  const parts = Array.from({ length: count }, (_, k) => order.slice(k * size, (k + 1) * size));
  const within = (rows: Uint32Array) => Math.max(2, Math.round((h * rows.length) / n));
  let best: Estimate[] = [];
  if (count === 1) best = startIn(sample, h, starts, shape, random);
  else {
    const each = Math.ceil(starts / count);
    for (const rows of parts) {
      best.push(...startIn(selectSample(sample, rows), within(rows), each, shape, random));
    }
    const together = order.slice(0, count * size);
    const merged = selectSample(sample, together);
    best = keepBest(best.map((one) => concentrate(merged, one, within(together), FIRST_STEPS, shape)));
  }
  const [first] = keepBest(best.map((one) => concentrate(sample, one, h, FIRST_STEPS, shape)));
  return concentrate(sample, first, h, MOST_STEPS, shape);
}

/**
 * The best of a few concentration steps from random subsets of d + 1 rows, and from a sphere around the median. In many
 * columns, hardly any random subset is free of anomalies, but the sphere is hardly moved by them.
 */
function startIn(sample: Sample, h: number, count: number, shape: Shape, random: Random): Estimate[] {
  const { n, d } = sample;
  const sphere = measureDistances(sample, new Float64Array(d), identity(d));
  const starts = [estimate(sample, takeNearest(sphere, h), shape)];
  const order = new Uint32Array(n).map((_, i) => i);
  for (let k = 0; k < count; k++) {
    random.shuffle(order);
    starts.push(estimate(sample, order.slice(0, Math.min(h, d + 1)), shape));
  }
  return keepBest(starts.map((start) => concentrate(sample, start, h, FIRST_STEPS, shape)));
}

const keepBest = (estimates: readonly Estimate[]): Estimate[] =>
  estimates.toSorted((a, b) => a.logDet - b.logDet).slice(0, KEPT);

/**
 * Concentration steps: the h rows that are nearest by an estimate have a smaller determinant, or the same (theorem 1 of
 * Rousseeuw & Van Driessen 1999; for regularised covariances, theorem 1 of Boudt et al. 2020).
 */
function concentrate(sample: Sample, start: Estimate, h: number, steps: number, shape: Shape): Estimate {
  let from = start;
  for (let step = 0; step < steps; step++) {
    const nearest = takeNearest(measureDistances(sample, from.mean, from.inverse), h);
    const next = estimate(sample, nearest, shape);
    if (step > 0 && next.logDet > from.logDet - TOLERANCE) break;
    from = next;
  }
  return from;
}

/** Mean and covariance of all rows that are near by an estimate; those of the estimate, if they would be nearly singular. */
function reweight(sample: Sample, found: Estimate, shape: Shape) {
  const { d } = sample;
  const raw = { mean: found.mean, covariance: regularise(found.covariance, d, shape) };
  if (shape.regularisation > 0) return raw;
  const limit = chiSquaredQuantile(CUTOFF, d);
  const distances = measureDistances(sample, found.mean, found.inverse);
  const near = new Uint32Array(sample.n).map((_, i) => i).filter((i) => distances[i] <= limit);
  if (near.length <= d) return raw;
  const factor = consistencyFactor(CUTOFF, d);
  const again = estimate(sample, near, { regularisation: 0, factor });
  if (regularisationFor(again, factor) > 0) return raw;
  return { mean: again.mean, covariance: regularise(again.covariance, d, { regularisation: 0, factor }) };
}

/** Moments of the rows with these indices. */
function estimate({ values, d }: Sample, rows: Uint32Array, shape: Shape): Estimate {
  const mean = new Float64Array(d);
  for (const i of rows) for (let j = 0; j < d; j++) mean[j] += values[i * d + j];
  for (let j = 0; j < d; j++) mean[j] /= rows.length;
  const covariance = new Float64Array(d * d);
  const row = new Float64Array(d);
  for (const i of rows) {
    for (let j = 0; j < d; j++) row[j] = values[i * d + j] - mean[j];
    for (let j = 0; j < d; j++) {
      const own = row[j];
      for (let k = 0, p = j * d; k <= j; k++, p++) covariance[p] += own * row[k];
    }
  }
  for (let j = 0; j < d; j++) {
    for (let k = 0; k <= j; k++) {
      covariance[j * d + k] /= rows.length;
      covariance[k * d + j] = covariance[j * d + k];
    }
  }
  return { rows, mean, covariance, ...computeWhitening(regularise(covariance, d, shape), d) };
}

/** K = ρ I + (1 − ρ) c S, and a little more on the diagonal. */
function regularise(covariance: Float64Array, d: number, { regularisation, factor }: Shape): Float64Array {
  const result = covariance.map((value) => (1 - regularisation) * factor * value);
  for (let j = 0; j < d; j++) result[j * d + j] += regularisation + FLOOR;
  return result;
}

/** ‖L⁻¹ (x − μ)‖² for every row: [n]. `inverse`: L⁻¹, lower triangular. */
function measureDistances({ values, n, d }: Sample, mean: Float64Array, inverse: Float64Array): Float64Array {
  const result = new Float64Array(n);
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) row[j] = values[i * d + j] - mean[j];
    let sum = 0;
    for (let j = 0; j < d; j++) {
      let y = 0;
      for (let k = 0, p = j * d; k <= j; k++, p++) y += inverse[p] * row[k];
      sum += y * y;
    }
    result[i] = sum;
  }
  return result;
}

/** The indices of the h smallest distances, ascending; the first of equal ones. */
function takeNearest(distances: Float64Array, h: number): Uint32Array {
  const sorted = distances.toSorted();
  const farthest = sorted[h - 1];
  let equal = h - sorted.indexOf(farthest);
  const result = new Uint32Array(h);
  for (let i = 0, at = 0; at < h; i++) {
    if (distances[i] < farthest || (distances[i] === farthest && equal-- > 0)) result[at++] = i;
  }
  return result;
}

function selectSample({ values, d }: Sample, rows: Uint32Array): Sample {
  const selected = new Float64Array(rows.length * d);
  for (const [at, i] of rows.entries()) selected.set(values.subarray(i * d, (i + 1) * d), at * d);
  return { values: selected, n: rows.length, d };
}

const identity = (d: number) => Float64Array.from({ length: d * d }, (_, p) => Number(p % (d + 1) === 0));
