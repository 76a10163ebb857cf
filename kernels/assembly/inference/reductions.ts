// Reductions over the middle one of three axes, outer × size × inner: see kernels/inference.ts.
import { exp4 } from './functions';

@inline
function combine(op: i32, a: v128, b: v128): v128 {
  if (op == 0) return f32x4.add(a, b);
  if (op == 1) return f32x4.max(a, b);
  return f32x4.mul(a, b);
}

@inline
function reduce(op: i32, x: usize, y: usize, outer: i32, size: i32, inner: i32): void {
  const start: f32 = op == 0 ? 0 : op == 1 ? -Infinity : 1;
  for (let r = 0; r < outer; r++) {
    const row = x + ((<usize>r * <usize>size * <usize>inner) << 2);
    const to = y + ((<usize>r * <usize>inner) << 2);
    if (inner == 1) {
      let sum = f32x4.splat(start);
      const whole = size & ~3;
      for (let i = 0; i < whole; i += 4) sum = combine(op, sum, v128.load(row + ((<usize>i) << 2)));
      sum = combine(op, sum, v128.shuffle<f32>(sum, sum, 2, 3, 0, 1));
      sum = combine(op, sum, v128.shuffle<f32>(sum, sum, 1, 0, 3, 2));
      for (let i = whole; i < size; i++) sum = combine(op, sum, v128.load32_splat(row + ((<usize>i) << 2)));
      f32.store(to, f32x4.extract_lane(sum, 0));
    } else {
      for (let j = 0; j < inner; j++) {
        let sum = f32x4.splat(start);
        for (let i = 0; i < size; i++) sum = combine(op, sum, v128.load32_splat(row + ((<usize>(i * inner + j)) << 2)));
        f32.store(to + ((<usize>j) << 2), f32x4.extract_lane(sum, 0));
      }
    }
  }
}

export function sum(x: usize, y: usize, outer: i32, size: i32, inner: i32): void {
  reduce(0, x, y, outer, size, inner);
}
export function largest(x: usize, y: usize, outer: i32, size: i32, inner: i32): void {
  reduce(1, x, y, outer, size, inner);
}
export function product(x: usize, y: usize, outer: i32, size: i32, inner: i32): void {
  reduce(2, x, y, outer, size, inner);
}
