// The largest or smallest values of rows: see kernels/inference.ts.

/**
 * The k largest of each of n rows of `size` values times `sign`, in order, and their places; the first of equal ones
 * first. Either result may be at 0, for none. `best` and `places` have room for k floats.
 */
export function topK(
  x: usize,
  values: usize,
  indices: usize,
  n: i32,
  size: i32,
  k: i32,
  sign: f32,
  best: usize,
  places: usize,
): void {
  const factor = f32x4.splat(sign);
  for (let r = 0; r < n; r++) {
    let count = 0;
    let worst: f32 = -Infinity;
    let i = 0;
    const whole = size & ~3;
    while (i < size) {
      // Most values are no better than the worst: four of them are passed at once.
      if (count == k) {
        const bound = f32x4.splat(worst);
        while (i < whole && !(i & 3)) {
          if (v128.any_true(f32x4.gt(f32x4.mul(v128.load(x + ((<usize>i) << 2)), factor), bound))) break;
          i += 4;
        }
        if (i >= size) break;
      }
      const value = sign * f32.load(x + ((<usize>i) << 2));
      if (count < k || value > worst) {
        let p = count < k ? count++ : k - 1;
        for (; p > 0; p--) {
          const before = (<usize>(p - 1)) << 2;
          if (!(value > f32.load(best + before))) break;
          f32.store(best + before, f32.load(best + before), 4);
          f32.store(places + before, f32.load(places + before), 4);
        }
        f32.store(best + ((<usize>p) << 2), value);
        f32.store(places + ((<usize>p) << 2), <f32>i);
        worst = f32.load(best + ((<usize>(count - 1)) << 2));
      }
      i++;
    }
    for (let p = 0; p < k; p++) {
      const at = (<usize>p) << 2;
      if (values) f32.store(values + at, sign * f32.load(best + at));
      if (indices) f32.store(indices + at, f32.load(places + at));
    }
    x += (<usize>size) << 2;
    if (values) values += (<usize>k) << 2;
    if (indices) indices += (<usize>k) << 2;
  }
}
