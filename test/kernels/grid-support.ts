import type { KernelMemory } from '../../kernels/kernels.ts';

/** exp(−2πi j / n) as pairs, for the kernels of Fourier transforms. */
export const twiddlesOf = (memory: KernelMemory, n: number) => {
  const twiddles = memory.f32(2 * n);
  for (let j = 0; j < n; j++) {
    twiddles[2 * j] = Math.cos((2 * Math.PI * j) / n);
    twiddles[2 * j + 1] = -Math.sin((2 * Math.PI * j) / n);
  }
  return twiddles;
};

/** The centred B-spline of order 6 (degree 5), by truncated powers. */
export function spline(x: number): number {
  const binomials = [1, -6, 15, -20, 15, -6, 1];
  return binomials.reduce((sum, binomial, j) => sum + binomial * Math.max(0, x + 3 - j) ** 5, 0) / 120;
}

/** Its derivative. */
export const slope = (x: number) => (spline(x + 1e-5) - spline(x - 1e-5)) / 2e-5;
