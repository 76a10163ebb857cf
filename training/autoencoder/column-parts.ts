import { type EncodedFeature, encodedFeatures } from '../../bundle/column-encoding.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';

/** The encoded features of one kind. */
export type FeatureOf<K extends EncodedFeature['of']> = EncodedFeature & { readonly of: K };

/** Some columns of a matrix: N × places.length, and where each belongs in the result. */
export interface Part {
  value: Value;
  places: readonly number[];
}

/** One number for each of `items` as a constant vector, which broadcasts over the rows of a matrix. */
export const vectorOf = <T>(graph: Graph, items: readonly T[], numberOf: (item: T) => number): Value =>
  graph.constant(Float32Array.from(items, numberOf), [items.length]);

/** These columns of a matrix, in this order. */
export function pickColumns(graph: Graph, x: Value, columns: readonly number[]): Value {
  if (columns.length === x.shape[1] && columns.every((column, i) => column === i)) return x;
  return graph.gather(x, graph.integers(columns), 1);
}

/** Joins parts side by side, each column in its place. */
export function joinParts(graph: Graph, parts: readonly Part[]): Value {
  const values = parts.map(({ value }) => value);
  const places = parts.flatMap((part) => part.places);
  const order = places.map((_, place) => places.indexOf(place));
  return pickColumns(graph, graph.concat(values, 1), order);
}

/** Squared errors of encoded features (N × encoded) summed for each raw column: N × columns. */
export function sumErrorsByColumn(graph: Graph, error: Value, columns: readonly TableColumn[]): Value {
  const features = encodedFeatures(columns);
  if (features.every(({ column }, i) => column === i)) return error;
  const matrix = new Float32Array(features.length * columns.length);
  for (const [i, { column }] of features.entries()) matrix[i * columns.length + column] = 1;
  return graph.matMul(error, graph.constant(matrix, [features.length, columns.length]));
}
