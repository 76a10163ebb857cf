import { CholeskyDecomposition, Matrix as Dense } from 'ml-matrix';
import { columnOfFeature, encodedFeatures } from '../../bundle/column-encoding.ts';
import type { Scaling } from '../../bundle/manifest.ts';
import { joinParts, pickColumns } from '../autoencoder/column-parts.ts';
import { MAX_COLUMNS, measureMoments } from '../linear/covariance.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';

/**
 * Fills gaps in encoded rows (`x`, N × encoded; `raw`, N × columns, NaN where missing) before detectors look at them. The
 * median that the encoding fills them with contradicts the columns that the missing one is correlated with, so that rows
 * with gaps would look like anomalies and hide them.
 */
export type Imputation = (graph: Graph, x: Value, raw: Value) => Value;

/** The regressions are fitted to at most this many rows, the first ones. */
const MOST_ROWS = 5000;
/** Features that a missing one is predicted from: those that correlate most with it. */
const MOST_PREDICTORS = 32;
/** Features count as at most this far from their mean, so that no other anomaly in a row bends a prediction. */
const FARTHEST = 5;
/** Added to the variances of the predictors, as a share of them. */
const RIDGE = 0.01;
/** Gaps are filled by the median at first; then regression and filling take turns. */
const ROUNDS = 3;

/** A missing feature is predicted as `bias` + Σ weights · x[predictors]. */
interface Regression {
  readonly target: number;
  readonly predictors: readonly number[];
  readonly weights: readonly number[];
  readonly bias: number;
}

/**
 * Predicts each number and date that is missing in some training rows by a ridge regression on the other columns (Buck 1960,
 * with repeated filling). `rows` are encoded (n × encoded), `raw` the same rows before (n × columns). Returns undefined
 * if there is nothing to predict, or nothing to predict it from.
 */
export function fitImputation(rows: Matrix, raw: Matrix, scaling: Scaling): Imputation | undefined {
  if (scaling.kind !== 'columns' || rows.d > MAX_COLUMNS) return undefined;
  const { columns } = scaling;
  const columnOf = columnOfFeature(columns);
  const targets = encodedFeatures(columns).flatMap(({ of, column }, j) => {
    const { kind, missing_share } = columns[column];
    const isNumber = kind !== 'flag' && (of === 'value' || of === 'quantile');
    return isNumber && missing_share > 0 ? [j] : [];
  });
  if (targets.length === 0) return undefined;
  const { d } = rows;
  const n = Math.min(rows.n, MOST_ROWS);
  const filled = { values: Float32Array.from(rows.values.subarray(0, n * d), clip), n, d };
  let regressions: Regression[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    regressions = regress(filled, targets, columnOf);
    for (const { target, predictors, weights, bias } of regressions) {
      for (let i = 0; i < n; i++) {
        if (!Number.isNaN(raw.values[i * raw.d + columnOf[target]])) continue;
        let value = bias;
        for (const [k, j] of predictors.entries()) value += weights[k] * filled.values[i * d + j];
        filled.values[i * d + target] = clip(value);
      }
    }
  }
  return regressions.length > 0 ? buildImputation(regressions, columnOf) : undefined;
}

const clip = (value: number) => Math.max(-FARTHEST, Math.min(FARTHEST, value));

function regress(rows: Matrix, targets: readonly number[], columnOf: Uint32Array): Regression[] {
  const { d } = rows;
  const { mean, covariance } = measureMoments(rows);
  const varies = Array.from({ length: d }, (_, j) => j).filter((j) => covariance[j * (d + 1)] > 1e-9);
  return targets.flatMap((target) => {
    const strength = (j: number) => covariance[target * d + j] ** 2 / covariance[j * (d + 1)];
    const predictors = varies
      .filter((j) => columnOf[j] !== columnOf[target])
      .sort((a, b) => strength(b) - strength(a) || a - b)
      .slice(0, MOST_PREDICTORS);
    if (predictors.length === 0) return [];
    const gram = predictors.map((a) =>
      predictors.map((b) => covariance[a * d + b] * (a === b ? 1 + RIDGE : 1)),
    );
    const moments = Dense.columnVector(predictors.map((j) => covariance[j * d + target]));
    const weights = new CholeskyDecomposition(gram).solve(moments).getColumn(0);
    const bias = weights.reduce((sum, weight, k) => sum - weight * mean[predictors[k]], mean[target]);
    return [{ target, predictors, weights, bias }];
  });
}

function buildImputation(regressions: readonly Regression[], columnOf: Uint32Array): Imputation {
  const targets = regressions.map(({ target }) => target);
  const others = Array.from(columnOf.keys()).filter((j) => !targets.includes(j));
  const width = Math.max(...regressions.map(({ predictors }) => predictors.length));
  // Rows of equal length: those that are shorter end in weights of 0.
  const padded = regressions.flatMap(({ predictors, weights }) =>
    Array.from({ length: width }, (_, k) => ({ predictor: predictors[k] ?? 0, weight: weights[k] ?? 0 })),
  );
  return (graph, x, raw) => {
    const shape = [targets.length, width];
    const used = pickColumns(
      graph,
      graph.clip(x, -FARTHEST, FARTHEST),
      padded.map(({ predictor }) => predictor),
    );
    const weights = graph.constant(
      Float32Array.from(padded, ({ weight }) => weight),
      shape,
    );
    const products = graph.mul(graph.reshape(used, [-1, ...shape]), weights);
    const biases = graph.constant(
      Float32Array.from(regressions, ({ bias }) => bias),
      [targets.length],
    );
    const expected = graph.clip(graph.add(graph.reduceSum(products, [2]), biases), -FARTHEST, FARTHEST);
    const absent = pickColumns(
      graph,
      graph.isNaN(raw),
      targets.map((j) => columnOf[j]),
    );
    const filled = graph.where(absent, expected, pickColumns(graph, x, targets));
    if (others.length === 0) return filled;
    return joinParts(graph, [
      { value: filled, places: targets },
      { value: pickColumns(graph, x, others), places: others },
    ]);
  };
}
