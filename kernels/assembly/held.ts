// Constants in a way that the compilers cannot see through, by way of a count n ≥ 0. A vector that V8 knows
// to be constant is built anew by three instructions wherever it is used, also within a loop; one that it
// does not know stays in its register.

/** Four lanes of the 32 bits `x`. */
export function heldBits(x: i32, n: i32): v128 {
  return i32x4.splat(x | (n >> 31));
}

/** Four lanes of `x`. */
export function held(x: f32, n: i32): v128 {
  return heldBits(reinterpret<i32>(x), n);
}
