import { sumLanes } from './lanes';

/**
 * The attractive forces on the points `first` to `end` (exclusive): see attract in tsne/attraction.ts. The sums are in
 * lanes of single precision.
 */
export function attract(
  rowStart: usize,
  column: usize,
  value: usize,
  y: usize,
  first: i32,
  end: i32,
  forces: usize,
): void {
  const one = f32x4.splat(1);
  for (let i = first; i < end; i++) {
    const xi = v128.load32_splat(y + (<usize>i << 3));
    const yi = v128.load32_splat(y + (<usize>i << 3), 4);
    let fx = f32x4.splat(0);
    let fy = f32x4.splat(0);
    const start = <usize>load<i32>(rowStart + (<usize>i << 2)) << 2;
    const stop = <usize>load<i32>(rowStart + (<usize>i << 2), 4) << 2;
    let e = start;
    for (; e + 16 <= stop; e += 16) {
      const j = column + e;
      const ab = v128.load64_lane(
        y + ((<usize>load<i32>(j, 4)) << 3),
        v128.load64_zero(y + ((<usize>load<i32>(j)) << 3)),
        1,
      );
      const cd = v128.load64_lane(
        y + ((<usize>load<i32>(j, 12)) << 3),
        v128.load64_zero(y + ((<usize>load<i32>(j, 8)) << 3)),
        1,
      );
      const dx = f32x4.sub(xi, v128.shuffle<f32>(ab, cd, 0, 2, 4, 6));
      const dy = f32x4.sub(yi, v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
      const squared = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
      const force = f32x4.div(v128.load(value + e), f32x4.add(one, squared));
      fx = f32x4.add(fx, f32x4.mul(force, dx));
      fy = f32x4.add(fy, f32x4.mul(force, dy));
    }
    let x = sumLanes(fx);
    let z = sumLanes(fy);
    for (; e < stop; e += 4) {
      const j = y + ((<usize>load<i32>(column + e)) << 3);
      const dx = f32x4.extract_lane(xi, 0) - load<f32>(j);
      const dy = f32x4.extract_lane(yi, 0) - load<f32>(j, 4);
      const force = load<f32>(value + e) / (1 + dx * dx + dy * dy);
      x += force * dx;
      z += force * dy;
    }
    store<f32>(forces + (<usize>i << 3), x);
    store<f32>(forces + (<usize>i << 3), z, 4);
  }
}

/** The same in three dimensions: `y` and `forces` have three floats for each point, and `y` is followed by four bytes more. */
export function attract3(
  rowStart: usize,
  column: usize,
  value: usize,
  y: usize,
  first: i32,
  end: i32,
  forces: usize,
): void {
  const one = f32x4.splat(1);
  for (let i = first; i < end; i++) {
    const own = y + <usize>i * 12;
    const xi = v128.load32_splat(own);
    const yi = v128.load32_splat(own, 4);
    const zi = v128.load32_splat(own, 8);
    let fx = f32x4.splat(0);
    let fy = fx;
    let fz = fx;
    const start = <usize>load<i32>(rowStart + (<usize>i << 2)) << 2;
    const stop = <usize>load<i32>(rowStart + (<usize>i << 2), 4) << 2;
    for (let e = start; e < stop; e += 16) {
      // In the last four, the point itself stands in for those beyond the row: it does not attract itself.
      const j = column + e;
      const a = v128.load(y + <usize>load<i32>(j) * 12);
      const b = e + 4 < stop ? v128.load(y + <usize>load<i32>(j, 4) * 12) : v128.load(own);
      const c = e + 8 < stop ? v128.load(y + <usize>load<i32>(j, 8) * 12) : v128.load(own);
      const d = e + 12 < stop ? v128.load(y + <usize>load<i32>(j, 12) * 12) : v128.load(own);
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const dx = f32x4.sub(xi, v128.shuffle<f64>(ab, cd, 0, 2));
      const dy = f32x4.sub(yi, v128.shuffle<f64>(ab, cd, 1, 3));
      const efgh = v128.shuffle<f64>(
        v128.shuffle<f32>(a, b, 2, 6, 3, 7),
        v128.shuffle<f32>(c, d, 2, 6, 3, 7),
        0,
        2,
      );
      const dz = f32x4.sub(zi, efgh);
      const squared = f32x4.add(f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy)), f32x4.mul(dz, dz));
      const force = f32x4.div(v128.load(value + e), f32x4.add(one, squared));
      fx = f32x4.add(fx, f32x4.mul(force, dx));
      fy = f32x4.add(fy, f32x4.mul(force, dy));
      fz = f32x4.add(fz, f32x4.mul(force, dz));
    }
    const to = forces + <usize>i * 12;
    store<f32>(to, sumLanes(fx));
    store<f32>(to, sumLanes(fy), 4);
    store<f32>(to, sumLanes(fz), 8);
  }
}
