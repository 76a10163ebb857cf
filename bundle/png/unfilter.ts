/**
 * Undoes the filter of a line in place. The first byte is the filter's type (PNG specification, third edition,
 * section 9.2). `above`: the previous line, unfiltered, or zeros. `distance`: bytes from one pixel to the next.
 * Returns whether the filter's type is known.
 */
export function unfilter(line: Uint8Array, above: Uint8Array, distance: number): boolean {
  const { length } = line;
  const first = Math.min(1 + distance, length);
  switch (line[0]) {
    case 0:
      return true;
    case 1:
      for (let p = first; p < length; p++) line[p] += line[p - distance];
      return true;
    case 2:
      for (let p = 1; p < length; p++) line[p] += above[p];
      return true;
    case 3:
      for (let p = 1; p < first; p++) line[p] += above[p] >> 1;
      for (let p = first; p < length; p++) line[p] += (line[p - distance] + above[p]) >> 1;
      return true;
    case 4:
      for (let k = 1; k < first; k++) {
        let left = 0;
        let corner = 0;
        for (let p = k; p < length; p += distance) {
          const up = above[p];
          left = (line[p] + paeth(left, up, corner)) & 255;
          line[p] = left;
          corner = up;
        }
      }
      return true;
    default:
      return false;
  }
}

/** The one of the three that is nearest to left + above − corner. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
