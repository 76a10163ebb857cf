import { describe, expect, test } from 'vitest';
import { adam, adamCorrections } from '../../kernels/adam.ts';
import { KernelMemory, type Kernels } from '../../kernels/kernels.ts';
import { momentum, nesterov } from '../../kernels/momentum.ts';
import { Random } from '../../kernels/random.ts';
import { rmsprop } from '../../kernels/rmsprop.ts';
import { sgd } from '../../kernels/sgd.ts';

const RATE = 0.01;
const MU = 0.9;
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Follows one weight through the steps of a reference, on the gradients from `gradient`. */
type Step = (w: Float32Array, g: Float32Array, m: Float32Array, v: Float32Array, t: number) => void;

function trajectory(steps: number, w0: number, gradient: (w: number, t: number) => number, step: Step) {
  const [w, g, m, v] = [w0, 0, 0, 0].map((x) => Float32Array.of(x));
  return Array.from({ length: steps }, (_, i) => {
    g[0] = gradient(w[0], i + 1);
    step(w, g, m, v, i + 1);
    return w[0];
  });
}

function expectNear(found: number[], expected: number[], tolerance: number): void {
  for (const [i, x] of found.entries()) expect(Math.abs(x - expected[i])).toBeLessThan(tolerance);
}

const fromOne = <T>(length: number, f: (t: number) => T) => Array.from({ length }, (_, i) => f(i + 1));

describe('the references', () => {
  test('SGD on a parabola of curvature c: (1 - rate c)ᵗ, and weight decay adds to c', () => {
    const found = trajectory(
      20,
      1,
      (w) => 3 * w,
      (w, g) => sgd(w, g, { rate: 0.1 }),
    );
    expectNear(
      found,
      fromOne(20, (t) => 0.7 ** t),
      1e-6,
    );
    const decaying = trajectory(
      20,
      1,
      (w) => 3 * w,
      (w, g) => sgd(w, g, { rate: 0.1, weightDecay: 2 }),
    );
    expectNear(
      decaying,
      fromOne(20, (t) => 0.5 ** t),
      1e-6,
    );
  });

  test('momentum on a parabola, critically damped: (1 + b t) μ^(t/2)', () => {
    // w(t+1) = (1 + μ - rate c) w(t) - μ w(t-1) has the double root √μ if rate c = (1 - √μ)².
    const mu = 0.64;
    const found = trajectory(
      30,
      1,
      (w) => 0.4 * w,
      (w, g, m) => momentum(w, g, m, { rate: 0.1, momentum: mu }),
    );
    const b = (1 - 0.04) / 0.8 - 1;
    expectNear(
      found,
      fromOne(30, (t) => (1 + b * t) * mu ** (t / 2)),
      1e-6,
    );
  });

  test('Nesterov’s momentum agrees with Sutskever et al., seen from where the gradient is taken', () => {
    const gradient = (w: number) => 2 * w - 1 + 0.3 * Math.sin(w);
    const found = trajectory(30, 2, gradient, (w, g, m) => nesterov(w, g, m, { rate: 0.05, momentum: MU }));
    let [theta, velocity] = [2, 0];
    const expected = fromOne(30, () => {
      velocity = MU * velocity - 0.05 * gradient(theta + MU * velocity);
      theta += velocity;
      return theta + MU * velocity;
    });
    expectNear(found, expected, 1e-5);
  });

  test('RMSprop under a constant gradient: each step is rate / √(1 - ρᵗ)', () => {
    const settings = { rate: 0.1, rho: 0.9, epsilon: 1e-8 };
    const found = trajectory(
      10,
      0,
      () => -4,
      (w, g, _, v) => rmsprop(w, g, v, settings),
    );
    let sum = 0;
    const expected = fromOne(10, (t) => {
      sum += 0.1 / Math.sqrt(1 - 0.9 ** t);
      return sum;
    });
    expectNear(found, expected, 1e-5);
  });

  const settings = { rate: 0.1, beta1: BETA1, beta2: BETA2, epsilon: EPSILON };

  test('Adam: the first step moves each weight by the rate against its gradient’s sign', () => {
    const w = new Float32Array(3);
    adam(w, Float32Array.of(5, -0.001, 0), new Float32Array(3), new Float32Array(3), settings, 1);
    expect(w[0]).toBeCloseTo(-0.1, 6);
    expect(w[1]).toBeCloseTo(0.1, 5);
    expect(w[2]).toBe(0);
  });

  test('Adam under a constant gradient moves by the rate in every step', () => {
    const found = trajectory(
      50,
      0,
      () => 7,
      (w, g, m, v, t) => adam(w, g, m, v, settings, t),
    );
    expectNear(
      found,
      fromOne(50, (t) => -0.1 * t),
      1e-4,
    );
  });

  test('Adam: three steps by hand', () => {
    const found = trajectory(
      3,
      0,
      (_, t) => [1, -2, 0.5][t - 1],
      (w, g, m, v, t) => adam(w, g, m, v, settings, t),
    );
    expectNear(found, [-0.1, -0.0633896, -0.0497206], 1e-6);
  });

  test('AdamW decays weights apart from the gradient: (1 - rate decay)ᵗ where there is none', () => {
    const decaying = { ...settings, weightDecay: 0.5 };
    const found = trajectory(
      20,
      3,
      () => 0,
      (w, g, m, v, t) => adam(w, g, m, v, decaying, t),
    );
    expectNear(
      found,
      fromOne(20, (t) => 3 * 0.95 ** t),
      1e-5,
    );
  });
});

