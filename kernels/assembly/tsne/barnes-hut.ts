import { sumLanes } from './lanes';
import { power } from './power';

// Repulsion by a tree in two or three dimensions: see tsne/gradient-barnes-hut.ts. A point or a mass takes 16 bytes: x, y, z
// (0 in the plane) and its number of points. A node takes 32: its mass, then the squared diagonal of its bounding box, the
// node after its last descendant, and its first place and their end if it is a leaf (both 0 if not).

/** Places in the order of the tree that share one traversal. */
const GROUP: i32 = 16;

/** Masses that are summed at a time: few enough for the fastest cache. */
const LIST: i32 = 1024;

/**
 * Writes the forces on the targets at the places `first` to `end` (exclusive) to `forces`, which has `dims` floats for each
 * in the order of `order`, and returns the sum of their similarities w to all points. `own` of it, the target's similarity
 * to itself if it is one of the points, is left out. `scratch` has (GROUP + LIST) × 16 bytes.
 */
export function repelByTree(
  nodes: usize,
  size: i32,
  sorted: usize,
  targets: usize,
  own: f32,
  order: usize,
  first: i32,
  end: i32,
  squaredTheta: f32,
  dims: i32,
  dof: f32,
  scratch: usize,
  forces: usize,
): f64 {
  const last = nodes + (<usize>size << 5);
  const list = scratch + (<usize>GROUP << 4);
  const full = list + (<usize>LIST << 4);
  const zero = f32x4.splat(0);
  let z: f64 = 0;
  for (let group = first; group < end; group += GROUP) {
    const points = targets + (<usize>group << 4);
    const pointsEnd = targets + (<usize>min(end, group + GROUP) << 4);
    let low = v128.load(points);
    let high = low;
    for (let p = points + 16; p < pointsEnd; p += 16) {
      low = f32x4.min(low, v128.load(p));
      high = f32x4.max(high, v128.load(p));
    }
    // The last lane, a number of points, is no distance.
    low = f32x4.replace_lane(low, 3, -Infinity);
    high = f32x4.replace_lane(high, 3, Infinity);
    memory.fill(scratch, 0, <usize>GROUP << 4);
    let to = list;
    for (let node = nodes; node < last; ) {
      const mass = v128.load(node);
      const away = f32x4.max(f32x4.max(f32x4.sub(low, mass), f32x4.sub(mass, high)), zero);
      const start = load<i32>(node, 24);
      const stop = load<i32>(node, 28);
      if (load<f32>(node, 16) <= squaredTheta * sumLanes(f32x4.mul(away, away))) {
        v128.store(to, mass);
        to += 16;
        if (to == full) to = flush(points, pointsEnd, list, to, dof, scratch);
        node = nodes + (<usize>load<i32>(node, 20) << 5);
      } else if (stop > 0) {
        const leafEnd = sorted + (<usize>stop << 4);
        for (let p = sorted + (<usize>start << 4); p < leafEnd; p += 16) {
          v128.store(to, v128.load(p));
          to += 16;
          if (to == full) to = flush(points, pointsEnd, list, to, dof, scratch);
        }
        node = nodes + (<usize>load<i32>(node, 20) << 5);
      } else {
        node += 32;
      }
    }
    flush(points, pointsEnd, list, to, dof, scratch);
    let at = scratch;
    for (let place = group; at < scratch + (pointsEnd - points); place++, at += 16) {
      const force = forces + (<usize>(load<i32>(order + (<usize>place << 2)) * dims) << 2);
      store<f32>(force, load<f32>(at));
      store<f32>(force, load<f32>(at, 4), 4);
      if (dims == 3) store<f32>(force, load<f32>(at, 8), 8);
      z += <f64>(load<f32>(at, 12) - own);
    }
  }
  return z;
}

/** Adds the forces of the listed masses on some points, and their part in Z, to `sums`; returns the emptied list. */
function flush(points: usize, pointsEnd: usize, list: usize, end: usize, dof: f32, sums: usize): usize {
  const nothing = f32x4.splat(0);
  for (; ((end - list) & 63) != 0; end += 16) v128.store(end, nothing);
  // Four masses become their x, their y, their z and their numbers of points.
  for (let m = list; m < end; m += 64) transpose(m);
  if (dof == 1) {
    for (let p = points; p < pointsEnd; p += 16, sums += 16) sum(p, list, end, 1, sums);
  } else {
    for (let p = points; p < pointsEnd; p += 16, sums += 16) sum(p, list, end, dof, sums);
  }
  return list;
}

@inline
function sum(point: usize, list: usize, end: usize, dof: f32, sums: usize): void {
  const one = f32x4.splat(1);
  const x = v128.load32_splat(point);
  const y = v128.load32_splat(point, 4);
  const z = v128.load32_splat(point, 8);
  let fx = f32x4.splat(0);
  let fy = fx;
  let fz = fx;
  let total = fx;
  for (let m = list; m < end; m += 64) {
    const dx = f32x4.sub(x, v128.load(m));
    const dy = f32x4.sub(y, v128.load(m, 16));
    const dz = f32x4.sub(z, v128.load(m, 32));
    const squared = f32x4.add(f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy)), f32x4.mul(dz, dz));
    const u = f32x4.div(one, f32x4.add(one, squared));
    const weight = f32x4.mul(v128.load(m, 48), dof == 1 ? u : power(u, dof));
    const force = f32x4.mul(weight, u);
    total = f32x4.add(total, weight);
    fx = f32x4.add(fx, f32x4.mul(force, dx));
    fy = f32x4.add(fy, f32x4.mul(force, dy));
    fz = f32x4.add(fz, f32x4.mul(force, dz));
  }
  const found = f32x4(sumLanes(fx), sumLanes(fy), sumLanes(fz), sumLanes(total));
  v128.store(sums, f32x4.add(v128.load(sums), found));
}

/** Four rows of four floats become four columns, in place. */
@inline
function transpose(at: usize): void {
  const a = v128.load(at);
  const b = v128.load(at, 16);
  const c = v128.load(at, 32);
  const d = v128.load(at, 48);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(at, v128.shuffle<f64>(ab, cd, 0, 2));
  v128.store(at, v128.shuffle<f64>(ab, cd, 1, 3), 16);
  v128.store(at, v128.shuffle<f64>(ef, gh, 0, 2), 32);
  v128.store(at, v128.shuffle<f64>(ef, gh, 1, 3), 48);
}
