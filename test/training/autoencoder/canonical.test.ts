import { describe, expect, test } from 'vitest';
import type { Canonical } from '../../../bundle/manifest.ts';
import { canonicalise } from '../../../training/autoencoder/canonical.ts';
import { loadMnist } from '../../../training/data/readers/mnist.ts';
import { runSubgraph } from '../../../training/detectors/run.ts';

const digits = await loadMnist('test');
const COUNT = 12;
const images = Float32Array.from(digits.data.subarray(0, COUNT * 784), (value) => value / 255);

const run = (options: Partial<Canonical>, values = images, shape: Canonical['shape'] = [28, 28, 1]) =>
  runSubgraph((graph, x) => canonicalise(graph, x, { shape, pose: 'as_is', smoothing: 0, ...options }), {
    values,
    n: values.length / (shape[0] * shape[1] * shape[2]),
    d: shape[0] * shape[1] * shape[2],
  });

/** Mass, centre and slant of an image, by definition. */
function moments(image: Float32Array, width = 28) {
  let [mass, x, y] = [0, 0, 0];
  for (const [p, v] of image.entries()) {
    mass += v;
    x += v * (p % width);
    y += v * Math.floor(p / width);
  }
  [x, y] = [x / mass, y / mass];
  let [product, square] = [0, 0];
  for (const [p, v] of image.entries()) {
    product += v * ((p % width) - x) * (Math.floor(p / width) - y);
    square += v * (Math.floor(p / width) - y) ** 2;
  }
  return { mass, x, y, slant: product / square };
}

const each = (values: Float32Array) =>
  Array.from({ length: values.length / 784 }, (_, i) => values.subarray(i * 784, (i + 1) * 784));

/** An image sampled bilinearly at (y, x), dark beyond the edge. */
function at(image: Float32Array, y: number, x: number): number {
  const [top, left] = [Math.floor(y), Math.floor(x)];
  let sum = 0;
  for (const [i, j] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]) {
    const [row, column] = [top + i, left + j];
    if (row < 0 || row > 27 || column < 0 || column > 27) continue;
    sum += image[row * 28 + column] * (1 - Math.abs(y - row)) * (1 - Math.abs(x - column));
  }
  return sum;
}

describe('a canonical pose', () => {
  test('centred: the centre of mass is in the middle', async () => {
    for (const image of each(await run({ pose: 'centred' }))) {
      const { x, y } = moments(image);
      expect(x).toBeCloseTo(13.5, 1);
      expect(y).toBeCloseTo(13.5, 1);
    }
  });

  test('deskewed: each pixel is sampled where the moments say', async () => {
    const found = each(await run({ pose: 'deskewed' }));
    for (const [i, image] of each(images).entries()) {
      const { x, y, slant } = moments(image);
      for (let p = 0; p < 784; p += 5) {
        const [row, column] = [Math.floor(p / 28) - 13.5, (p % 28) - 13.5];
        expect(found[i][p]).toBeCloseTo(at(image, row + y, column + x + slant * row), 3);
      }
    }
  });

  test('deskewed: hardly any slant is left', async () => {
    for (const image of each(await run({ pose: 'deskewed' }))) {
      expect(Math.abs(moments(image).slant)).toBeLessThan(0.05);
    }
  });

  test('smoothed: each pixel is the Gaussian mean around it', async () => {
    const found = each(await run({ smoothing: 1.5 }))[0];
    const reach = 6;
    const weight = (d: number) => Math.exp(-0.5 * (d / 1.5) ** 2);
    let total = 0;
    for (let d = -reach; d <= reach; d++) total += weight(d);
    for (let p = 0; p < 784; p += 7) {
      let sum = 0;
      for (let a = -reach; a <= reach; a++) {
        for (let b = -reach; b <= reach; b++) {
          sum += weight(a) * weight(b) * at(images.subarray(0, 784), Math.floor(p / 28) + a, (p % 28) + b);
        }
      }
      expect(found[p]).toBeCloseTo(sum / total ** 2, 4);
    }
  });

  test('an empty image stays empty, and colour channels keep their order', async () => {
    expect(await run({ pose: 'deskewed', smoothing: 1 }, new Float32Array(784))).toEqual(
      new Float32Array(784),
    );
    const colours = new Float32Array(8 * 8 * 3);
    for (let p = 0; p < 64; p++) if (p % 8 === 4 && p > 8 && p < 56) colours.set([1, 0.5, 0.25], 3 * p);
    const found = await run({ pose: 'centred' }, colours, [8, 8, 3]);
    for (let p = 0; p < 64; p++) {
      expect(found[3 * p + 1]).toBeCloseTo(found[3 * p] / 2, 5);
      expect(found[3 * p + 2]).toBeCloseTo(found[3 * p] / 4, 5);
    }
  });
});
