import { expect, test } from 'vitest';
import { accumulate, clip, scale, sumOfSquares } from '../../kernels/gradients.ts';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Random } from '../../kernels/random.ts';

const N = 1000;

function normals(memory: KernelMemory) {
  const random = new Random(3);
  const x = memory.f32(N + 4);
  for (let i = 0; i < x.length; i++) x[i] = random.normal();
  return x;
}

test('the sum of squares is exact to double precision, also for large and tiny numbers', () => {
  const memory = new KernelMemory(8192);
  const x = normals(memory);
  const at = memory.pointer(x);
  const expected = sumOfSquares(x.subarray(0, N));
  expect(Math.abs(memory.kernels.sumOfSquares(at, N) / expected - 1)).toBeLessThan(1e-14);
  for (const size of [1e30, 1e-30]) {
    x.fill(size);
    expect(memory.kernels.sumOfSquares(at, N) / (N * Math.fround(size) ** 2)).toBeCloseTo(1, 12);
  }
});

test('scale multiplies only n floats', () => {
  const memory = new KernelMemory(8192);
  const x = normals(memory);
  const expected = x.slice();
  scale(expected.subarray(0, N), 0.3);
  memory.kernels.scale(memory.pointer(x), N, 0.3);
  expect(x).toEqual(expected);
});

test('clip keeps n floats within the limit, and leaves the others and NaN', () => {
  const memory = new KernelMemory(8192);
  const x = normals(memory);
  x.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5, -0.5]);
  const expected = x.slice();
  clip(expected.subarray(0, N), 0.5);
  memory.kernels.clip(memory.pointer(x), N, 0.5);
  expect(x).toEqual(expected);
  expect(Array.from(x.subarray(0, 5))).toEqual([Number.NaN, 0.5, -0.5, 0.5, -0.5]);
});

test('accumulate adds only n floats', () => {
  const memory = new KernelMemory(16_384);
  const [x, y] = [normals(memory), normals(memory)];
  y[5] = 0.1;
  const expected = x.slice();
  accumulate(expected.subarray(0, N), y.subarray(0, N));
  memory.kernels.accumulate(memory.pointer(x), memory.pointer(y), N);
  expect(x).toEqual(expected);
});
