/** The indices of the values, from the largest value to the smallest; of equal ones, the first comes first. */
export function rankBy(values: ArrayLike<number>): Uint32Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  return order.sort((a, b) => values[b]! - values[a]! || a - b);
}
