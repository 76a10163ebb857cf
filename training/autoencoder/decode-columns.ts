import { type EncodedFeature, encodedFeatures } from '../../bundle/column-encoding.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import { type FeatureOf, joinParts, type Part, pickColumns, vectorOf } from './column-parts.ts';
import { applyCurves, buildCurve, invertCurve, NO_END } from './curves.ts';

type CategoryColumn = Extract<TableColumn, { kind: 'category' }>;

/** A feature and its place among the encoded ones. */
type Placed<K extends EncodedFeature['of']> = FeatureOf<K> & { i: number };

/**
 * Turns encoded features (N × encoded) back into raw values, N × columns: the reverse of `encodeColumns`. Numbers
 * and dates are in raw units, flags are the probability of true, and a category is the index of its largest feature,
 * or of the nearest frequency. Nothing is missing.
 */
export function decodeColumns(graph: Graph, x: Value, columns: readonly TableColumn[]): Value {
  const features = encodedFeatures(columns);
  const parts: Part[] = [];
  const values = findPlaces(features, 'value');
  if (values.length > 0) {
    parts.push({
      value: decodeValues(graph, x, columns, values),
      places: values.map(({ column }) => column),
    });
  }
  const quantiles = findPlaces(features, 'quantile');
  if (quantiles.length > 0) {
    const own = pickPlaces(graph, x, quantiles);
    const curves = quantiles.map(({ column }) => invertCurve(buildCurve(columns[column])));
    parts.push({ value: applyCurves(graph, own, curves), places: quantiles.map(({ column }) => column) });
  }
  // Only the time of day and the weekday of a clock are known, so its date is the middle one.
  for (const [c, column] of columns.entries()) {
    if (column.kind !== 'date' || values.some((value) => value.column === c)) continue;
    const nothing = graph.mul(pickColumns(graph, x, [0]), 0);
    parts.push({ value: graph.add(nothing, column.center), places: [c] });
  }
  for (const [c, column] of columns.entries()) {
    if (column.kind !== 'category') continue;
    const places = features.flatMap(({ column, of }, i) => (column === c && of !== 'missing' ? [i] : []));
    const own = pickColumns(graph, x, places);
    const scores =
      column.encoding === 'one_hot'
        ? own
        : scoreCategories(graph, own, features[places[0]] as FeatureOf<'frequency'>, column);
    const largest = graph.op('ArgMax', [scores], { axis: 1, keepdims: 1 });
    parts.push({ value: graph.toFloat(largest), places: [c] });
  }
  return joinParts(graph, parts);
}

const findPlaces = <K extends EncodedFeature['of']>(
  features: readonly EncodedFeature[],
  kind: K,
): Placed<K>[] =>
  features.flatMap((feature, i) => (feature.of === kind ? [{ ...(feature as FeatureOf<K>), i }] : []));

const pickPlaces = (graph: Graph, x: Value, places: readonly { i: number }[]): Value =>
  pickColumns(
    graph,
    x,
    places.map(({ i }) => i),
  );

/** Numbers, dates and flags in raw units, flags within 0 … 1. */
function decodeValues(
  graph: Graph,
  x: Value,
  columns: readonly TableColumn[],
  values: readonly Placed<'value'>[],
): Value {
  const own = pickPlaces(graph, x, values);
  const scales = vectorOf(graph, values, ({ scale }) => scale);
  const stretched = graph.mul(own, scales);
  const centers = vectorOf(graph, values, ({ center }) => center);
  const raw = graph.add(stretched, centers);
  const isFlag = values.map(({ column }) => columns[column].kind === 'flag');
  const least = vectorOf(graph, isFlag, (flag) => (flag ? 0 : -NO_END));
  const most = vectorOf(graph, isFlag, (flag) => (flag ? 1 : NO_END));
  return isFlag.includes(true) ? graph.min(graph.max(raw, least), most) : raw;
}

/** How near the frequency of each category is to a feature (N × 1): N × categories, the nearest has the largest score. */
function scoreCategories(
  graph: Graph,
  x: Value,
  { center, scale }: FeatureOf<'frequency'>,
  { frequencies }: CategoryColumn,
): Value {
  const known = vectorOf(graph, frequencies, (frequency) => (frequency - center) / scale);
  return graph.neg(graph.abs(graph.sub(x, known)));
}
