import { CALIBRATED_SPLIT } from './map.ts';

/** Bits of a coordinate in the order of tiles. */
const BITS = 16;

/**
 * The tile of each point, for sheets in the order `place`: the tiles of the test points come first, then those of the
 * others, and in both parts points that are close on the map have tiles that are close. So a part of the map needs few
 * sheets.
 *
 * x and y (as in `map.parquet`) are scaled to whole numbers from 0 to 65,535 over the extent of the map, and points are sorted by the number
 * whose bits are those of both, interleaved (Morton's Z-order); of equal ones the first point comes first.
 */
export function orderTiles(points: {
  x: Float32Array;
  y: Float32Array;
  /** The split of each point, as an index into `splits`. */
  split: ArrayLike<number>;
  splits: readonly string[];
}): Uint32Array {
  const { split, splits } = points;
  const [x, y] = [scaleToBits(points.x), scaleToBits(points.y)];
  const tested = splits.indexOf(CALIBRATED_SPLIT);
  const n = x.length;
  // The point's index is in the low bits, so that numbers alone are sorted: 33 bits and 20 bits fit into a double.
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const other = split[i] === tested ? 0 : 2 ** (2 * BITS);
    keys[i] = (other + spread(x[i]!) + 2 * spread(y[i]!)) * 2 ** 20 + i;
  }
  keys.sort();
  const slots = new Uint32Array(n);
  for (let slot = 0; slot < n; slot++) slots[keys[slot]! % 2 ** 20] = slot;
  return slots;
}

function scaleToBits(values: Float32Array): Uint16Array {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const scale = high > low ? (2 ** BITS - 1) / (high - low) : 0;
  return Uint16Array.from(values, (value) => Math.floor((value - low) * scale));
}

/** The bits of a number of 16 bits, with a zero before each. */
function spread(value: number): number {
  let bits = value;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}
