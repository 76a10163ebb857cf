// Functions of four lanes. Operators have numbers, which are constant where these functions are inlined.

@inline
function splat(x: f32): v128 {
  return f32x4.splat(x);
}

@inline
function fma(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** a · b + c, rounded once where the host has fused multiply-adds and relaxed SIMD is on. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return fma(a, b, c);
}

/** Results of comparisons are 1 or 0. */
@inline
function truth(mask: v128): v128 {
  return v128.and(mask, splat(1));
}

@inline
export function apply2(op: i32, a: v128, b: v128): v128 {
  if (op == 0) return f32x4.add(a, b);
  if (op == 1) return f32x4.sub(a, b);
  if (op == 2) return f32x4.mul(a, b);
  if (op == 3) return f32x4.div(a, b);
  if (op == 4) return f32x4.max(a, b);
  if (op == 5) return f32x4.min(a, b);
  if (op == 6) return truth(f32x4.gt(a, b));
  if (op == 7) return truth(f32x4.ge(a, b));
  return truth(f32x4.eq(a, b));
}

@inline
export function apply1(op: i32, x: v128, p: v128): v128 {
  const zero = splat(0);
  if (op == 0) return f32x4.neg(x);
  if (op == 1) return f32x4.abs(x);
  if (op == 2) return f32x4.sub(truth(f32x4.gt(x, zero)), truth(f32x4.lt(x, zero)));
  if (op == 3) return f32x4.sqrt(x);
  if (op == 4) return f32x4.floor(x);
  if (op == 5) return f32x4.trunc(x);
  if (op == 6) return truth(f32x4.ne(x, x));
  if (op == 7) return truth(f32x4.ne(x, zero));
  if (op == 8) return f32x4.max(x, zero);
  if (op == 9) return v128.bitselect(x, f32x4.mul(x, p), f32x4.ge(x, zero));
  if (op == 10) return v128.bitselect(x, f32x4.mul(p, f32x4.sub(exp4(x), splat(1))), f32x4.ge(x, zero));
  if (op == 11) return exp4(x);
  if (op == 12) return log4(x);
  if (op == 13) return erf4(x);
  if (op == 14) return f32x4.div(splat(1), f32x4.add(splat(1), exp4(f32x4.neg(x))));
  return tanh4(x);
}

/** 2ᵉ for whole e. */
@inline
function power(e: v128): v128 {
  return i32x4.shl(i32x4.add(e, i32x4.splat(127)), 23);
}

/** eˣ: 2ᵏ eʳ with |r| ≤ ½ log 2, and Cephes' polynomial for eʳ. Denormal, infinite and NaN where they should be. */
export function exp4(x: v128): v128 {
  const bounded = f32x4.max(f32x4.min(x, splat(89)), splat(-104));
  const k = f32x4.floor(fma(bounded, splat(1.44269504088896341), splat(0.5)));
  let r = fma(k, splat(-0.693359375), bounded);
  r = fma(k, splat(2.12194440e-4), r);
  let p = splat(1.9875691500e-4);
  p = fma(p, r, splat(1.3981999507e-3));
  p = fma(p, r, splat(8.3334519073e-3));
  p = fma(p, r, splat(4.1665795894e-2));
  p = fma(p, r, splat(1.6666665459e-1));
  p = fma(p, r, splat(5.0000001201e-1));
  p = f32x4.add(fma(p, f32x4.mul(r, r), r), splat(1));
  // In two steps, for 2ᵏ itself may not fit.
  const whole = i32x4.trunc_sat_f32x4_s(k);
  const half = i32x4.shr_s(whole, 1);
  const rest = i32x4.sub(whole, half);
  return f32x4.mul(f32x4.mul(p, power(half)), power(rest));
}

/** log x by Cephes' polynomial for 1/√2 ≤ x < √2. */
export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, splat(8388608)), x, tiny);
  const bits = i32x4.sub(scaled, i32x4.splat(0x3f3504f3)); // 1/√2
  let e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const mantissa = i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3));
  e = f32x4.sub(e, v128.and(splat(23), tiny));
  const m = f32x4.sub(mantissa, splat(1));
  const z = f32x4.mul(m, m);
  let p = splat(7.0376836292e-2);
  p = fma(p, m, splat(-1.1514610310e-1));
  p = fma(p, m, splat(1.1676998740e-1));
  p = fma(p, m, splat(-1.2420140846e-1));
  p = fma(p, m, splat(1.4249322787e-1));
  p = fma(p, m, splat(-1.6668057665e-1));
  p = fma(p, m, splat(2.0000714765e-1));
  p = fma(p, m, splat(-2.4999993993e-1));
  p = fma(p, m, splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(p, m), z);
  y = fma(e, splat(-2.12194440e-4), y);
  y = fma(z, splat(-0.5), y);
  y = f32x4.add(f32x4.add(m, y), f32x4.mul(e, splat(0.693359375)));
  y = v128.bitselect(splat(-Infinity), y, f32x4.eq(x, splat(0)));
  y = v128.bitselect(splat(NaN), y, f32x4.lt(x, splat(0)));
  // Infinity and NaN stay as they are.
  return v128.bitselect(y, x, f32x4.lt(x, splat(Infinity)));
}

/** The error function: a polynomial near 0, elsewhere 1 − e^p, both minimax (N. Juffa's coefficients). */
export function erf4(x: v128): v128 {
  const t = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  let r = fma(splat(-1.72853470e-5), t, splat(3.83197126e-4));
  const u = fma(splat(-3.88396438e-3), t, splat(2.42546219e-2));
  r = fma(r, s, u);
  r = fma(r, t, splat(-1.06777877e-1));
  r = fma(r, t, splat(-6.34846687e-1));
  r = fma(r, t, splat(-1.28717512e-1));
  r = fma(r, t, f32x4.neg(t));
  // Beyond 10, the polynomial leaves the range.
  r = v128.bitselect(splat(-104), r, f32x4.gt(t, splat(10)));
  const far = f32x4.sub(splat(1), exp4(r));
  const signed = v128.or(far, v128.and(x, i32x4.splat(0x80000000)));
  let q = splat(-5.96761703e-4);
  q = fma(q, s, splat(4.99119423e-3));
  q = fma(q, s, splat(-2.67681349e-2));
  q = fma(q, s, splat(1.12819925e-1));
  q = fma(q, s, splat(-3.76125336e-1));
  q = fma(q, s, splat(1.28379166e-1));
  q = fma(q, x, x);
  return v128.bitselect(signed, q, f32x4.gt(t, splat(0.927734375)));
}

/** tanh x: Cephes' polynomial near 0, elsewhere from e²ˣ. */
export function tanh4(x: v128): v128 {
  const t = f32x4.abs(x);
  const e = exp4(f32x4.add(t, t));
  const far = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(e, splat(1))));
  const signed = v128.or(far, v128.and(x, i32x4.splat(0x80000000)));
  const z = f32x4.mul(x, x);
  let p = splat(-5.70498872745e-3);
  p = fma(p, z, splat(2.06390887954e-2));
  p = fma(p, z, splat(-5.37397155531e-2));
  p = fma(p, z, splat(1.33314422036e-1));
  p = fma(p, z, splat(-3.33332819422e-1));
  p = fma(f32x4.mul(p, z), x, x);
  return v128.bitselect(signed, p, f32x4.ge(t, splat(0.625)));
}
