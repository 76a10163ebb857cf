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
