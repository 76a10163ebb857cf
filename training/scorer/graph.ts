import { SCORER_INPUT } from '../../bundle/scorer.ts';
import { sumByColumn, type Trained } from '../autoencoder/export.ts';
import { rawWidthOf, unscaleSamples } from '../autoencoder/scaling.ts';
import { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import type { FittedEnsemble } from './ensemble.ts';
import { explain, fuse } from './fusion.ts';
import { computePValue } from './p-value.ts';
import { buildViews } from './views.ts';

/**
 * `scorer.onnx`: raw samples in (`input`, N × features), the parts of a score out ({@link ScorerOutput}).
 * `calibration` are the scores of samples that training never saw; without them the graph has no `p_value`.
 */
export function buildScorerGraph(
  trained: Trained,
  { members, fusion, ...makers }: FittedEnsemble,
  calibration?: Float32Array,
): Uint8Array {
  const { model, scaling } = trained;
  const graph = new Graph();
  const input = graph.input(SCORER_INPUT, ['N', rawWidthOf(model.features, scaling)]);
  const views = buildViews(graph, input, trained, makers);
  const difference = views('difference');
  const { each, score, weights } = fuse(graph, views, members, fusion);
  graph.output('code', views('code'));
  graph.output('reconstruction', unscaleSamples(graph, views.reconstruction, scaling));
  graph.output('feature_error', sumByColumn(graph, graph.square(difference), scaling));
  const share = explain(graph, views, members, weights);
  graph.output('feature_share', sumByColumn(graph, share, scaling));
  graph.output('detectors', each);
  graph.output('score', score);
  if (calibration) graph.output('p_value', computePValue(graph, score, calibration));
  return serialise(graph, 'scorer');
}
