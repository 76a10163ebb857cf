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
  return await trainEpochs(run, training, options);
}
