import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Noise } from '../../kernels/noise.ts';
import * as reference from '../../kernels/normal.ts';
import { Lanes, uniform } from '../../kernels/uniform.ts';

type Kind = 'uniform' | 'normal';

/** Draws n numbers at a place. */
function drawNumbers(kind: Kind, n: number, { seed = 1, stream = 2, step = 3 } = {}): Float32Array {
  const memory = new KernelMemory(4 * n + 16_384);
  const noise = new Noise(memory, seed);
  const target = memory.f32(n);
  noise.seek(stream, step);
  noise.fill(kind, target);
  return target;
}

const place = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  stream: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  step: fc.maxSafeNat(),
});

describe('the kernels', () => {
  test('uniform numbers equal the reference, bit for bit, for any place and count', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 5000 }), (at, n) => {
        const expected = new Float32Array(n);
        uniform(expected, new Lanes(at.seed, at.stream, at.step));
        expect(drawNumbers('uniform', n, at)).toEqual(expected);
      }),
    );
  });

  test('normal numbers are within 1e-6 of the reference', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 5000 }), (at, n) => {
        const expected = new Float32Array(n);
        reference.normal(expected, new Lanes(at.seed, at.stream, at.step));
        expect(largestDifference(drawNumbers('normal', n, at), expected)).toBeLessThan(1e-6);
      }),
    );
  });

  test('Box and Muller’s transform is within 1e-6 for every size of radius and every angle', () => {
    const radii = [0xb504f333, 0xb504f334];
    for (let i = 0; i < 32; i++) {
      for (const j of [-1, 0, 1, 0x2545f49]) radii.push((2 ** i + j) >>> 0, 2 ** 32 - 2 ** i);
    }
    const angles: number[] = [];
    for (let eighth = 0; eighth < 8; eighth++) {
      for (const j of [-1, 0, 1, 0x1234567]) angles.push((eighth * 2 ** 29 + j) >>> 0);
    }
    for (let i = 0; i < 997; i++) angles.push(Math.floor((i * 2 ** 32) / 997));
    const pairs = radii.flatMap((radius) => angles.map((angle) => [radius, angle] as const));
    while (pairs.length % 4) pairs.push(pairs[0]);

    const memory = new KernelMemory(8 * pairs.length + 1024);
    const bits = memory.u32(2 * pairs.length);
    const at = (i: number) => 8 * (i >> 2) + (i & 3);
    for (const [i, pair] of pairs.entries()) for (const k of [0, 1]) bits[at(i) + 4 * k] = pair[k];
    memory.kernels.boxMuller(memory.pointer(bits), bits.length);
    const found = new Float32Array(bits.buffer, bits.byteOffset, bits.length);
    let error = 0;
    for (const [i, [radius, angle]] of pairs.entries()) {
      const expected = reference.boxMuller(radius, angle);
      for (const k of [0, 1]) error = Math.max(error, Math.abs(found[at(i) + 4 * k] - expected[k]));
    }
    expect(error).toBeLessThan(1e-6);
  });

  test('the bytes are the same on every machine', () => {
    const digest = (kind: Kind) =>
      createHash('sha256')
        .update(new Uint8Array(drawNumbers(kind, 10_001).slice().buffer))
        .digest('hex');
    expect(digest('uniform').slice(0, 16)).toBe('8162d9182efc9fe5');
    expect(digest('normal').slice(0, 16)).toBe('502612436f200119');
  });

  test('nothing after the target is touched, and the numbers do not depend on the target', () => {
    const memory = new KernelMemory(65_536);
    const noise = new Noise(memory, 1);
    const buffer = memory.f32(64);
    for (const kind of ['uniform', 'normal'] as const) {
      for (const n of [1, 7, 8, 13]) {
        buffer.fill(9);
        noise.seek(0, n);
        noise.fill(kind, buffer.subarray(3, 3 + n));
        expect(buffer.subarray(3, 3 + n)).toEqual(drawNumbers(kind, n, { stream: 0, step: n }));
        expect(new Set([...buffer.subarray(0, 3), ...buffer.subarray(3 + n)])).toEqual(new Set([9]));
      }
    }
  });
});

test('the kernels stay within their working memory', () => {
  const memory = new KernelMemory(100_000);
  const before = memory.f32(16).fill(9);
  const noise = new Noise(memory, 1);
  const after = memory.f32(16).fill(9);
  const x = memory.f32(5003);
  noise.fill('uniform', x);
  noise.fill('normal', x);
  expect(new Set([...before, ...after])).toEqual(new Set([9]));
});

describe('a place', () => {
  test('gives the same numbers whatever was drawn before', () => {
    const memory = new KernelMemory(65_536);
    const noise = new Noise(memory, 1);
    const target = memory.f32(100);
    noise.seek(7, 41);
    noise.fill('normal', target);
    noise.fill('uniform', target);
    noise.seek(2, 3);
    noise.fill('normal', target);
    expect(target).toEqual(drawNumbers('normal', 100));
  });

  test('gives different numbers when asked again, and different from any other place', () => {
    const memory = new KernelMemory(65_536);
    const noise = new Noise(memory, 1);
    const target = memory.f32(8);
    const seen = new Set<string>();
    let draws = 0;
    const draw = () => {
      noise.fill('uniform', target);
      seen.add(target.join());
      draws++;
    };
    for (let stream = 0; stream < 30; stream++) {
      for (const step of [...Array(30).keys(), 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1]) {
        noise.seek(stream, step);
        draw();
        draw();
      }
    }
    expect(seen.size).toBe(draws);
  });

  test('must be valid', () => {
    const memory = new KernelMemory(65_536);
    expect(() => new Noise(memory, -1)).toThrow(
      'the seed of random numbers is -1: it must be a whole number from 0 to 4294967295',
    );
    expect(() => new Noise(memory, 0).seek(0.5, 0)).toThrow('the stream of random numbers is 0.5');
    expect(() => new Noise(memory, 0).seek(0, 2 ** 53)).toThrow('the step of random numbers is');
  });
});

