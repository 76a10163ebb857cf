import { Random } from '../../kernels/random.ts';
import { isGaussian } from '../autoencoder/autoencoder.ts';
import { addWeights, negativeReconstructionProbability, type Trained } from '../autoencoder/export.ts';
import { buildLoss, LEAST_LOSS } from '../autoencoder/losses.ts';
import { codeDivergence } from '../autoencoder/regularisers.ts';
import { scaleSamples, unscaleSamples } from '../autoencoder/scaling.ts';
import { Scope } from '../network/scope.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Imputation } from './imputation.ts';
import type { Projection } from './projection.ts';

/**
 * The views that a detector can look at.
 * - `input`: the sample in the units of training, gaps filled by what the other columns say, N × encoded
 * - `projection`: its coordinates along the leading principal components, N × at most 64
 * - `code`: the autoencoder's code, N × code
 * - `difference`: the autoencoder's error, reconstruction − sample, N × encoded
 * - `masked`: squared errors of features that were hidden from the autoencoder, the mean over several masks, N × encoded
 * - `loss`: the training loss per feature (for a variational model, the reconstruction probability), and the divergence
 *   of the code from the prior per feature (0 unless the model is variational), N × 2
 */
export const VIEWS = ['input', 'projection', 'code', 'difference', 'masked', 'loss'] as const;
export type View = (typeof VIEWS)[number];

/** Views that come from the autoencoder: on its own training rows, they look too good. */
export const LEARNED: readonly View[] = ['code', 'difference', 'masked', 'loss'];

/** Views whose columns are the features as the model sees them. */
export const OF_FEATURES: readonly View[] = ['input', 'difference', 'masked'];

/** Adds a view to a graph; asked again, returns the same value. */
export type Views = (view: View) => Value;

/** In each view: training rows, and as many unseen rows in every view, to which the autoencoder was not fitted. */
export interface ViewRows {
  readonly train: Readonly<Partial<Record<View, Matrix>>>;
  readonly unseen: Readonly<Partial<Record<View, Matrix>>>;
}

/** The number of masks in the view `masked`, and the share of the features that each hides. */
const MASKS = 4;
const HIDDEN = 0.25;
const MASKS_SEED = 2016;

/** What views are made with besides the trained model. */
export interface ViewMakers {
  readonly projection: Projection;
  /** Fills gaps in the views `input` and `projection`; the autoencoder sees the median. */
  readonly imputation?: Imputation;
}

/** The views of raw samples (`input`, N × features) by a trained model. */
export function buildViews(
  graph: Graph,
  input: Value,
  trained: Trained,
  { projection, imputation }: ViewMakers,
): Views & { reconstruction: Value } {
  const { model, training, scaling } = trained;
  const scope = new Scope(graph, addWeights(graph, trained), false);
  const x = scaleSamples(graph, imputeCategories(scope, trained, input), scaling);
  const encoding = model.encode(scope, x);
  const decoded = model.decode(scope, encoding.code);
  const reconstruction = model.reconstruct(graph, decoded);
  const makers: Record<View, () => Value> = {
    input: () => (imputation ? imputation(graph, x, input) : x),
    projection: () => projection.apply(graph, views('input')),
    code: () => encoding.code,
    difference: () => graph.sub(reconstruction, x),
    masked: () => computeMaskedErrors(scope, trained, x),
    loss() {
      const axis = graph.integers([1]);
      const perFeature = graph.constant(1 / model.features);
      if (isGaussian(encoding)) {
        const far = graph.mul(codeDivergence(graph, encoding), perFeature);
        const parts = [negativeReconstructionProbability(scope, trained, x, encoding), far];
        return graph.concat(
          parts.map((part) => graph.unsqueeze(part, axis)),
          1,
        );
      }
      const each = buildLoss(training.loss, graph, decoded, x, model, training);
      const loss = graph.sub(graph.mul(each, perFeature), LEAST_LOSS[training.loss] ?? 0);
      const column = graph.unsqueeze(loss, axis);
      return graph.concat([column, graph.mul(column, 0)], 1);
    },
  };
  const made = new Map<View, Value>();
  const views = (view: View): Value => {
    const value = made.get(view) ?? makers[view]();
    made.set(view, value);
    return value;
  };
  return Object.assign(views, { reconstruction });
}

/**
 * Replaces an unknown category, and a gap where training had none, by the category that the autoencoder expects of the
 * other columns: the mean of the categories, which it is encoded as at first, is near no sample.
 */
function imputeCategories(scope: Scope, { model, scaling }: Trained, input: Value): Value {
  if (scaling.kind !== 'columns') return input;
  const { graph } = scope;
  const { columns } = scaling;
  const unknown = columns.map((column) => column.kind === 'category' && column.encoding === 'one_hot');
  if (!unknown.includes(true)) return input;
  const missing = columns.map((column, j) => unknown[j] && column.missing_share === 0);
  const x = scaleSamples(graph, input, scaling);
  const decoded = model.decode(scope, model.encode(scope, x).code);
  const expected = unscaleSamples(graph, model.reconstruct(graph, decoded), scaling);
  const mask = (of: readonly boolean[]) => graph.constant(Float32Array.from(of, Number), [of.length]);
  const flagged = graph.add(
    graph.mul(graph.toFloat(graph.equal(input, UNKNOWN_CATEGORY)), mask(unknown)),
    graph.mul(graph.toFloat(graph.isNaN(input)), mask(missing)),
  );
  return graph.where(graph.greater(flagged, 0), expected, input);
}

/** The raw value of a category that training did not know. */
const UNKNOWN_CATEGORY = -1;

/**
 * Hides other features in each of several passes, by setting them to 0. Returns each feature's mean squared error
 * over the passes that hid it.
 */
function computeMaskedErrors(scope: Scope, { model }: Trained, x: Value): Value {
  const { graph } = scope;
  const { features } = model;
  const random = new Random(MASKS_SEED);
  const kept = Float32Array.from({ length: MASKS * features }, () => Number(random.uniform() >= HIDDEN));
  // Each feature is hidden at least once.
  for (let j = 0; j < features; j++) kept[random.below(MASKS) * features + j] = 0;
  const counts = new Float32Array(features);
  for (let p = 0; p < kept.length; p++) counts[p % features] += 1 - kept[p];
  const middle = graph.integers([1]);
  const rows = (value: Value) => graph.reshape(value, [-1, features]);
  const each = graph.unsqueeze(x, middle);
  const hidden = graph.mul(each, graph.constant(kept, [1, MASKS, features]));
  const copies = rows(graph.add(each, graph.constant(new Float32Array(MASKS), [1, MASKS, 1])));
  const decoded = model.decode(scope, model.encode(scope, rows(hidden)).code);
  const wrong = graph.sub(model.reconstruct(graph, decoded), copies);
  const squares = graph.reshape(graph.square(wrong), [-1, MASKS, features]);
  const weights = kept.map((value, p) => (1 - value) / counts[p % features]);
  const weighted = graph.mul(squares, graph.constant(weights, [1, MASKS, features]));
  return graph.reduceSum(weighted, middle);
}
