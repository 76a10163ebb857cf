// Numeric kernels over memory that the host lays out; pointers are byte offsets, 16-byte aligned.
// Each has a plain TypeScript reference of the same name in kernels/.

/**
 * One step of Adam over n floats, n a multiple of 4: see kernels/adam.ts.
 *
 * A core takes many times as long over denormal numbers, which squares of tiny gradients are and moments
 * become whose gradient has become zero. So gradients are rounded to multiples of 1.1e-16 and first moments
 * to multiples of 9e-38, by adding and subtracting a constant: nothing beside an epsilon of 1e-8.
 */
export function adam(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  n: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  correction2: f32,
  epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const c1 = f32x4.splat(1 - beta1);
  const b2 = f32x4.splat(beta2);
  const c2 = f32x4.splat(1 - beta2);
  const lr = f32x4.splat(rate);
  const k2 = f32x4.splat(correction2);
  const eps = f32x4.splat(epsilon);
  const tinyGradient = f32x4.splat(1e-9);
  const tinyMoment = f32x4.splat(1e-30);
  const end = <usize>n << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const gi = f32x4.sub(f32x4.add(v128.load(g + i), tinyGradient), tinyGradient);
    const decayed = f32x4.relaxed_madd(b1, v128.load(m + i), tinyMoment);
    const mi = f32x4.sub(f32x4.relaxed_madd(c1, gi, decayed), tinyMoment);
    const vi = f32x4.relaxed_madd(f32x4.mul(c2, gi), gi, f32x4.mul(b2, v128.load(v + i)));
    v128.store(m + i, mi);
    v128.store(v + i, vi);
    const step = f32x4.div(f32x4.mul(lr, mi), f32x4.add(f32x4.sqrt(f32x4.mul(vi, k2)), eps));
    v128.store(w + i, f32x4.sub(v128.load(w + i), step));
  }
}

/** Rows of u8 chosen by index, as f32 times a scale: see kernels/gather.ts. */
export function gather(source: usize, columns: i32, rows: usize, n: i32, scale: f32, target: usize): void {
  const k = f32x4.splat(scale);
  for (let i = 0; i < n; i++) {
    let from = source + <usize>load<u32>(rows + ((<usize>i) << 2)) * columns;
    const end = from + columns;
    while (from + 8 <= end) {
      const wide = v128.load8x8_u(from);
      v128.store(target, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(wide)), k));
      v128.store(target, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(wide)), k), 16);
      from += 8;
      target += 32;
    }
    while (from < end) {
      store<f32>(target, <f32>load<u8>(from) * scale);
      from += 1;
      target += 4;
    }
  }
}
