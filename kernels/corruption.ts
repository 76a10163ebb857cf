import { normal } from './normal.ts';
import { type Lanes, uniform } from './uniform.ts';

// What a denoising autoencoder does to its inputs (Vincent et al. 2010, section 3.3), in place.

/** Adds normal noise of standard deviation `sigma`: the reference of the kernel. */
export function gaussian(x: Float32Array, sigma: number, lanes: Lanes): void {
  const noise = new Float32Array(x.length);
  normal(noise, lanes);
  for (let i = 0; i < x.length; i++) x[i] += Math.fround(Math.fround(sigma) * noise[i]);
}

/** Sets a share `p` of the values to zero: the reference of the kernel. */
export function masking(x: Float32Array, p: number, lanes: Lanes): void {
  const u = new Float32Array(x.length);
  uniform(u, lanes);
  for (let i = 0; i < x.length; i++) if (u[i] < Math.fround(p)) x[i] = 0;
}

/** Sets a share `p` of the values, half of them to `low` and half to `high`: the reference of the kernel. */
export function saltAndPepper(x: Float32Array, p: number, low: number, high: number, lanes: Lanes): void {
  const u = new Float32Array(x.length);
  uniform(u, lanes);
  for (let i = 0; i < x.length; i++) {
    if (u[i] < Math.fround(p) / 2) x[i] = low;
    else if (u[i] < Math.fround(p)) x[i] = high;
  }
}
