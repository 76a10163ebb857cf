// Kernels over n floats at `x`, n a multiple of 4: see kernels/gradients.ts.

/** The sum of squares, in f64, where the square of a float neither overflows nor is denormal. */
export function sumOfSquares(x: usize, n: i32): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  const end = x + ((<usize>n) << 2);
  for (; x < end; x += 16) {
    const xi = v128.load(x);
    const low = f64x2.promote_low_f32x4(xi);
    const high = f64x2.promote_low_f32x4(v128.shuffle<u64>(xi, xi, 1, 1));
    even = f64x2.add(even, f64x2.mul(low, low));
    odd = f64x2.add(odd, f64x2.mul(high, high));
  }
  const sum = f64x2.add(even, odd);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Multiplies by `factor`. */
export function scale(x: usize, n: i32, factor: f32): void {
  const k = f32x4.splat(factor);
  const end = x + ((<usize>n) << 2);
  for (; x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), k));
}

/** Clips to ±limit; NaN stays NaN. */
export function clip(x: usize, n: i32, limit: f32): void {
  const high = f32x4.splat(limit);
  const low = f32x4.splat(-limit);
  const end = x + ((<usize>n) << 2);
  for (; x < end; x += 16) v128.store(x, f32x4.pmax(f32x4.pmin(v128.load(x), high), low));
}

/** Adds `y`. */
export function accumulate(x: usize, y: usize, n: i32): void {
  const end = x + ((<usize>n) << 2);
  for (; x < end; x += 16, y += 16) v128.store(x, f32x4.add(v128.load(x), v128.load(y)));
}
