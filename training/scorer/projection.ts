import { sampleRows } from '../detectors/sample.ts';
import { Pca } from '../linear/pca.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';

/** Rows with at most this many values are not projected; no projection is wider. */
export const NARROW = 64;
/** The number of components that wider rows are projected on. */
const COMPONENTS = 32;
/** The components are fitted to at most this many rows. */
const MOST_ROWS = 10_000;

/** Coordinates along the leading principal components; for narrow rows, the rows themselves. */
export interface Projection {
  readonly width: number;
  /** x: N × d. Returns N × width. */
  apply(graph: Graph, x: Value): Value;
}

/** For members that need no projection. */
export const IDENTITY: Projection = { width: 0, apply: (_graph, x) => x };

export async function fitProjection(
  rows: Matrix,
  { seed, threads }: { seed: number; threads?: number },
): Promise<Projection> {
  const { d } = rows;
  if (d <= NARROW) return { width: d, apply: (_graph, x) => x };
  const some = sampleRows(rows, MOST_ROWS, { seed });
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
