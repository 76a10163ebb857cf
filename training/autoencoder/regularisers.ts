import type { Training } from '../../bundle/training.ts';
import type { Scope } from '../network/scope.ts';
import { gradients } from '../onnx/graph/autodiff.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Autoencoder, Encoding } from './autoencoder.ts';

const sum = (graph: Graph, x: Value, axes: number[]) => graph.reduceSum(x, axes);

/**
 * Kullback–Leibler divergence of the code's Gaussian from the standard normal, per sample, [N]
 * (Kingma & Welling 2014, appendix B): −½ Σ (1 + s − μ² − eˢ) with the log-variance s.
 */
export function codeDivergence(graph: Graph, { code, logVariance }: Required<Encoding>): Value {
  const square = graph.square(code);
  const spread = graph.sub(graph.exp(logVariance), logVariance);
  const each = graph.sub(graph.add(square, spread), 1);
  return graph.mul(sum(graph, each, [1]), 0.5);
}

/** Draws from the code's Gaussian: μ + e^(s/2) ε (Kingma & Welling 2014, equation 10). */
export function reparameterise(graph: Graph, { code, logVariance }: Required<Encoding>, noise: Value): Value {
  const deviation = graph.exp(graph.mul(logVariance, 0.5));
  return graph.add(code, graph.mul(deviation, noise));
}

/**
 * The penalty that makes a code sparse, a scalar: the mean over the batch of Σ|code| (l1), or Σ KL(ρ ‖ ρ̂) between the
 * target rate ρ and each unit's mean activation ρ̂ over the batch (kl; Ng 2011, CS294A lecture notes).
 */
export function sparsityPenalty(
  graph: Graph,
  code: Value,
  { sparsity: kind, sparsity_target: rho }: Training,
): Value {
  if (kind === 'l1') {
    const each = sum(graph, graph.abs(code), [1]);
    return graph.reduceMean(each, [0]);
  }
  const rate = graph.reduceMean(code, [0]);
  const within = graph.clip(rate, 1e-6, 1 - 1e-6);
  const on = graph.mul(graph.log(within), -rho);
  const off = graph.sub(1, within);
  const rest = graph.mul(graph.log(off), -(1 - rho));
  const entropy = rho * Math.log(rho) + (1 - rho) * Math.log(1 - rho);
  const each = graph.add(graph.add(on, rest), entropy);
  return sum(graph, each, [0]);
}

/**
 * The squared Frobenius norm of the encoder's Jacobian, averaged over the batch (Rifai et al. 2011). For an encoder
 * with one layer s(W x + b) it is in closed form, Σⱼ s′ⱼ² Σᵢ W²ᵢⱼ (their equation 7); for more layers it is
 * Hutchinson's estimate E‖vᵀJ‖² with v standard normal, one draw per sample.
 */
export function contractivePenalty(scope: Scope, model: Autoencoder, x: Value, code: Value): Value {
  const { graph } = scope;
  const { blueprint } = model;
  const single =
    blueprint.kind === 'dense' && blueprint.widths[1] === blueprint.code && !blueprint.variational;
  if (single) {
    const weight = scope.value('layer0.weight');
    const columns = sum(graph, graph.square(weight), [0]);
    const slope = slopeOf(graph, code, blueprint.code_activation);
    const each = slope ? graph.mul(graph.square(slope), columns) : columns;
    const rows = slope ? sum(graph, each, [1]) : sum(graph, each, [0]);
    return slope ? graph.reduceMean(rows, [0]) : rows;
  }
  const noise = scope.random('normal', code.shape);
  const [product] = gradients(graph, sum(graph, graph.mul(code, noise), [0, 1]), [x]);
  const each = sum(graph, graph.square(product), [1]);
  return graph.reduceMean(each, [0]);
}

/** The derivative of the code's activation, from its value; undefined if it is 1 everywhere. */
function slopeOf(graph: Graph, y: Value, activation: string): Value | undefined {
  const one = graph.constant(1);
  if (activation === 'sigmoid') return graph.mul(y, graph.sub(one, y));
  if (activation === 'tanh') return graph.sub(one, graph.square(y));
  if (activation === 'relu') return graph.toFloat(graph.toBool(y));
  return undefined;
}
