import type { Manifest } from '../../bundle/manifest.ts';

type Data = Manifest['data'];

/** A row as a person reads and writes it: numbers of at most six digits. */
export const rowText = (row: ArrayLike<number>): string =>
  Array.from(row, (value) => Number(value.toPrecision(6))).join(', ');

/**
 * Reads a row of numbers, separated by commas, semicolons, tabs, blanks or new lines. What is wrong with it comes
 * back in one sentence, with the place of the first wrong number.
 */
export function parseRow(text: string, { features, range }: Data): Float32Array | string {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const row = Float32Array.from(parts, Number);
  const [low, high] = range ?? [-Infinity, Infinity];
  for (const [j, value] of row.entries()) {
    if (!Number.isFinite(value)) return `Feature ${j} is “${parts[j]!.slice(0, 20)}”, which is no number.`;
    if (value < low || value > high) {
      return `Feature ${j} is ${parts[j]}, a number from ${low} to ${high} is expected.`;
    }
  }
  return row.length === features ? row : `${row.length} numbers, ${features} are expected.`;
}

/** A row with nothing special in it: the mean of each feature, or the middle of the range. */
export const plainRow = ({ features, scaling }: Data): Float32Array =>
  scaling.kind === 'standard'
    ? Float32Array.from(scaling.mean)
    : new Float32Array(features).fill((scaling.low + scaling.high) / 2);

/** Each feature drawn by itself, within three deviations of its mean, or from the range. */
export const randomRow = ({ features, scaling }: Data): Float32Array =>
  Float32Array.from({ length: features }, (_, j) =>
    scaling.kind === 'standard'
      ? scaling.mean[j]! + scaling.deviation[j]! * (6 * Math.random() - 3)
      : scaling.low + (scaling.high - scaling.low) * Math.random(),
  );
