import { describe, expect, test } from 'vitest';
import { adam } from '../../../kernels/adam.ts';
import { KernelMemory } from '../../../kernels/kernels.ts';
import { momentum, nesterov } from '../../../kernels/momentum.ts';
import { Random } from '../../../kernels/random.ts';
import { rmsprop } from '../../../kernels/rmsprop.ts';
import { sgd } from '../../../kernels/sgd.ts';
import { OPTIMISERS, Optimiser, type Segment } from '../../../training/optimiser/optimiser.ts';
import type { OptimiserSettings } from '../../../training/optimiser/rules.ts';

const SETTINGS: OptimiserSettings = {
  optimiser: 'adam',
  momentum: 0.9,
  beta1: 0.8,
  beta2: 0.99,
  epsilon: 1e-7,
  weight_decay: 0.5,
};

/** Weights and bias of two layers; the second bias has weight decay, to tell it from the first. */
const SEGMENTS: Segment[] = [
  { offset: 0, length: 70, decay: true },
  { offset: 80, length: 10, decay: false },
  { offset: 96, length: 16, decay: true },
  { offset: 112, length: 3, decay: true },
];
const TOTAL = 128;

function create(settings: Partial<OptimiserSettings> = {}, segments: readonly Segment[] = SEGMENTS) {
  const memory = new KernelMemory(16 * TOTAL + 1024);
  const [w, g] = [memory.f32(TOTAL), memory.f32(TOTAL)];
  const optimiser = new Optimiser(memory, { ...SETTINGS, ...settings }, segments, w, g);
  return { w, g, optimiser };
}

/** Fills the segments with normal numbers, the same for the same step. */
function fill(array: Float32Array, step: number): void {
  const random = new Random(step);
  for (const { offset, length } of SEGMENTS) {
    for (let i = offset; i < offset + length; i++) array[i] = random.normal();
  }
}

const REFERENCES: Record<
  (typeof OPTIMISERS)[number],
  (w: Float32Array, g: Float32Array, m: Float32Array, v: Float32Array, weightDecay: number, t: number) => void
> = {
  sgd: (w, g, _m, _v, weightDecay) => sgd(w, g, { rate: 0.01, weightDecay }),
  momentum: (w, g, m, _, weightDecay) => momentum(w, g, m, { rate: 0.01, momentum: 0.9, weightDecay }),
  nesterov: (w, g, m, _, weightDecay) => nesterov(w, g, m, { rate: 0.01, momentum: 0.9, weightDecay }),
  rmsprop: (w, g, _, v, weightDecay) =>
    rmsprop(w, g, v, { rate: 0.01, rho: 0.9, epsilon: 1e-7, weightDecay }),
  adam: (w, g, m, v, weightDecay, t) => adam(w, g, m, v, { ...ADAM, weightDecay }, t),
  adamw: (w, g, m, v, weightDecay, t) => adam(w, g, m, v, { ...ADAM, weightDecay }, t),
};
const ADAM = { rate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-7 };

describe.each(OPTIMISERS)('%s', (name) => {
  test('updates every segment by its rule, with weight decay where it applies, and nothing else', () => {
    const { w, g, optimiser } = create({ optimiser: name });
    fill(w, 0);
    const expected = w.slice();
    const [m, v] = [new Float32Array(TOTAL), new Float32Array(TOTAL)];
    for (let t = 1; t <= 20; t++) {
      fill(g, t);
      optimiser.step(0.01, t);
      for (const { offset, length, decay } of SEGMENTS) {
        const [ws, gs, ms, vs] = [expected, g, m, v].map((x) => x.subarray(offset, offset + length));
        REFERENCES[name](ws, gs, ms, vs, decay ? 0.5 : 0, t);
      }
    }
    for (let i = 0; i < TOTAL; i++) expect(Math.abs(w[i] - expected[i])).toBeLessThan(1e-5);
    for (let i = 70; i < 80; i++) expect(w[i]).toBe(0);
    expect(w[SEGMENTS[0].offset]).not.toBe(0);
  });

  test('resumes from a checkpoint to the same bytes', () => {
    const run = (from: number, to: number, { w, g, optimiser }: ReturnType<typeof create>) => {
      for (let t = from; t <= to; t++) {
        fill(g, t);
        optimiser.step(0.01, t);
      }
      return w;
    };
    const whole = run(1, 10, create({ optimiser: name }));
    const first = create({ optimiser: name });
    run(1, 5, first);
    const second = create({ optimiser: name });
    second.w.set(first.w);
    for (const [i, array] of second.optimiser.state.entries()) array.set(first.optimiser.state[i]);
    expect(run(6, 10, second)).toEqual(whole);
  });

  test('keeps only the moments of its rule', () => {
    const { optimiser } = create({ optimiser: name });
    const expected = { sgd: 0, momentum: 1, nesterov: 1, rmsprop: 1, adam: 2, adamw: 2 }[name];
    expect(optimiser.state.length).toBe(expected);
    for (const array of optimiser.state) expect(array.length).toBe(TOTAL);
  });
});

