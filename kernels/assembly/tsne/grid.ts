import { sumLanes } from './lanes';
import { highSlopes, highWeights, lowSlopes, lowWeights } from './splines';

// Points on a grid in the plane: see tsne/gradient-interpolation.ts. A place on the grid has a float for each axis, in units of its
// lines. The row and the column of a point are the first of the six lines of each kind on which it has a weight.

const TAPS: i32 = 6;

/**
 * Sorts n points with 2 or 3 coordinates by rows, in space by planes and then rows, in their order within each: `order` has the
 * points, `places` where they are on the grid, and `start` where each row begins and the last one ends. There are `rows`
 * rows, in space as many in each of as many planes.
 */
export function sortPoints(
  y: usize,
  n: i32,
  dims: i32,
  left: f32,
  bottom: f32,
  back: f32,
  perLine: f32,
  rows: i32,
  start: usize,
  order: usize,
  places: usize,
): void {
  const count = dims == 3 ? rows * rows : rows;
  const bytes = <usize>dims << 2;
  // Counts are two rows further on, and then become where the row before begins.
  memory.fill(start, 0, (<usize>count + 2) << 2);
  const end = y + <usize>n * bytes;
  for (let p = y; p < end; p += bytes) {
    let row = <i32>((load<f32>(p, 4) - bottom) * perLine);
    if (dims == 3) row += rows * <i32>((load<f32>(p, 8) - back) * perLine);
    const at = start + (<usize>row << 2);
    store<i32>(at, load<i32>(at, 8) + 1, 8);
  }
  for (let at = start + 8, last = start + ((<usize>count + 1) << 2); at <= last; at += 4) {
    store<i32>(at, load<i32>(at) + load<i32>(at - 4));
  }
  for (let i = 0; i < n; i++, y += bytes) {
    const u = (load<f32>(y) - left) * perLine;
    const v = (load<f32>(y, 4) - bottom) * perLine;
    const w = dims == 3 ? (load<f32>(y, 8) - back) * perLine : 0;
    const next = start + ((<usize>(rows * <i32>w + <i32>v)) << 2);
    const place = load<i32>(next, 4);
    store<i32>(next, place + 1, 4);
    store<i32>(order + (<usize>place << 2), i);
    const to = places + <usize>place * bytes;
    store<f32>(to, u);
    store<f32>(to, v, 4);
    if (dims == 3) store<f32>(to, w, 8);
  }
}

/**
 * The density of the points on eight rows from `first` on, each of `stride` floats: the sum of their weights. `scratch` has
 * 32 bytes.
 */
export function spreadPoints(
  start: usize,
  places: usize,
  first: i32,
  stride: i32,
  scratch: usize,
  density: usize,
): void {
  const bytes = <usize>stride << 2;
  memory.fill(density, 0, bytes << 3);
  for (let row = max(0, first - TAPS + 1); row < first + 8; row++) {
    const from = max(first, row);
    const to = min(first + 8, row + TAPS);
    const end = load<i32>(start + (<usize>row << 2), 4);
    for (let s = load<i32>(start + (<usize>row << 2)); s < end; s++) {
      const u = load<f32>(places + (<usize>s << 3));
      const v = load<f32>(places + (<usize>s << 3), 4);
      const c = <i32>u;
      const f = f32x4.splat(u - <f32>c);
      const g = f32x4.splat(v - <f32>row);
      const low = lowWeights(f);
      const high = highWeights(f);
      // The rows' weights, where they can be read one at a time.
      v128.store(scratch, lowWeights(g));
      v128.store(scratch, highWeights(g), 16);
      let at = density + <usize>(from - first) * bytes + (<usize>c << 2);
      for (let r = from; r < to; r++, at += bytes) {
        const weight = v128.load32_splat(scratch + (<usize>(r - row) << 2));
        v128.store(at, f32x4.add(v128.load(at), f32x4.mul(weight, low)));
        v128.store(at, f32x4.add(v128.load(at, 16), f32x4.mul(weight, high)), 16);
      }
    }
  }
}

/**
 * Interpolates a field on the grid for the points at the places `first` to `end` (exclusive): writes −½ of its gradient to
 * `forces`, in the order of the points, and returns the sum of its values. `scratch` has 64 bytes.
 */
export function gatherField(
  field: usize,
  stride: i32,
  perLine: f32,
  order: usize,
  places: usize,
  first: i32,
  end: i32,
  scratch: usize,
  forces: usize,
): f64 {
  const bytes = <usize>stride << 2;
  let total: f64 = 0;
  for (let s = first; s < end; s++) {
    const u = load<f32>(places + (<usize>s << 3));
    const v = load<f32>(places + (<usize>s << 3), 4);
    const c = <i32>u;
    const r = <i32>v;
    const f = f32x4.splat(u - <f32>c);
    const g = f32x4.splat(v - <f32>r);
    const low = lowWeights(f);
    const high = highWeights(f);
    const lowSlope = lowSlopes(f);
    const highSlope = highSlopes(f);
    v128.store(scratch, lowWeights(g));
    v128.store(scratch, highWeights(g), 16);
    v128.store(scratch, lowSlopes(g), 32);
    v128.store(scratch, highSlopes(g), 48);
    let value = f32x4.splat(0);
    let alongX = f32x4.splat(0);
    let alongY = f32x4.splat(0);
    let at = field + <usize>r * bytes + (<usize>c << 2);
    for (let tap = scratch, last = scratch + 4 * TAPS; tap < last; tap += 4, at += bytes) {
      const a = v128.load(at);
      const b = v128.load(at, 16);
      const weight = v128.load32_splat(tap);
      const across = f32x4.add(f32x4.mul(low, a), f32x4.mul(high, b));
      value = f32x4.add(value, f32x4.mul(weight, across));
      alongX = f32x4.add(alongX, f32x4.mul(weight, f32x4.add(f32x4.mul(lowSlope, a), f32x4.mul(highSlope, b))));
      alongY = f32x4.add(alongY, f32x4.mul(v128.load32_splat(tap, 32), across));
    }
    total += <f64>sumLanes(value);
    const force = forces + ((<usize>load<i32>(order + (<usize>s << 2))) << 3);
    store<f32>(force, -0.5 * perLine * sumLanes(alongX));
    store<f32>(force, -0.5 * perLine * sumLanes(alongY), 4);
  }
  return total;
}
