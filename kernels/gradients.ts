/** The sum of squares: the reference for the kernel. */
export const sumOfSquares = (x: Float32Array): number => x.reduce((sum, xi) => sum + xi * xi, 0);

/** Multiplies by `factor` in place: the reference for the kernel. */
export function scale(x: Float32Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] *= Math.fround(factor);
}

/** Clips to ±limit in place; NaN stays NaN: the reference for the kernel. */
export function clip(x: Float32Array, limit: number): void {
  for (let i = 0; i < x.length; i++) x[i] = Math.max(-limit, Math.min(limit, x[i]));
}

/** Adds `y` in place: the reference for the kernel. */
export function accumulate(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) x[i] += y[i];
}
