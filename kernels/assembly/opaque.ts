// Constants that are opaque to the compilers, by way of a count n ≥ 0. V8 rebuilds a vector that it knows to be constant
// with three instructions wherever it is used, even in a loop; an opaque vector stays in its register.

/** Four lanes with the 32 bits `x`. */
export function opaqueBits(x: i32, n: i32): v128 {
  return i32x4.splat(x | (n >> 31));
}

/** Four lanes with `x`. */
export function opaque(x: f32, n: i32): v128 {
  return opaqueBits(reinterpret<i32>(x), n);
}
