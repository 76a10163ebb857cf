import { beforeAll, describe, expect, test } from 'vitest';
import { type TrainingOptions, trainAutoencoder } from '../../../training/autoencoder/train.ts';
import type { Configuration } from '../../../training/config/schema.ts';
import { MemoryDataset } from '../../../training/data/datasets/dataset.ts';
import { type LabelledImages, loadMnist } from '../../../training/data/readers/mnist.ts';
import type { Checkpoint } from '../../../training/network/checkpoint.ts';
import type { TrainingProgress, TrainingResult } from '../../../training/network/epochs.ts';
import { resolveModel } from './models.ts';

let images: LabelledImages;
beforeAll(async () => {
  images = await loadMnist('test');
});

const small: Configuration = {
  architecture: 'dense',
  widths: [32],
  code: 8,
  seed: 3,
  epochs: 3,
  batch: 64,
};

function run(changes: Configuration = {}, options: TrainingOptions = {}): Promise<TrainingResult> {
  const rows = (from: number, count: number) => images.data.subarray(from * 784, (from + count) * 784);
  // Only the default schedule accepts a warm-up.
  const warmup = changes.schedule ? {} : { warmup_epochs: 0.5 };
  const { model, training } = resolveModel({ ...small, ...warmup, ...changes }, { shape: [28, 28, 1] });
  const data = {
    train: new MemoryDataset(rows(0, 1000), [28, 28, 1]),
    validation: { data: rows(1000, 300), count: 300 },
    scaling: { kind: 'range', low: 0, high: 255 } as const,
  };
  return trainAutoencoder(model, data, training, options);
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
      await run({}, { threads: 1 }),
      await run({}, { threads: 1 }),
      await run({}, { threads: 2 }),
    ];
    expect(again).toEqual(first);
    expect(threaded).toEqual(first);
  });

  test('gives different weights for a different seed', async () => {
    const [one, other] = [await run({ epochs: 1 }), await run({ epochs: 1, seed: 4 })];
    expect(one.weights.get('layer0.weight')).not.toEqual(other.weights.get('layer0.weight'));
  });

  test('visits every sample once per epoch, with a smaller last batch', async () => {
    const seen: number[] = [];
    await run({ epochs: 1, batch: 300 }, { onProgress: ({ done }) => void seen.push(done) });
    expect(seen).toEqual([300, 600, 900, 1000]);
  });

  test('stops early when the validation loss has not fallen for `patience` epochs', async () => {
    const { validationLoss, bestEpoch } = await run({
      epochs: 40,
      patience: 2,
      schedule: 'constant',
      learning_rate: 0.05,
    });
    expect(validationLoss.length).toBeLessThan(40);
    expect(validationLoss.length - bestEpoch).toBe(2);
  });

  test('in pieces gives the same weights as in whole batches, up to rounding', async () => {
    const sgd = { optimiser: 'sgd', learning_rate: 1e-3, epochs: 1 } as const;
    const [whole, pieces] = [await run(sgd), await run({ ...sgd, micro_batch: 24 })];
    expect(pieces.trainLoss[0]).toBeCloseTo(whole.trainLoss[0], 2);
    for (const [name, weights] of whole.weights) {
      const other = pieces.weights.get(name)!;
      for (let i = 0; i < weights.length; i += 97) expect(other[i]).toBeCloseTo(weights[i], 4);
    }
  });

  const kinds: [string, Configuration][] = [
    [
      'momentum, step schedule',
      { optimiser: 'momentum', learning_rate: 1e-3, schedule: 'step', step_epochs: 1 },
    ],
    ['denoising', { corruption: 'gaussian', corruption_level: 0.5 }],
    ['variational', { variational: true, learning_rate: 5e-3 }],
    ['batch normalisation and dropout', { normalisation: 'batch', dropout: 0.1 }],
    ['trimmed', { trim: 0.1 }],
    ['sparse, by divergence', { sparsity: 'kl' }],
    ['contractive', { contraction: 0.01 }],
    [
      'tied, AdamW, clipped',
      { tied: true, optimiser: 'adamw', weight_decay: 0.01, clip_norm: 100, clip_value: 10 },
    ],
    ['convolutional', { architecture: 'convolutional', channels: [4, 8], widths: [], epochs: 2 }],
  ];
  for (const [name, changes] of kinds) {
    test(`learns: ${name}`, async () => {
      const { trainLoss } = await run(changes);
      expect(trainLoss.at(-1)!).toBeLessThan(0.95 * trainLoss[0]);
    });
  }
});

