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
