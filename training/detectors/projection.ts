import type { Graph, Value } from '../onnx/graph.ts';
import type { Matrix } from './detector.ts';
import { sample } from './knn.ts';
import { eigen, moments } from './linear.ts';

/** Rows of at most so many values are looked at as they are. */
const NARROW = 64;
/** Components that wider ones are projected on. */
const COMPONENTS = 32;
/** Rows that the components are found from. */
const MOST_ROWS = 10_000;

/** Coordinates along the leading principal components; of narrow rows, the rows themselves. */
export interface Projection {
  readonly width: number;
  /** x: N × d to N × width. */
  apply(graph: Graph, x: Value): Value;
}

export function projectionOf(rows: Matrix, { seed }: { seed: number }): Projection {
  const { d } = rows;
  if (d <= NARROW) return { width: d, apply: (_graph, x) => x };
  const taken = sample(rows, MOST_ROWS, { seed });
  const { mean, covariance } = moments(taken);
  const width = Math.min(COMPONENTS, taken.n - 1);
  const components = Float32Array.from(eigen(covariance, d).vectors.subarray(0, width * d));
  return {
    width,
    apply(graph, x) {
      const centred = graph.op('Sub', [x, graph.constant(Float32Array.from(mean), [d])]);
      return graph.op('Gemm', [centred, graph.constant(components, [width, d])], { transB: 1 });
    },
  };
}
