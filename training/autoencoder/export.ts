import type { Scaling } from '../../bundle/manifest.ts';
import { SCORER_INPUT } from '../../bundle/scorer.ts';
import type { Training } from '../../bundle/training.ts';
import { Random } from '../../kernels/random.ts';
import { Scope } from '../network/scope.ts';
import type { Weights } from '../network/trainer.ts';
import { Graph, type Value } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { type Autoencoder, type Encoding, isGaussian } from './autoencoder.ts';
import { sumErrorsByColumn } from './column-parts.ts';
import { buildLoss, LEAST_LOSS } from './losses.ts';
import { reparameterise } from './regularisers.ts';
import { rawWidthOf, scaleSamples, unscaleSamples } from './scaling.ts';

/** A trained model with all that its exported graphs need. */
export interface Trained {
  model: Autoencoder;
  weights: Weights;
  training: Training;
  scaling: Scaling;
}

/** Draws of the code that a reconstruction probability averages over. */
const DRAWS = 8;
const DRAWS_SEED = 2015;

/**
 * The model without detectors, as a graph. In: raw samples (`input`, N × features). Out: `code`, `reconstruction` (in
 * raw units) and `feature_error` as in {@link ScorerOutput}, and as `score` the error that training minimises: the
 * squared error averaged over encoded features, in the units of training; for a variational model the negative
 * reconstruction probability (see {@link negativeReconstructionProbability}).
 */
export function buildReconstructionGraph(trained: Trained): Uint8Array {
  const { model, scaling } = trained;
  const graph = new Graph();
  const input = graph.input(SCORER_INPUT, ['N', rawWidthOf(model.features, scaling)]);
  const scope = new Scope(graph, addWeights(graph, trained), false);
  const x = scaleSamples(graph, input, scaling);
  const encoding = model.encode(scope, x);
  const reconstruction = model.reconstruct(graph, model.decode(scope, encoding.code));
  const difference = graph.sub(reconstruction, x);
  const error = graph.square(difference);
  graph.output('code', encoding.code);
  graph.output('reconstruction', unscaleSamples(graph, reconstruction, scaling));
  graph.output('feature_error', sumByColumn(graph, error, scaling));
  graph.output(
    'score',
    isGaussian(encoding)
      ? negativeReconstructionProbability(scope, trained, x, encoding)
      : graph.reduceMean(error, [1]),
  );
  return serialise(graph, 'reconstruction');
}

/** Sums values of encoded features (N × encoded) for each raw column: N × features. */
export const sumByColumn = (graph: Graph, values: Value, scaling: Scaling): Value =>
  scaling.kind === 'columns' ? sumErrorsByColumn(graph, values, scaling.columns) : values;

/** `decoder.onnx`: `code` (N × code) in, `sample` (N × features, raw units) out. */
export function buildDecoderGraph(trained: Trained): Uint8Array {
  const { model, scaling } = trained;
  const graph = new Graph();
  const code = graph.input('code', ['N', model.code]);
  const scope = new Scope(graph, addWeights(graph, trained), false);
  const sample = model.reconstruct(graph, model.decode(scope, code));
  graph.output('sample', unscaleSamples(graph, sample, scaling));
  return serialise(graph, 'decoder');
}

/** Adds the trained parameters and running averages to a graph as constants, by name. */
export function addWeights(graph: Graph, { model, weights }: Trained): Map<string, Value> {
  const parameters = model.parameters.map(({ name, shape }) => ({ name, shape }));
  const averages = model.averages.map(({ name, size }) => ({ name, shape: [size] }));
  return new Map(
    [...parameters, ...averages].map(({ name, shape }) => [name, graph.constant(weights.get(name)!, shape)]),
  );
}

/**
 * The negative reconstruction probability per feature, −E log p(x | z) over draws z of the code (An & Cho 2015,
 * algorithm 4), minus its smallest possible value; [N]. The draws are constants of the graph.
 */
export function negativeReconstructionProbability(
  scope: Scope,
  trained: Trained,
  x: Value,
  encoding: Required<Encoding>,
): Value {
  const { model, training } = trained;
  const { graph } = scope;
  const { code, features } = model;
  const random = new Random(DRAWS_SEED);
  const draws = Float32Array.from({ length: DRAWS * code }, () => random.normal());
  const middle = graph.integers([1]);
  const z = reparameterise(
    graph,
    {
      code: graph.unsqueeze(encoding.code, middle),
      logVariance: graph.unsqueeze(encoding.logVariance, middle),
    },
    graph.constant(draws, [1, DRAWS, code]),
  );
  const rows = (value: Value, width: number) => graph.reshape(value, [-1, width]);
  const zeros = graph.constant(new Float32Array(DRAWS), [1, DRAWS, 1]);
  const copies = rows(graph.add(graph.unsqueeze(x, middle), zeros), features);
  const decoded = model.decode(scope, rows(z, code));
  const each = buildLoss(training.loss, graph, decoded, copies, model, training);
  const mean = graph.reduceMean(rows(each, DRAWS), [1]);
  const scaledMean = graph.mul(mean, 1 / features);
  return graph.sub(scaledMean, LEAST_LOSS[training.loss] ?? 0);
}
