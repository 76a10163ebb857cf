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
