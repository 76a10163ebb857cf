import { type EncodedFeature, encodedFeatures } from '../../bundle/column-encoding.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import { type FeatureOf, joinParts, type Part, pickColumns, vectorOf } from './column-parts.ts';
import { applyCurves, buildCurve } from './curves.ts';

/**
 * Turns raw values of a table (N × columns, NaN where missing) into what the model sees (N × encoded): see
 * `encodedFeatures`. All features of a kind share a few nodes, however many there are. No result is NaN.
 */
export function encodeColumns(graph: Graph, raw: Value, columns: readonly TableColumn[]): Value {
  const features = encodedFeatures(columns);
  const absent = graph.isNaN(raw);
  const filled = graph.where(absent, vectorOf(graph, columns, replacementOf), raw);
  const parts: Part[] = [];
  const add = <K extends EncodedFeature['of']>(
    kinds: readonly K[],
    encode: (found: readonly FeatureOf<K>[], pick: (from: Value) => Value) => Value,
  ) => {
    const found = features.filter((feature): feature is FeatureOf<K> => kinds.includes(feature.of as K));
    if (found.length === 0) return;
    const own = found.map(({ column }) => column);
    const value = encode(found, (from) => pickColumns(graph, from, own));
    parts.push({ value, places: found.map((feature) => features.indexOf(feature)) });
  };
  add(['value'], (found, pick) => clipScaled(graph, standardise(graph, pick(filled), found)));
  add(['missing'], (found, pick) => standardise(graph, pick(graph.toFloat(absent)), found));
  add(['quantile'], (found, pick) => {
    const curves = found.map(({ column }) => buildCurve(columns[column]));
    return clipScaled(graph, applyCurves(graph, pick(filled), curves));
  });
  add(['category'], (found, pick) => encodeCategories(graph, pick(filled), columns, found));
  add(['frequency'], (found, pick) =>
    standardise(graph, lookUpFrequencies(graph, pick(filled), columns, found), found),
  );
  add(['time', 'weekday'], (found, pick) => encodeWaves(graph, pick(filled), columns, found));
  return joinParts(graph, parts);
}

/** What replaces a missing value. */
const replacementOf = (column: TableColumn): number => {
  if (column.kind !== 'category') return column.missing;
  return column.missing_share > 0 ? GAP : UNKNOWN;
};

/** A category that no training row has, and a gap in a column in which some training rows have gaps. */
const [UNKNOWN, GAP] = [-1, -2];

/** Without a bound, the square of one far value would dominate the loss of its batch. */
const FARTHEST = 30;

const clipScaled = (graph: Graph, x: Value) => graph.clip(x, -FARTHEST, FARTHEST);

/** (x − center) / scale, feature by feature. */
function standardise(graph: Graph, x: Value, features: readonly { center: number; scale: number }[]): Value {
  const centers = vectorOf(graph, features, ({ center }) => center);
  const centred = graph.sub(x, centers);
  const units = vectorOf(graph, features, ({ scale }) => 1 / scale);
  return graph.mul(centred, units);
}

type CategoryColumn = Extract<TableColumn, { kind: 'category' }>;

/** 1 where a category is a gap in a column in which some training rows have gaps, else 0. */
const isGap = (graph: Graph, x: Value): Value => graph.toFloat(graph.equal(x, GAP));

/**
 * One-hot, in units of each feature's scale. x holds the index of the category. An unknown one is the mean of the known
 * ones: it says nothing.
 */
function encodeCategories(
  graph: Graph,
  x: Value,
  columns: readonly TableColumn[],
  features: readonly FeatureOf<'category'>[],
): Value {
  const own = graph.equal(
    x,
    vectorOf(graph, features, ({ index }) => index),
  );
  const count = vectorOf(
    graph,
    features,
    ({ column }) => (columns[column] as CategoryColumn).categories.length,
  );
  const known = graph.mul(graph.toFloat(graph.greaterOrEqual(x, 0)), graph.toFloat(graph.greater(count, x)));
  const unknown = graph.sub(graph.sub(1, known), isGap(graph, x));
  const shares = vectorOf(graph, features, ({ column, index }) => {
    const { frequencies } = columns[column] as CategoryColumn;
    return frequencies[index] / frequencies.reduce((sum, p) => sum + p, 0);
  });
  const units = vectorOf(graph, features, ({ scale }) => 1 / scale);
  return graph.mul(graph.add(graph.toFloat(own), graph.mul(unknown, shares)), units);
}

/**
 * The frequency of each category, by its index in one table for all columns; 0 for a gap, and for an unknown category the
 * mean over the training rows.
 */
function lookUpFrequencies(
  graph: Graph,
  x: Value,
  columns: readonly TableColumn[],
  features: readonly FeatureOf<'frequency'>[],
): Value {
  const table: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { column, center } of features) {
    const { frequencies } = columns[column] as CategoryColumn;
    starts.push(table.length + 2);
    ends.push(frequencies.length);
    table.push(0, center, ...frequencies, center);
  }
  const asIs = (number: number) => number;
  const known = graph.min(graph.max(x, UNKNOWN), vectorOf(graph, ends, asIs));
  const place = graph.sub(known, isGap(graph, x));
  const index = graph.toInteger(graph.add(place, vectorOf(graph, starts, asIs)));
  return graph.gather(vectorOf(graph, table, asIs), index);
}

/** Sine and cosine of the time of day or of the time of week (from Thursday, the weekday of 1970-01-01). */
function encodeWaves(
  graph: Graph,
  days: Value,
  columns: readonly TableColumn[],
  features: readonly FeatureOf<'time' | 'weekday'>[],
): Value {
  const day = graph.floor(days);
  const ofDay = graph.sub(days, day);
  const since = vectorOf(graph, features, ({ column }) => {
    const { origin } = columns[column] as Extract<TableColumn, { kind: 'date' }>;
    return ((origin % 7) + 7) % 7;
  });
  const weeks = graph.mul(graph.add(day, since), 1 / 7);
  const ofWeek = graph.sub(weeks, graph.floor(graph.add(weeks, 1e-3)));
  const isTime = vectorOf(graph, features, ({ of }) => Number(of === 'time'));
  const part = graph.add(ofWeek, graph.mul(isTime, graph.sub(ofDay, ofWeek)));
  const angle = graph.mul(part, 2 * Math.PI);
  const isSine = vectorOf(graph, features, ({ wave }) => Number(wave === 'sin'));
  const [sine, cosine] = [graph.sin(angle), graph.cos(angle)];
  return graph.add(cosine, graph.mul(isSine, graph.sub(sine, cosine)));
}
