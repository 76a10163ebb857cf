import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { Pca } from '../../../training/linear/pca.ts';
import { readerOf } from '../../../training/runtime/rows.ts';

const [n, d] = [5000, 6];
/** Normal data with standard deviations 6, 5, 4, 3, 2, 1 along axes that a rotation has mixed, mean 10. */
const random = new Random(4);
const axes = orthonormal();
const data = new Float32Array(n * d);
for (let i = 0; i < n; i++) {
  for (let k = 0; k < d; k++) {
    const z = random.normal() * (d - k);
    for (let j = 0; j < d; j++) data[i * d + j] += z * axes[k][j];
  }
  for (let j = 0; j < d; j++) data[i * d + j] += 10;
}
const rows = { values: data, n, d };

function orthonormal(): number[][] {
  const basis: number[][] = [];
  while (basis.length < d) {
    let v = Array.from({ length: d }, () => random.normal());
    for (const b of basis) {
      const dot = v.reduce((sum, x, j) => sum + x * b[j], 0);
      v = v.map((x, j) => x - dot * b[j]);
    }
    const norm = Math.hypot(...v);
    basis.push(v.map((x) => x / norm));
  }
  return basis;
}

test('the components are the axes that the data was made along, by descending variance', async () => {
  const pca = await Pca.fit(rows, 3);
  for (let k = 0; k < 3; k++) {
    const component = pca.components.subarray(k * d, k * d + d);
    const along = component.reduce((sum, x, j) => sum + x * axes[k][j], 0);
    expect(Math.abs(along)).toBeGreaterThan(0.98);
  }
  expect(pca.explained).toBeCloseTo((36 + 25 + 16) / 91, 1);
  for (const value of pca.mean) expect(Math.abs(value - 10)).toBeLessThan(0.3);
});

test('coordinates and residual hold all of the variance (Pythagoras)', async () => {
  const pca = await Pca.fit(rows, 2);
  const { coordinates, residual } = await pca.project(rows);
  for (let i = 0; i < n; i += 101) {
    let total = 0;
    for (let j = 0; j < d; j++) total += (data[i * d + j] - pca.mean[j]) ** 2;
    const kept = coordinates[2 * i] ** 2 + coordinates[2 * i + 1] ** 2;
    expect(kept + d * residual[i]).toBeCloseTo(total, 2);
  }
});

test('with all components there is no residual', async () => {
  const pca = await Pca.fit(rows, d);
  const { residual } = await pca.project(rows);
  expect(Math.max(...residual)).toBeLessThan(1e-8);
  expect(pca.explained).toBeCloseTo(1, 10);
});

test('with many dimensions, without a covariance matrix, finds the axes with the largest variances', async () => {
  const [many, wide] = [600, 1500];
  const draw = new Random(6);
  // Three directions with standard deviations 9, 6 and 3 in noise of 0.1.
  const directions = Array.from({ length: 3 }, (_, k) =>
    Float64Array.from({ length: wide }, (_, j) => (j % 3 === k ? 1 / Math.sqrt(wide / 3) : 0)),
  );
  const values = new Float32Array(many * wide);
  for (let i = 0; i < many; i++) {
    const z = [9, 6, 3].map((deviation) => deviation * draw.normal());
    for (let j = 0; j < wide; j++) {
      values[i * wide + j] = 5 + 0.1 * draw.normal() + z[j % 3] * directions[j % 3][j];
    }
  }
  const source = readerOf(values, wide);
  const pca = await Pca.fit(source, 3);
  for (const [k, direction] of directions.entries()) {
    const along = direction.reduce((sum, x, j) => sum + x * pca.components[k * wide + j], 0);
    expect(Math.abs(along)).toBeGreaterThan(0.99);
  }
  // 126 of the variance are along the three; the noise has 0.01 in each of 1500 dimensions.
  expect(pca.explained).toBeGreaterThan(0.87);
  expect(pca.explained).toBeLessThan(0.92);
  const { residual } = await pca.project(source);
  expect(residual.reduce((sum, value) => sum + value, 0) / many).toBeCloseTo(0.01, 3);
}, 60_000);
