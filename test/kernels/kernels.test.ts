import { expect, test } from 'vitest';
import { KernelMemory } from '../../kernels/kernels.ts';

test('the memory refuses to hand out more than it has', () => {
  expect(() => new KernelMemory(1024).f32(1e6)).toThrow('the kernel memory is too small');
});

test('arrays start at cache lines, and an array outside the memory has no pointer', () => {
  const memory = new KernelMemory(4096);
  expect([memory.f32(3), memory.u8(5), memory.u32(1)].map((array) => memory.pointer(array))).toEqual([
    0, 64, 128,
  ]);
  expect(() => memory.pointer(new Float32Array(7))).toThrow(
    'an array of length 7 is not in the kernel memory',
  );
});
