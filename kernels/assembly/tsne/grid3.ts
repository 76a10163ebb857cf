import { sumLanes } from './lanes';
import { highSlopes, highWeights, lowSlopes, lowWeights } from './splines';

// Points on a grid in space: as those in the plane (./grid.ts), with planes of `rows` rows each.

const TAPS: i32 = 6;

/** Planes and rows that are spread together. */
const SIDE: i32 = 8;

/**
 * The density of the points on eight rows from `firstRow` on of each of eight planes from `firstPlane` on. `scratch` has
 * 64 bytes.
 */
export function spreadPoints3(
  start: usize,
  places: usize,
  firstPlane: i32,
  firstRow: i32,
  rows: i32,
  stride: i32,
  scratch: usize,
  density: usize,
): void {
  const bytes = <usize>stride << 2;
  memory.fill(density, 0, bytes * <usize>(SIDE * SIDE));
  for (let plane = max(0, firstPlane - TAPS + 1); plane < firstPlane + SIDE; plane++) {
    const fromPlane = max(firstPlane, plane);
    const toPlane = min(firstPlane + SIDE, plane + TAPS);
    const row = start + (<usize>(plane * rows) << 2);
    const end = load<i32>(row + (<usize>(firstRow + SIDE) << 2));
    for (let s = load<i32>(row + (<usize>max(0, firstRow - TAPS + 1) << 2)); s < end; s++) {
      const place = places + <usize>s * 12;
      const u = load<f32>(place);
      const v = load<f32>(place, 4);
      const c = <i32>u;
      const r = <i32>v;
      const f = f32x4.splat(u - <f32>c);
      const g = f32x4.splat(v - <f32>r);
      const h = f32x4.splat(load<f32>(place, 8) - <f32>plane);
      const low = lowWeights(f);
      const high = highWeights(f);
      // The rows' and planes' weights, where they can be read one at a time.
      v128.store(scratch, lowWeights(g));
      v128.store(scratch, highWeights(g), 16);
      v128.store(scratch, lowWeights(h), 32);
      v128.store(scratch, highWeights(h), 48);
      const fromRow = max(firstRow, r);
      const toRow = min(firstRow + SIDE, r + TAPS);
      const tap = scratch + (<usize>(fromRow - r) << 2);
      const last = scratch + (<usize>(toRow - r) << 2);
      for (let p = fromPlane; p < toPlane; p++) {
        const weight = v128.load32_splat(scratch + (<usize>(p - plane) << 2), 32);
        const a = f32x4.mul(weight, low);
        const b = f32x4.mul(weight, high);
        let at = density + <usize>(SIDE * (p - firstPlane) + fromRow - firstRow) * bytes + (<usize>c << 2);
        for (let t = tap; t < last; t += 4, at += bytes) {
          const across = v128.load32_splat(t);
          v128.store(at, f32x4.add(v128.load(at), f32x4.mul(across, a)));
          v128.store(at, f32x4.add(v128.load(at, 16), f32x4.mul(across, b)), 16);
        }
      }
    }
  }
}

/**
 * Interpolates a field on the grid for the points at the places `first` to `end` (exclusive): writes −½ of its gradient to
 * `forces`, in the order of the points, and returns the sum of its values. `scratch` has 128 bytes.
 */
export function gatherField3(
  field: usize,
  rows: i32,
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
  const planeBytes = <usize>rows * bytes;
  let total: f64 = 0;
  for (let s = first; s < end; s++) {
    const place = places + <usize>s * 12;
    const u = load<f32>(place);
    const v = load<f32>(place, 4);
    const w = load<f32>(place, 8);
    const c = <i32>u;
    const r = <i32>v;
    const p = <i32>w;
    const f = f32x4.splat(u - <f32>c);
    const g = f32x4.splat(v - <f32>r);
    const h = f32x4.splat(w - <f32>p);
    const low = lowWeights(f);
    const high = highWeights(f);
    const lowSlope = lowSlopes(f);
    const highSlope = highSlopes(f);
    v128.store(scratch, lowWeights(g));
    v128.store(scratch, highWeights(g), 16);
    v128.store(scratch, lowSlopes(g), 32);
    v128.store(scratch, highSlopes(g), 48);
    v128.store(scratch, lowWeights(h), 64);
    v128.store(scratch, highWeights(h), 80);
    v128.store(scratch, lowSlopes(h), 96);
    v128.store(scratch, highSlopes(h), 112);
    let value = f32x4.splat(0);
    let alongX = value;
    let alongY = value;
    let alongZ = value;
    let plane = field + <usize>p * planeBytes + <usize>r * bytes + (<usize>c << 2);
    for (let deep = scratch; deep < scratch + 4 * TAPS; deep += 4, plane += planeBytes) {
      let own = f32x4.splat(0);
      let ownX = own;
      let ownY = own;
      let at = plane;
      for (let tap = scratch; tap < scratch + 4 * TAPS; tap += 4, at += bytes) {
        const a = v128.load(at);
        const b = v128.load(at, 16);
        const weight = v128.load32_splat(tap);
        const across = f32x4.add(f32x4.mul(low, a), f32x4.mul(high, b));
        own = f32x4.add(own, f32x4.mul(weight, across));
        ownX = f32x4.add(ownX, f32x4.mul(weight, f32x4.add(f32x4.mul(lowSlope, a), f32x4.mul(highSlope, b))));
        ownY = f32x4.add(ownY, f32x4.mul(v128.load32_splat(tap, 32), across));
      }
      const weight = v128.load32_splat(deep, 64);
      value = f32x4.add(value, f32x4.mul(weight, own));
      alongX = f32x4.add(alongX, f32x4.mul(weight, ownX));
      alongY = f32x4.add(alongY, f32x4.mul(weight, ownY));
      alongZ = f32x4.add(alongZ, f32x4.mul(v128.load32_splat(deep, 96), own));
    }
    total += <f64>sumLanes(value);
    const force = forces + <usize>load<i32>(order + (<usize>s << 2)) * 12;
    store<f32>(force, -0.5 * perLine * sumLanes(alongX));
    store<f32>(force, -0.5 * perLine * sumLanes(alongY), 4);
    store<f32>(force, -0.5 * perLine * sumLanes(alongZ), 8);
  }
  return total;
}
