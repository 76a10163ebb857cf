import type { Manifest, Scaling } from '../../bundle/manifest.ts';
import { SCORER_INPUT } from '../../bundle/scoring.ts';
import type { Training } from '../../bundle/training.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { Random } from '../random.ts';
import type { Autoencoder, Encoding } from './autoencoder.ts';
import { errorOfColumns } from './columns.ts';
import { LEAST_LOSS, lossOf } from './losses.ts';
import { reparameterised } from './regularisers.ts';
import { rawWidth, scaled, unscaled } from './scaling.ts';
import { Scope } from './scope.ts';

/** Trained parameters and running averages by name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** A model and all that its exported graphs depend on. */
export interface Trained {
  model: Autoencoder;
  weights: Weights;
  training: Training;
  scaling: Scaling;
}

/** Draws of the code that a reconstruction probability is the mean over. */
const DRAWS = 8;
const DRAWS_SEED = 2015;

/** What the score of a model is: see {@link scorerGraph}. */
export const scoreKind = (model: Autoencoder): Manifest['scorer']['score'] =>
  model.blueprint.variational ? 'reconstruction_probability' : 'mean_squared_error';

/**
 * `scorer.onnx`: raw samples in (`input`, N × features), everything that a score consists of out, as in
 * {@link ScorerOutput}. The score is the mean over the features that the model sees of the squared error, in the
 * units of training, which `feature_error` sums up for each column of a table; of a variational model it is the negative reconstruction probability a feature, −E log p(x | z)
 * over draws z of the code (An & Cho 2015, algorithm 4), from the least that it can be. `calibration` holds
 * the scores of samples that training never saw; without it the graph has no `p_value`.
 *
 * The p-value is that of split-conformal anomaly detection (Laxhammar & Falkman 2010; Bates et al. 2023,
 * equation 2): (1 + #{calibration scores ≥ score}) / (n + 1).
 */
export function scorerGraph(trained: Trained, calibration?: Float32Array): Uint8Array {
  const { model, scaling } = trained;
  const graph = new Graph();
  const input = graph.input(SCORER_INPUT, ['N', rawWidth(model.features, scaling)]);
  const scope = new Scope(graph, constants(graph, trained), false);
  const x = scaled(graph, input, scaling);
  const encoding = model.encode(scope, x);
  const reconstruction = model.reconstruction(graph, model.decode(scope, encoding.code));
  const difference = graph.op('Sub', [reconstruction, x]);
  const error = graph.op('Mul', [difference, difference]);
  const score = encoding.logVariance
    ? improbability(scope, trained, x, encoding as Required<Encoding>)
    : graph.op('ReduceMean', [error], { axes: [1], keepdims: 0 });
  graph.output('code', encoding.code);
  graph.output('reconstruction', unscaled(graph, reconstruction, scaling));
  const columns = scaling.kind === 'columns' ? scaling.columns : undefined;
  graph.output('feature_error', columns ? errorOfColumns(graph, error, columns) : error);
  graph.output('score', score);
  if (calibration) graph.output('p_value', conformal(graph, score, calibration));
  return serialise(graph, 'scorer');
}

/** `decoder.onnx`: `code` (N × code) in, `sample` (N × features, raw units) out. */
export function decoderGraph(trained: Trained): Uint8Array {
  const { model, scaling } = trained;
  const graph = new Graph();
  const code = graph.input('code', ['N', model.code]);
  const scope = new Scope(graph, constants(graph, trained), false);
  const sample = model.reconstruction(graph, model.decode(scope, code));
  graph.output('sample', unscaled(graph, sample, scaling));
  return serialise(graph, 'decoder');
}

function constants(graph: Graph, { model, weights }: Trained): Map<string, Value> {
  const parameters = model.parameters.map(({ name, shape }) => ({ name, shape }));
  const averages = model.averages.map(({ name, size }) => ({ name, shape: [size] }));
  return new Map(
    [...parameters, ...averages].map(({ name, shape }) => [name, graph.constant(weights.get(name)!, shape)]),
  );
}

/** −E log p(x | z) a feature, less the least that it can be; [N]. The draws are constants of the graph. */
function improbability(scope: Scope, trained: Trained, x: Value, encoding: Required<Encoding>): Value {
  const { model, training } = trained;
  const { graph } = scope;
  const { code, features } = model;
  const random = new Random(DRAWS_SEED);
  const draws = Float32Array.from({ length: DRAWS * code }, () => random.normal());
  const middle = graph.integers([1]);
  const z = reparameterised(
    graph,
    {
      code: graph.op('Unsqueeze', [encoding.code, middle]),
      logVariance: graph.op('Unsqueeze', [encoding.logVariance, middle]),
    },
    graph.constant(draws, [1, DRAWS, code]),
  );
  const rows = (value: Value, width: number) => graph.op('Reshape', [value, graph.integers([-1, width])]);
  const zeros = graph.constant(new Float32Array(DRAWS), [1, DRAWS, 1]);
  const copies = rows(graph.op('Add', [graph.op('Unsqueeze', [x, middle]), zeros]), features);
  const decoded = model.decode(scope, rows(z, code));
  const each = lossOf(training.loss, graph, decoded, copies, model, training);
  const mean = graph.op('ReduceMean', [rows(each, DRAWS)], { axes: [1], keepdims: 0 });
  const scaledMean = graph.op('Mul', [mean, graph.constant(1 / features)]);
  return graph.op('Sub', [scaledMean, graph.constant(LEAST_LOSS[training.loss] ?? 0)]);
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