const WEIGHT_DECAY = 0.1;
const SHRINK = RATE * WEIGHT_DECAY;
const RMSPROP = { rate: RATE, rho: 0.99, epsilon: EPSILON };
const ADAM = { rate: RATE, beta1: BETA1, beta2: BETA2, epsilon: EPSILON };
const MOMENTUM = { rate: RATE, momentum: MU };

/** Each kernel with its reference, with weight decay. */
const PAIRS: Record<
  string,
  { kernel: (kernels: Kernels, p: number[], n: number, t: number) => void; reference: Step }
> = {
  sgd: {
    kernel: (kernels, [w, g], n) => kernels.sgd(w, g, n, RATE, SHRINK),
    reference: (w, g) => sgd(w, g, { rate: RATE, weightDecay: WEIGHT_DECAY }),
  },
  momentum: {
    kernel: (kernels, [w, g, m], n) => kernels.momentum(w, g, m, n, RATE, MU, SHRINK),
    reference: (w, g, m) => momentum(w, g, m, { ...MOMENTUM, weightDecay: WEIGHT_DECAY }),
  },
  nesterov: {
    kernel: (kernels, [w, g, m], n) => kernels.nesterov(w, g, m, n, RATE, MU, SHRINK),
    reference: (w, g, m) => nesterov(w, g, m, { ...MOMENTUM, weightDecay: WEIGHT_DECAY }),
  },
  rmsprop: {
    kernel: (kernels, [w, g, , v], n) => kernels.rmsprop(w, g, v, n, RATE, 0.99, EPSILON, SHRINK),
    reference: (w, g, _, v) => rmsprop(w, g, v, { ...RMSPROP, weightDecay: WEIGHT_DECAY }),
  },
  adam: {
    kernel: (kernels, [w, g, m, v], n, t) => {
      const { rate, correction2 } = adamCorrections(ADAM, t);
      kernels.adamw(w, g, m, v, n, rate, BETA1, BETA2, correction2, EPSILON, 0);
    },
    reference: (w, g, m, v, t) => adam(w, g, m, v, ADAM, t),
  },
  adamw: {
    kernel: (kernels, [w, g, m, v], n, t) => {
      const { rate, correction2 } = adamCorrections(ADAM, t);
      kernels.adamw(w, g, m, v, n, rate, BETA1, BETA2, correction2, EPSILON, SHRINK);
    },
    reference: (w, g, m, v, t) => adam(w, g, m, v, { ...ADAM, weightDecay: WEIGHT_DECAY }, t),
  },
};

/** Weights, gradients and two moments in a kernel memory. */
function arrays(n: number) {
  const memory = new KernelMemory(16 * n + 1024);
  const all = [0, 0, 0, 0].map(() => memory.f32(n));
  return { kernels: memory.kernels, all, pointers: all.map((array) => memory.pointer(array)) };
}

describe.each(Object.entries(PAIRS))('the kernel %s', (_, { kernel, reference }) => {
  test('agrees with the reference over fifty steps', () => {
    const n = 64;
    const { kernels, all, pointers } = arrays(n);
    const [w, g, m, v] = all;
    const [rw, rm, rv] = [0, 0, 0].map(() => new Float32Array(n));
    const random = new Random(1);
    for (let i = 0; i < n; i++) w[i] = rw[i] = random.normal();
    for (let t = 1; t <= 50; t++) {
      for (let i = 0; i < n; i++) g[i] = random.normal() * 10 ** (random.below(4) - 2);
      kernel(kernels, pointers, n, t);
      reference(rw, g, rm, rv, t);
      const pairs = [
        [w, rw],
        [m, rm],
        [v, rv],
      ];
      for (const [found, expected] of pairs) {
        for (let i = 0; i < n; i++) {
          expect(Math.abs(found[i] - expected[i])).toBeLessThan(1e-5 * (1 + Math.abs(expected[i])));
        }
      }
    }
  });

  test('leaves what comes after its n floats', () => {
    const { kernels, all, pointers } = arrays(8);
    for (const array of all) array.fill(1);
    kernel(kernels, pointers, 4, 1);
    for (const array of all) expect(Array.from(array.subarray(4))).toEqual([1, 1, 1, 1]);
  });

  test('neither keeps nor steps by denormal numbers, for tiny gradients or after they become zero', () => {
    const n = 64;
    const { kernels, all, pointers } = arrays(n);
    const [w, g, m, v] = all;
    const random = new Random(2);
    for (let i = 0; i < n; i++) g[i] = random.normal() * 10 ** -random.below(44);
    const smallest = 2 ** -126;
    for (let t = 1; t <= 3000; t++) {
      w.fill(0);
      kernel(kernels, pointers, n, t);
      g.fill(0);
      for (const x of [...w, ...m, ...v]) if (x !== 0 && Math.abs(x) < smallest) expect(x).toBe(0);
      for (const x of m) if (x !== 0) expect(Math.abs(RATE * x)).toBeGreaterThan(smallest);
    }
  });

  test('passes a NaN gradient on to the weights', () => {
    const { kernels, all, pointers } = arrays(4);
    all[1][2] = Number.NaN;
    kernel(kernels, pointers, 4, 1);
    expect(Array.from(all[0], Number.isNaN)).toEqual([false, false, true, false]);
  });
});
