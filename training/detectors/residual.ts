import { MAX_COLUMNS, measureMoments } from '../linear/covariance.ts';
import { decomposeSymmetric } from '../linear/eigen.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Detector, FittedDetector } from './detector.ts';

/** Share of the variance that the components keep. */
const KEPT = 0.9;

/**
 * What is left of a row once its projection on the principal components is subtracted: the mean square over the
 * columns, so the squared distance from the plane with most of the variance divided by d (the Q statistic of
 * Jackson & Mudholkar 1979).
 */
export function createResidual(name: string, choose: (variances: readonly number[]) => number): Detector {
  return {
    name,
    title: 'residual of principal component analysis',
    family: 'projection',
    minRows: 2,
    maxColumns: MAX_COLUMNS,
    async fit(rows) {
      const { d } = rows;
      const { mean, covariance } = measureMoments(rows);
      const { values, vectors } = decomposeSymmetric(covariance, d);
      const count = Math.max(0, Math.min(d - 1, choose(values)));
      return buildSubgraph(mean, Float32Array.from(vectors.subarray(0, count * d)), count, d);
    },
  };
}

/** The smallest number of leading components that hold a share of the variance. */
export function countComponents(variances: readonly number[], share: number): number {
  const total = variances.reduce((sum, value) => sum + Math.max(0, value), 0);
  let sum = 0;
  const at = variances.findIndex((value) => {
    sum += Math.max(0, value);
    return sum >= share * total;
  });
  return at + 1;
}

export const residual = createResidual('pca_residual', (variances) => countComponents(variances, KEPT));

function buildSubgraph(
  mean: Float64Array,
  components: Float32Array,
  count: number,
  d: number,
): FittedDetector {
  const shares = (graph: Graph, x: Value) => {
    const centred = graph.sub(x, graph.constant(Float32Array.from(mean), [d]));
    if (count === 0) return graph.square(centred);
    const basis = graph.constant(components, [count, d]);
    const projected = graph.gemm(graph.gemm(centred, basis, { transB: true }), basis);
    const left = graph.sub(centred, projected);
    return graph.square(left);
  };
  return {
    units: 'ratio',
    shares,
    score: (graph, x) => graph.reduceMean(shares(graph, x), [1]),
  };
}
