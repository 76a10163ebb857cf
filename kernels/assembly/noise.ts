// Uniform and normal numbers: see kernels/uniform.ts and kernels/normal.ts. No relaxed SIMD is used here, so that the
// bytes are the same on every machine.
//
// `lanes` points to the state of four generators, 64 bytes, with word k of lane l at 16 k + 4 l. After it there is room
// for a block of numbers.

import { opaque, opaqueBits } from './opaque';

/** Numbers per block: few enough to stay in the L1 cache between two passes over them. */
export const BLOCK: i32 = 2048;

/** Where the room for a block is. */
export function room(lanes: usize): usize {
  return lanes + 64;
}

/** The finaliser of splitmix64 (Steele, Lea & Flood 2014; Vigna 2015). */
function mix(z: u64): u64 {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/** Sets the state of the generators; the step has 64 bits. */
export function seedLanes(lanes: usize, seed: u32, stream: u32, stepLow: u32, stepHigh: u32): void {
  let key = mix(mix(((<u64>seed) << 32) | stream) ^ (((<u64>stepHigh) << 32) | stepLow));
  for (let i: usize = 0; i < 64; i += 8) {
    key += 0x9e3779b97f4a7c15;
    store<u64>(lanes + i, mix(key));
  }
}

/** 32 random bits in each of n places, n a multiple of 4: xoshiro128** in four lanes. */
function bits(target: usize, n: i32, lanes: usize): void {
  let s0 = v128.load(lanes);
  let s1 = v128.load(lanes, 16);
  let s2 = v128.load(lanes, 32);
  let s3 = v128.load(lanes, 48);
  const end = target + ((<usize>n) << 2);
  for (; target < end; target += 16) {
    const five = i32x4.add(s1, i32x4.shl(s1, 2));
    const turned = v128.or(i32x4.shl(five, 7), i32x4.shr_u(five, 25));
    v128.store(target, i32x4.add(turned, i32x4.shl(turned, 3)));
    const t = i32x4.shl(s1, 9);
    s2 = v128.xor(s2, s0);
    s3 = v128.xor(s3, s1);
    s1 = v128.xor(s1, s2);
    s0 = v128.xor(s0, s3);
    s2 = v128.xor(s2, t);
    s3 = v128.or(i32x4.shl(s3, 11), i32x4.shr_u(s3, 21));
  }
  v128.store(lanes, s0);
  v128.store(lanes, s1, 16);
  v128.store(lanes, s2, 32);
  v128.store(lanes, s3, 48);
}

/** Turns bits into uniform numbers, in place. */
function bitsToUniform(target: usize, n: i32): void {
  const unit = opaque(5.9604644775390625e-8, n);
  const end = target + ((<usize>n) << 2);
  for (; target < end; target += 16) {
    v128.store(target, f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(v128.load(target), 8)), unit));
  }
}

/**
 * Turns bits into normal numbers, in place; n is a multiple of 8. Each eight are four radii, then four angles. The
 * polynomials are those of Cephes' logf (times -2), sinf and cosf (Moshier).
 */
