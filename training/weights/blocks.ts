/** Constants in 8 bits: each block of neighbouring values, row-major, shares a scale. */
export interface Blocks {
  readonly size: number;
  /** value ≈ whole number × the scale of its block; whole numbers from −127 to 127. */
  readonly scales: Float32Array;
}

/** Values in a block, if that divides their number; otherwise fewer, down to half of it. */
const LARGEST = 32;

/** How many values share a scale; undefined if their number cannot be divided into blocks. */
function chooseSize(length: number): number | undefined {
  for (let size = LARGEST; size >= LARGEST / 2; size--) if (length % size === 0) return size;
  return undefined;
}

/** Chooses a scale for each block: the largest value becomes 127, or whole numbers stay as they are. */
export function chooseBlocks(values: Float32Array): Blocks | undefined {
  const size = chooseSize(values.length);
  if (size === undefined) return undefined;
  const scales = Float32Array.from({ length: values.length / size }, (_, b) => {
    const block = values.subarray(b * size, (b + 1) * size);
    const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const whole = largest <= 127 && block.every((value) => Number.isInteger(value));
    return whole ? 1 : largest / 127;
  });
  return scales.every((scale) => scale > 0 && Number.isFinite(scale)) ? { size, scales } : undefined;
}

/** Rounds a value to a whole number of its block's scale. */
export const roundTo = (value: number, scale: number): number =>
  Math.max(-127, Math.min(127, Math.round(value / scale)));

/** Rounds each value by itself. */
export const roundAll = (values: Float32Array, { size, scales }: Blocks): Int8Array =>
  Int8Array.from(values, (value, p) => roundTo(value, scales[Math.floor(p / size)]));
