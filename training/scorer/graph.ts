import { TIE } from '../../bundle/p-value.ts';
import { SCORER_INPUT } from '../../bundle/scorer.ts';
import { sumByColumn, type Trained } from '../autoencoder/export.ts';
import { rawWidthOf, unscaleSamples } from '../autoencoder/scaling.ts';
import { Graph, type Value } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { explain, type FittedMember, fuse } from './ensemble.ts';
import type { Projection } from './projection.ts';
import { viewsOf } from './views.ts';

/** The detectors of a model, fitted, and what they look at. */
export interface Detection {
  readonly members: readonly FittedMember[];
  readonly projection: Projection;
}

/**
 * `scorer.onnx`: raw samples in (`input`, N × features), everything that a score consists of out, as in
 * {@link ScorerOutput}. `calibration` holds the scores of samples that training never saw; without it the graph
 * has no `p_value`.
 *
 * The p-value is that of split-conformal anomaly detection (Laxhammar & Falkman 2010; Bates et al. 2023,
 * equation 2): (1 + #{calibration scores ≥ score}) / (n + 1).
 */
export function scorerGraph(
  trained: Trained,
  { members, projection }: Detection,
  calibration?: Float32Array,
): Uint8Array {
  const { model, scaling } = trained;
  const graph = new Graph();
  const input = graph.input(SCORER_INPUT, ['N', rawWidthOf(model.features, scaling)]);
  const views = viewsOf(graph, input, trained, projection);
  const difference = views('difference');
  const { each, score } = fuse(graph, views, members);
  graph.output('code', views('code'));
  graph.output('reconstruction', unscaleSamples(graph, views.reconstruction, scaling));
  graph.output('feature_error', sumByColumn(graph, graph.square(difference), scaling));
  graph.output('feature_share', sumByColumn(graph, explain(graph, views, members, each), scaling));
  graph.output('detectors', each);
  graph.output('score', score);
  if (calibration) graph.output('p_value', conformal(graph, score, calibration));
  return serialise(graph, 'scorer');
}

/**
 * score: [N]. Returns the p-values, [N]. A calibration score counts if it is as large but for {@link TIE}: an engine
 * rounds one sample otherwise than many at once, and what is the same must have the same p-value.
 */
export function conformal(graph: Graph, score: Value, calibration: Float32Array): Value {
  const n = calibration.length;
  const least = graph.sub(graph.mul(score, 1 - TIE.relative), TIE.absolute);
  const column = graph.unsqueeze(least, [1]);
  const reference = graph.constant(calibration.toSorted(), [n]);
  const above = graph.toFloat(graph.greaterOrEqual(reference, column));
  const count = graph.reduceSum(above, [1]);
  return graph.div(graph.add(count, 1), n + 1);
}
