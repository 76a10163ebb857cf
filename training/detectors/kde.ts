import { logSumExp, logSumExpRows } from '../linear/log-sum-exp.ts';
import { centrePoints, moveToPoints, squaredDistances } from '../linear/points.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector } from './detector.ts';
import { sampleRows } from './sample.ts';

/** Rows that are kept as kernels. */
const CORESET = 5000;
/** Rows whose likelihood the bandwidth maximises. */
const JUDGES = 256;
/** Steps of the golden-section search: they shrink the interval by 0.618²⁴ ≈ 1e-5. */
const STEPS = 24;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Kernel density: minus the log of the mean density of Gaussians, one on each training row (Parzen 1962). All have the
 * bandwidth that maximises the leave-one-out likelihood (Duin 1976). Keeps a random sample of many training rows.
 */
export const kde: Detector = {
  name: 'kde',
  title: 'kernel density',
  family: 'statistical',
  minRows: 2,
  keepsRows: true,
  async fit(rows, options) {
    const points = centrePoints(sampleRows(rows, CORESET, options));
    const { n, d } = points;
    const h = chooseBandwidth(points);
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
 * The h that maximises the sum over some rows x of log Σ exp(−‖x − y‖² / 2h²) − d log h, where y are all rows except
 * x and its copies: with them, the best bandwidth would be 0. Returns 1 if all rows are copies of one.
 */
export function chooseBandwidth({ values, n, d }: Matrix): number {
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
  return Math.exp(maximise(likelihood, low, high));
}

/** Finds the maximum of a unimodal function between `low` and `high` by golden-section search (Kiefer 1953). */
function maximise(f: (x: number) => number, low: number, high: number): number {
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
