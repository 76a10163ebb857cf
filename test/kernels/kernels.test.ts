import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adam, adamCorrections } from '../../kernels/adam.ts';
import { gather } from '../../kernels/gather.ts';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Random } from '../../training/random.ts';

const settings = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

test('Adam: the first step moves each weight by the rate against its gradient’s sign', () => {
  const w = new Float32Array(3);
  adam(w, Float32Array.of(5, -0.001, 0), new Float32Array(3), new Float32Array(3), settings, 1);
  expect(w[0]).toBeCloseTo(-0.01, 7);
  expect(w[1]).toBeCloseTo(0.01, 6);
  expect(w[2]).toBe(0);
});

test('Adam: the kernel does what the reference does, over fifty steps', () => {
  const n = 64;
  const memory = new KernelMemory(16 * n + 1024);
  const [w, g, m, v] = [0, 0, 0, 0].map(() => memory.f32(n));
  const reference = [0, 0, 0].map(() => new Float32Array(n));
  const random = new Random(1);
  for (let i = 0; i < n; i++) w[i] = reference[0][i] = random.normal();
  for (let t = 1; t <= 50; t++) {
    for (let i = 0; i < n; i++) g[i] = random.normal() * 10 ** random.below(4);
    const { rate, correction2 } = adamCorrections(settings, t);
    const [pw, pg, pm, pv] = [w, g, m, v].map(({ byteOffset }) => byteOffset);
    memory.kernels.adam(pw, pg, pm, pv, n, rate, 0.9, 0.999, correction2, 1e-8);
    adam(reference[0], g, reference[1], reference[2], settings, t);
    for (let i = 0; i < n; i++) expect(Math.abs(w[i] - reference[0][i])).toBeLessThan(1e-5);
  }
});

test('Adam: what would be denormal is zero', () => {
  const memory = new KernelMemory(1024);
  const [w, g, m, v] = [0, 0, 0, 0].map(() => memory.f32(4));
  m.set([1e-38, -1e-38, 1e-20, 0]);
  g.set([0, 0, 0, 1e-20]);
  const [pw, pg, pm, pv] = [w, g, m, v].map(({ byteOffset }) => byteOffset);
  memory.kernels.adam(pw, pg, pm, pv, 4, 0.01, 0.9, 0.999, 1, 1e-8);
  expect(Array.from(m, (x) => Math.round((1000 * x) / 1e-20))).toEqual([0, 0, 900, 0]);
  expect(Array.from(v)).toEqual([0, 0, 0, 0]);
});

test('gather: the kernel does what the reference does, for any width and any rows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 }),
      (columns, rows) => {
        const memory = new KernelMemory(64 * 1024);
        const source = memory.u8(10 * columns);
        for (let i = 0; i < source.length; i++) source[i] = (i * 37) % 256;
        const index = memory.u32(rows.length);
        index.set(rows);
        const target = memory.f32(rows.length * columns);
        memory.kernels.gather(
          source.byteOffset,
          columns,
          index.byteOffset,
          rows.length,
          1 / 255,
          target.byteOffset,
        );
        const expected = new Float32Array(target.length);
        gather(source, columns, index, 1 / 255, expected);
        expect(target).toEqual(expected);
      },
    ),
  );
});

test('the memory refuses to hand out more than it has', () => {
  expect(() => new KernelMemory(1024).f32(1e6)).toThrow('the kernel memory is too small');
});
