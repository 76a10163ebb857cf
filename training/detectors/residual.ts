import { MAX_COLUMNS, measureMoments } from '../linear/covariance.ts';
import { decomposeSymmetric } from '../linear/eigen.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Detector, Fitted } from './detector.ts';

/** Share of the variance that the components keep. */
const KEPT = 0.9;

/**
 * What is left of a row when its projection on the principal components is taken away: the squared distance from
 * the plane that holds most of the variance (Jackson & Mudholkar 1979, the Q statistic).
 */
export function residualOf(name: string, choose: (variances: readonly number[]) => number): Detector {
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
      return fitted(mean, Float32Array.from(vectors.subarray(0, count * d)), count, d);
    },
  };
}

/** The fewest components that hold a share of the variance. */
export function componentsFor(variances: readonly number[], share: number): number {
  const total = variances.reduce((sum, value) => sum + Math.max(0, value), 0);
  let sum = 0;
  const at = variances.findIndex((value) => {
    sum += Math.max(0, value);
    return sum >= share * total;
  });
  return at + 1;
}

export const residual = residualOf('pca_residual', (variances) => componentsFor(variances, KEPT));

function fitted(mean: Float64Array, components: Float32Array, count: number, d: number): Fitted {
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
