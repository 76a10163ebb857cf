// One step of each optimiser over n floats, n a multiple of 4. `decay` is the rate times the weight decay.
//
// Processors are many times slower on denormal numbers, which arise as squares of tiny gradients, and as moments whose
// gradient has become zero. So gradients are rounded to multiples of 1.1e-16, first moments to multiples of 1e-31 and
// second moments to multiples of 9e-38, by adding and subtracting a constant. The loss is negligible next to a weight or
// an epsilon. A decaying moment stays at a few such multiples, which are not denormal even times any usual rate.

import { opaque } from './opaque';

const TINY_GRADIENT: f32 = 1e-9;
const TINY_MOMENT: f32 = 1e-24;
const TINY_SQUARE: f32 = 1e-30;

/** Subtracts decay and step from the weights at `w`. */
function descend(w: usize, decay: v128, step: v128): void {
  const wi = v128.load(w);
  v128.store(w, f32x4.sub(wi, f32x4.relaxed_madd(decay, wi, step)));
}

/** See kernels/sgd.ts. */
export function sgd(w: usize, g: usize, n: i32, rate: f32, decay: f32): void {
  const lr = f32x4.splat(rate);
  const shrink = f32x4.splat(decay);
  const tinyGradient = opaque(TINY_GRADIENT, n);
  const end = <usize>n << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const gi = f32x4.sub(f32x4.add(v128.load(g + i), tinyGradient), tinyGradient);
    descend(w + i, shrink, f32x4.mul(lr, gi));
  }
}

/** See kernels/momentum.ts. */
export function momentum(w: usize, g: usize, m: usize, n: i32, rate: f32, mu: f32, decay: f32): void {
  const lr = f32x4.splat(rate);
  const keep = f32x4.splat(mu);
  const shrink = f32x4.splat(decay);
  const tinyGradient = opaque(TINY_GRADIENT, n);
  const tinyMoment = opaque(TINY_MOMENT, n);
  const end = <usize>n << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const gi = f32x4.sub(f32x4.add(v128.load(g + i), tinyGradient), tinyGradient);
    const decayed = f32x4.relaxed_madd(keep, v128.load(m + i), tinyMoment);
    const mi = f32x4.add(gi, f32x4.sub(decayed, tinyMoment));
    v128.store(m + i, mi);
    descend(w + i, shrink, f32x4.mul(lr, mi));
  }
}

/** See kernels/momentum.ts. */
export function nesterov(w: usize, g: usize, m: usize, n: i32, rate: f32, mu: f32, decay: f32): void {
  const lr = f32x4.splat(rate);
  const keep = f32x4.splat(mu);
  const shrink = f32x4.splat(decay);
  const tinyGradient = opaque(TINY_GRADIENT, n);
  const tinyMoment = opaque(TINY_MOMENT, n);
  const end = <usize>n << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const gi = f32x4.sub(f32x4.add(v128.load(g + i), tinyGradient), tinyGradient);
    const decayed = f32x4.relaxed_madd(keep, v128.load(m + i), tinyMoment);
    const mi = f32x4.add(gi, f32x4.sub(decayed, tinyMoment));
    v128.store(m + i, mi);
    descend(w + i, shrink, f32x4.mul(lr, f32x4.relaxed_madd(keep, mi, gi)));
  }
}

/** See kernels/rmsprop.ts. */
export function rmsprop(
  w: usize,
  g: usize,
  v: usize,
  n: i32,
  rate: f32,
  rho: f32,
  epsilon: f32,
  decay: f32,
): void {
  const lr = f32x4.splat(rate);
  const keep = f32x4.splat(rho);
  const take = f32x4.splat(1 - rho);
  const eps = f32x4.splat(epsilon);
  const shrink = f32x4.splat(decay);
  const tinyGradient = opaque(TINY_GRADIENT, n);
  const tinySquare = opaque(TINY_SQUARE, n);
  const end = <usize>n << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const gi = f32x4.sub(f32x4.add(v128.load(g + i), tinyGradient), tinyGradient);
    const decayed = f32x4.relaxed_madd(keep, v128.load(v + i), tinySquare);
    const vi = f32x4.sub(f32x4.relaxed_madd(f32x4.mul(take, gi), gi, decayed), tinySquare);
    v128.store(v + i, vi);
    descend(w + i, shrink, f32x4.div(f32x4.mul(lr, gi), f32x4.add(f32x4.sqrt(vi), eps)));
  }
}

/** With decay 0 this is Adam: see kernels/adam.ts. */
export function adamw(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  n: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  correction2: f32,
  epsilon: f32,
  decay: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const c1 = f32x4.splat(1 - beta1);
  const b2 = f32x4.splat(beta2);
  const c2 = f32x4.splat(1 - beta2);
  const lr = f32x4.splat(rate);
  const k2 = f32x4.splat(correction2);
  const eps = f32x4.splat(epsilon);
  const shrink = f32x4.splat(decay);
  const tinyGradient = opaque(TINY_GRADIENT, n);
  const tinyMoment = opaque(TINY_MOMENT, n);
  const tinySquare = opaque(TINY_SQUARE, n);
  const end = <usize>n << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const gi = f32x4.sub(f32x4.add(v128.load(g + i), tinyGradient), tinyGradient);
    const m0 = f32x4.relaxed_madd(b1, v128.load(m + i), tinyMoment);
    const mi = f32x4.sub(f32x4.relaxed_madd(c1, gi, m0), tinyMoment);
    const v0 = f32x4.relaxed_madd(b2, v128.load(v + i), tinySquare);
    const vi = f32x4.sub(f32x4.relaxed_madd(f32x4.mul(c2, gi), gi, v0), tinySquare);
    v128.store(m + i, mi);
    v128.store(v + i, vi);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(vi, k2)), eps);
    descend(w + i, shrink, f32x4.div(f32x4.mul(lr, mi), root));
  }
}
