import { expect, test } from 'vitest';
import { ACTIVATIONS } from '../../../bundle/training.ts';
import { Random } from '../../../kernels/random.ts';
import { type Initial, initialiseWeights } from '../../../training/network/initialisation.ts';

const N = 200_000;
const FANS = { fanIn: 300, fanOut: 100 };
const HE = 2 / 300;
const GLOROT = 2 / 400;

type Scheme = Parameters<typeof initialiseWeights>[2];

function drawWeights(activation: Initial['activation'], scheme: Scheme) {
  const weights = new Float32Array(N);
  initialiseWeights(weights, { ...FANS, activation }, scheme, new Random(1));
  return weights;
}

const variance = (x: Float32Array) => x.reduce((sum, xi) => sum + xi * xi, 0) / N;

test.each([
  ['he', HE],
  ['glorot', GLOROT],
] as const)('%s: mean zero and the scheme’s variance', (scheme, expected) => {
  const weights = drawWeights('linear', scheme);
  expect(Math.abs(variance(weights) / expected - 1)).toBeLessThan(0.02);
  const mean = weights.reduce((sum, x) => sum + x, 0) / N;
  expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(expected / N));
});

test('the largest value exceeds the bound of a uniform distribution with that variance', () => {
  const largest = drawWeights('relu', 'he').reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  expect(largest).toBeGreaterThan(4 * Math.sqrt(HE));
});

test('auto chooses by the activation: He for rectifiers and their variants, Glorot for the others', () => {
  const he = ['relu', 'leaky_relu', 'elu', 'gelu', 'silu', 'softplus'];
  for (const activation of [...ACTIVATIONS, 'softmax'] as const) {
    const scheme = he.includes(activation) ? 'he' : 'glorot';
    expect(drawWeights(activation, 'auto')).toEqual(drawWeights('linear', scheme));
  }
});

test('the same generator gives the same weights', () => {
  expect(drawWeights('relu', 'he')).toEqual(drawWeights('relu', 'he'));
  const random = new Random(1);
  const expected = Float32Array.from({ length: 5 }, () => random.normal() * Math.sqrt(HE));
  expect(drawWeights('relu', 'he').slice(0, 5)).toEqual(expected);
});
