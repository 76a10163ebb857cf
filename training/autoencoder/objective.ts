import type { Scaling } from '../../bundle/manifest.ts';
import type { Training } from '../../bundle/training.ts';
import { type NoiseSpec, Scope } from '../network/scope.ts';
import { gradients } from '../onnx/graph/autodiff.ts';
import { Graph, type Value } from '../onnx/graph/graph.ts';
import type { Autoencoder, Encoding } from './autoencoder.ts';
import { lossOf } from './losses.ts';
import { contraction, divergence, reparameterised, sparsity } from './regularisers.ts';
import { rawWidth, scaled } from './scaling.ts';

/** A graph of the loss, and what the host has to feed beside the parameters. */
export interface Objective {
  readonly graph: Graph;
  readonly noise: readonly NoiseSpec[];
  /** Names of running averages, of which the graph puts out the batch's (`batch:NAME`). */
  readonly averages: readonly string[];
  readonly feeds: { readonly beta: boolean; readonly keep: boolean; readonly weight: boolean };
}

/**
 * The training step as one graph. In: raw samples `x` (N × features), the parameters and running averages
 * by name, noise; `beta` for a variational model; `keep`, how many samples a trimmed loss keeps; `weight`,
 * the share of the batch that these samples are, if it comes in pieces. Out: the `loss`, a scalar, and its
 * gradient by each parameter (`grad:NAME`).
 */
export function trainingStep(
  model: Autoencoder,
  training: Training,
  scaling: Scaling,
  pieces = false,
): Objective {
  const built = build(model, training, scaling, true);
  const { graph, scope, parameters, x } = built;
  let loss = built.loss;
  if (training.sparsity !== 'none') {
    const penalty = sparsity(graph, built.encoding.code, training);
    loss = weighted(graph, loss, penalty, training.sparsity_weight);
  }
  if (training.contraction > 0) {
    const penalty = contraction(scope, model, x, built.encoding.code);
    loss = weighted(graph, loss, penalty, training.contraction);
  }
  if (pieces) loss = graph.mul(loss, graph.input('weight', []));
  graph.output('loss', loss);
  const found = gradients(graph, loss, [...parameters.values()]);
  for (const [i, name] of [...parameters.keys()].entries()) graph.output(`grad:${name}`, found[i]);
  for (const [name, value] of scope.statistics) graph.output(`batch:${name}`, value);
  return {
    graph,
    noise: scope.noise,
    averages: [...scope.statistics.keys()],
    feeds: { beta: model.blueprint.variational, keep: training.trim > 0, weight: pieces },
  };
}

/**
 * What validation measures: the loss alone (and β times the divergence of a variational model), of inputs
 * corrupted as in training, but with the running averages, without dropout, and of every sample.
 */
export function validationLoss(model: Autoencoder, training: Training, scaling: Scaling): Objective {
  const { graph, scope, loss } = build(model, training, scaling, false);
  graph.output('loss', loss);
  return {
    graph,
    noise: scope.noise,
    averages: [],
    feeds: { beta: model.blueprint.variational, keep: false, weight: false },
  };
}

function build(model: Autoencoder, training: Training, scaling: Scaling, training_: boolean) {
  const graph = new Graph();
  const raw = graph.input('x', ['N', rawWidth(model.features, scaling)]);
  const parameters = new Map<string, Value>();
  for (const { name, shape } of model.parameters) parameters.set(name, graph.input(name, shape));
  const values = new Map(parameters);
  // A training step takes the batch's own statistics.
  if (!training_) {
    for (const { name, size } of model.averages) values.set(name, graph.input(name, [size]));
  }
  const scope = new Scope(graph, values, training_);
  const target = scaled(graph, raw, scaling);
  const x = corrupted(scope, target, training);
  const encoding = model.encode(scope, x);
  const decoded = model.decode(scope, drawn(scope, encoding));
  let each = lossOf(training.loss, graph, decoded, target, model, training);
  if (isGaussian(encoding)) {
    const weighed = graph.mul(divergence(graph, encoding), graph.input('beta', []));
    each = graph.add(each, weighed);
  }
  const trimmed = training_ && training.trim > 0;
  const loss = trimmed ? smallest(graph, each) : mean(graph, each);
  return { graph, scope, parameters, x, encoding, loss };
}

const isGaussian = (encoding: Encoding): encoding is Required<Encoding> => !!encoding.logVariance;

const drawn = (scope: Scope, encoding: Encoding): Value =>
  isGaussian(encoding)
    ? reparameterised(scope.graph, encoding, scope.random('normal', encoding.code.shape))
    : encoding.code;

const mean = (graph: Graph, each: Value) => graph.reduceMean(each, [0]);

const weighted = (graph: Graph, loss: Value, penalty: Value, weight: number) =>
  graph.add(loss, graph.mul(penalty, weight));

/**
 * The mean of the `keep` smallest losses of the batch (least trimmed squares, Rousseeuw 1984): the samples
 * beyond get no gradient.
 */
function smallest(graph: Graph, each: Value): Value {
  const keep = graph.input('keep', [1], 'int64');
  const { indices } = graph.topK(each, keep, { largest: false });
  return mean(graph, graph.gather(each, indices));
}

/** Samples as a denoising autoencoder sees them (Vincent et al. 2010, section 3.3), drawn afresh in each step. */
function corrupted(scope: Scope, x: Value, { corruption, corruption_level: level }: Training): Value {
  const { graph } = scope;
  const atLeast = (u: Value, value: number) => graph.toFloat(graph.greaterOrEqual(u, value));
  if (corruption === 'gaussian') {
    return graph.add(x, graph.mul(scope.random('normal', x.shape), level));
  }
  if (corruption === 'masking') {
    return graph.mul(x, atLeast(scope.random('uniform', x.shape), level));
  }
  if (corruption === 'salt_and_pepper') {
    const u = scope.random('uniform', x.shape);
    const kept = graph.mul(x, atLeast(u, level));
    const salt = graph.sub(1, atLeast(u, level / 2));
    return graph.add(kept, salt);
  }
  return x;
}
