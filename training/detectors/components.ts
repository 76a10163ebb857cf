import { MAX_COLUMNS, measureMoments } from '../linear/covariance.ts';
import { decomposeSymmetric } from '../linear/eigen.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Detector, Fitted } from './detector.ts';
import { componentsFor } from './residual.ts';

/** The major components are the first that hold this share of the variance. */
const MAJOR = 0.5;
/** The minor components are those whose variance is under this share of the mean of all; the last one at least. */
const MINOR = 0.2;
/** Variances below this share of the mean count as this: where nothing varies, a change is large, not infinite. */
const LEAST = 1e-6;

/**
 * The sum of squared projections on some principal components, each over its variance (Shyu, Chen,
 * Sarinnapakorn & Chang 2003): the major components show rows that are extreme in the ways in which all rows differ,
 * the minor ones those that break what holds between the columns. `choose` says from which component to before
 * which, by their variances, falling.
 */
function componentsOf(
  name: string,
  title: string,
  choose: (variances: readonly number[]) => readonly [number, number],
): Detector {
  return {
    name,
    title,
    family: 'projection',
    minRows: 2,
    maxColumns: MAX_COLUMNS,
    async fit(rows) {
      const { d } = rows;
      const { mean, covariance } = measureMoments(rows);
      const { values, vectors } = decomposeSymmetric(covariance, d);
      const [from, to] = choose(values);
      const average = values.reduce((sum, value) => sum + value, 0) / d;
      const least = average > 0 ? LEAST * average : LEAST;
      const scaled = vectors.slice(from * d, to * d);
      for (let i = from; i < to; i++) {
        const deviation = Math.sqrt(Math.max(values[i], least));
        for (let j = 0; j < d; j++) scaled[(i - from) * d + j] /= deviation;
      }
      return fitted(mean, vectors.subarray(from * d, to * d), scaled, to - from, d);
    },
  };
}

export const pcaMajor = componentsOf('pca_major', 'major principal components', (variances) => [
  0,
  Math.max(1, componentsFor(variances, MAJOR)),
]);

export const pcaMinor = componentsOf('pca_minor', 'minor principal components', (variances) => {
  const average = variances.reduce((sum, value) => sum + value, 0) / variances.length;
  const first = variances.findIndex((value) => value < MINOR * average);
  return [first < 0 ? variances.length - 1 : first, variances.length];
});

/** `vectors` and the same over their deviations, count × d each. */
function fitted(
  mean: Float64Array,
  vectors: Float64Array,
  scaled: Float64Array,
  count: number,
  d: number,
): Fitted {
  const basis = (graph: Graph, data: Float64Array) => graph.constant(Float32Array.from(data), [count, d]);
  const projected = (graph: Graph, x: Value) => {
    const moved = graph.sub(x, graph.constant(Float32Array.from(mean), [d]));
    return graph.gemm(moved, basis(graph, scaled), { transB: true });
  };
  return {
    units: 'ratio',
    score(graph, x) {
      const y = projected(graph, x);
      return graph.reduceSum(graph.square(y), [1]);
    },
    /**
     * The squares of V Λ^(−½) Vᵀ (x − μ), the coordinates that are nearest to the columns among those whose squares
     * add up to the score (Garthwaite & Koch 2016).
     */
    shares(graph, x) {
      const turned = graph.gemm(projected(graph, x), basis(graph, vectors));
      return graph.square(turned);
    },
  };
}
