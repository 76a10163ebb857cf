// Quintic B-splines: a point at u between grid lines has weights on the six lines from ⌊u⌋ − 2 on, here in eight lanes of
// which the last two are 0 (de Boor 1978). A coefficient of f = u − ⌊u⌋ has one number for each line.

/** The weights on the first four lines. */
@inline
export function lowWeights(f: v128): v128 {
  return quintic(
    f,
    f32x4(-1, 5, -10, 10),
    f32x4(5, -20, 30, -20),
    f32x4(-10, 20, 0, -20),
    f32x4(10, 20, -60, 20),
    f32x4(-5, -50, 0, 50),
    f32x4(1, 26, 66, 26),
  );
}

/** The weights on the other two. */
@inline
export function highWeights(f: v128): v128 {
  return quintic(
    f,
    f32x4(-5, 1, 0, 0),
    f32x4(5, 0, 0, 0),
    f32x4(10, 0, 0, 0),
    f32x4(10, 0, 0, 0),
    f32x4(5, 0, 0, 0),
    f32x4(1, 0, 0, 0),
  );
}

/** The derivatives of the first four weights by f. */
@inline
export function lowSlopes(f: v128): v128 {
  return quintic(
    f,
    f32x4.splat(0),
    f32x4(-5, 25, -50, 50),
    f32x4(20, -80, 120, -80),
    f32x4(-30, 60, 0, -60),
    f32x4(20, 40, -120, 40),
    f32x4(-5, -50, 0, 50),
  );
}

/** The derivatives of the other two. */
@inline
export function highSlopes(f: v128): v128 {
  return quintic(
    f,
    f32x4.splat(0),
    f32x4(-25, 5, 0, 0),
    f32x4(20, 0, 0, 0),
    f32x4(30, 0, 0, 0),
    f32x4(20, 0, 0, 0),
    f32x4(5, 0, 0, 0),
  );
}

/** (c5 f⁵ + … + c0) / 120, by Horner's rule. */
@inline
function quintic(f: v128, c5: v128, c4: v128, c3: v128, c2: v128, c1: v128, c0: v128): v128 {
  let sum = f32x4.add(f32x4.mul(f, c5), c4);
  sum = f32x4.add(f32x4.mul(f, sum), c3);
  sum = f32x4.add(f32x4.mul(f, sum), c2);
  sum = f32x4.add(f32x4.mul(f, sum), c1);
  sum = f32x4.add(f32x4.mul(f, sum), c0);
  return f32x4.mul(f32x4.splat(1 / 120), sum);
}
