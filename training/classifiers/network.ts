import type { Layer } from '../network/layers.ts';
import { Scope } from '../network/scope.ts';
import { addStepOutputs } from '../network/step-outputs.ts';
import type { Objective, Weights } from '../network/trainer.ts';
import { Graph, type Value } from '../onnx/graph/graph.ts';

/** A network that gives a number for each class: the larger, the more likely. */
export interface Network {
  /** From N × dims to N × classes. */
  readonly layers: readonly Layer[];
  readonly dims: number;
  readonly classes: number;
  readonly loss: keyof typeof LOSSES;
}

/** A loss between the output of a network and one-hot targets, both N × classes: one number per sample, [N]. */
type Loss = (graph: Graph, z: Value, target: Value) => Value;

const LOSSES = {
  /** −log softmax(z) of the right class. */
  cross_entropy: (graph, z, target) => graph.categoricalCrossEntropy(z, target),
  /**
   * Σⱼ max(0, 1 − tⱼ zⱼ)² with t = 1 for the right class and −1 for the others: a linear support vector
   * machine for each class against the rest (Cortes & Vapnik 1995), with the squared hinge, which has a
   * gradient everywhere (Fan et al. 2008, LIBLINEAR, equation 2).
   */
  squared_hinge(graph, z, target) {
    const sign = graph.sub(graph.mul(target, 2), 1);
    const margin = graph.sub(1, graph.mul(sign, z));
    const hinge = graph.relu(margin);
    const square = graph.square(hinge);
    return graph.reduceSum(square, [1]);
  },
} satisfies Record<string, Loss>;

/** The scaling before the first layer, (x − mean) · scale, with `dims` means and a single scale. */
export interface Standardisation {
  readonly mean: Float32Array;
  readonly scale: number;
}

/**
 * The training step of a classifier as one graph. In: `x`, N × dims, one-hot `target`, N × classes, the
 * parameters by name, noise. Out: the mean `loss`, a scalar, its gradient by each parameter (`grad:NAME`),
 * and the batch statistics (`batch:NAME`).
 */
export function buildClassifierStep(network: Network, standardisation: Standardisation): Objective {
  const graph = new Graph();
  const x = graph.input('x', ['N', network.dims]);
  const target = graph.input('target', ['N', network.classes]);
  const parameters = parametersOf(network);
  const values = new Map(parameters.map(({ name, shape }) => [name, graph.input(name, shape)]));
  const scope = new Scope(graph, values, true);
  const z = computeLogits(scope, network, standardisation, x);
  const each = LOSSES[network.loss](graph, z, target);
  const loss = graph.reduceMean(each, [0]);
  addStepOutputs(scope, loss, values);
  return { graph, noise: scope.noise };
}

/** The trained classifier as a graph with constant weights: `x`, N × dims, in; `logits`, N × classes, out. */
export function buildClassifierGraph(
  network: Network,
  standardisation: Standardisation,
  weights: Weights,
): Graph {
  const graph = new Graph();
  const x = graph.input('x', ['N', network.dims]);
  const averages = network.layers.flatMap((layer) => layer.averages);
  const shapes = [
    ...parametersOf(network).map(({ name, shape }) => ({ name, shape })),
    ...averages.map(({ name, size }) => ({ name, shape: [size] })),
  ];
  const values = new Map(
    shapes.map(({ name, shape }) => [name, graph.constant(weights.get(name)!, shape)] as const),
  );
  graph.output('logits', computeLogits(new Scope(graph, values, false), network, standardisation, x));
  return graph;
}

export const parametersOf = ({ layers }: Network) => layers.flatMap((layer) => layer.parameters);

function computeLogits(
  scope: Scope,
  { layers, dims }: Network,
  { mean, scale }: Standardisation,
  x: Value,
): Value {
  const { graph } = scope;
  const centred = graph.sub(x, graph.constant(mean, [dims]));
  const scaled = graph.mul(centred, scale);
  return layers.reduce((value, layer) => layer.apply(scope, value), scaled);
}
