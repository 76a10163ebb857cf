import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodeIndex, encodeCodes } from '../../bundle/codes.ts';
import { BundleError } from '../../bundle/error.ts';
import { Random } from '../../kernels/random.ts';

const [count, dims] = [300, 9];
const random = new Random(3);
const codes = Float32Array.from({ length: count * dims }, () => 10 * random.normal());
const points = {
  codes,
  dims,
  ids: Int32Array.from({ length: count }, (_, i) => 7 * i),
  x: Float32Array.from({ length: count }, () => random.normal()),
  y: Float32Array.from({ length: count }, () => random.normal()),
  neighbours: 5,
};
const bytes = encodeCodes(points);
const index = new CodeIndex(bytes);

describe('codes.bin', () => {
  test('keeps ids and places exactly, and codes to half a step of 1/255 of the range', () => {
    expect(index.ids).toEqual(points.ids);
    expect(index.x).toEqual(points.x);
    expect(index.y).toEqual(points.y);
    for (let j = 0; j < dims; j++) {
      const column = codes.filter((_, p) => p % dims === j);
      const step = (Math.max(...column) - Math.min(...column)) / 255;
      for (let i = 0; i < count; i++) {
        expect(Math.abs(index.codeOf(i)[j] - column[i])).toBeLessThanOrEqual(0.501 * step);
      }
    }
  });

  test('a dimension that is constant stays so', () => {
    const flat = new CodeIndex(
      encodeCodes({ ...points, codes: codes.map((v, p) => (p % dims === 2 ? 4 : v)) }),
    );
    for (let i = 0; i < count; i++) expect(flat.codeOf(i)[2]).toBe(4);
  });

  test('reads from an unaligned view', () => {
    const padded = new Uint8Array(bytes.length + 1);
    padded.set(bytes, 1);
    const unaligned = new CodeIndex(padded.subarray(1));
    for (let i = 0; i < count; i++) expect(unaligned.codeOf(i)).toEqual(index.codeOf(i));
  });

  test('is refused when cut, whatever the place, or when it is something else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        expect(() => new CodeIndex(bytes.subarray(0, length))).toThrow(BundleError);
      }),
    );
    expect(() => new CodeIndex(bytes.with(0, 1))).toThrow('codes.bin does not start with OFMC');
    expect(() => new CodeIndex(bytes.with(4, 9))).toThrow('codes.bin has version 9, expected 1');
  });
});

const compiled = (name: string) =>
  new WebAssembly.Module(readFileSync(new URL(`../../kernels/build/${name}.wasm`, import.meta.url)));

describe.each([
  ['without kernels', undefined],
  ['with kernels', compiled('inference')],
  ['with relaxed kernels', compiled('inference-relaxed')],
])('placing %s', (_, kernels) => {
  test.each([1, 2, 9, 16, 33, 64])('of %i dimensions: the nearest codes are those of the definition', (d) => {
    const drawn = Float32Array.from({ length: count * d }, () => 10 * random.normal());
    const index = new CodeIndex(encodeCodes({ ...points, codes: drawn, dims: d }), kernels);
    for (let trial = 0; trial < 20; trial++) {
      const code = Float32Array.from({ length: d }, () => 10 * random.normal());
      const all = Array.from({ length: count }, (_, i) =>
        Math.hypot(...index.codeOf(i).map((v, j) => v - code[j])),
      );
      const order = all.toSorted((a, b) => a - b);
      const found = index.nearest(code, 8);
      for (const [k, n] of found.entries()) {
        expect(n.distance).toBeCloseTo(all[n.index], 4);
        expect(n.distance).toBeCloseTo(order[k], 4);
        expect(n.id).toBe(7 * n.index);
      }
      expect(new Set(found.map((n) => n.index)).size).toBe(8);
    }
  });

  const index = new CodeIndex(bytes, kernels);

  test('a point of the map lands on itself', () => {
    const placed = index.place(index.codeOf(12));
    expect(placed.x).toBeCloseTo(index.x[12], 3);
    expect(placed.y).toBeCloseTo(index.y[12], 3);
    expect(placed.neighbours).toHaveLength(5);
  });

  test('a point that is left out is placed by the others', () => {
    const { x, y, neighbours } = index.place(index.codeOf(12), 12);
    expect(neighbours).toEqual(index.nearest(index.codeOf(12), 6).filter(({ index }) => index !== 12));
    const weights = neighbours.map(({ distance }) => 1 / distance ** 2);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const mean = (places: Float32Array) =>
      neighbours.reduce((sum, { index }, e) => sum + (weights[e] / total) * places[index], 0);
    expect(x).toBeCloseTo(mean(index.x), 3);
    expect(y).toBeCloseTo(mean(index.y), 3);
  });

  test('a place lies among its neighbours', () => {
    const { x, y, neighbours } = index.place(new Float32Array(dims));
    for (const [value, coordinates] of [
      [x, index.x],
      [y, index.y],
    ] as const) {
      const own = neighbours.map((n) => coordinates[n.index]);
      expect(value).toBeGreaterThanOrEqual(Math.min(...own));
      expect(value).toBeLessThanOrEqual(Math.max(...own));
    }
  });

  test('a code of another length is refused', () => {
    expect(() => index.nearest(new Float32Array(3), 2)).toThrow('a code of length 3, expected 9');
  });
});
