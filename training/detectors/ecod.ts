import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, Fitted } from './detector.ts';

/** Pieces of a column's distribution function: a power of two, as they are found by halving. */
const PIECES = 128;
/** What the two pieces beyond the rows and the two ramps to them leave for values of the rows. */
const KNOTS = PIECES - 3;

/** From the outermost rows to where the tail is empty: a share of the range, of the size, and at least so much. */
const MARGIN = { range: 1e-3, size: 1e-6, least: 1e-4 };

/** Where a piece that is not used starts. */
const NEVER = 3e38;

/**
 * Unsupervised outlier detection by empirical cumulative distributions (Li, Zhao, Hu, Botta, Ionescu & Chen 2022,
 * algorithm 1): −log of the probability of a value as low, and of one as high, column by column, summed
 * over the columns on the left, on the right, and on the side of each column's longer tail; the largest of the
 * three sums. A row counts among the training rows: the probabilities are (1 + rows as low) / (n + 1).
 */
export const ecod: Detector = {
  name: 'ecod',
  title: 'empirical cumulative distributions (ECOD)',
  family: 'statistical',
  minRows: 2,
  async fit(rows) {
    return fitted(rows);
  },
};

/** −log of a tail, linear in each piece: the value at its start, and the slope. */
interface Tail {
  values: Float32Array;
  slopes: Float32Array;
}

function fitted({ values, n, d }: Matrix): Fitted {
  const starts = new Float32Array(d * PIECES).fill(NEVER);
  const tail = (): Tail => ({ values: new Float32Array(d * PIECES), slopes: new Float32Array(d * PIECES) });
  const [left, right] = [tail(), tail()];
  const leftIsLonger = new Float32Array(d);
  const column = new Float32Array(n);
  for (let j = 0; j < d; j++) {
    for (let i = 0; i < n; i++) column[i] = values[i * d + j];
    column.sort();
    leftIsLonger[j] = Number(thirdMoment(column) < 0);
    const { x, low, high } = curves(column);
    const first = j * PIECES;
    // Before the first knot nothing changes, nor behind the last one.
    starts[first] = x[0];
    left.values[first] = low[0];
    right.values[first] = high[0];
    for (let i = 0; i < x.length; i++) {
      const at = first + i + 1;
      starts[at] = x[i];
      left.values[at] = low[i];
      right.values[at] = high[i];
      if (i + 1 === x.length) continue;
      left.slopes[at] = (low[i + 1] - low[i]) / (x[i + 1] - x[i]);
      right.slopes[at] = (high[i + 1] - high[i]) / (x[i + 1] - x[i]);
    }
  }

  /** The columns' parts of the three sums, N × d each, and the sums, N × 1. */
  const parts = (graph: Graph, x: Value) => {
    const piece = pieceOf(graph, x, starts, d);
    const of = (table: Float32Array) => graph.gather(graph.constant(table, [d * PIECES]), piece);
    const along = graph.sub(x, of(starts));
    const logOf = ({ values, slopes }: Tail) => {
      const line = graph.add(of(values), graph.mul(of(slopes), along));
      return graph.max(line, 0);
    };
    const [low, high] = [logOf(left), logOf(right)];
    const lower = graph.mul(graph.sub(low, high), graph.constant(leftIsLonger, [d]));
    const longer = graph.add(high, lower);
    return [low, high, longer].map((part) => ({
      part,
      sum: graph.reduceSum(part, [1], true),
    }));
  };
  return {
    units: 'log',
    score(graph, x) {
      const largest = parts(graph, x)
        .map(({ sum }) => sum)
        .reduce((a, b) => graph.max(a, b));
      return graph.squeeze(largest, [1]);
    },
    /** The columns' parts of the largest sum. */
    shares: (graph, x) =>
      parts(graph, x).reduce((a, b) => ({
        part: graph.where(graph.greaterOrEqual(a.sum, b.sum), a.part, b.part),
        sum: graph.max(a.sum, b.sum),
      })).part,
  };
}

/** The sign of the skewness, of a column that is sorted or not. */
function thirdMoment(column: Float32Array): number {
  let mean = 0;
  for (const value of column) mean += value / column.length;
  let sum = 0;
  for (const value of column) sum += (value - mean) ** 3;
  return sum;
}

/**
 * −log of both tails at rising knots, of a sorted column: at all its values if they are few, else at values whose
 * ranks are equally far apart as log-odds, which are close in both tails. Between two values that are
 * neighbours by rank, or as near as the knots are, the logarithm is read off a straight line.
 */
function curves(sorted: Float32Array): { x: number[]; low: number[]; high: number[] } {
  const n = sorted.length;
  // Where in the column each value that differs from the one before begins.
  const begins: number[] = [];
  for (let i = 0; i < n; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) begins.push(i);
  const [least, most] = [sorted[0], sorted[n - 1]];
  const size = Math.max(Math.abs(least), Math.abs(most));
  const margin = Math.max(MARGIN.range * (most - least), MARGIN.size * size, MARGIN.least);
  const all = Math.log(n + 1);
  const x = [Math.fround(least - margin)];
  const low = [all];
  const high = [0];
  for (const v of knots(begins, n)) {
    const end = begins[v + 1] ?? n;
    x.push(sorted[begins[v]]);
    low.push(all - Math.log(1 + end));
    high.push(all - Math.log(1 + n - begins[v]));
  }
  return { x: [...x, Math.fround(most + margin)], low: [...low, 0], high: [...high, all] };
}

/** At most KNOTS of the values that begin at these ranks, with the first and the last. */
function knots(begins: readonly number[], n: number): number[] {
  if (begins.length <= KNOTS) return [...begins.keys()];
  const chosen = new Set<number>();
  let v = 0;
  for (let t = 0; t < KNOTS; t++) {
    const rank = n / (1 + Math.exp(Math.log(n) * (1 - (2 * t) / (KNOTS - 1))));
    while (v + 1 < begins.length && begins[v + 1] <= rank) v++;
    chosen.add(v);
  }
  chosen.delete(begins.length - 1);
  return [...chosen, begins.length - 1];
}

/**
 * In which piece of its column's table each value of x (N × d) is, as an index in all tables: the last piece that
 * starts at or before the value, found by halving in seven steps.
 */
function pieceOf(graph: Graph, x: Value, starts: Float32Array, d: number): Value {
  const table = graph.constant(starts, [d * PIECES]);
  let at = graph.constant(
    Float32Array.from({ length: d }, (_, j) => j * PIECES),
    [d],
  );
  for (let half = PIECES / 2; half >= 1; half /= 2) {
    const middle = graph.add(at, half);
    const start = graph.gather(table, graph.toInteger(middle));
    const beyond = graph.toFloat(graph.greaterOrEqual(x, start));
    at = graph.add(at, graph.mul(beyond, half));
  }
  return graph.toInteger(at);
}
