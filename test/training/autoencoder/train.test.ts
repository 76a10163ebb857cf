import { beforeAll, describe, expect, test } from 'vitest';
import { DenseAutoencoder } from '../../../training/autoencoder/dense.ts';
import { learningRate } from '../../../training/autoencoder/schedule.ts';
import { type TrainingProgress, trainAutoencoder } from '../../../training/autoencoder/train.ts';
import { type LabelledImages, loadMnist } from '../../../training/data/mnist.ts';

let images: LabelledImages;
beforeAll(async () => {
  images = await loadMnist('test');
});

const model = new DenseAutoencoder([784, 32, 8, 32, 784]);
const options = {
  seed: 3,
  epochs: 3,
  batch: 64,
  loss: 'binary_cross_entropy' as const,
  learningRate: 2e-3,
  warmupEpochs: 0.5,
};

function run(
  changes: Partial<typeof options> & { threads?: number; onProgress?: (p: TrainingProgress) => void } = {},
) {
  const rows = (from: number, count: number) => ({
    data: images.data.subarray(from * 784, (from + count) * 784),
    count,
  });
  return trainAutoencoder(model, rows(0, 1000), rows(1000, 300), 1 / 255, { ...options, ...changes });
}

describe('training', () => {
  test('lowers the training and the validation loss, and keeps the best epoch', async () => {
    const { trainLoss, validationLoss, bestEpoch } = await run();
    expect(trainLoss).toHaveLength(3);
    expect(trainLoss[2]).toBeLessThan(0.8 * trainLoss[0]);
    expect(validationLoss[bestEpoch - 1]).toBe(Math.min(...validationLoss));
  });

  test('gives the same weights bit for bit for the same seed, with one thread or two', async () => {
    const [first, again, threaded] = [
      await run({ threads: 1 }),
      await run({ threads: 1 }),
      await run({ threads: 2 }),
    ];
    expect(again).toEqual(first);
    expect(threaded).toEqual(first);
  });

  test('gives other weights for another seed', async () => {
    const [one, other] = [await run({ epochs: 1 }), await run({ epochs: 1, seed: 4 })];
    expect(one.weights.get('W0')).not.toEqual(other.weights.get('W0'));
  });

  test('visits every sample once an epoch, the last batch being smaller', async () => {
    const seen: number[] = [];
    await run({ epochs: 1, batch: 300, onProgress: ({ done }) => void seen.push(done) });
    expect(seen).toEqual([300, 600, 900, 1000]);
  });

  test('stops at the step where the loss is no number', async () => {
    await expect(run({ learningRate: 1e30 })).rejects.toThrow(
      /the loss became (NaN|Infinity) in epoch 1, step \d+/,
    );
  });
});

describe('the learning rate', () => {
  test('rises linearly, then falls as half a cosine to zero', () => {
    const rate = (step: number) => learningRate(step, 110, 10, 2);
    expect(rate(0)).toBeCloseTo(0.2, 12);
    expect(rate(9)).toBeCloseTo(2, 12);
    expect(rate(10)).toBeCloseTo(2, 12);
    expect(rate(60)).toBeCloseTo(1, 12);
    expect(rate(110)).toBeCloseTo(0, 12);
  });
});

describe('widths that are no autoencoder are refused', () => {
  for (const widths of [
    [784, 64, 783],
    [784, 64],
    [784, 64, 64, 784],
    [8, 16, 8],
  ]) {
    test(widths.join('-'), () => {
      expect(() => new DenseAutoencoder(widths)).toThrow(RangeError);
    });
  }
});
