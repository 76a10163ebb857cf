import { logSumExp, logSumExpRows } from '../linear/log-sum-exp.ts';
import { centrePoints, moveToPoints, squaredDistances } from '../linear/points.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector } from './detector.ts';
import { sample } from './knn.ts';

/** Rows that are kept as kernels. */
const CORESET = 5000;
/** Rows whose likelihood chooses the bandwidth. */
const JUDGES = 256;
/** Steps of the golden-section search: the interval ends 0.618²⁴ ≈ 1e-5 as long. */
const STEPS = 24;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Minus the log-density under a Gaussian on each training row (Parzen 1962), all with the bandwidth under which
 * the rows are likeliest given the others (Duin 1976). Of many training rows, a random sample is kept.
 */
export const kde: Detector = {
  name: 'kde',
  title: 'kernel density',
  family: 'statistical',
  minRows: 2,
  async fit(rows, options) {
    const points = centrePoints(sample(rows, CORESET, options));
    const { n, d } = points;
    const h = bandwidth(points);
    const norm = Math.log(n) + d * Math.log(h * Math.sqrt(2 * Math.PI));
    return {
      units: 'log',
      score(graph: Graph, x: Value) {
        const squares = squaredDistances(graph, moveToPoints(graph, x, points), points);
        const each = graph.mul(squares, -0.5 / h ** 2);
        return graph.sub(norm, graph.squeeze(logSumExpRows(graph, each).total, [1]));
      },
    };
  },
};

/**
 * The h that maximises the sum over some rows of log Σ exp(−‖x − y‖² / 2h²) − d log h, y all rows but x itself
 * and its copies, which would call for a bandwidth of 0. 1 if all rows are copies.
 */
export function bandwidth({ values, n, d }: Matrix): number {
  const judges = Math.min(JUDGES, n);
  const squares: Float64Array[] = [];
  for (let q = 0; q < judges; q++) {
    const self = Math.floor((q * n) / judges) * d;
    const own = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += (values[self + c] - values[j * d + c]) ** 2;
      own[j] = sum;
    }
    const others = own.filter((square) => square > 0);
    if (others.length > 0) squares.push(others);
  }
  if (squares.length === 0) return 1;
  const nearest = squares.map((own) => own.reduce((a, b) => Math.min(a, b))).sort((a, b) => a - b);
  const farthest = squares.map((own) => own.reduce((a, b) => Math.max(a, b)));
  const likelihood = (logH: number) => {
    const scale = 0.5 * Math.exp(-2 * logH);
    let total = -squares.length * d * logH;
    for (const own of squares) total += logSumExp(own, -scale);
    return total;
  };
  const low = 0.5 * Math.log(nearest[nearest.length >> 1]) - Math.log(10 * Math.sqrt(d));
  const high = 0.5 * Math.log(Math.max(...farthest));
  return Math.exp(goldenSection(likelihood, low, high));
}

/** Where a function with one maximum between `low` and `high` has it (Kiefer 1953). */
function goldenSection(f: (x: number) => number, low: number, high: number): number {
  let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [fa, fb] = [f(a), f(b)];
  for (let step = 0; step < STEPS; step++) {
    if (fa < fb) {
      low = a;
      [a, fa] = [b, fb];
      b = low + GOLDEN * (high - low);
      fb = f(b);
    } else {
      high = b;
      [b, fb] = [a, fa];
      a = high - GOLDEN * (high - low);
      fa = f(a);
    }
  }
  return (low + high) / 2;
}
