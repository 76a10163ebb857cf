import type { Training } from '../../bundle/training.ts';
import { type EpochsOptions, type TrainingResult, trainEpochs } from '../network/epochs.ts';
import type { SessionOptions } from '../runtime/session.ts';
import type { Autoencoder } from './autoencoder.ts';
import { type TrainingData, TrainingRun } from './run.ts';

export type TrainingOptions = EpochsOptions & SessionOptions;

/**
 * Trains an autoencoder and keeps the weights of the epoch with the smallest validation loss. The same data,
 * configuration and machine give the same weights, bit for bit, however often the run was stopped and resumed, and
 * with one thread or two. Throws what {@link trainEpochs} throws.
 */
export async function trainAutoencoder(
  model: Autoencoder,
  data: TrainingData,
  training: Training,
  { threads, device, ...options }: TrainingOptions = {},
): Promise<TrainingResult> {
  await using run = await TrainingRun.create(model, data, training, { threads, device });
  return await trainEpochs(run, training, { ...options, unusual: findUnusual(model, training) });
}

/** Above these values, a setting is more likely than the learning rate to make the loss diverge. */
const USUAL = {
  weight_decay: 1,
  corruption_level: 10,
  dropout: 0.9,
  sparsity_weight: 10,
  contraction: 10,
  beta: 100,
  huber_delta: 1e6,
} as const;

function findUnusual({ blueprint }: Autoencoder, training: Training): Record<string, number> {
  const settings = { ...training, dropout: blueprint.dropout };
  return Object.fromEntries(
    Object.entries(USUAL)
      .map(([key, most]) => [key, settings[key as keyof typeof USUAL], most] as const)
      .filter(([, value, most]) => value > most)
      .map(([key, value]) => [key, value]),
  );
}
