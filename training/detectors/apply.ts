import type { Matrix } from '../linear/matrix.ts';
import { Graph, type Value } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { collectYoung, createSession, type SessionOptions, tensor } from '../runtime/session.ts';
import type { Fitted } from './detector.ts';

/** Values of the widest matrix in a run: what bounds its memory. */
const CHUNK_VALUES = 2 ** 22;

/** Runs a sub-graph of x (N × d) over all rows, in pieces; each row gives `width` numbers: n × width. */
export async function apply(
  part: (graph: Graph, x: Value) => Value,
  { values, n, d }: Matrix,
  {
    chunk = Math.max(16, Math.min(4096, Math.floor(CHUNK_VALUES / d))),
    ...options
  }: SessionOptions & { chunk?: number } = {},
): Promise<Float32Array> {
  const graph = new Graph();
  const y = part(graph, graph.input('x', ['N', d]));
  const width = y.shape.slice(1).reduce<number>((product, dim) => product * (dim as number), 1);
  graph.output('y', y);
  const session = await createSession(serialise(graph, 'detector'), options);
  const result = new Float32Array(n * width);
  try {
    for (let start = 0; start < n; start += chunk) {
      const size = Math.min(chunk, n - start);
      const x = tensor(values.subarray(start * d, (start + size) * d), [size, d]);
      const found = await session.run({ x });
      result.set(found.y.data as Float32Array, start * width);
      collectYoung();
    }
  } finally {
    await session.release();
  }
  return result;
}

/** The scores of all rows: [n]. */
export const scoresOf = (fitted: Fitted, rows: Matrix, options: SessionOptions = {}): Promise<Float32Array> =>
  apply((graph, x) => fitted.score(graph, x), rows, { chunk: 512, ...options });

/** The rows with these numbers, in this order. */
export function rowsAt({ values, d }: Matrix, indices: ArrayLike<number>): Matrix {
  const taken = new Float32Array(indices.length * d);
  for (let i = 0; i < indices.length; i++) {
    taken.set(values.subarray(indices[i] * d, (indices[i] + 1) * d), i * d);
  }
  return { values: taken, n: indices.length, d };
}
