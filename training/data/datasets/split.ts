import type { Random } from '../../../kernels/random.ts';
import { plural } from '../../console/plural.ts';
import { DataError } from './error.ts';

/** How many samples to hold out of training, and for what. */
export interface HeldOutSizes {
  /** To choose the best epoch. */
  validation: number;
  /** To turn scores into p-values. */
  calibration: number;
  /** To report how good the model is. */
  test: number;
}

/** Disjoint lists of row numbers, each ascending. All other rows are for training. */
export type HeldOut = Readonly<Record<keyof HeldOutSizes, Uint32Array>>;

/** What each row is for: rows that are neither held out nor unused are for training. */
export interface RowSplit {
  readonly heldOut: HeldOut;
  /** Rows beyond the limit: not used at all. */
  readonly unused: Uint32Array;
}

/** Lists all rows that are not for training, in disjoint lists. */
export const listExcluded = ({ heldOut, unused }: RowSplit): Uint32Array[] => [
  heldOut.validation,
  heldOut.calibration,
  heldOut.test,
  unused,
];

/**
 * The fewest samples, apart from images, that train with the default options: with fewer, the held-out ones leave too few
 * to fit the default detectors to.
 */
export const LEAST_SAMPLES = 23;

/** What to know if there are fewer samples than {@link LEAST_SAMPLES}. */
export const describeTooFew = (count: number): string =>
  `there ${count === 1 ? 'is' : 'are'} ${plural(count, 'row')}: at least ${LEAST_SAMPLES} are needed with the default options, ` +
  `and a few hundred to learn anything useful`;

/**
 * Draws the rows to hold out of training, uniformly and without replacement from `count` rows. Needs one bit of memory
 * per row, wherever the data is. Throws a {@link DataError} unless a row is left to train on.
 */
export function split(count: number, sizes: HeldOutSizes, random: Random): HeldOut {
  const { validation, calibration, test } = sizes;
  const wanted = validation + calibration + test;
  if (wanted >= count) {
    throw new DataError(
      `the data has ${plural(count, 'sample')}: ${validation} for validation, ${calibration} for calibration and ` +
        `${test} for testing leave none to train on; hold out at most ${Math.max(0, count - 1)} in all`,
    );
  }
  const drawn = new Uint8Array(Math.ceil(count / 8));
  const draw = (size: number) => {
    const rows = new Uint32Array(size);
    for (let i = 0; i < size; ) {
      const row = random.below(count);
      if (drawn[row >>> 3] & (1 << (row & 7))) continue;
      drawn[row >>> 3] |= 1 << (row & 7);
      rows[i++] = row;
    }
    return rows.sort();
  };
  return { validation: draw(validation), calibration: draw(calibration), test: draw(test) };
}

/** Lists the rows of 0 … count − 1 that are in none of the lists, ascending. */
export function listRemaining(count: number, heldOut: readonly Uint32Array[]): Uint32Array {
  const out = merge(heldOut);
  assertRows(out, count);
  const rows = new Uint32Array(count - out.length);
  for (let row = 0, i = 0, k = 0; row < count; row++) {
    if (row === out[k]) k++;
    else rows[i++] = row;
  }
  return rows;
}

/** Merges disjoint lists into one ascending list. Throws a RangeError if a row is in two of them. */
export function merge(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let length = 0;
  for (const list of lists) {
    all.set(list, length);
    length += list.length;
  }
  all.sort();
  const twice = all.findIndex((row, i) => row === all[i - 1]);
  if (twice > 0) throw new RangeError(`row ${all[twice]} is held out twice`);
  return all;
}

/** Throws a RangeError if a list has a row outside 0 … count − 1. */
export function assertRows(rows: Uint32Array, count: number): void {
  const outside = rows.find((row) => row >= count);
  if (outside !== undefined)
    throw new RangeError(`there is no row ${outside}: there are ${count}, counted from 0`);
}
