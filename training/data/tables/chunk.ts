import { type DuckDBDataChunk, DuckDBFloatVector, DuckDBVarCharVector } from '@duckdb/node-api';

/**
 * Copies column j of a chunk into column j of `target` (rows × width, from row `start` on). `indexOf` turns texts into
 * numbers. Returns the first row of the chunk with an infinite value, or undefined.
 */
export function copyColumn(
  chunk: DuckDBDataChunk,
  j: number,
  target: Float32Array,
  width: number,
  start: number,
  indexOf?: (text: string) => number,
): number | undefined {
  const vector = chunk.getColumnVector(j);
  const { rowCount } = chunk;
  let place = start * width + j;
  if (vector instanceof DuckDBVarCharVector && indexOf) {
    for (let i = 0; i < rowCount; i++, place += width) {
      const text = vector.getItem(i);
      target[place] = text === null ? Number.NaN : indexOf(text);
    }
    return undefined;
  }
  if (!(vector instanceof DuckDBFloatVector)) throw new TypeError(`column ${j} is not float32`);
  let wrong: number | undefined;
  for (let i = 0; i < rowCount; i++, place += width) {
    const value = vector.getItem(i) ?? Number.NaN;
    target[place] = value;
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) wrong ??= i;
  }
  return wrong;
}
