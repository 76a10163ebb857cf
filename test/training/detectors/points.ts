import { Random } from '../../../kernels/random.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';

/** Rows of d values, each as `draw` says. */
export function rowsOf(n: number, draw: (random: Random, i: number) => readonly number[], seed = 1): Matrix {
  const random = new Random(seed);
  const rows = Array.from({ length: n }, (_, i) => draw(random, i));
  return matrix(rows);
}

export const matrix = (rows: readonly (readonly number[])[]): Matrix => ({
  values: Float32Array.from(rows.flat()),
  n: rows.length,
  d: rows[0].length,
});

/** Two clusters of different density, and columns that depend on each other; column 2 is a count. */
export const clusters = (n: number, seed = 1): Matrix =>
  rowsOf(
    n,
    (random, i) => {
      const [a, b, c] = [random.normal(), random.normal(), random.normal()];
      const centre = i % 3 === 0 ? 4 : 0;
      const spread = i % 3 === 0 ? 0.3 : 1;
      return [centre + spread * a, centre + spread * (0.8 * a + 0.6 * b), Math.floor(2 * Math.exp(0.5 * c))];
    },
    seed,
  );

export const rowAt = ({ values, d }: Matrix, i: number): number[] => [...values.subarray(i * d, (i + 1) * d)];

export const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, value, j) => sum + (value - b[j]) ** 2, 0));
