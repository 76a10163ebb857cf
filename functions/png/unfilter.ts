/**
 * Undoes the filters of lines of `length` bytes, in place; the first byte of each line names its filter
 * (PNG specification, third edition, section 9.2). `distance` is the bytes from a pixel to the next.
 * Answers whether every filter was known.
 */
export function unfilter(lines: Uint8Array, length: number, distance: number): boolean {
  for (let start = 0; start < lines.length; start += length) {
    const filter = lines[start];
    if (filter > 4) return false;
    const first = start === 0;
    for (let p = start + 1; p < start + length; p++) {
      const left = p - start > distance ? lines[p - distance] : 0;
      const above = first ? 0 : lines[p - length];
      if (filter === 1) lines[p] += left;
      else if (filter === 2) lines[p] += above;
      else if (filter === 3) lines[p] += (left + above) >> 1;
      else if (filter === 4) {
        const corner = first || p - start <= distance ? 0 : lines[p - length - distance];
        lines[p] += paeth(left, above, corner);
      }
    }
  }
  return true;
}

/** Whichever of the three is nearest to left + above − corner. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
