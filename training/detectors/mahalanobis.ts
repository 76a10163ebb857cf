import { computeWhitening, MAX_COLUMNS, measureMoments } from '../linear/covariance.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, FittedDetector } from './detector.ts';

/**
 * The squared Mahalanobis distance from the mean. The covariance is shrunk towards a multiple of the identity by the
 * share that minimises the expected error (Ledoit & Wolf 2004).
 */
export const mahalanobis: Detector = {
  name: 'mahalanobis',
  title: 'Mahalanobis distance, covariance by Ledoit and Wolf',
  family: 'statistical',
  minRows: 2,
  maxColumns: MAX_COLUMNS,
  async fit(rows) {
    const { mean, covariance } = ledoitWolf(rows);
    return buildMahalanobis(mean, covariance, rows.d);
  },
};

/** The mean, the shrunk covariance (d × d), and the share of the identity in it (`shrinkage`, 0 to 1). */
export function ledoitWolf(rows: Matrix) {
  const { values, n, d } = rows;
  const { mean, covariance } = measureMoments(rows);
  let trace = 0;
  let squares = 0;
  for (let j = 0; j < d; j++) trace += covariance[j * d + j];
  for (let p = 0; p < d * d; p++) squares += covariance[p] ** 2;
  const level = trace / d;
  // ‖S − μI‖² and the mean of ‖xxᵀ − S‖² over n, both over d; equations 11 to 13 of Ledoit & Wolf 2004.
  const spread = (squares - d * level ** 2) / d;
  let fourth = 0;
  for (let i = 0; i < n; i++) {
    let norm = 0;
    for (let j = 0; j < d; j++) norm += (values[i * d + j] - mean[j]) ** 2;
    fourth += norm ** 2;
  }
  const noise = Math.min(spread, (fourth / n - squares) / (n * d));
  const shrinkage = spread > 0 ? noise / spread : 1;
  const shrunk = covariance.map((value) => (1 - shrinkage) * value);
  // A ridge far below any variance that matters makes the matrix invertible even if a column is constant.
  const ridge = Math.max(1e-6 * level, 1e-12);
  for (let j = 0; j < d; j++) shrunk[j * d + j] += shrinkage * level + ridge;
  return { mean, covariance: shrunk, shrinkage };
}

/** Scores rows by the squared distance (x − μ)ᵀ Σ⁻¹ (x − μ). */
export function buildMahalanobis(mean: Float64Array, covariance: Float64Array, d: number): FittedDetector {
  const { inverse } = computeWhitening(covariance, d);
  const offset = (graph: Graph) => graph.constant(Float32Array.from(mean), [d]);
  const white = (graph: Graph, x: Value) =>
    graph.gemm(graph.sub(x, offset(graph)), graph.constant(Float32Array.from(inverse), [d, d]), {
      transB: true,
    });
  return {
    units: 'ratio',
    score(graph, x) {
      const y = white(graph, x);
      return graph.reduceSum(graph.square(y), [1]);
    },
    /** How much the squared distance shrinks if column j is left out: (Σ⁻¹ (x − μ))ⱼ² / (Σ⁻¹)ⱼⱼ. */
    shares(graph, x) {
      const pulled = graph.matMul(white(graph, x), graph.constant(scaleInverse(inverse, d), [d, d]));
      return graph.square(pulled);
    },
  };
}

/** L⁻¹ (d × d, lower triangular) with column j divided by √(Σ⁻¹)ⱼⱼ. */
export function scaleInverse(inverse: Float64Array, d: number): Float32Array {
  const result = new Float32Array(d * d);
  for (let j = 0; j < d; j++) {
    let precision = 0;
    for (let i = j; i < d; i++) precision += inverse[i * d + j] ** 2;
    const root = Math.sqrt(precision);
    for (let i = j; i < d; i++) result[i * d + j] = inverse[i * d + j] / root;
  }
  return result;
}
