import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';

/** Points to compare rows with, moved to mean zero, where the expanded square loses the fewest digits. */
export interface Points extends Matrix {
  /** The original mean, [d]. */
  readonly mean: ArrayLike<number>;
  /** The squared norm of each, [n]. */
  readonly squares: Float32Array;
}

/** The mean of the rows, [d]. */
export function meanOf({ values, n, d }: Matrix): Float64Array {
  const mean = new Float64Array(d);
  for (let p = 0, j = 0; p < values.length; p++, j = j + 1 === d ? 0 : j + 1) mean[j] += values[p] / n;
  return mean;
}

/** Subtracts `mean` from the rows. The default is their mean in float32, which a graph can subtract as well. */
export function centrePoints(
  rows: Matrix,
  mean: ArrayLike<number> = Float32Array.from(meanOf(rows)),
): Points {
  const { values, n, d } = rows;
  const centred = new Float32Array(values.length);
  const squares = new Float32Array(n);
  for (let i = 0, p = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++, p++) {
      centred[p] = values[p] - mean[j];
      sum += centred[p] ** 2;
    }
    squares[i] = sum;
  }
  return { mean, values: centred, squares, n, d };
}

/** Moves x (N × d) to the coordinates of the points. */
export const moveToPoints = (graph: Graph, x: Value, { mean, d }: Points): Value =>
  graph.sub(x, graph.constant(Float32Array.from(mean), [d]));

/**
 * Values that order rows b (n × d, with their squared norms) by their distance from each query a: ‖b‖² − 2 a·b, which
 * is ‖a − b‖² without ‖a‖², as one matrix product. N × n.
 */
export const orderByDistance = (graph: Graph, queries: Value, rows: Value, squares: Value): Value =>
  graph.gemm(graph.mul(queries, -2), rows, { bias: squares, transB: true });

/** Squared distances from centred rows (N × d) to the points, N × n, clipped at 0. */
export function squaredDistances(graph: Graph, rows: Value, { values, squares, n, d }: Points): Value {
  const order = orderByDistance(graph, rows, graph.constant(values, [n, d]), graph.constant(squares, [n]));
  const own = graph.reduceSum(graph.square(rows), [1], true);
  return graph.max(graph.add(order, own), 0);
}
