/**
 * u to the power of `exponent`, for four normal numbers u from 0 (exclusive) to 1, to about six digits: 2 ^ (exponent ×
 * log2 u). The same on every machine, since it multiplies and adds only.
 */
@inline
export function power(u: v128, exponent: f32): v128 {
  return exp2(f32x4.mul(f32x4.splat(exponent), log2(u)));
}

/** With u = m 2^e and m from √½ to √2: log2 u = e + 2 / ln 2 × artanh((m − 1) / (m + 1)), by its series. */
@inline
function log2(u: v128): v128 {
  // Adding what lies between √½ and 1 in the order of bits makes the exponent round.
  const bits = i32x4.sub(u, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(bits, 23);
  const m = i32x4.sub(u, i32x4.shl(exponent, 23));
  const one = f32x4.splat(1);
  const t = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one));
  const s = f32x4.mul(t, t);
  let sum = f32x4.splat(2.885390081777927 / 9);
  sum = f32x4.add(f32x4.mul(sum, s), f32x4.splat(2.885390081777927 / 7));
  sum = f32x4.add(f32x4.mul(sum, s), f32x4.splat(2.885390081777927 / 5));
  sum = f32x4.add(f32x4.mul(sum, s), f32x4.splat(2.885390081777927 / 3));
  sum = f32x4.add(f32x4.mul(sum, s), f32x4.splat(2.885390081777927));
  return f32x4.add(f32x4.convert_i32x4_s(exponent), f32x4.mul(sum, t));
}

/** 2^x for x from −126 on, 2^−126 below: the whole part is an exponent, and Taylor's series has the rest, −½ to ½. */
@inline
function exp2(x: v128): v128 {
  const bounded = f32x4.max(x, f32x4.splat(-126));
  const whole = f32x4.nearest(bounded);
  const r = f32x4.mul(f32x4.sub(bounded, whole), f32x4.splat(0.6931471805599453));
  let sum = f32x4.splat(1 / 720);
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 120));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 24));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 6));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(0.5));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  const exponent = i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127));
  return f32x4.mul(sum, i32x4.shl(exponent, 23));
}
