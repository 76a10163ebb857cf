import { expect, test } from 'vitest';
import { Random } from '../../kernels/random.ts';

test('the sequence agrees with xoshiro128** over its state', () => {
  const random = new Random(0);
  random.state.set([1, 2, 3, 4]);
  // The first outputs for this state, from the reference implementation in C.
  expect([random.bits(), random.bits(), random.bits()]).toEqual([11520, 0, 5927040]);
});

test('the same seed gives the same sequence, which depends only on the state', () => {
  const [a, b] = [new Random(7), new Random(7)];
  for (let i = 0; i < 100; i++) expect(a.bits()).toBe(b.bits());
  b.state.set(a.state);
  expect(b.uniform()).toBe(a.uniform());
});

test('normal numbers have mean 0, variance 1 and no fat tails', () => {
  const random = new Random(1);
  const values = Array.from({ length: 100_000 }, () => random.normal());
  const moment = (k: number) => values.reduce((sum, v) => sum + v ** k, 0) / values.length;
  expect(Math.abs(moment(1))).toBeLessThan(0.015);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
});

test('a shuffle keeps every element and favours no place', () => {
  const random = new Random(2);
  const sums = new Float64Array(5);
  for (let n = 0; n < 20_000; n++) {
    const order = random.shuffle(Uint32Array.of(0, 1, 2, 3, 4));
    expect(new Set(order).size).toBe(5);
    for (let i = 0; i < 5; i++) sums[i] += order[i] / 20_000;
  }
  for (const mean of sums) expect(Math.abs(mean - 2)).toBeLessThan(0.05);
});
