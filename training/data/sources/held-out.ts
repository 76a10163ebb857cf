import { LEVELS } from '../../../bundle/p-value.ts';
import { Random } from '../../../kernels/random.ts';
import type { Configuration } from '../../config/schema.ts';
import { DataError } from '../datasets/error.ts';
import { describeTooFew, type HeldOutSizes, listRemaining, type RowSplit, split } from '../datasets/split.ts';

/** With fewer calibration scores, no level has a threshold: the smallest p-value is 1 / (n + 1). */
export const LEAST_CALIBRATION = Math.ceil(1 / Math.max(...LEVELS) - 1);

/**
 * Chooses how many rows to hold out. By default a tenth for validation, 15 % for calibration and a fifth for testing,
 * within bounds; for calibration at least {@link LEAST_CALIBRATION}, if that leaves two rows to train on.
 */
function chooseSizes(count: number, given: Configuration): HeldOutSizes {
  const part = (share: number, most: number) => Math.max(1, Math.min(most, Math.floor(share * count)));
  const validation = given.validation ?? part(0.1, 2000);
  const test = given.test ?? part(0.2, 10_000);
  const least = Math.min(LEAST_CALIBRATION, count - validation - test - 2);
  return { validation, calibration: given.calibration ?? Math.max(least, part(0.15, 4000)), test };
}

/** Whether no option says how many samples to train on or to hold out. */
export const isDefaultSplit = ({ limit, validation, calibration, test }: Configuration): boolean =>
  [limit, validation, calibration, test].every((size) => size === undefined);

/** Draws the split by the seed: the rows to hold out, and among the others those beyond the limit. */
export function drawSplit(path: string, count: number, configuration: Configuration): RowSplit {
  const { seed = 1, limit } = configuration;
  const random = new Random(seed);
  const heldOut = drawHeldOut(path, count, configuration, random);
  if (limit === undefined) return { heldOut, unused: new Uint32Array(0) };
  const order = random.shuffle(listRemaining(count, [heldOut.validation, heldOut.calibration, heldOut.test]));
  return { heldOut, unused: order.subarray(limit).sort() };
}

function drawHeldOut(path: string, count: number, configuration: Configuration, random: Random) {
  try {
    return split(count, chooseSizes(count, configuration), random);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(`${path}: ${isDefaultSplit(configuration) ? describeTooFew(count) : error.message}`);
  }
}
