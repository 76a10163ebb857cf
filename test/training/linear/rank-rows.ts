/** The definition: all rows by squared distance, then by index. */
export function rankRows(
  rows: Float32Array,
  query: Float32Array,
  dims: number,
): { row: number; square: number }[] {
  return Array.from({ length: rows.length / dims }, (_, row) => {
    let square = 0;
    for (let j = 0; j < dims; j++) square += (rows[row * dims + j] - query[j]) ** 2;
    return { row, square };
  }).sort((a, b) => a.square - b.square || a.row - b.row);
}
