// Exact nearest neighbours, one leaf of queries against one leaf of rows: see tsne/neighbours.ts.

import { sumLanes } from './lanes';

/** The rounding error of single precision. */
const ROUNDING: f64 = 1.0 / 16777216.0;

/** Below this, squares in single precision lose their digits. */
const TINY: f64 = 1e-36;

@inline
function at(base: usize, index: i32, bits: usize): usize {
  return base + ((<usize>index) << bits);
}

/**
 * c − a · b. Whether the host rounds once or twice changes which candidates are looked at, within the error that
 * `limitOf` allows for, but never the neighbours.
 */
@inline
function subtractProduct(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_nmadd(a, b, c);
}

/** The squared distance of two rows, whose last lanes are padded with equal values, in double precision. */
function squaredDistance(x: usize, y: usize, pitch: i32): f64 {
  let even = f64x2.splat(0);
  let odd = even;
  const end = at(x, pitch, 2);
  for (; x < end; x += 16, y += 16) {
    const low = f64x2.sub(
      f64x2.promote_low_f32x4(v128.load64_zero(x)),
      f64x2.promote_low_f32x4(v128.load64_zero(y)),
    );
    const high = f64x2.sub(
      f64x2.promote_low_f32x4(v128.load64_zero(x, 8)),
      f64x2.promote_low_f32x4(v128.load64_zero(y, 8)),
    );
    even = f64x2.add(even, f64x2.mul(low, low));
    odd = f64x2.add(odd, f64x2.mul(high, high));
  }
  const sum = f64x2.add(even, odd);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** The squared distance of two rows in single precision; 0 if it is too large for that. */
function roughDistance(x: usize, y: usize, pitch: i32): f64 {
  let sum = f32x4.splat(0);
  const end = at(x, pitch, 2);
  for (; x < end; x += 16, y += 16) {
    const gap = f32x4.sub(v128.load(x), v128.load(y));
    sum = f32x4.relaxed_madd(gap, gap, sum);
  }
  const square = sumLanes(sum);
  return square < Infinity ? <f64>square : 0;
}

/** Which of eight values are no larger than a limit: a bit for each. */
@inline
function maskOf(low: v128, high: v128, limit: v128): i32 {
  return i32x4.bitmask(f32x4.le(low, limit)) | (i32x4.bitmask(f32x4.le(high, limit)) << 4);
}

/** Whether a comes after b: further away, or as far with a higher index. */
@inline
function isAfter(a: f64, i: i32, b: f64, j: i32): bool {
  return <bool>(<i32>(a > b) | (<i32>(a == b) & <i32>(i > j)));
}

/** Puts an entry at place p of a heap with the furthest first, and moves it down to where it belongs. */
function siftDown(best: usize, places: usize, count: i32, p: i32, square: f64, place: i32): void {
  for (;;) {
    let child = 2 * p + 1;
    if (child >= count) break;
    // Which child is after the other is as good as random: a sum costs less than a branch that is guessed.
    if (child + 1 < count) {
      const left = at(best, child, 3);
      const names = at(places, child, 2);
      child += <i32>isAfter(load<f64>(left, 8), load<i32>(names, 4), load<f64>(left), load<i32>(names));
    }
    const childSquare = load<f64>(at(best, child, 3));
    const childPlace = load<i32>(at(places, child, 2));
    if (!isAfter(childSquare, childPlace, square, place)) break;
    store<f64>(at(best, p, 3), childSquare);
    store<i32>(at(places, p, 2), childPlace);
    p = child;
  }
  store<f64>(at(best, p, 3), square);
  store<i32>(at(places, p, 2), place);
}

/** Puts a new entry into a heap that has room for it. */
function siftUp(best: usize, places: usize, p: i32, square: f64, place: i32): void {
  while (p > 0) {
    const parent = (p - 1) >> 1;
    const parentSquare = load<f64>(at(best, parent, 3));
    const parentPlace = load<i32>(at(places, parent, 2));
    if (!isAfter(square, place, parentSquare, parentPlace)) break;
    store<f64>(at(best, p, 3), parentSquare);
    store<i32>(at(places, p, 2), parentPlace);
    p = parent;
  }
  store<f64>(at(best, p, 3), square);
  store<i32>(at(places, p, 2), place);
}

/**
 * The largest value of ½‖b‖² − a·b with which b may be nearer to a than the k-th best so far, in spite of rounding: the
 * inputs, their product and the limit itself are rounded, each by less than the error times (‖a‖ + ‖b‖)².
 */
@inline
function limitOf(kth: f64, half: f32, radius: f32, width: i32): f32 {
  const reach = sqrt<f64>(2 * <f64>half) + <f64>radius;
  return <f32>(0.5 * kth - <f64>half + <f64>(width + 8) * ROUNDING * reach * reach + TINY);
}

/**
 * Offers every row of a leaf to every query of another one, and returns the largest k-th best squared distance of the
 * queries. Both have panels of 8 points, `width` × 8 coordinates each, and ½‖·‖² of each point; then come the points
 * themselves, `pitch` floats each, and their indices.
 *
 * @param radius the largest norm in the leaf of rows
 * @param scale the square of the scale of the panels
 * @param best for each query, the k best squared distances so far in a heap; `places` has their rows, `counts` their number
 * @param limits room for a float for each query
 */
export function searchLeaf(
  a: usize,
  halfA: usize,
  x: usize,
  own: usize,
  queries: i32,
  b: usize,
  halfB: usize,
  y: usize,
  ids: usize,
  rows: i32,
  radius: f32,
  width: i32,
  pitch: i32,
  scale: f64,
  k: i32,
  best: usize,
  places: usize,
  counts: usize,
  limits: usize,
): f64 {
  for (let i = 0; i < queries; i++) {
    const full = load<i32>(at(counts, i, 2)) == k;
    const kth = full ? scale * load<f64>(at(best, i * k, 3)) : Infinity;
    store<f32>(at(limits, i, 2), limitOf(kth, load<f32>(at(halfA, i, 2)), radius, width));
  }
  // The last panel may have fewer queries: nothing passes for the others.
  for (let i = queries; (i & 3) != 0; i++) store<f32>(at(limits, i, 2), -Infinity);

  // What the rounding of a rough distance can add to it: each of its terms and sums has an error below ROUNDING.
  const tolerance: f64 = 1 + <f64>(pitch + 16) * ROUNDING;
  const panel = (<usize>width) << 5;
  for (let j = 0; j < rows; j += 8, b += panel) {
    const bias0 = v128.load(at(halfB, j, 2));
    const bias1 = v128.load(at(halfB, j, 2), 16);
    for (let i = 0; i < queries; i += 4) {
      let q = a + <usize>(i >> 3) * panel + ((<usize>(i & 4)) << 2);
      let c00 = bias0;
      let c01 = bias1;
      let c10 = bias0;
      let c11 = bias1;
      let c20 = bias0;
      let c21 = bias1;
      let c30 = bias0;
      let c31 = bias1;
      for (let p = b, end = b + panel; p < end; p += 32, q += 32) {
        const b0 = v128.load(p);
        const b1 = v128.load(p, 16);
        const x0 = v128.load32_splat(q);
        c00 = subtractProduct(x0, b0, c00);
        c01 = subtractProduct(x0, b1, c01);
        const x1 = v128.load32_splat(q, 4);
        c10 = subtractProduct(x1, b0, c10);
        c11 = subtractProduct(x1, b1, c11);
        const x2 = v128.load32_splat(q, 8);
        c20 = subtractProduct(x2, b0, c20);
        c21 = subtractProduct(x2, b1, c21);
        const x3 = v128.load32_splat(q, 12);
        c30 = subtractProduct(x3, b0, c30);
        c31 = subtractProduct(x3, b1, c31);
      }
      const limit = at(limits, i, 2);
      const l0 = v128.load32_splat(limit);
      const l1 = v128.load32_splat(limit, 4);
      const l2 = v128.load32_splat(limit, 8);
      const l3 = v128.load32_splat(limit, 12);
      let hits =
        maskOf(c00, c01, l0) | (maskOf(c10, c11, l1) << 8) | (maskOf(c20, c21, l2) << 16) | (maskOf(c30, c31, l3) << 24);
      for (; hits; hits &= hits - 1) {
        const hit = ctz(hits);
        const query = i + (hit >> 3);
        const column = j + (hit & 7);
        const id = load<i32>(at(ids, column, 2));
        if (id == load<i32>(at(own, query, 2))) continue;
        const row = x + ((<usize>(query * pitch)) << 2);
        const other = y + ((<usize>(column * pitch)) << 2);
        const heap = at(best, query * k, 3);
        const heapPlaces = at(places, query * k, 2);
        const count = load<i32>(at(counts, query, 2));
        if (count < k) {
          siftUp(heap, heapPlaces, count, squaredDistance(row, other, pitch), id);
          store<i32>(at(counts, query, 2), count + 1);
          if (count + 1 < k) continue;
        } else {
          const kth = load<f64>(heap);
          if (roughDistance(row, other, pitch) > kth * tolerance) continue;
          const square = squaredDistance(row, other, pitch);
          if (!isAfter(kth, load<i32>(heapPlaces), square, id)) continue;
          siftDown(heap, heapPlaces, k, 0, square, id);
        }
        const half = load<f32>(at(halfA, query, 2));
        store<f32>(at(limits, query, 2), limitOf(scale * load<f64>(heap), half, radius, width));
      }
    }
  }
  let furthest: f64 = 0;
  for (let i = 0; i < queries; i++) {
    if (load<i32>(at(counts, i, 2)) < k) return Infinity;
    furthest = max(furthest, load<f64>(at(best, i * k, 3)));
  }
  return furthest;
}

/** Sorts the heap of one query: nearest first. */
export function sortNearest(best: usize, places: usize, k: i32): void {
  for (let last = k - 1; last > 0; last--) {
    const square = load<f64>(at(best, last, 3));
    const place = load<i32>(at(places, last, 2));
    store<f64>(at(best, last, 3), load<f64>(best));
    store<i32>(at(places, last, 2), load<i32>(places));
    siftDown(best, places, last, 0, square, place);
  }
}

/**
 * Offers to one row the neighbours of its neighbours, the nearest `breadth` of the nearest `breadth`, and leaves the k best in
 * order, nearest first, with their squared distances.
 *
 * @param place where the row is among the values; `order` has the row at each place, and `rank` the place of each row
 * @param graph the neighbours so far of all rows, k each, nearest first
 * @param seen a number for each row, below `mark`
 */
export function refineRow(
  place: i32,
  order: usize,
  rank: usize,
  values: usize,
  pitch: i32,
  graph: usize,
  k: i32,
  breadth: i32,
  mark: i32,
  seen: usize,
  best: usize,
  places: usize,
): void {
  const tolerance: f64 = 1 + <f64>(pitch + 16) * ROUNDING;
  const stride = (<usize>pitch) << 2;
  const bytes = (<usize>k) << 2;
  const id = load<i32>(at(order, place, 2));
  const row = values + <usize>place * stride;
  const own = graph + <usize>id * bytes;
  store<i32>(at(seen, id, 2), mark);
  for (let s = 0; s < k; s++) {
    const other = load<i32>(at(own, s, 2));
    store<i32>(at(seen, other, 2), mark);
    const neighbour = <usize>load<i32>(at(rank, other, 2));
    siftUp(best, places, s, squaredDistance(row, values + neighbour * stride, pitch), other);
  }
  for (let s = 0; s < breadth; s++) {
    const next = graph + <usize>load<i32>(at(own, s, 2)) * bytes;
    for (let t = 0; t < breadth; t++) {
      const other = load<i32>(at(next, t, 2));
      if (load<i32>(at(seen, other, 2)) == mark) continue;
      store<i32>(at(seen, other, 2), mark);
      const candidate = values + <usize>load<i32>(at(rank, other, 2)) * stride;
      const kth = load<f64>(best);
      if (roughDistance(row, candidate, pitch) > kth * tolerance) continue;
      const square = squaredDistance(row, candidate, pitch);
      if (isAfter(kth, load<i32>(places), square, other)) siftDown(best, places, k, 0, square, other);
    }
  }
  sortNearest(best, places, k);
}
