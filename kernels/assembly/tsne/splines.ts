// Quintic B-splines: a point at u between grid lines has weights on the six lines from ⌊u⌋ − 2, here in eight lanes of
// which the last two are 0 (de Boor 1978). A coefficient of f = u − ⌊u⌋ has one number for each line.

@inline
export function lowWeights(f: v128): v128 {

  const c5 = f32x4(-1, 5, -10, 10);
  const c4 = f32x4(5, -20, 30, -20);
  const c3 = f32x4(-10, 20, 0, -20);
  const c2 = f32x4(10, 20, -60, 20);
  const c1 = f32x4(-5, -50, 0, 50);
  const c0 = f32x4(1, 26, 66, 26);
  const sum = horner(f, horner(f, horner(f, horner(f, horner(f, c5, c4), c3), c2), c1), c0);
  return f32x4.mul(f32x4.splat(1 / 120), sum);
}

@inline
export function highWeights(f: v128): v128 {
  const c5 = f32x4(-5, 1, 0, 0);
  const c4 = f32x4(5, 0, 0, 0);
  const c3 = f32x4(10, 0, 0, 0);
  const c2 = f32x4(10, 0, 0, 0);
  const c1 = f32x4(5, 0, 0, 0);
  const c0 = f32x4(1, 0, 0, 0);
  const sum = horner(f, horner(f, horner(f, horner(f, horner(f, c5, c4), c3), c2), c1), c0);
  return f32x4.mul(f32x4.splat(1 / 120), sum);
}

/** The derivatives by f. */
@inline
export function lowSlopes(f: v128): v128 {
  const c4 = f32x4(-5, 25, -50, 50);
  const c3 = f32x4(20, -80, 120, -80);
  const c2 = f32x4(-30, 60, 0, -60);
  const c1 = f32x4(20, 40, -120, 40);
  const c0 = f32x4(-5, -50, 0, 50);
  const sum = horner(f, horner(f, horner(f, horner(f, c4, c3), c2), c1), c0);
  return f32x4.mul(f32x4.splat(1 / 120), sum);
}

@inline
export function highSlopes(f: v128): v128 {
  const c4 = f32x4(-25, 5, 0, 0);
  const c3 = f32x4(20, 0, 0, 0);
  const c2 = f32x4(30, 0, 0, 0);
  const c1 = f32x4(20, 0, 0, 0);
  const c0 = f32x4(5, 0, 0, 0);
  const sum = horner(f, horner(f, horner(f, horner(f, c4, c3), c2), c1), c0);
  return f32x4.mul(f32x4.splat(1 / 120), sum);
}

@inline
function horner(f: v128, high: v128, low: v128): v128 {
  return f32x4.add(f32x4.mul(f, high), low);
}
