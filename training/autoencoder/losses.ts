import type { Graph, Value } from '../onnx/graph.ts';

/** A loss of logits z against targets x in 0..1 (both N × features): one number a sample, shape [N]. */
export type Loss = (graph: Graph, logits: Value, targets: Value) => Value;

/** The losses by name, each summed over the features. */
export const losses = {
  binary_cross_entropy: (graph, z, x) => graph.op('BinaryCrossEntropy', [z, x]),
  mean_squared_error(graph, z, x) {
    const difference = graph.op('Sub', [graph.op('Sigmoid', [z]), x]);
    const squared = graph.op('Mul', [difference, difference]);
    return graph.op('ReduceSum', [squared, graph.integers([1])], { keepdims: 0 });
  },
} satisfies Record<string, Loss>;

export type LossName = keyof typeof losses;