describe('clipping', () => {
  const norm = (x: Float32Array) => Math.sqrt(x.reduce((sum, xi) => sum + xi * xi, 0));

  test('by norm: scales a longer gradient to the limit, leaves a shorter one, and returns the norm before', () => {
    const { g, optimiser } = create();
    fill(g, 1);
    const before = g.slice();
    expect(optimiser.gradientNorm() / norm(before)).toBeCloseTo(1, 12);
    expect(optimiser.clipByNorm(1000)).toBe(optimiser.gradientNorm());
    expect(g).toEqual(before);
    expect(optimiser.clipByNorm(0.5) / norm(before)).toBeCloseTo(1, 12);
    expect(optimiser.gradientNorm()).toBeCloseTo(0.5, 6);
    for (let i = 0; i < TOTAL; i++) expect(g[i]).toBeCloseTo((before[i] * 0.5) / norm(before), 6);
  });

  test('by norm: works if squares overflow a float', () => {
    const { g, optimiser } = create();
    g[3] = 3e30;
    g[81] = 4e30;
    expect(optimiser.clipByNorm(1) / 5e30).toBeCloseTo(1, 6);
    expect(g[3]).toBeCloseTo(0.6, 6);
    expect(g[81]).toBeCloseTo(0.8, 6);
  });

  test('by norm: leaves a gradient that is not finite, and returns its norm', () => {
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { g, optimiser } = create();
      g.set([x, 1]);
      expect(optimiser.clipByNorm(1)).toBe(x);
      expect(Array.from(g.subarray(0, 3))).toEqual([x, 1, 0]);
    }
  });

  test('by value: keeps every entry within the limit', () => {
    const { g, optimiser } = create();
    fill(g, 1);
    const before = g.slice();
    optimiser.clipByValue(0.5);
    expect(g).toEqual(before.map((x) => Math.max(-0.5, Math.min(0.5, x))));
  });

  test('needs a limit', () => {
    const { optimiser } = create();
    for (const limit of [0, -1, Number.NaN]) {
      expect(() => optimiser.clipByNorm(limit)).toThrow(
        `the limit of a gradient is ${limit}: it must be above 0`,
      );
      expect(() => optimiser.clipByValue(limit)).toThrow(`the limit of a gradient is ${limit}`);
    }
  });
});

describe('invalid arguments are refused', () => {
  test.each([
    [{ momentum: 1 }, 'momentum is 1: it must be from 0 to below 1'],
    [{ beta1: -0.1 }, 'beta1 is -0.1: it must be from 0 to below 1'],
    [{ beta2: Number.NaN }, 'beta2 is NaN: it must be from 0 to below 1'],
    [{ epsilon: 0 }, 'epsilon is 0: it must be above 0'],
    [{ weight_decay: -1 }, 'weight_decay is -1: it must be 0 or more'],
  ])('settings %o', (settings, message) => {
    expect(() => create(settings)).toThrow(message);
  });

  const segment = (offset: number, length: number) => ({ offset, length, decay: true });

  test.each([
    [[segment(8, 8)], 'a segment starts at 8: it must be a multiple of 16, from 0'],
    [[segment(0, 20), segment(16, 8)], 'a segment starts at 16: it must be a multiple of 16, from 32'],
    [[segment(0, 0)], 'the segment at 0 has length 0: it must be a whole number from 1'],
    [[segment(112, 17)], 'the segments end at 144, there is room for 128 weights'],
  ])('segments %o', (segments, message) => {
    expect(() => create({}, segments)).toThrow(message);
  });

  test('a step before the first', () => {
    expect(() => create().optimiser.step(0.1, 0)).toThrow('step 0: steps count from 1');
  });

  test('arrays outside the memory, or of different lengths', () => {
    const memory = new KernelMemory(4096);
    const [w, g] = [memory.f32(16), memory.f32(32)];
    const segments = [segment(0, 16)];
    expect(() => new Optimiser(memory, SETTINGS, segments, w, g)).toThrow(
      'there are 16 weights and 32 gradients',
    );
    expect(() => new Optimiser(memory, SETTINGS, segments, w, new Float32Array(16))).toThrow(
      'an array of length 16 is not in the kernel memory',
    );
  });
});

describe('with a second thread', () => {
  /** Weights after some steps on gradients drawn from a seed. */
  async function trainWeights(
    optimiser: OptimiserSettings['optimiser'],
    threads: number,
  ): Promise<Float32Array> {
    const sizes = [70_001, 33, 90_000, 64, 5];
    let offset = 0;
    const segments = sizes.map((length, i) => {
      const segment = { offset, length, decay: i % 2 === 0 };
      offset += Math.ceil(length / 16) * 16;
      return segment;
    });
    const memory = new KernelMemory(16 * offset + 4096);
    const [w, g] = [memory.f32(offset), memory.f32(offset)];
    const random = new Random(5);
    for (const { offset: from, length } of segments) {
      for (let i = from; i < from + length; i++) w[i] = random.normal();
    }
    const settings = { ...SETTINGS, optimiser, weight_decay: 0.1 };
    using one = new Optimiser(memory, settings, segments, w, g, threads);
    for (let t = 1; t <= 5; t++) {
      for (const { offset: from, length } of segments) {
        for (let i = from; i < from + length; i++) g[i] = random.normal();
      }
      await one.step(0.01, t);
    }
    return w.slice();
  }

  for (const optimiser of OPTIMISERS) {
    test(`${optimiser} gives the same bytes as with one`, async () => {
      expect(await trainWeights(optimiser, 2)).toEqual(await trainWeights(optimiser, 1));
    });
  }
});
