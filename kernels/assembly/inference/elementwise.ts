// Elementwise operators: see kernels/inference.ts.
import { apply2, apply1 } from './functions';

/** Applies an operator to rows of `inner` values; a stride within a row is 0 or 1, others count floats. */
@inline
function binary(op: i32, a: usize, b: usize, y: usize, outer: i32, inner: i32, ao: i32, ai: i32, bo: i32, bi: i32): void {
  const whole = inner & ~3;
  for (let r = 0; r < outer; r++) {
    const ar = a + ((<usize>(r * ao)) << 2);
    const br = b + ((<usize>(r * bo)) << 2);
    const yr = y + (<usize>r * <usize>inner << 2);
    if (ai && bi) {
      for (let i = 0; i < whole; i += 4) {
        const at = (<usize>i) << 2;
        v128.store(yr + at, apply2(op, v128.load(ar + at), v128.load(br + at)));
      }
    } else if (ai) {
      const right = v128.load32_splat(br);
      for (let i = 0; i < whole; i += 4) {
        const at = (<usize>i) << 2;
        v128.store(yr + at, apply2(op, v128.load(ar + at), right));
      }
    } else {
      const left = v128.load32_splat(ar);
      for (let i = 0; i < whole; i += 4) {
        const at = (<usize>i) << 2;
        v128.store(yr + at, apply2(op, left, bi ? v128.load(br + at) : v128.load32_splat(br)));
      }
    }
    for (let i = whole; i < inner; i++) {
      const left = v128.load32_splat(ar + ((<usize>(i * ai)) << 2));
      const right = v128.load32_splat(br + ((<usize>(i * bi)) << 2));
      f32.store(yr + ((<usize>i) << 2), f32x4.extract_lane(apply2(op, left, right), 0));
    }
  }
}

export function add(a: usize, b: usize, y: usize, outer: i32, inner: i32, ao: i32, ai: i32, bo: i32, bi: i32): void {
  binary(0, a, b, y, outer, inner, ao, ai, bo, bi);
}
export function sub(a: usize, b: usize, y: usize, outer: i32, inner: i32, ao: i32, ai: i32, bo: i32, bi: i32): void {
  binary(1, a, b, y, outer, inner, ao, ai, bo, bi);
}
export function mul(a: usize, b: usize, y: usize, outer: i32, inner: i32, ao: i32, ai: i32, bo: i32, bi: i32): void {
  binary(2, a, b, y, outer, inner, ao, ai, bo, bi);
}
export function div(a: usize, b: usize, y: usize, outer: i32, inner: i32, ao: i32, ai: i32, bo: i32, bi: i32): void {
  binary(3, a, b, y, outer, inner, ao, ai, bo, bi);
}
export function maximum(a: usize, b: usize, y: usize, outer: i32, inner: i32, ao: i32, ai: i32, bo: i32, bi: i32): void {
  binary(4, a, b, y, outer, inner, ao, ai, bo, bi);
}
export function minimum(a: usize, b: usize, y: usize, outer: i32, inner: i32, ao: i32, ai: i32, bo: i32, bi: i32): void {
  binary(5, a, b, y, outer, inner, ao, ai, bo, bi);
}
export function greater(a: usize, b: usize, y: usize, outer: i32, inner: i32, ao: i32, ai: i32, bo: i32, bi: i32): void {
  binary(6, a, b, y, outer, inner, ao, ai, bo, bi);
}
export function greaterOrEqual(a: usize, b: usize, y: usize, outer: i32, inner: i32, ao: i32, ai: i32, bo: i32, bi: i32): void {
  binary(7, a, b, y, outer, inner, ao, ai, bo, bi);
}
export function equal(a: usize, b: usize, y: usize, outer: i32, inner: i32, ao: i32, ai: i32, bo: i32, bi: i32): void {
  binary(8, a, b, y, outer, inner, ao, ai, bo, bi);
}

/** y = c ≠ 0 ? a : b, all of n values. */
export function where(c: usize, a: usize, b: usize, y: usize, n: i32): void {
  const zero = f32x4.splat(0);
  const whole = n & ~3;
  for (let i = 0; i < whole; i += 4) {
    const at = (<usize>i) << 2;
    const mask = f32x4.ne(v128.load(c + at), zero);
    v128.store(y + at, v128.bitselect(v128.load(a + at), v128.load(b + at), mask));
  }
  for (let i = whole; i < n; i++) {
    const at = (<usize>i) << 2;
    f32.store(y + at, f32.load(c + at) != 0 ? f32.load(a + at) : f32.load(b + at));
  }
}

/** Applies a function to n values; p is a parameter of some. */
@inline
function unary(op: i32, x: usize, y: usize, n: i32, p: f32): void {
  const parameter = f32x4.splat(p);
  const whole = n & ~3;
  for (let i = 0; i < whole; i += 4) {
    const at = (<usize>i) << 2;
    v128.store(y + at, apply1(op, v128.load(x + at), parameter));
  }
  for (let i = whole; i < n; i++) {
    const at = (<usize>i) << 2;
    f32.store(y + at, f32x4.extract_lane(apply1(op, v128.load32_splat(x + at), parameter), 0));
  }
}

export function neg(x: usize, y: usize, n: i32): void { unary(0, x, y, n, 0); }
export function abs(x: usize, y: usize, n: i32): void { unary(1, x, y, n, 0); }
export function sign(x: usize, y: usize, n: i32): void { unary(2, x, y, n, 0); }
export function sqrt(x: usize, y: usize, n: i32): void { unary(3, x, y, n, 0); }
export function floor(x: usize, y: usize, n: i32): void { unary(4, x, y, n, 0); }
export function truncate(x: usize, y: usize, n: i32): void { unary(5, x, y, n, 0); }
export function isNaN(x: usize, y: usize, n: i32): void { unary(6, x, y, n, 0); }
export function isTrue(x: usize, y: usize, n: i32): void { unary(7, x, y, n, 0); }
export function relu(x: usize, y: usize, n: i32): void { unary(8, x, y, n, 0); }
export function leakyRelu(x: usize, y: usize, n: i32, alpha: f32): void { unary(9, x, y, n, alpha); }
export function elu(x: usize, y: usize, n: i32, alpha: f32): void { unary(10, x, y, n, alpha); }
export function exp(x: usize, y: usize, n: i32): void { unary(11, x, y, n, 0); }
export function log(x: usize, y: usize, n: i32): void { unary(12, x, y, n, 0); }
export function erf(x: usize, y: usize, n: i32): void { unary(13, x, y, n, 0); }
export function sigmoid(x: usize, y: usize, n: i32): void { unary(14, x, y, n, 0); }
export function tanh(x: usize, y: usize, n: i32): void { unary(15, x, y, n, 0); }

/** Clips n values to between low and high; NaN stays NaN. */
export function clip(x: usize, y: usize, n: i32, low: f32, high: f32): void {

  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 2;
    f32.store(y + at, max(min(f32.load(x + at), high), low));
  }
}

export function sin(x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 2;
    f32.store(y + at, NativeMathf.sin(f32.load(x + at)));
  }
}

export function cos(x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 2;
    f32.store(y + at, NativeMathf.cos(f32.load(x + at)));
  }
}
