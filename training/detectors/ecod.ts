import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, FittedDetector } from './detector.ts';

/** Pieces of a column's distribution function: a power of two, for binary search. */
const PIECES = 128;
/** Pieces left for the rows' values, after the flat piece at either end and the ramps to them. */
const KNOTS = PIECES - 3;

/**
 * How far beyond the outermost rows a tail becomes empty: a share of the range or of the magnitude, at least `least`.
 */
const MARGIN = { range: 1e-3, size: 1e-6, least: 1e-4 };

/** The start of an unused piece. */
const NEVER = 3e38;

/**
 * Unsupervised outlier detection by empirical cumulative distributions (Li, Zhao, Hu, Botta, Ionescu & Chen 2022,
 * algorithm 1). For each column, −log of the probability of a value at least as low, and of one at least as high.
 * Three sums over the columns: all left tails, all right tails, and each column's longer tail. The score is the
 * largest of the three. The scored row counts as one more training row: a probability is (1 + rows as low) / (n + 1).
 */
export const ecod: Detector = {
  name: 'ecod',
  title: 'empirical cumulative distributions (ECOD)',
  family: 'statistical',
  minRows: 2,
  async fit(rows) {
    return buildSubgraph(tabulateTails(rows));
  },
};

/**
 * −log of the probabilities of one tail, piecewise linear: each piece's value at its start, and its slope; d ×
 * PIECES.
 */
interface TailTable {
  values: Float32Array;
  slopes: Float32Array;
}

/** Both tails of every column. */
interface TailTables {
  d: number;
  /** Where each piece starts, d × PIECES. */
  starts: Float32Array;
  left: TailTable;
  right: TailTable;
  /** 1 for each column whose left tail is the longer one, else 0. */
  leftIsLonger: Float32Array;
}

function tabulateTails({ values, n, d }: Matrix): TailTables {
  const starts = new Float32Array(d * PIECES).fill(NEVER);
  const tail = (): TailTable => ({
    values: new Float32Array(d * PIECES),
    slopes: new Float32Array(d * PIECES),
  });
  const [left, right] = [tail(), tail()];
  const leftIsLonger = new Float32Array(d);
  const column = new Float32Array(n);
  for (let j = 0; j < d; j++) {
    for (let i = 0; i < n; i++) column[i] = values[i * d + j];
    column.sort();
    leftIsLonger[j] = Number(thirdMoment(column) < 0);
    const { x, low, high } = measureTails(column);
    const first = j * PIECES;
    // The function is flat before the first knot and after the last one.
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
  return { d, starts, left, right, leftIsLonger };
}

function buildSubgraph({ d, starts, left, right, leftIsLonger }: TailTables): FittedDetector {
  /** The terms of the three sums, N × d each, and the sums, N × 1. */
  const parts = (graph: Graph, x: Value) => {
    const piece = findPiece(graph, x, starts, d);
    const of = (table: Float32Array) => graph.gather(graph.constant(table, [d * PIECES]), piece);
    const along = graph.sub(x, of(starts));
    const interpolate = ({ values, slopes }: TailTable) => {
      const line = graph.add(of(values), graph.mul(of(slopes), along));
      return graph.max(line, 0);
    };
    const [low, high] = [interpolate(left), interpolate(right)];
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
    /** The terms of the largest sum. */
    shares: (graph, x) =>
      parts(graph, x).reduce((a, b) => ({
        part: graph.where(graph.greaterOrEqual(a.sum, b.sum), a.part, b.part),
        sum: graph.max(a.sum, b.sum),
      })).part,
  };
}

/** Has the sign of the column's skewness. */
function thirdMoment(column: Float32Array): number {
  let mean = 0;
  for (const value of column) mean += value / column.length;
  let sum = 0;
  for (const value of column) sum += (value - mean) ** 3;
  return sum;
}

/**
 * −log of both tails of a sorted column, at knots x in ascending order: at all distinct values if they are few, else
 * at values whose ranks have equally spaced log-odds, which puts many knots into both tails. Between two knots the
 * logarithm is interpolated linearly.
 */
function measureTails(sorted: Float32Array): { x: number[]; low: number[]; high: number[] } {
  const n = sorted.length;
  // The index at which each distinct value begins.
  const begins: number[] = [];
  for (let i = 0; i < n; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) begins.push(i);
  const [least, most] = [sorted[0], sorted[n - 1]];
  const size = Math.max(Math.abs(least), Math.abs(most));
  const margin = Math.max(MARGIN.range * (most - least), MARGIN.size * size, MARGIN.least);
  const all = Math.log(n + 1);
  const x = [Math.fround(least - margin)];
  const low = [all];
  const high = [0];
  for (const v of chooseKnots(begins, n)) {
    const end = begins[v + 1] ?? n;
    x.push(sorted[begins[v]]);
    low.push(all - Math.log(1 + end));
    high.push(all - Math.log(1 + n - begins[v]));
  }
  return { x: [...x, Math.fround(most + margin)], low: [...low, 0], high: [...high, all] };
}

/** The indices of at most KNOTS of the values that begin at these ranks, the first and the last among them. */
function chooseKnots(begins: readonly number[], n: number): number[] {
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
 * For each value of x (N × d), the index into the tables of its piece: the last one of its column that starts at or
 * before the value, by a binary search of seven steps.
 */
function findPiece(graph: Graph, x: Value, starts: Float32Array, d: number): Value {
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
