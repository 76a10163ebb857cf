// Distances between quantised codes and a code: see kernels/inference.ts.
import { madd } from './functions';

/** Adds the squares of (shift + step · q) for 16 bytes of a row, four at a time, to four sums. */
@inline
function addPart(bytes: v128, shift: usize, step: usize, sum: v128): v128 {
  const difference = madd(f32x4.convert_i32x4_u(bytes), v128.load(step), v128.load(shift));
  return madd(difference, difference, sum);
}

export function codeDistances(codes: usize, shift: usize, step: usize, y: usize, n: i32, d: i32): void {
  const whole = d & ~15;
  for (let i = 0; i < n; i++, codes += d, y += 4) {
    let c0 = f32x4.splat(0);
    let c1 = c0;
    let c2 = c0;
    let c3 = c0;
    for (let j = 0; j < whole; j += 16) {
      const at = (<usize>j) << 2;
      const bytes = v128.load(codes + j);
      const low = i16x8.extend_low_i8x16_u(bytes);
      const high = i16x8.extend_high_i8x16_u(bytes);
      c0 = addPart(i32x4.extend_low_i16x8_u(low), shift + at, step + at, c0);
      c1 = addPart(i32x4.extend_high_i16x8_u(low), shift + at + 16, step + at + 16, c1);
      c2 = addPart(i32x4.extend_low_i16x8_u(high), shift + at + 32, step + at + 32, c2);
      c3 = addPart(i32x4.extend_high_i16x8_u(high), shift + at + 48, step + at + 48, c3);
    }
    const sums = f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3));
    let sum =
      f32x4.extract_lane(sums, 0) +
      f32x4.extract_lane(sums, 1) +
      f32x4.extract_lane(sums, 2) +
      f32x4.extract_lane(sums, 3);
    for (let j = whole; j < d; j++) {
      const at = (<usize>j) << 2;
      const difference = f32.load(shift + at) + f32.load(step + at) * <f32>load<u8>(codes + j);
      sum += difference * difference;
    }
    f32.store(y, sum);
  }
}