describe('the numbers', () => {
  const n = 1_000_000;
  const samples = { uniform: drawNumbers('uniform', n), normal: drawNumbers('normal', n) };

  /** Mean, and central moments 2 to 4 about the true mean. */
  const moments = (x: Float32Array, mean: number) =>
    [1, 2, 3, 4].map((power) => x.reduce((sum, xi) => sum + (xi - mean) ** power, 0) / n);

  /** Checks means of n numbers against the expected ones, within five standard errors. */
  function expectMoments(found: number[], expected: number[], deviations: number[]): void {
    for (const [i, x] of found.entries()) {
      expect(Math.abs(x - expected[i])).toBeLessThan((5 * deviations[i]) / Math.sqrt(n));
    }
  }

  test('uniform: in [0, 1), with the moments of the uniform distribution', () => {
    expect(samples.uniform.every((x) => x >= 0 && x < 1)).toBe(true);
    const even = (power: number) => 1 / (2 ** power * (power + 1));
    const variances = [even(2), even(4) - even(2) ** 2, even(6), even(8) - even(4) ** 2];
    expectMoments(
      moments(samples.uniform, 0.5),
      [0, even(2), 0, even(4)],
      variances.map((v) => Math.sqrt(v)),
    );
  });

  test('normal: with the moments of the standard normal distribution', () => {
    expectMoments(
      moments(samples.normal, 0),
      [0, 1, 0, 3],
      [1, 2, 15, 96].map((v) => Math.sqrt(v)),
    );
  });

  /** The normal distribution function (Marsaglia 2004). */
  function phi(x: number): number {
    let [sum, term] = [x, x];
    for (let i = 3; Math.abs(term) > 1e-17; i += 2) sum += term *= (x * x) / i;
    return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
  }

  test.each([
    ['uniform', (x: number) => x],
    ['normal', phi],
  ] as const)('%s: Kolmogorov and Smirnov see no difference from the distribution', (kind, distribution) => {
    const sorted = samples[kind].toSorted();
    let distance = 0;
    for (const [i, x] of sorted.entries()) {
      const p = distribution(x);
      distance = Math.max(distance, p - i / n, (i + 1) / n - p);
    }
    // 1.95 / √n is exceeded by one sample in a thousand.
    expect(distance * Math.sqrt(n)).toBeLessThan(1.95);
    expect(distance).toBeGreaterThan(0);
  });

  test('normal: the tails are right, up to six deviations', () => {
    const beyond = (t: number) => samples.normal.reduce((sum, x) => sum + Number(Math.abs(x) > t), 0);
    for (const t of [2, 3, 4]) {
      const expected = 2 * n * (1 - phi(t));
      expect(Math.abs(beyond(t) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  function correlation(a: Float32Array, b: Float32Array): number {
    let [sum, aa, bb] = [0, 0, 0];
    for (let i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
      aa += a[i] ** 2;
      bb += b[i] ** 2;
    }
    return sum / Math.sqrt(aa * bb);
  }

  test('neighbouring seeds, streams and steps are uncorrelated, and so are a place’s own numbers', () => {
    const size = 50_000;
    const at = { seed: 8, stream: 8, step: 8 };
    const here = drawNumbers('normal', size, at);
    const places = (['seed', 'stream', 'step'] as const).flatMap((axis) =>
      [1, 2, 4].map((by) => drawNumbers('normal', size, { ...at, [axis]: at[axis] + by })),
    );
    const swapped = [
      drawNumbers('normal', size, { seed: 8, stream: 9, step: 10 }),
      drawNumbers('normal', size, { seed: 8, stream: 10, step: 9 }),
    ];
    const pairs = [...places.map((there) => [here, there]), swapped];
    for (let lag = 1; lag <= 32; lag++) pairs.push([here.subarray(lag), here.subarray(0, size - lag)]);
    const squares = (x: Float32Array) => x.map((xi) => xi * xi - 1);
    for (const [a, b] of pairs) {
      expect(Math.abs(correlation(a, b)) * Math.sqrt(size)).toBeLessThan(5);
      expect(Math.abs(correlation(squares(a), squares(b))) * Math.sqrt(size)).toBeLessThan(5);
    }
  });

  test('each of the 24 bits of a uniform number is set half of the time', () => {
    const counts = new Array(24).fill(0);
    for (const x of samples.uniform) {
      const word = x * 2 ** 24;
      for (let bit = 0; bit < 24; bit++) counts[bit] += (word >>> bit) & 1;
    }
    for (const count of counts) expect(Math.abs(count - n / 2)).toBeLessThan(5 * Math.sqrt(n / 4));
  });
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, x, i) => Math.max(largest, Math.abs(x - b[i])), 0);
}
