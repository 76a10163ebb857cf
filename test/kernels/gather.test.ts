import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gather, gatherFloat, gatherStandardised } from '../../kernels/gather.ts';
import { KernelMemory } from '../../kernels/kernels.ts';

const ROWS = 10;
const BEHIND = 4;

/** Checks a kernel against its reference for any width and any rows; nothing behind the target is touched. */
function check(
  compare: (memory: KernelMemory, columns: number, index: Uint32Array, target: Float32Array) => Float32Array,
): void {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3000 })),
      fc.array(fc.integer({ min: 0, max: ROWS - 1 }), { minLength: 1, maxLength: 40 }),
      (columns, rows) => {
        const size = rows.length * columns;
        const memory = new KernelMemory(4 * (ROWS + 2) * columns + 4 * size + 4096);
        const index = memory.u32(rows.length);
        index.set(rows);
        const all = memory.f32(size + BEHIND).fill(7);
        const expected = compare(memory, columns, index, all.subarray(0, size));
        expect(all.subarray(0, size)).toEqual(expected);
        expect(Array.from(all.subarray(size))).toEqual([7, 7, 7, 7]);
      },
    ),
  );
}

function floats(memory: KernelMemory, columns: number): Float32Array {
  const source = memory.f32(ROWS * columns);
  for (let i = 0; i < source.length; i++) source[i] = Math.sin(i);
  return source;
}

test('gather: the kernel does what the reference does', () => {
  check((memory, columns, index, target) => {
    const source = memory.u8(ROWS * columns);
    for (let i = 0; i < source.length; i++) source[i] = (i * 37) % 256;
    const [s, r, t] = [source, index, target].map((array) => memory.pointer(array));
    memory.kernels.gather(s, columns, r, index.length, 1 / 255, t);
    const expected = new Float32Array(target.length);
    gather(source, columns, index, 1 / 255, expected);
    return expected;
  });
});

test('gatherFloat: the kernel does what the reference does', () => {
  check((memory, columns, index, target) => {
    const source = floats(memory, columns);
    const [s, r, t] = [source, index, target].map((array) => memory.pointer(array));
    memory.kernels.gatherFloat(s, columns, r, index.length, t);
    const expected = new Float32Array(target.length);
    gatherFloat(source, columns, index, expected);
    return expected;
  });
});

test('gatherStandardised: the kernel does what the reference does', () => {
  check((memory, columns, index, target) => {
    const source = floats(memory, columns);
    const [mean, inverseStd] = [memory.f32(columns), memory.f32(columns)];
    for (let j = 0; j < columns; j++) {
      mean[j] = Math.cos(j);
      inverseStd[j] = 1 + (j % 5);
    }
    const [s, r, m, k, t] = [source, index, mean, inverseStd, target].map((array) => memory.pointer(array));
    memory.kernels.gatherStandardised(s, columns, r, index.length, m, k, t);
    const expected = new Float32Array(target.length);
    gatherStandardised(source, columns, index, mean, inverseStd, expected);
    return expected;
  });
});
