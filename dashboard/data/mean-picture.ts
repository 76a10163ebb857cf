import type { Sprites } from './sprites.ts';

/** What pictures have in common and where they differ, per value: brightness, 0..255, row-major. */
export interface MeanPicture {
  mean: Float64Array;
  deviation: Float64Array;
  /** How many pictures they are of. */
  count: number;
}

/** So many pictures are enough for a mean. */
export const MOST_PICTURES = 400;

/** At most {@link MOST_PICTURES} of the points, evenly spaced. */
export function samplePictures(indices: readonly number[]): number[] {
  const count = Math.min(indices.length, MOST_PICTURES);
  return Array.from({ length: count }, (_, k) => indices[Math.floor((k * indices.length) / count)]!);
}

/** How many files have the thumbnails of these points. */
export const countSheets = (sprites: Pick<Sprites, 'sheetOf'>, indices: readonly number[]): number =>
  new Set(indices.map((index) => sprites.sheetOf(index))).size;

/** The mean of the thumbnails of points, and their standard deviation. Rejects if a thumbnail cannot be read. */
export async function averagePictures(
  sprites: Pick<Sprites, 'sheetOf' | 'load'>,
  indices: readonly number[],
): Promise<MeanPicture> {
  // Sheet by sheet, so that each is read once, however many there are.
  const ordered = indices.toSorted((a, b) => sprites.sheetOf(a) - sprites.sheetOf(b));
  let sum = new Float64Array();
  let squares = new Float64Array();
  for (const index of ordered) {
    const pixels = await sprites.load(index);
    if (sum.length === 0) [sum, squares] = [new Float64Array(pixels.length), new Float64Array(pixels.length)];
    for (let p = 0; p < pixels.length; p++) {
      sum[p]! += pixels[p]!;
      squares[p]! += pixels[p]! ** 2;
    }
  }
  const count = ordered.length;
  const mean = sum.map((value) => value / count);
  const deviation = squares.map((value, p) => Math.sqrt(Math.max(0, value / count - mean[p]! ** 2)));
  return { mean, deviation, count };
}
