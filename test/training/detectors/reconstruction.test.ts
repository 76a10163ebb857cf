import { describe, expect, test } from 'vitest';
import type { Detector } from '../../../training/detectors/detector.ts';
import {
  absoluteError,
  createLocalError,
  elbo,
  maskedError,
  squaredError,
  standardisedError,
  trainedLoss,
} from '../../../training/detectors/reconstruction.ts';
import { runDetector, runSubgraph } from '../../../training/detectors/run.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { matrix, rowAt, rowsOf } from './points.ts';

const fitAndScore = async (detector: Detector, train: Matrix, fresh: Matrix) => {
  const fitted = await detector.fit(train, { seed: 1 });
  const shares = fitted.shares;
  return {
    scores: await runDetector(fitted, fresh),
    shares: shares && (await runSubgraph((graph, x) => shares(graph, x), fresh)),
  };
};

const small = matrix([
  [1, -2, 0],
  [0, 0, 0],
  [0.5, 0.5, -3],
]);

describe('errors of the reconstruction', () => {
  test('reconstruction is the mean square, and its shares are the squares', async () => {
    const { scores, shares } = await fitAndScore(squaredError, small, small);
    for (const [i, expected] of [5 / 3, 0, 9.5 / 3].entries()) expect(scores[i]).toBeCloseTo(expected, 6);
    expect([...shares!]).toEqual([1, 4, 0, 0, 0, 0, 0.25, 0.25, 9]);
  });

  test('absolute_error is the mean of absolute values', async () => {
    const { scores, shares } = await fitAndScore(absoluteError, small, small);
    for (const [i, expected] of [1, 0, 4 / 3].entries()) expect(scores[i]).toBeCloseTo(expected, 6);
    expect([...shares!]).toEqual([1, 2, 0, 0, 0, 0, 0.5, 0.5, 3]);
  });

  test('standardised_error divides each square by the column’s mean square', async () => {
    const train = rowsOf(60, (random) => [3 * random.normal(), 0.5 + random.normal(), random.normal()]);
    const { scores, shares } = await fitAndScore(standardisedError, train, small);
    const usual = [0, 1, 2].map((j) => {
      let sum = 0;
      for (let i = 0; i < 60; i++) sum += rowAt(train, i)[j] ** 2;
      return sum / 60;
    });
    for (let i = 0; i < 3; i++) {
      const expected = rowAt(small, i).map((value, j) => value ** 2 / usual[j]);
      for (const [j, value] of expected.entries()) expect(shares![i * 3 + j]).toBeCloseTo(value, 4);
      expect(scores[i]).toBeCloseTo(expected.reduce((a, b) => a + b) / 3, 4);
    }
  });

  test('a column that is never wrong gets a twentieth of the mean deviation, so that its error counts and is finite', async () => {
    const train = matrix([
      [2, 0],
      [-2, 0],
    ]);
    // Mean squares 4 and 0, on average 2: times 0.05², that is 0.005.
    const { scores } = await fitAndScore(standardisedError, train, matrix([[0, 0.1]]));
    expect(scores[0]).toBeCloseTo(0.01 / 0.005 / 2, 5);
    const { scores: none } = await fitAndScore(standardisedError, matrix([[0, 0]]), matrix([[0, 3]]));
    expect(none[0]).toBeCloseTo(4.5, 5);
  });

  test('masked_error is the mean of its view', async () => {
    const { scores, shares } = await fitAndScore(maskedError, small, matrix([[1, 2, 6]]));
    expect(scores[0]).toBeCloseTo(3, 6);
    expect([...shares!]).toEqual([1, 2, 6]);
  });

  test('loss is the first column of its view, elbo the sum of both', async () => {
    const view = matrix([
      [1.5, 0.25],
      [0, 3],
    ]);
    expect([...(await fitAndScore(trainedLoss, view, view)).scores]).toEqual([1.5, 0]);
    expect([...(await fitAndScore(elbo, view, view)).scores]).toEqual([1.75, 3]);
  });
});

describe('local_error', () => {
  /** The largest mean over all windows within the image, pixel by pixel. */
  const slid = (row: readonly number[], [height, width, channels]: readonly number[]) => {
    const [tall, wide] = [Math.min(5, height), Math.min(5, width)];
    let most = 0;
    for (let y = 0; y + tall <= height; y++) {
      for (let x = 0; x + wide <= width; x++) {
        let sum = 0;
        for (let v = y; v < y + tall; v++)
          for (let u = x; u < x + wide; u++)
            for (let c = 0; c < channels; c++) sum += row[(v * width + u) * channels + c] ** 2;
        most = Math.max(most, sum / (tall * wide * channels));
      }
    }
    return most;
  };

  test.each([[[9, 7, 1]], [[8, 12, 3]], [[5, 5, 1]], [[3, 9, 2]], [[2, 2, 1]]])(
    'is the largest mean over all windows: images of %j',
    async (shape) => {
      const pixels = shape.reduce((a, b) => a * b);
      const images = rowsOf(12, (random) => Array.from({ length: pixels }, () => random.normal()));
      const { scores, shares } = await fitAndScore(createLocalError(shape), images, images);
      for (let i = 0; i < images.n; i++) expect(scores[i]).toBeCloseTo(slid(rowAt(images, i), shape), 4);
      for (const [p, value] of images.values.entries()) expect(shares![p]).toBeCloseTo(value ** 2, 5);
    },
  );

  test('a patch raises it by the same anywhere, corners included', async () => {
    const side = 11;
    const patches = [
      [0, 0],
      [6, 6],
      [0, 6],
      [3, 2],
    ].map(([top, from]) =>
      Array.from({ length: side * side }, (_, p) => {
        const [y, x] = [Math.floor(p / side) - top, (p % side) - from];
        return Number(y >= 0 && y < 5 && x >= 0 && x < 5);
      }),
    );
    const images = matrix(patches);
    const { scores } = await fitAndScore(createLocalError([side, side, 1]), images, images);
    for (const score of scores) expect(score).toBeCloseTo(1, 5);
  });
});
