import { parseModel } from '../../engine/onnx/model.ts';
import type { Matrix } from '../../training/runtime/rows.ts';

/** Rows by which a shift is recognised, of which most must be found. */
const PROBES = 9;

/**
 * How many of the rows are in a constant of an ONNX model: as rows or columns of a matrix, moved by any distance that is
 * the same for all, as detectors move them.
 */
export function countKeptRows(model: Uint8Array, rows: Matrix): number {
  let most = 0;
  for (const { shape, floats, values } of parseModel(model).constants.values()) {
    if (!floats || values.length < PROBES * rows.d) continue;
    const own = Float32Array.from(values);
    if (shape.at(-1) === rows.d) most = Math.max(most, countIn(own, rows));
    if (shape.length === 2 && shape[0] === rows.d)
      most = Math.max(most, countIn(transpose(own, rows.d), rows));
  }
  return most;
}

function countIn(constant: Float32Array, { values, n, d }: Matrix): number {
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const count = constant.length / d;
  /** The row that is row `i` of the constant, moved; −1 if none is. */
  const find = (i: number, shift: Float64Array): number => {
    for (let r = 0; r < n; r++) {
      let j = 0;
      while (j < d && Math.abs(constant[i * d + j]! + shift[j]! - values[r * d + j]!) < 1e-4 * scale) j++;
      if (j === d) return r;
    }
    return -1;
  };
  for (let r = 0; r < n; r++) {
    const shift = Float64Array.from({ length: d }, (_, j) => values[r * d + j]! - constant[j]!);
    const probes = Array.from({ length: PROBES }, (_, p) => Math.floor((p * count) / PROBES));
    if (probes.filter((i) => find(i, shift) >= 0).length <= PROBES / 2) continue;
    const found = new Set(Array.from({ length: count }, (_, i) => find(i, shift)));
    found.delete(-1);
    return found.size;
  }
  return 0;
}

/** A d × n matrix as n × d. */
const transpose = (values: Float32Array, d: number): Float32Array =>
  values.map((_, p) => values[(p % d) * (values.length / d) + Math.floor(p / d)]!);
