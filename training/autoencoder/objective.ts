import type { Scaling } from '../../bundle/manifest.ts';
import type { Training } from '../../bundle/training.ts';
import { Scope } from '../network/scope.ts';
import { addStepOutputs } from '../network/step-outputs.ts';
import type { Objective } from '../network/trainer.ts';
import { Graph, type Value } from '../onnx/graph/graph.ts';
import { type Autoencoder, type Encoding, isGaussian } from './autoencoder.ts';
import { corrupt } from './corruption.ts';
import { buildLoss } from './losses.ts';
import { codeDivergence, contractivePenalty, reparameterise, sparsityPenalty } from './regularisers.ts';
import { rawWidthOf, scaleSamples } from './scaling.ts';

/** A graph of the loss, and which scalars it takes besides samples, parameters and noise. */
export interface AutoencoderObjective extends Objective {
  readonly feeds: { readonly beta: boolean; readonly keep: boolean; readonly weight: boolean };
}

/**
 * The training step as one graph. In: raw samples `x` (N × features), the parameters by name, noise; `beta` for a
 * variational model; `keep`, how many samples a trimmed loss keeps; `weight`, these samples' share of the batch if it
 * is split into pieces. Out: the `loss`, a scalar, and its gradient by each parameter (`grad:NAME`).
 */
export function buildTrainingStep(
  model: Autoencoder,
  training: Training,
  scaling: Scaling,
  pieces = false,
): AutoencoderObjective {
  const built = buildObjective(model, training, scaling, true);
  const { graph, scope, parameters, x } = built;
  let loss = built.loss;
  if (training.sparsity !== 'none') {
    const penalty = sparsityPenalty(graph, built.encoding.code, training);
    loss = addPenalty(graph, loss, penalty, training.sparsity_weight);
  }
  if (training.contraction > 0) {
    const penalty = contractivePenalty(scope, model, x, built.encoding.code);
    loss = addPenalty(graph, loss, penalty, training.contraction);
  }
  if (pieces) loss = graph.mul(loss, graph.input('weight', []));
  addStepOutputs(scope, loss, parameters);
  return {
    graph,
    noise: scope.noise,
    feeds: { beta: model.blueprint.variational, keep: training.trim > 0, weight: pieces },
  };
}

/**
 * The validation loss: the loss alone (plus β times the divergence of a variational model), over all samples. Inputs
 * are corrupted as in training, but running averages replace batch statistics, and nothing is dropped.
 */
export function buildValidationLoss(
  model: Autoencoder,
  training: Training,
  scaling: Scaling,
): AutoencoderObjective {
  const { graph, scope, loss } = buildObjective(model, training, scaling, false);
  graph.output('loss', loss);
  return {
    graph,
    noise: scope.noise,
    feeds: { beta: model.blueprint.variational, keep: false, weight: false },
  };
}

function buildObjective(model: Autoencoder, training: Training, scaling: Scaling, isStep: boolean) {
  const graph = new Graph();
  const raw = graph.input('x', ['N', rawWidthOf(model.features, scaling)]);
  const parameters = new Map<string, Value>();
  for (const { name, shape } of model.parameters) parameters.set(name, graph.input(name, shape));
  const values = new Map(parameters);
  // A training step uses the statistics of the batch.
  if (!isStep) {
    for (const { name, size } of model.averages) values.set(name, graph.input(name, [size]));
  }
  const scope = new Scope(graph, values, isStep);
  const target = scaleSamples(graph, raw, scaling);
  const x = corrupt(scope, target, training);
  const encoding = model.encode(scope, x);
  const decoded = model.decode(scope, drawCode(scope, encoding));
  let each = buildLoss(training.loss, graph, decoded, target, model, training);
  if (isGaussian(encoding)) {
    const weighed = graph.mul(codeDivergence(graph, encoding), graph.input('beta', []));
    each = graph.add(each, weighed);
  }
  const trimmed = isStep && training.trim > 0;
  const loss = trimmed ? meanOfSmallest(graph, each) : averageLoss(graph, each);
  return { graph, scope, parameters, x, encoding, loss };
}

const drawCode = (scope: Scope, encoding: Encoding): Value =>
  isGaussian(encoding)
    ? reparameterise(scope.graph, encoding, scope.random('normal', encoding.code.shape))
    : encoding.code;

const averageLoss = (graph: Graph, each: Value) => graph.reduceMean(each, [0]);

const addPenalty = (graph: Graph, loss: Value, penalty: Value, weight: number) =>
  graph.add(loss, graph.mul(penalty, weight));

/**
 * The mean of the `keep` smallest losses of the batch (least trimmed squares, Rousseeuw 1984). The other samples get
 * no gradient.
 */
function meanOfSmallest(graph: Graph, each: Value): Value {
  const keep = graph.input('keep', [1], 'int64');
  const { indices } = graph.topK(each, keep, { largest: false });
  return averageLoss(graph, graph.gather(each, indices));
}
