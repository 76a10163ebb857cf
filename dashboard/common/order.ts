/**
 * The indices of the values, from the largest value to the smallest; of equal ones, the first comes first. With `ranked`,
 * only these indices.
 */
export function rankBy(
  values: ArrayLike<number>,
  ranked: ArrayLike<number> = Uint32Array.from({ length: values.length }, (_, i) => i),
): Uint32Array {
  return Uint32Array.from(ranked).sort((a, b) => values[b]! - values[a]! || a - b);
}
