import type { Random } from '../../kernels/random.ts';

/**
 * Shifts an image (height × width, row-major) in place by up to `most` pixels in each direction, drawn from `random`.
 * Pixels that enter at an edge are 0.
 */
export function shiftImage(
  image: Float32Array,
  [height, width]: readonly number[],
  most: number,
  random: Random,
): void {
  const down = random.below(2 * most + 1) - most;
  const right = random.below(2 * most + 1) - most;
  if (down === 0 && right === 0) return;
  const from = image.slice();
  image.fill(0);
  for (let y = Math.max(0, down); y < Math.min(height, height + down); y++) {
    for (let x = Math.max(0, right); x < Math.min(width, width + right); x++) {
      image[y * width + x] = from[(y - down) * width + x - right];
    }
  }
}
