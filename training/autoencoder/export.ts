import { SCORER_INPUT } from '../../bundle/scoring.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import type { DenseAutoencoder } from './dense.ts';

/** Trained parameters by name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/**
 * `scorer.onnx`: raw samples in (`input`, N × features, 0..scale), everything that a score consists of
 * out, as in {@link ScorerOutput}. The score is the mean over the features of the squared error, in
 * scaled units. `calibration` holds the scores of samples that training never saw; without it the graph
 * has no `p_value`.
 *
 * The p-value is that of split-conformal anomaly detection (Laxhammar & Falkman 2010; Bates et al. 2023,
 * equation 2): (1 + #{calibration scores ≥ score}) / (n + 1).
 */
export function scorerGraph(
  model: DenseAutoencoder,
  weights: Weights,
  scale: number,
  calibration?: Float32Array,
): Uint8Array {
  const graph = new Graph();
  const input = graph.input(SCORER_INPUT, ['N', model.features]);
  const parameters = constants(graph, model, weights);
  const x = graph.op('Mul', [input, graph.constant(1 / scale)]);
  const code = model.encode(graph, x, parameters);
  const reconstruction = graph.op('Sigmoid', [model.decode(graph, code, parameters)]);
  const difference = graph.op('Sub', [reconstruction, x]);
  const error = graph.op('Mul', [difference, difference]);
  const score = graph.op('ReduceMean', [error], { axes: [1], keepdims: 0 });
  graph.output('code', code);
  graph.output('reconstruction', graph.op('Mul', [reconstruction, graph.constant(scale)]));
  graph.output('feature_error', error);
  graph.output('score', score);
  if (calibration) graph.output('p_value', conformal(graph, score, calibration));
  return serialise(graph, 'scorer');
}

/** `decoder.onnx`: `code` (N × code) in, `sample` (N × features, raw units) out. */
export function decoderGraph(model: DenseAutoencoder, weights: Weights, scale: number): Uint8Array {
  const graph = new Graph();
  const code = graph.input('code', ['N', model.code]);
  const logits = model.decode(graph, code, constants(graph, model, weights));
  graph.output('sample', graph.op('Mul', [graph.op('Sigmoid', [logits]), graph.constant(scale)]));
  return serialise(graph, 'decoder');
}

function constants(graph: Graph, model: DenseAutoencoder, weights: Weights): Map<string, Value> {
  return new Map(
    model.parameters().map(({ name, shape }) => [name, graph.constant(weights.get(name)!, shape)] as const),
  );
}

/** score: [N]. Returns the p-values, [N]. */
function conformal(graph: Graph, score: Value, calibration: Float32Array): Value {
  const n = calibration.length;
  const column = graph.op('Unsqueeze', [score, graph.integers([1])]);
  const reference = graph.constant(calibration.toSorted(), [n]);
  const above = graph.op('Cast', [graph.op('GreaterOrEqual', [reference, column])], { to: 1 });
  const count = graph.op('ReduceSum', [above, graph.integers([1])], { keepdims: 0 });
  return graph.op('Div', [graph.op('Add', [count, graph.constant(1)]), graph.constant(n + 1)]);
}
