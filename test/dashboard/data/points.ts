import type { Points } from '../../../dashboard/data/dataset.ts';

/** Columns of points from rows; what a row leaves out is 0, without a label. */
export const pointsOf = (
  rows: readonly { id?: number; x?: number; y?: number; label?: number; score?: number; pValue?: number }[],
): Points => ({
  count: rows.length,
  id: Int32Array.from(rows, ({ id }, i) => id ?? i),
  split: new Int16Array(rows.length),
  splits: ['test'],
  x: Float32Array.from(rows, ({ x }) => x ?? 0),
  y: Float32Array.from(rows, ({ y }) => y ?? 0),
  label: Int16Array.from(rows, ({ label }) => label ?? -1),
  score: Float64Array.from(rows, ({ score }) => score ?? 0),
  pValue: Float64Array.from(rows, ({ pValue }) => pValue ?? 0),
});
