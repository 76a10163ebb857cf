import type { Graph, Value } from '../onnx/graph/graph.ts';

// The largest term is factored out, so that no exponential overflows and not all of them vanish.

/** log Σ exp(factor · v) */
export function logSumExp(values: ArrayLike<number>, factor = 1): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) most = Math.max(most, factor * values[i]);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(factor * values[i] - most);
  return most + Math.log(sum);
}

/** log Σ exp over each row of x (N × n): N × 1. And each term's share of the sum (softmax), N × n. */
export function logSumExpRows(graph: Graph, x: Value): { total: Value; shares: Value } {
  const most = graph.reduceMax(x, [1], true);
  const terms = graph.exp(graph.sub(x, most));
  const sum = graph.reduceSum(terms, [1], true);
  return { total: graph.add(graph.log(sum), most), shares: graph.div(terms, sum) };
}
