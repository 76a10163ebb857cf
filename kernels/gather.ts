/**
 * Rows of `source` (u8, columns wide) chosen by index, as floats times `scale`, into `target`
 * (rows.length × columns): the reference of the kernel.
 */
export function gather(
  source: Uint8Array,
  columns: number,
  rows: Uint32Array,
  scale: number,
  target: Float32Array,
): void {
  const factor = Math.fround(scale);
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < columns; j++) target[i * columns + j] = source[rows[i] * columns + j] * factor;
  }
}

/** Rows of `source` (f32, columns wide) chosen by index, into `target`: the reference of the kernel. */
export function gatherFloat(
  source: Float32Array,
  columns: number,
  rows: Uint32Array,
  target: Float32Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < columns; j++) target[i * columns + j] = source[rows[i] * columns + j];
  }
}

/**
 * Rows of `source` (f32, columns wide) chosen by index, each value less its column's `mean` and times its
 * column's `inverseStd`, into `target`: the reference of the kernel.
 */
export function gatherStandardised(
  source: Float32Array,
  columns: number,
  rows: Uint32Array,
  mean: Float32Array,
  inverseStd: Float32Array,
  target: Float32Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < columns; j++) {
      target[i * columns + j] = Math.fround(source[rows[i] * columns + j] - mean[j]) * inverseStd[j];
    }
  }
}
