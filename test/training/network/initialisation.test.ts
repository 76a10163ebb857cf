import { describe, expect, test } from 'vitest';
import { ACTIVATIONS } from '../../../bundle/training.ts';
import { Random } from '../../../kernels/random.ts';
import { type Initial, initialise } from '../../../training/network/initialisation.ts';

const N = 200_000;
const FANS = { fanIn: 300, fanOut: 100 };
const HE = 2 / 300;
const GLOROT = 2 / 400;

type Scheme = Parameters<typeof initialise>[2];
type Distribution = Parameters<typeof initialise>[4];

function drawn(activation: Initial['activation'], scheme: Scheme, distribution?: Distribution) {
  const weights = new Float32Array(N);
  initialise(weights, { ...FANS, activation }, scheme, new Random(1), distribution);
  return weights;
}

const variance = (x: Float32Array) => x.reduce((sum, xi) => sum + xi * xi, 0) / N;

describe.each(['normal', 'uniform'] as const)('%s', (distribution) => {
  test.each([
    ['he', HE],
    ['glorot', GLOROT],
  ] as const)('%s: mean zero and the scheme’s variance', (scheme, expected) => {
    const weights = drawn('linear', scheme, distribution);
    expect(Math.abs(variance(weights) / expected - 1)).toBeLessThan(0.02);
    const mean = weights.reduce((sum, x) => sum + x, 0) / N;
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(expected / N));
  });
});

test('uniform: within √(6 / fan in) of He, √(6 / (fan in + fan out)) of Glorot, up to its edges', () => {
  for (const [scheme, limit] of [
    ['he', Math.sqrt(6 / 300)],
    ['glorot', Math.sqrt(6 / 400)],
  ] as const) {
    const largest = drawn('relu', scheme, 'uniform').reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    expect(largest).toBeLessThanOrEqual(limit * (1 + 1e-7));
    expect(largest).toBeGreaterThan(0.999 * limit);
  }
});

test('normal: beyond what a uniform distribution of that variance has', () => {
  const largest = drawn('relu', 'he').reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  expect(largest).toBeGreaterThan(4 * Math.sqrt(HE));
});

test('auto goes by the activation: He for rectifiers and their kin, Glorot for the others', () => {
  const he = ['relu', 'leaky_relu', 'elu', 'gelu', 'silu', 'softplus'];
  for (const activation of [...ACTIVATIONS, 'softmax'] as const) {
    const scheme = he.includes(activation) ? 'he' : 'glorot';
    expect(drawn(activation, 'auto')).toEqual(drawn('linear', scheme));
  }
});

test('the same generator, the same weights', () => {
  expect(drawn('relu', 'he')).toEqual(drawn('relu', 'he'));
  const random = new Random(1);
  const expected = Float32Array.from({ length: 5 }, () => random.normal() * Math.sqrt(HE));
  expect(drawn('relu', 'he').slice(0, 5)).toEqual(expected);
});
