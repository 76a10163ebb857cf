import type { Matrix } from '../linear/matrix.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';

/** Points that rows are compared with, less their mean: the expanded square then loses the fewest digits. */
export interface Points {
  /** [d] */
  readonly mean: Float32Array;
  /** n × d, with mean zero. */
  readonly values: Float32Array;
  /** The squared norm of each, [n]. */
  readonly squares: Float32Array;
  readonly n: number;
  readonly d: number;
}

export function centred({ values, n, d }: Matrix): Points {
  const sums = new Float64Array(d);
  for (let p = 0; p < values.length; p++) sums[p % d] += values[p];
  const mean = Float32Array.from(sums, (sum) => sum / n);
  const moved = values.map((value, p) => value - mean[p % d]);
  const squares = new Float64Array(n);
  for (let p = 0; p < moved.length; p++) squares[Math.floor(p / d)] += moved[p] ** 2;
  return { mean, values: moved, squares: Float32Array.from(squares), n, d };
}

/** x (N × d) in the coordinates of the points. */
export const towards = (graph: Graph, x: Value, { mean, d }: Points): Value =>
  graph.sub(x, graph.constant(mean, [d]));

/**
 * Squared distances from rows that are centred already (N × d) to the points, N × n, none below 0:
 * ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b as one matrix product.
 */
export function squaredDistances(graph: Graph, rows: Value, { values, squares, n, d }: Points): Value {
  const doubled = graph.mul(rows, -2);
  const others = graph.constant(values, [n, d]);
  const partial = graph.gemm(doubled, others, { bias: graph.constant(squares, [n]), transB: true });
  const own = graph.reduceSum(graph.square(rows), [1], true);
  return graph.max(graph.add(partial, own), 0);
}
