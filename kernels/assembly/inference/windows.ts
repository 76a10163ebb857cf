// Windows over planes: see kernels/inference.ts. A map has an index for each value, or −1 for what is outside.

/** y = x at the places of the map, 0 outside. */
export function gather(x: usize, map: usize, y: usize, n: i32): void {
  const end = y + ((<usize>n) << 2);
  for (; y < end; y += 4, map += 4) {
    const at = i32.load(map);
    f32.store(y, at < 0 ? 0 : f32.load(x + ((<usize>at) << 2)));
  }
}

/** Adds each value of x to y at its place in the map. */
export function scatterAdd(x: usize, map: usize, y: usize, n: i32): void {
  const end = x + ((<usize>n) << 2);
  for (; x < end; x += 4, map += 4) {
    const at = i32.load(map);
    if (at < 0) continue;
    const to = y + ((<usize>at) << 2);
    f32.store(to, f32.load(to) + f32.load(x));
  }
}

/** The largest value of each window of a plane. */
export function poolLargest(x: usize, map: usize, y: usize, n: i32, area: i32): void {
  for (let i = 0; i < n; i++, y += 4) {
    let most: f32 = -Infinity;
    for (let k = 0; k < area; k++, map += 4) {
      const at = i32.load(map);
      if (at >= 0) most = max(most, f32.load(x + ((<usize>at) << 2)));
    }
    f32.store(y, most);
  }
}

/** The mean of each window of a plane; what is outside counts as 0 with `padding`, or not. */
export function poolMean(x: usize, map: usize, y: usize, n: i32, area: i32, padding: bool): void {
  for (let i = 0; i < n; i++, y += 4) {
    let sum: f32 = 0;
    let count: f32 = 0;
    for (let k = 0; k < area; k++, map += 4) {
      const at = i32.load(map);
      if (at < 0) continue;
      sum += f32.load(x + ((<usize>at) << 2));
      count++;
    }
    f32.store(y, sum / (padding ? <f32>area : count));
  }
}

/** The mean of each window of a plane, height × width, one beside the other; `sums` has room for width + 4 floats. */
export function slideMean(x: usize, y: usize, sums: usize, height: i32, width: i32, down: i32, across: i32): void {
  const share = f32x4.splat(1 / <f32>(down * across));
  const row = (<usize>width) << 2;
  const columns = width - across + 1;
  for (let top = 0; top + down <= height; top++, x += row, y += (<usize>columns) << 2) {
    let j = 0;
    for (; j + 4 <= width; j += 4) {
      const at = (<usize>j) << 2;
      let sum = v128.load(x + at);
      for (let r = 1; r < down; r++) sum = f32x4.add(sum, v128.load(x + at + <usize>r * row));
      v128.store(sums + at, sum);
    }
    for (; j < width; j++) {
      const at = (<usize>j) << 2;
      let sum = f32.load(x + at);
      for (let r = 1; r < down; r++) sum += f32.load(x + at + <usize>r * row);
      f32.store(sums + at, sum);
    }
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const at = (<usize>c) << 2;
      let sum = v128.load(sums + at);
      for (let k = 1; k < across; k++) sum = f32x4.add(sum, v128.load(sums + at + ((<usize>k) << 2)));
      v128.store(y + at, f32x4.mul(sum, share));
    }
    for (; c < columns; c++) {
      const at = (<usize>c) << 2;
      let sum = f32.load(sums + at);
      for (let k = 1; k < across; k++) sum += f32.load(sums + at + ((<usize>k) << 2));
      f32.store(y + at, sum * f32x4.extract_lane(share, 0));
    }
  }
}
