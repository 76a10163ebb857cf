import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import type { Labelled, Method } from '../../../training/classifiers/classifier.ts';
import { convolutionalNetwork } from '../../../training/classifiers/convolutional.ts';
import { linearSvm, softmaxRegression } from '../../../training/classifiers/linear.ts';
import { perceptron } from '../../../training/classifiers/perceptron.ts';

async function measureAccuracy(
  method: Method,
  train: Labelled,
  test: Labelled,
  epochs: number,
): Promise<number> {
  await using classifier = await method.fit(train, { seed: 3, epochs, threads: 1 });
  const found = await classifier.predict(test);
  return found.reduce((right, label, i) => right + Number(label === test.labels[i]), 0) / test.n;
}

function labelRows(
  count: number,
  dims: number,
  classes: number,
  seed: number,
  draw: (label: number, random: Random) => ArrayLike<number>,
): Labelled {
  const random = new Random(seed);
  const labels = Uint8Array.from({ length: count }, () => random.below(classes));
  const values = new Float32Array(count * dims);
  for (let i = 0; i < count; i++) values.set(draw(labels[i], random), i * dims);
  return { values, n: count, d: dims, labels, classes };
}

/** Standard normal clouds with means 2 apart: the best classifier has an error of Φ(−1). */
const clouds = (count: number, seed: number) =>
  labelRows(count, 6, 2, seed, (label, random) =>
    Array.from({ length: 6 }, (_, j) => random.normal() + (j === 0 ? 2 * label - 1 : 0)),
  );
const BAYES = 0.8413;

for (const method of [softmaxRegression, linearSvm, perceptron]) {
  test(`${method.name} comes near the smallest possible error for two normal clouds`, async () => {
    const right = await measureAccuracy(method, clouds(3000, 1), clouds(6000, 2), 8);
    expect(right).toBeGreaterThan(BAYES - 0.02);
    expect(right).toBeLessThan(BAYES + 0.015);
  });
}

/** Two classes, each in two opposite corners: no line separates them. */
const corners = (count: number, seed: number) =>
  labelRows(count, 2, 2, seed, (label, random) => {
    const a = random.below(2);
    return [a, a ^ label].map((corner) => 2 * corner - 1 + 0.2 * random.normal());
  });

test('a perceptron learns classes that no line separates, linear classifiers do not', async () => {
  const [train, held] = [corners(1500, 4), corners(1000, 5)];
  expect(await measureAccuracy(perceptron, train, held, 10)).toBeGreaterThan(0.99);
  for (const linear of [softmaxRegression, linearSvm]) {
    expect(await measureAccuracy(linear, train, held, 15)).toBeLessThan(0.8);
  }
});

/** A horizontal or vertical line of three pixels, anywhere in an image of noise. */
const SIDE = 12;
const lines = (count: number, seed: number) =>
  labelRows(count, SIDE * SIDE, 2, seed, (label, random) => {
    const image = Float32Array.from({ length: SIDE * SIDE }, () => 0.2 * random.uniform());
    const [long, short] = [2 + random.below(SIDE - 6), 2 + random.below(SIDE - 4)];
    for (let i = 0; i < 3; i++) image[label ? (long + i) * SIDE + short : short * SIDE + long + i] = 1;
    return image;
  });

test('a convolutional network recognises a shape anywhere in the image', async () => {
  const [train, held] = [lines(1500, 6), lines(500, 7)];
  expect(await measureAccuracy(convolutionalNetwork(SIDE, SIDE), train, held, 6)).toBeGreaterThan(0.98);
  expect(await measureAccuracy(softmaxRegression, train, held, 6)).toBeLessThan(0.75);
});

test('the same seed gives the same answers, with one thread or two', async () => {
  const train = lines(600, 8);
  const answers = [];
  for (const [seed, threads] of [
    [1, 1],
    [1, 2],
    [2, 1],
  ]) {
    await using classifier = await convolutionalNetwork(SIDE, SIDE).fit(train, { seed, threads, epochs: 1 });
    answers.push(await classifier.predict(train));
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).not.toEqual(answers[0]);
});

test('a network counts its parameters and bytes', async () => {
  await using classifier = await softmaxRegression.fit(clouds(100, 1), { seed: 1, epochs: 1 });
  expect(classifier.parameters).toBe(6 * 2 + 2);
  expect(classifier.bytes).toBeGreaterThan(4 * classifier.parameters);
  await expect(classifier.predict({ values: new Float32Array(5), n: 1, d: 5 })).rejects.toThrow(
    '5 values, 1 × 6 are needed',
  );
});

test('a convolutional network refuses rows that are not images of its size', async () => {
  expect(() => convolutionalNetwork(4, 4).fit(clouds(10, 1), { seed: 1 })).toThrow(
    '4 × 4 has 16 values, not 6',
  );
});
