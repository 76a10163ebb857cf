// What a denoising autoencoder does to its inputs, n floats at `x`, in place: see kernels/corruption.ts.
// The noise is made block by block in the room behind the generators' state.

import { BLOCK, normal, room, uniform } from './noise';

/** Normal noise times sigma, added. */
export function gaussian(x: usize, n: i32, sigma: f32, lanes: usize): void {
  const noise = room(lanes);
  const s = f32x4.splat(sigma);
  for (; n > 0; n -= BLOCK) {
    const count = min(n, BLOCK);
    normal(noise, (count + 7) & ~7, lanes);
    const end = (<usize>count) << 2;
    let i: usize = 0;
    for (; i + 16 <= end; i += 16) {
      v128.store(x + i, f32x4.add(v128.load(x + i), f32x4.mul(s, v128.load(noise + i))));
    }
    for (; i < end; i += 4) store<f32>(x + i, load<f32>(x + i) + sigma * load<f32>(noise + i));
    x += end;
  }
}

/** Zero where the uniform number is below p. */
export function masking(x: usize, n: i32, p: f32, lanes: usize): void {
  const noise = room(lanes);
  const share = f32x4.splat(p);
  for (; n > 0; n -= BLOCK) {
    const count = min(n, BLOCK);
    uniform(noise, (count + 7) & ~7, lanes);
    const end = (<usize>count) << 2;
    let i: usize = 0;
    for (; i + 16 <= end; i += 16) {
      v128.store(x + i, v128.and(v128.load(x + i), f32x4.ge(v128.load(noise + i), share)));
    }
    for (; i < end; i += 4) if (load<f32>(noise + i) < p) store<f32>(x + i, 0);
    x += end;
  }
}

/** `low` where the uniform number is below p / 2, else `high` where it is below p. */
export function saltAndPepper(x: usize, n: i32, p: f32, low: f32, high: f32, lanes: usize): void {
  const noise = room(lanes);
  const half: f32 = p / 2;
  const share = f32x4.splat(p);
  const pepper = f32x4.splat(half);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (; n > 0; n -= BLOCK) {
    const count = min(n, BLOCK);
    uniform(noise, (count + 7) & ~7, lanes);
    const end = (<usize>count) << 2;
    let i: usize = 0;
    for (; i + 16 <= end; i += 16) {
      const u = v128.load(noise + i);
      const salted = v128.bitselect(highs, v128.load(x + i), f32x4.lt(u, share));
      v128.store(x + i, v128.bitselect(lows, salted, f32x4.lt(u, pepper)));
    }
    for (; i < end; i += 4) {
      const u = load<f32>(noise + i);
      if (u < half) store<f32>(x + i, low);
      else if (u < p) store<f32>(x + i, high);
    }
    x += end;
  }
}
