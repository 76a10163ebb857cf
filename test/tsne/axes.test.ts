import { expect, it } from 'vitest';
import { Random } from '../../kernels/random.ts';
import { principalAxes } from '../../tsne/axes.ts';

/** Rows whose variances along the columns of a rotated basis are known: the axes are its first vectors. */
function stretched(n: number, d: number, seed: number) {
  const random = new Random(seed);
  const direction = () => {
    const vector = Array.from({ length: d }, () => random.normal());
    const norm = Math.hypot(...vector);
    return vector.map((value) => value / norm);
  };
  const first = direction();
  const other = direction();
  const share = first.reduce((sum, value, j) => sum + value * other[j]!, 0);
  const rest = other.map((value, j) => value - share * first[j]!);
  const second = rest.map((value) => value / Math.hypot(...rest));
  const values = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    const [a, b] = [20 * random.normal(), 8 * random.normal()];
    for (let j = 0; j < d; j++) values[i * d + j] = a * first[j]! + b * second[j]! + 0.01 * random.normal();
  }
  return { values, first, second };
}

it.each([5, 60, 200])('the leading axes of %i columns are the directions of the largest variances', (d) => {
  const n = 3000;
  const { values, first, second } = stretched(n, d, d);
  const mean = new Float64Array(d);
  for (let p = 0; p < values.length; p++) mean[p % d]! += values[p]! / n;
  const axes = principalAxes({ values, n, d }, mean, 2);
  const cosine = (a: number[], from: number) => a.reduce((sum, x, j) => sum + x * axes[from + j]!, 0);
  expect(Math.abs(cosine(first, 0))).toBeCloseTo(1, 2);
  expect(Math.abs(cosine(second, d))).toBeCloseTo(1, 2);
  for (const [a, b, product] of [
    [0, 0, 1],
    [1, 1, 1],
    [0, 1, 0],
  ] as const) {
    expect(cosine(Array.from(axes.subarray(a * d, (a + 1) * d)), b * d)).toBeCloseTo(product, 12);
  }
});

it('constant rows have axes that are orthonormal', () => {
  for (const d of [4, 150]) {
    const axes = principalAxes({ values: new Float32Array(20 * d), n: 20, d }, new Float64Array(d), 2);
    const product = (a: number, b: number) =>
      axes.subarray(a * d, (a + 1) * d).reduce((sum, x, j) => sum + x * axes[b * d + j]!, 0);
    expect(product(0, 0)).toBeCloseTo(1, 12);
    expect(product(0, 1)).toBeCloseTo(0, 12);
  }
});
