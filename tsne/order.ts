import { float32, int32 } from './shared-arrays.ts';
import type { Neighbours } from './types.ts';
import { checkOption } from './validation.ts';

/** Throws a RangeError unless `order` has each of n points once. */
export function checkOrder(order: Int32Array, n: number): void {
  checkOption(order.length === n, 'neighbours.order', `a list of ${order.length} points`, `one of all ${n}`);
  const seen = new Uint8Array(n);
  for (const point of order) {
    checkOption(point >= 0 && point < n && seen[point] === 0, 'neighbours.order', point, 'each point once');
    seen[point] = 1;
  }
}

/** Rows of `width` values each, so that row `order[i]` becomes row i. */
export function sortRows<A extends Float32Array | Float64Array>(
  rows: A,
  order: Int32Array,
  width: number,
): A {
  const sorted = rows.slice() as A;
  for (let i = 0; i < order.length; i++) {
    for (let c = 0; c < width; c++) sorted[i * width + c] = rows[order[i] * width + c];
  }
  return sorted;
}

/** Undoes {@link sortRows}. */
export function restoreRows(sorted: Float32Array, order: Int32Array, width: number): Float32Array {
  const rows = new Float32Array(sorted.length);
  for (let i = 0; i < order.length; i++) {
    for (let c = 0; c < width; c++) rows[order[i] * width + c] = sorted[i * width + c];
  }
  return rows;
}

/** The neighbours of the points in another order, by their places in it; in memory that threads can share. */
export function sortNeighbours({ k, indices, distances }: Neighbours, order: Int32Array): Neighbours {
  const n = order.length;
  const rank = new Int32Array(n);
  for (let i = 0; i < n; i++) rank[order[i]] = i;
  const sorted = { k, indices: int32(n * k), distances: float32(n * k) };
  for (let i = 0; i < n; i++) {
    for (let e = i * k, from = order[i] * k; e < (i + 1) * k; e++, from++) {
      sorted.indices[e] = rank[indices[from]];
      sorted.distances[e] = distances[from];
    }
  }
  return sorted;
}
