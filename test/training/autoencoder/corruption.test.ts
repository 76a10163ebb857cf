import { describe, expect, test } from 'vitest';
import type { Training } from '../../../bundle/training.ts';
import { Random } from '../../../kernels/random.ts';
import { corrupt } from '../../../training/autoencoder/corruption.ts';
import { corruptRows } from '../../../training/evaluate/denoising.ts';
import { Scope } from '../../../training/network/scope.ts';
import { Graph } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../training/runtime/session.ts';

const [n, d] = [50, 7];

/** Runs the graph on the numbers 1, 2, … with these draws. */
async function runCorruption(corruption: Training['corruption'], level: number, draws: Float32Array) {
  const graph = new Graph();
  const scope = new Scope(graph, new Map(), true);
  const x = graph.input('x', ['N', d]);
  graph.output('y', corrupt(scope, x, { corruption, corruption_level: level }));
  await using session = await createSession(serialise(graph, 'test'));
  const feeds = Object.fromEntries(scope.noise.map(({ name }) => [name, tensor(draws, [n, d])]));
  return (await session.run({ ...feeds, x: tensor(batch(), [n, d]) })).y.data as Float32Array;
}

const batch = (): Float32Array => Float32Array.from({ length: n * d }, (_, p) => p + 1);
const uniform = (seed: number): Float32Array => {
  const random = new Random(seed);
  return Float32Array.from({ length: n * d }, () => random.uniform());
};

describe.each([0, 0.25, 0.3, 0.5, 1])('at a level of %s', (level) => {
  const u = uniform(3);

  test('masking sets values to zero where the draw is below it', async () => {
    const expected = batch().map((value, p) => (u[p] < Math.fround(level) ? 0 : value));
    expect(await runCorruption('masking', level, u)).toEqual(expected);
  });

  test('salt and pepper sets half of these to 1 and half to 0', async () => {
    const expected = batch().map((value, p) => {
      if (u[p] < Math.fround(level / 2)) return 1;
      return u[p] < Math.fround(level) ? 0 : value;
    });
    expect(await runCorruption('salt_and_pepper', level, u)).toEqual(expected);
  });

  test('it is the standard deviation of Gaussian noise', async () => {
    const expected = batch().map((value, p) => value + Math.fround(Math.fround(level) * u[p]));
    const found = await runCorruption('gaussian', level, u);
    for (let p = 0; p < n * d; p++) expect(Math.abs(found[p] - expected[p])).toBeLessThan(1e-4);
  });
});

describe('rows corrupted for a report', () => {
  const rows = { values: new Float32Array(200_000).fill(0.5), n: 20_000, d: 10 };
  const count = (x: Float32Array, value: number) => x.filter((xi) => xi === value).length / x.length;

  test('lose the requested share, half to each value', async () => {
    const masked = await corruptRows(rows, { corruption: 'masking', corruption_level: 0.3 });
    expect(Math.abs(count(masked, 0) - 0.3)).toBeLessThan(0.005);
    const salted = await corruptRows(rows, { corruption: 'salt_and_pepper', corruption_level: 0.3 });
    for (const value of [0, 1]) expect(Math.abs(count(salted, value) - 0.15)).toBeLessThan(0.004);
  });

  test('get noise with the requested standard deviation, the same every time', async () => {
    const gaussian = { corruption: 'gaussian', corruption_level: 0.25 } as const;
    const noisy = await corruptRows(rows, gaussian);
    const variance = noisy.reduce((sum, x) => sum + (x - 0.5) ** 2, 0) / noisy.length;
    expect(Math.abs(Math.sqrt(variance) / 0.25 - 1)).toBeLessThan(0.01);
    expect(await corruptRows(rows, gaussian)).toEqual(noisy);
  });
});