describe('a different machine', () => {
  // Its products round differently in the seventh digit, and the difference grows. Recorded on an AMD EPYC (Zen 5).
  const recorded: [string, Configuration, number[]][] = [
    ['dense', {}, [471.85223, 244.61904, 213.49521]],
    [
      'convolutional',
      { architecture: 'convolutional', channels: [4, 8], widths: [], epochs: 2 },
      [510.01921, 458.54705],
    ],
  ];
  for (const [name, changes, losses] of recorded) {
    test(`has the same training loss within one in a thousand: ${name}`, async () => {
      const { trainLoss } = await run(changes);
      for (const [i, loss] of losses.entries()) expect(Math.abs(trainLoss[i] / loss - 1)).toBeLessThan(1e-3);
    });
  }
});

describe('a run that diverges', () => {
  test('stops at the step where the loss is not finite, and says where it shows and what to try', async () => {
    await expect(run({ learning_rate: 1e30 })).rejects.toThrow(
      /^the loss became (NaN|-?Infinity|\d(\.\d{1,2})?e\+\d+) in epoch 1, step \d+; it shows in .*layer\d.*a smaller --learning-rate than 1e\+30 \(\S+ at this step of the schedule\), --clip-norm 1 or a longer warm-up/,
    );
  });

  test.each([
    [
      { weight_decay: 1e10, optimiser: 'adamw' },
      'Try a smaller --weight-decay than 10000000000, a smaller --learning-rate',
    ],
    [
      { corruption: 'gaussian', corruption_level: 3e38 },
      'Try a smaller --corruption-level than 3e+38, a smaller',
    ],
  ] as const)('names a setting that is far from usual: %j', async (changes, advice) => {
    await expect(run(changes)).rejects.toThrow(advice);
  });

  test('stops when the loss has exploded', async () => {
    const explosive = {
      optimiser: 'sgd',
      loss: 'mean_squared_error',
      output: 'linear',
      learning_rate: 1,
    } as const;
    await expect(run(explosive)).rejects.toThrow(/the loss became/);
  });
});

/** Copies a checkpoint, as writing it to a file would, so that the run no longer changes it. */
const copyCheckpoint = ({ identity, progress, arrays }: Checkpoint): Checkpoint => ({
  ...structuredClone({ identity, progress }),
  arrays: new Map([...arrays].map(([name, array]) => [name, array.slice()])),
});

describe('a run that is stopped and resumed ends with the same bytes', () => {
  /** Runs and stops at each of `stops`, in steps, and resumes from the checkpoint until the end. */
  async function runInterrupted(changes: Configuration, stops: number[]) {
    let checkpoint: Checkpoint | undefined;
    const saved = (c: Checkpoint) => {
      checkpoint = copyCheckpoint(c);
    };
    for (const stop of [...stops, Number.POSITIVE_INFINITY]) {
      const controller = new AbortController();
      const options: TrainingOptions = {
        signal: controller.signal,
        onProgress: ({ steps }: TrainingProgress) => {
          if (steps >= stop) controller.abort();
        },
        checkpoints: { identity: {}, every: 3600, save: saved, resumeFrom: checkpoint },
      };
      if (stop === Number.POSITIVE_INFINITY) return run(changes, options);
      await expect(run(changes, options)).rejects.toThrow('training was stopped');
    }
    throw new Error('unreachable');
  }

  const kinds: [string, Configuration][] = [
    ['dense, Adam', {}],
    ['variational, denoising, dropout', { variational: true, corruption: 'masking', dropout: 0.2 }],
    [
      'batch normalisation, plateau, momentum',
      {
        normalisation: 'batch',
        schedule: 'plateau',
        plateau_patience: 1,
        optimiser: 'momentum',
        learning_rate: 1e-4,
      },
    ],
    ['early stopping', { patience: 1, epochs: 6, schedule: 'constant', learning_rate: 0.02 }],
  ];
  for (const [name, changes] of kinds) {
    test(name, async () => {
      const whole = await run(changes);
      // In the middle of an epoch, at its end, and in the next one.
      expect(await runInterrupted(changes, [5, 16, 17, 30])).toEqual(whole);
    });
  }

  test('but is refused with different options', async () => {
    let checkpoint: Checkpoint | undefined;
    const controller = new AbortController();
    controller.abort();
    const options = (identity: Record<string, unknown>, resumeFrom?: Checkpoint): TrainingOptions => ({
      signal: controller.signal,
      checkpoints: {
        identity,
        every: 1,
        save(c) {
          checkpoint = copyCheckpoint(c);
        },
        resumeFrom,
      },
    });
    await expect(run({}, options({ training: { epochs: 3 } }))).rejects.toThrow('stopped');
    await expect(run({}, options({ training: { epochs: 4 } }, checkpoint))).rejects.toThrow(
      'the checkpoint belongs to a different run: training.epochs was 3 and is 4',
    );
  });
});
