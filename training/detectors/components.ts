import { MAX_COLUMNS, measureMoments } from '../linear/covariance.ts';
import { decomposeSymmetric } from '../linear/eigen.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Detector, FittedDetector } from './detector.ts';
import { countComponents } from './residual.ts';

/** The major components are the first that hold this share of the variance. */
const MAJOR = 0.5;
/** The minor components are those whose variance is below this share of the mean variance; always at least the last. */
const MINOR = 0.2;
/**
 * Floor for a variance, as a share of the mean variance: a change in a direction where nothing varied scores high,
 * but not infinitely high.
 */
const LEAST = 1e-6;

/**
 * The sum of the squared projections on some principal components, each divided by its variance (Shyu, Chen,
 * Sarinnapakorn & Chang 2003). The major components find rows that are extreme in a direction in which all rows vary;
 * the minor ones find rows that break a relation between columns. `choose` gets the variances in descending order
 * and returns the range of components, the end excluded.
 */
function createComponents(
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
      return buildSubgraph(mean, vectors.subarray(from * d, to * d), scaled, to - from, d);
    },
  };
}

export const pcaMajor = createComponents('pca_major', 'major principal components', (variances) => [
  0,
  Math.max(1, countComponents(variances, MAJOR)),
]);

export const pcaMinor = createComponents('pca_minor', 'minor principal components', (variances) => {
  const average = variances.reduce((sum, value) => sum + value, 0) / variances.length;
  const first = variances.findIndex((value) => value < MINOR * average);
  return [first < 0 ? variances.length - 1 : first, variances.length];
});

/** `vectors`: count × d. `scaled`: the same, each row divided by its standard deviation. */
function buildSubgraph(
  mean: Float64Array,
  vectors: Float64Array,
  scaled: Float64Array,
  count: number,
  d: number,
): FittedDetector {
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
     * The squares of V Λ^(−½) Vᵀ (x − μ). Of all coordinates whose squares sum to the score, these are closest to the
     * columns (Garthwaite & Koch 2016).
     */
    shares(graph, x) {
      const turned = graph.gemm(projected(graph, x), basis(graph, vectors));
      return graph.square(turned);
    },
  };
}