export function boxMuller(target: usize, n: i32): void {
  const one = opaque(1, n);
  const half = opaque(0.5, n);
  const radiusUnit = opaque(4.656612873077393e-10, n);
  const angleUnit = opaque(1.4629180792671596e-9, n);
  const minusTwoLn2 = opaque(-1.3862943611198906, n);
  const rootHalf = opaque(0.7071067690849304, n);
  const mantissa = opaqueBits(0x7fffff, n);
  const l0 = opaque(-0.140753672584, n);
  const l1 = opaque(0.2302922062, n);
  const l2 = opaque(-0.233539974800, n);
  const l3 = opaque(0.248402816920, n);
  const l4 = opaque(-0.284986455740, n);
  const l5 = opaque(0.33336115330, n);
  const l6 = opaque(-0.40001429530, n);
  const l7 = opaque(0.49999987986, n);
  const l8 = opaque(-0.66666662348, n);
  const s0 = opaque(-1.9515295891e-4, n);
  const s1 = opaque(8.3321608736e-3, n);
  const s2 = opaque(-1.6666654611e-1, n);
  const c0 = opaque(2.443315711809948e-5, n);
  const c1 = opaque(-1.388731625493765e-3, n);
  const c2 = opaque(4.166664568298827e-2, n);
  const eighth = opaqueBits(1 << 29, n);
  const signBit = opaqueBits(1 << 31, n);
  const end = target + ((<usize>n) << 2);
  for (; target < end; target += 32) {
    // -2 ln u for u = (k + 1) / 2³¹, by u = 2ᵉ (1 + x) with 1 + x from √½ to √2.
    const k = f32x4.convert_i32x4_s(i32x4.shr_u(v128.load(target), 1));
    const u = f32x4.mul(f32x4.add(k, one), radiusUnit);
    const above = i32x4.sub(u, rootHalf);
    const e = f32x4.convert_i32x4_s(i32x4.shr_s(above, 23));
    const x = f32x4.sub(i32x4.add(v128.and(above, mantissa), rootHalf), one);
    const xx = f32x4.mul(x, x);
    let p = f32x4.add(f32x4.mul(l0, x), l1);
    p = f32x4.add(f32x4.mul(p, x), l2);
    p = f32x4.add(f32x4.mul(p, x), l3);
    p = f32x4.add(f32x4.mul(p, x), l4);
    p = f32x4.add(f32x4.mul(p, x), l5);
    p = f32x4.add(f32x4.mul(p, x), l6);
    p = f32x4.add(f32x4.mul(p, x), l7);
    p = f32x4.add(f32x4.mul(p, x), l8);
    const near = f32x4.sub(f32x4.add(f32x4.mul(f32x4.mul(x, xx), p), xx), f32x4.add(x, x));
    const radius = f32x4.sqrt(f32x4.add(f32x4.mul(e, minusTwoLn2), near));

    // The angle: q quarter turns and φ from -π/4 to π/4.
    const a = v128.load(target, 16);
    const phi = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.shl(a, 2), 2)), angleUnit);
    const quarters = i32x4.add(a, eighth);
    const pp = f32x4.mul(phi, phi);
    let s = f32x4.add(f32x4.mul(s0, pp), s1);
    s = f32x4.add(f32x4.mul(s, pp), s2);
    const sin = f32x4.add(f32x4.mul(f32x4.mul(s, pp), phi), phi);
    let c = f32x4.add(f32x4.mul(c0, pp), c1);
    c = f32x4.add(f32x4.mul(c, pp), c2);
    c = f32x4.sub(f32x4.mul(c, pp), half);
    const cos = f32x4.add(f32x4.mul(c, pp), one);
    const odd = i32x4.shr_s(i32x4.shl(quarters, 1), 31);
    const turnedCos = v128.bitselect(sin, cos, odd);
    const turnedSin = v128.bitselect(cos, sin, odd);
    const cosSign = v128.and(i32x4.add(quarters, i32x4.shl(eighth, 1)), signBit);
    const sinSign = v128.and(quarters, signBit);
    v128.store(target, f32x4.mul(radius, v128.xor(turnedCos, cosSign)));
    v128.store(target, f32x4.mul(radius, v128.xor(turnedSin, sinSign)), 16);
  }
}

function make(target: usize, n: i32, lanes: usize, bell: bool): void {
  bits(target, n, lanes);
  if (bell) boxMuller(target, n);
  else bitsToUniform(target, n);
}

/** The next n numbers. The last eight are made elsewhere, so that nothing after `target` is touched. */
function fill(target: usize, n: i32, lanes: usize, bell: bool): void {
  const whole = n & ~7;
  for (let done = 0; done < whole; done += BLOCK) {
    make(target + ((<usize>done) << 2), min(whole - done, BLOCK), lanes, bell);
  }
  if (n > whole) {
    make(room(lanes), 8, lanes, bell);
    memory.copy(target + ((<usize>whole) << 2), room(lanes), (<usize>(n - whole)) << 2);
  }
}

/** The next n uniform numbers. */
export function uniform(target: usize, n: i32, lanes: usize): void {
  fill(target, n, lanes, false);
}

/** The next n normal numbers. */
export function normal(target: usize, n: i32, lanes: usize): void {
  fill(target, n, lanes, true);
}
