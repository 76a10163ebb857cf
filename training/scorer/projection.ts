import { sample } from '../detectors/knn.ts';
import { Pca } from '../linear/pca.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';

/** Rows of at most so many values are looked at as they are: no projection is wider. */
export const NARROW = 64;
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

export async function projectionOf(
  rows: Matrix,
  { seed, threads }: { seed: number; threads?: number },
): Promise<Projection> {
  const { d } = rows;
  if (d <= NARROW) return { width: d, apply: (_graph, x) => x };
  const some = sample(rows, MOST_ROWS, { seed });
  const width = Math.min(COMPONENTS, some.n - 1);
  const { mean, components } = await Pca.fit(some, width, { threads });
  return {
    width,
    apply(graph, x) {
      const centred = graph.sub(x, graph.constant(Float32Array.from(mean), [d]));
      return graph.gemm(centred, graph.constant(components, [width, d]), { transB: true });
    },
  };
}
