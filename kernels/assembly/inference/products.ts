// Matrix products: see kernels/inference.ts.
import { madd } from './functions';

/** Stores the first `count` of eight lanes, after an optional ReLU. */
@inline
function store8(y: usize, low: v128, high: v128, count: i32, relu: bool): void {
  if (relu) {
    const zero = f32x4.splat(0);
    low = f32x4.max(low, zero);
    high = f32x4.max(high, zero);
  }
  if (count >= 8) {
    v128.store(y, low);
    v128.store(y, high, 16);
    return;
  }
  if (count >= 4) {
    v128.store(y, low);
    low = high;
    y += 16;
    count -= 4;
  }
  if (count > 0) f32.store(y, f32x4.extract_lane(low, 0));
  if (count > 1) f32.store(y, f32x4.extract_lane(low, 1), 4);
  if (count > 2) f32.store(y, f32x4.extract_lane(low, 2), 8);
}

/**
 * One row by one panel, which lies in memory as it is read: for a single sample, the weights stream through the cache.
 * Even and odd terms have sums of their own; pairs of zeros are skipped.
 */
function rowBy8(a: usize, b: usize, y: usize, k: i32, bias: usize, count: i32, relu: bool): void {
  let c0 = v128.load(bias);
  let c1 = v128.load(bias, 16);
  let d0 = f32x4.splat(0);
  let d1 = f32x4.splat(0);
  const pairs = a + ((<usize>(k & ~1)) << 2);
  for (; a < pairs; a += 8, b += 64) {
    if ((i64.load(a) & 0x7fffffff7fffffff) == 0) continue;
    const x = v128.load32_splat(a);
    const z = v128.load32_splat(a, 4);
    c0 = madd(x, v128.load(b), c0);
    c1 = madd(x, v128.load(b, 16), c1);
    d0 = madd(z, v128.load(b, 32), d0);
    d1 = madd(z, v128.load(b, 48), d1);
  }
  if (k & 1) {
    const x = v128.load32_splat(a);
    c0 = madd(x, v128.load(b), c0);
    c1 = madd(x, v128.load(b, 16), c1);
  }
  store8(y, f32x4.add(c0, d0), f32x4.add(c1, d1), count, relu);
}

/** Four rows by one panel; the last `4 − rows` of them repeat a row, and are not stored. */
function rows4By8(
  a: usize,
  b: usize,
  y: usize,
  k: i32,
  lda: usize,
  ldy: usize,
  bias: usize,
  count: i32,
  rows: i32,
  relu: bool,
): void {
  const a1 = rows > 1 ? a + lda : a;
  const a2 = rows > 2 ? a1 + lda : a1;
  const a3 = rows > 3 ? a2 + lda : a2;
  let c00 = v128.load(bias);
  let c01 = v128.load(bias, 16);
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  const end = (<usize>k) << 2;
  for (let p: usize = 0; p < end; p += 4, b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a + p);
    c00 = madd(x0, b0, c00);
    c01 = madd(x0, b1, c01);
    const x1 = v128.load32_splat(a1 + p);
    c10 = madd(x1, b0, c10);
    c11 = madd(x1, b1, c11);
    const x2 = v128.load32_splat(a2 + p);
    c20 = madd(x2, b0, c20);
    c21 = madd(x2, b1, c21);
    const x3 = v128.load32_splat(a3 + p);
    c30 = madd(x3, b0, c30);
    c31 = madd(x3, b1, c31);
  }
  store8(y, c00, c01, count, relu);
  if (rows > 1) store8(y + ldy, c10, c11, count, relu);
  if (rows > 2) store8(y + 2 * ldy, c20, c21, count, relu);
  if (rows > 3) store8(y + 3 * ldy, c30, c31, count, relu);
}

/** y = a · b + bias, with b in panels of 8 columns, and n × k by k × m. */
export function gemm(a: usize, b: usize, y: usize, n: i32, k: i32, m: i32, bias: usize, relu: bool): void {
  const lda = (<usize>k) << 2;
  const ldy = (<usize>m) << 2;
  const panel = lda << 3;
  let j = 0;
  for (; j < m; j += 8, b += panel) {
    const at = (<usize>j) << 2;
    const count = min(8, m - j);
    let i = 0;
    if (n == 1) rowBy8(a, b, y + at, k, bias + at, count, relu);
    else {
      for (; i < n; i += 4) {
        const rows = min(4, n - i);
        if (rows == 1) rowBy8(a + i * lda, b, y + i * ldy + at, k, bias + at, count, relu);
        else rows4By8(a + i * lda, b, y + i * ldy + at, k, lda, ldy, bias + at, count, rows, relu);
      }
    }
  }
}

/** Copies b, k × m or transposed, into panels of 8 columns. */
export function pack(b: usize, panels: usize, k: i32, m: i32, transposed: bool): void {
  for (let j = 0; j < m; j += 8) {
    const count = min(8, m - j);
    if (count == 8 && !transposed) {
      let row = b + ((<usize>j) << 2);
      for (let p = 0; p < k; p++, panels += 32, row += (<usize>m) << 2) {
        v128.store(panels, v128.load(row));
        v128.store(panels, v128.load(row, 16), 16);
      }
      continue;
    }
    for (let p = 0; p < k; p++, panels += 32) {
      v128.store(panels, f32x4.splat(0));
      v128.store(panels, f32x4.splat(0), 16);
      for (let c = 0; c < count; c++) {
        const at = transposed ? (j + c) * k + p : p * m + j + c;
        f32.store(panels + ((<usize>c) << 2), f32.load(b + ((<usize>at) << 2)));
      }
    }
  }
}
