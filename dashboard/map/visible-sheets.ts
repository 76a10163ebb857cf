import type { Sprites } from '../data/sprites.ts';

/** The sheets that hold the thumbnails of these points, the one with the most of them first. Hidden points do not count. */
export function sheetsOf(
  sprites: Pick<Sprites, 'sheetOf'>,
  points: readonly number[],
  shown: Uint8Array,
): number[] {
  const counts = new Map<number, number>();
  for (const index of points) {
    if (!shown[index]) continue;
    const sheet = sprites.sheetOf(index);
    counts.set(sheet, (counts.get(sheet) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([sheet]) => sheet);
}
