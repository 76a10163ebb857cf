import { MOST_COLUMNS, principalAxes, type Rows } from './axes.ts';

/**
 * A few coordinates of points in place of all of them, in which no two points are further apart: those along the leading
 * principal axes, and how far the point is from their span. So a pair can be ruled out at a fraction of the cost.
 */
export interface Projection {
  readonly mean: Float64Array;
  /** (width − 1) × d, orthonormal; undefined if the coordinates are those of the points, less the mean */
  readonly axes: Float64Array | undefined;
  /** Coordinates of a point. */
  readonly width: number;
  /** A power of two that makes all norms at most 1. */
  readonly scale: number;
}

/** Rows that the axes and the costs are estimated from, and points that are compared with them. */
const [SAMPLED, COMPARED, AXIS_ROUNDS] = [2048, 48, 4];

/** Rows below which a projection takes longer than it saves, without and with the power iteration. */
const [FEW, FEW_WIDE] = [4000, 20_000];

/** Numbers of axes that are tried, and the most with more than MOST_COLUMNS columns. */
const COUNTS = [7, 11, 15, 19, 23, 27, 31, 39, 47, 63, 95];
const MOST_AXES = 31;

/** What a pair of points costs, in multiplications of the first stage. */
const COSTS = { pair: 2, candidate: 400, column: 9 };

/** Chooses the projection that makes the search for k neighbours cheapest, as far as a sample tells. */
export function chooseProjection(rows: Rows, k: number, mean: Float64Array, scale: number): Projection {
  const { n, d } = rows;
  const whole: Projection = { mean, axes: undefined, width: d, scale };
  const most = Math.min(d - 1, d > MOST_COLUMNS ? MOST_AXES : d);
  if (n < (d > MOST_COLUMNS ? FEW_WIDE : FEW) || most < COUNTS[0]!) return whole;
  const sample = spread(rows, SAMPLED);
  const all = principalAxes(sample, mean, most, AXIS_ROUNDS);
  const shares = measurePasses(sample, k / n, { ...whole, axes: all, width: most + 1 });
  const costOf = (width: number, share: number) =>
    width + COSTS.pair + share * (COSTS.candidate + COSTS.column * d);
  let [best, least] = [0, costOf(d, k / n)];
  for (const count of COUNTS) {
    if (count > most) break;
    const cost = costOf(count + 1, shares[count]!);
    if (cost < least) [best, least] = [count, cost];
  }
  return best === 0 ? whole : { ...whole, axes: all.slice(0, best * d), width: best + 1 };
}

/** Up to `most` rows, evenly spaced. */
function spread({ values, n, d }: Rows, most: number): Rows {
  const size = Math.min(n, most);
  const sample = new Float32Array(size * d);
  for (let i = 0; i < size; i++) {
    const row = Math.floor((i * n) / size) * d;
    sample.set(values.subarray(row, row + d), i * d);
  }
  return { values: sample, n: size, d };
}

/**
 * For each number of axes, the share of pairs that are not ruled out by it when the nearest `share` of the rows are looked
 * for.
 */
function measurePasses(sample: Rows, share: number, projection: Projection): Float64Array {
  const { n, d } = sample;
  const axes = projection.width - 1;
  const coordinates = new Float32Array(n * projection.width);
  project(sample, projection, 0, n, coordinates);
  const passes = new Float64Array(axes + 1);
  const squares = new Float64Array(n);
  const rest = new Float64Array(axes + 1);
  const compared = Math.min(n, COMPARED);
  for (let a = 0; a < compared; a++) {
    const i = Math.floor(((a + 0.5) * n) / compared);
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += (sample.values[i * d + c] - sample.values[j * d + c]) ** 2;
      squares[j] = sum;
    }
    const limit = squares.slice().sort()[Math.min(n - 1, 1 + Math.ceil(share * n))]! * projection.scale ** 2;
    for (let j = 0; j < n; j++) {
      // Backwards, the distance from the span of the axes so far grows by one coordinate each.
      const [p, q] = [i * projection.width, j * projection.width];
      let [own, other] = [coordinates[p + axes] ** 2, coordinates[q + axes] ** 2];
      for (let c = axes; c > 0; c--) {
        rest[c] = (Math.sqrt(own) - Math.sqrt(other)) ** 2;
        own += coordinates[p + c - 1] ** 2;
        other += coordinates[q + c - 1] ** 2;
      }
      let sum = 0;
      for (let c = 1; c <= axes; c++) {
        sum += (coordinates[p + c - 1] - coordinates[q + c - 1]) ** 2;
        if (sum + rest[c] <= limit) passes[c] += 1 / (compared * n);
      }
    }
  }
  return passes;
}

/**
 * Computes the coordinates of the points `start` to `end` (exclusive).
 *
 * @param target n × width
 */
export function project(
  { values, d }: Rows,
  { mean, axes, width, scale }: Projection,
  start: number,
  end: number,
  target: Float32Array,
): void {
  const row = new Float64Array(d);
  for (let i = start; i < end; i++) {
    for (let j = 0; j < d; j++) row[j] = scale * (values[i * d + j] - mean[j]);
    if (!axes) {
      target.set(row, i * width);
      continue;
    }
    for (let a = 0; a < width - 1; a++) {
      let sum = 0;
      for (let j = 0, p = a * d; j < d; j++, p++) sum += row[j] * axes[p];
      for (let j = 0, p = a * d; j < d; j++, p++) row[j] -= sum * axes[p];
      target[i * width + a] = sum;
    }
    let rest = 0;
    for (let j = 0; j < d; j++) rest += row[j] * row[j];
    target[i * width + width - 1] = Math.sqrt(rest);
  }
}
