import type { Graph, Value } from '../onnx/graph.ts';

/** A loss of logits z against targets x in 0..1 (both N × features): one number a sample, shape [N]. */
export type Loss = (graph: Graph, logits: Value, targets: Value) => Value;

const overFeatures = (graph: Graph, values: Value) =>
  graph.op('ReduceSum', [values, graph.integers([1])], { keepdims: 0 });

/**
 * The losses by name, each summed over the features.
 * Cross-entropy is taken from logits: −x log σ(z) − (1 − x) log(1 − σ(z)) = log(1 + eᶻ) − x z.
 */
export const losses = {
  binary_cross_entropy: (graph, z, x) =>
    overFeatures(graph, graph.op('Sub', [graph.op('Softplus', [z]), graph.op('Mul', [x, z])])),
  mean_squared_error(graph, z, x) {
    const difference = graph.op('Sub', [graph.op('Sigmoid', [z]), x]);
    return overFeatures(graph, graph.op('Mul', [difference, difference]));
  },
} satisfies Record<string, Loss>;

export type LossName = keyof typeof losses;
