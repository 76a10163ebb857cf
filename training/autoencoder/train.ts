import { UserError } from '../../bundle/error.ts';
import type { Training } from '../../bundle/training.ts';
import { Random } from '../../kernels/random.ts';
import { type Checkpoint, CheckpointError, differences, type RunProgress } from '../network/checkpoint.ts';
import { createSchedule } from '../optimiser/schedules.ts';
import { Interruption } from '../runtime/interruption.ts';
import type { SessionOptions } from '../runtime/session.ts';
import type { Autoencoder } from './autoencoder.ts';
import type { Weights } from './export.ts';
import { type RunData, STREAM, TrainingRun } from './run.ts';

export interface TrainingOptions extends SessionOptions {
  onProgress?: (progress: TrainingProgress) => void;
  onEpoch?: (report: EpochReport) => void;
  /** When it is aborted, a checkpoint is saved and an {@link Interruption} thrown. */
  signal?: AbortSignal;
  /** Where the run is kept, and what it is of. */
  checkpoints?: {
    identity: Record<string, unknown>;
    /** Seconds between two checkpoints. */
    every: number;
    save: (checkpoint: Checkpoint) => void;
    /** The checkpoint to go on from. */
    resumeFrom?: Checkpoint;
  };
}

export interface TrainingProgress {
  epoch: number;
  epochs: number;
  /** Samples done in this epoch, and in all of it. */
  done: number;
  of: number;
  /** Optimiser steps so far, over all epochs. */
  steps: number;
  /** Mean training loss a sample, so far in this epoch. */
  loss: number;
  validationLoss: number | undefined;
  learningRate: number;
  samplesPerSecond: number;
  secondsLeft: number;
}

/** An epoch that is over. */
export interface EpochReport {
  epoch: number;
  train_loss: number;
  validation_loss: number;
  learning_rate: number;
  /** The epoch with the smallest validation loss so far. */
  best_epoch: number;
}

/** Trained weights by parameter name, and one entry an epoch of each curve. */
export interface TrainedAutoencoder {
  /** Parameters and running averages. */
  weights: Weights;
  trainLoss: number[];
  validationLoss: number[];
  learningRate: number[];
  /** From 1: the epoch with the smallest validation loss, whose weights these are. */
  bestEpoch: number;
}

/** Training came to a loss that is not a number, is infinite, or is far above where it began. */
export class DivergenceError extends UserError {
  override readonly name = 'DivergenceError';
}

/** A loss so many times that of the first step is not coming back. */
const EXPLODED = 1000;

/**
 * Trains an autoencoder and keeps the weights of the epoch with the smallest validation loss. Mini-batches
 * come in an order drawn afresh in each epoch. Same data, configuration and machine: the same weights, bit
 * for bit, however often the run was stopped and resumed, and with one thread or two.
 *
 * Throws a {@link DivergenceError}, an {@link Interruption}, or a CheckpointError.
 */
export async function trainAutoencoder(
  model: Autoencoder,
  data: RunData,
  training: Training,
  options: TrainingOptions = {},
): Promise<TrainedAutoencoder> {
  const { checkpoints } = options;
  const resumed = checkpoints?.resumeFrom;
  if (resumed) {
    const changed = differences(resumed.identity, checkpoints.identity);
    if (changed.length) {
      throw new CheckpointError(`the checkpoint is of another run: ${changed.join('; ')}`);
    }
  }
  const run = await TrainingRun.create(model, data, training, options);
  try {
    return await new Epochs(run, data, training, options).run();
  } finally {
    await run.release();
  }
}

/** The epochs of a run, from its beginning or from a checkpoint. */
class Epochs {
  readonly #run: TrainingRun;
  readonly #data: RunData;
  readonly #training: Training;
  readonly #options: TrainingOptions;
  readonly #schedule: ReturnType<typeof createSchedule>;
  readonly #stepsAnEpoch: number;
  #progress: RunProgress;
  #best: Weights = new Map();
  #saved = performance.now();
  #pace = { began: performance.now(), samples: 0 };

  constructor(run: TrainingRun, data: RunData, training: Training, options: TrainingOptions) {
    this.#run = run;
    this.#data = data;
    this.#training = training;
    this.#options = options;
    this.#stepsAnEpoch = Math.ceil(data.train.count / training.batch);
    this.#schedule = createSchedule(training, this.#stepsAnEpoch);
    const resumed = options.checkpoints?.resumeFrom;
    this.#progress = resumed ? structuredClone(resumed.progress) : BEGINNING();
    if (!resumed) return;
    run.restore(resumed.arrays);
    this.#best = new Map(
      [...resumed.arrays].flatMap(([name, array]) =>
        name.startsWith(BEST) ? [[name.slice(BEST.length), array] as const] : [],
      ),
    );
    if (resumed.progress.plateau) this.#schedule.restore?.(resumed.progress.plateau);
  }

  async run(): Promise<TrainedAutoencoder> {
    const { epochs } = this.#training;
    const state = this.#progress;
    while (state.epoch <= epochs && !this.#exhausted()) {
      await this.#epoch();
      await this.#validate();
      state.epoch++;
      state.done = 0;
      state.sum = 0;
    }
    // What comes after training may be stopped too, and is then done without training again.
    this.#save();
    const { trainLoss, validationLoss, learningRate, bestEpoch } = state;
    return { weights: this.#best, trainLoss, validationLoss, learningRate, bestEpoch };
  }

  /** Whether the validation loss has not fallen for as many epochs as are waited for. */
  #exhausted(): boolean {
    const { patience } = this.#training;
    const { bestEpoch, validationLoss } = this.#progress;
    return patience > 0 && validationLoss.length - bestEpoch >= patience;
  }

  async #epoch(): Promise<void> {
    const { batch, seed } = this.#training;
    const { train } = this.#data;
    const state = this.#progress;
    train.shuffle(Random.stream(seed, STREAM.order, state.epoch));
    while (state.done < train.count) {
      const size = Math.min(batch, train.count - state.done);
      const rate = this.#schedule.rate(state.steps);
      const loss = await this.#run.step(state.done, size, rate, this.#beta(), state.steps + 1);
      state.first ??= Number.isFinite(loss) ? loss : null;
      if (!Number.isFinite(loss) || loss > EXPLODED * (Math.abs(state.first ?? 0) + 1)) {
        throw this.#divergence(loss, rate);
      }
      state.steps++;
      state.done += size;
      state.sum += loss * size;
      this.#report(rate, size);
      this.#interruptible();
    }
  }

  async #validate(): Promise<void> {
    const state = this.#progress;
    const loss = await this.#run.validate();
    if (!Number.isFinite(loss)) throw this.#divergence(loss, this.#schedule.rate(state.steps - 1));
    if (state.validationLoss.every((earlier) => loss < earlier)) {
      state.bestEpoch = state.epoch;
      this.#best = this.#run.weights();
    }
    state.trainLoss.push(state.sum / this.#data.train.count);
    state.validationLoss.push(loss);
    state.learningRate.push(this.#schedule.rate(state.steps - 1));
    this.#schedule.observe?.(loss);
    state.plateau = this.#schedule.state?.() ?? null;
    this.#options.onEpoch?.({
      epoch: state.epoch,
      train_loss: state.trainLoss.at(-1)!,
      validation_loss: loss,
      learning_rate: state.learningRate.at(-1)!,
      best_epoch: state.bestEpoch,
    });
  }

  /** β rises linearly over its warm-up (Bowman et al. 2016, section 3.1). */
  #beta(): number {
    const { beta, beta_warmup_epochs: warmup } = this.#training;
    if (warmup === 0) return beta;
    return beta * Math.min(1, this.#progress.steps / (warmup * this.#stepsAnEpoch));
  }

  #divergence(loss: number, rate: number): DivergenceError {
    const { epoch, done } = this.#progress;
    const { batch, clip_norm, schedule } = this.#training;
    const step = Math.floor(done / batch) + 1;
    const tries = [
      `a smaller learning rate (now ${rate.toPrecision(3)}: --learning-rate)`,
      ...(clip_norm > 0 ? [] : ['--clip-norm 1']),
      ...(schedule === 'cosine' ? ['a longer warm-up (--warmup-epochs)'] : []),
    ];
    return new DivergenceError(
      `the loss became ${loss} in epoch ${epoch}, step ${step}; it shows in ${this.#run.culprit()}. Try ${tries.join(', or ')}`,
    );
  }

  #report(learningRate: number, size: number): void {
    const { epochs } = this.#training;
    const state = this.#progress;
    const { count } = this.#data.train;
    this.#pace.samples += size;
    const seconds = (performance.now() - this.#pace.began) / 1000;
    const left = (epochs - state.epoch + 1) * count - state.done;
    this.#options.onProgress?.({
      epoch: state.epoch,
      epochs,
      done: state.done,
      of: count,
      steps: state.steps,
      loss: state.sum / state.done,
      validationLoss: state.validationLoss.at(-1),
      learningRate,
      samplesPerSecond: this.#pace.samples / seconds,
      secondsLeft: (seconds / this.#pace.samples) * left,
    });
  }

  /** Saves the run if it is time to, and stops it if that is wanted. */
  #interruptible(): void {
    const { checkpoints, signal } = this.#options;
    const due = checkpoints && performance.now() - this.#saved >= 1000 * checkpoints.every;
    if (due || signal?.aborted) this.#save();
    if (signal?.aborted) throw new Interruption('training was stopped');
  }

  #save(): void {
    const { checkpoints } = this.#options;
    if (!checkpoints) return;
    checkpoints.save({
      identity: checkpoints.identity,
      progress: this.#progress,
      arrays: new Map([
        ...this.#run.arrays(),
        ...[...this.#best].map(([name, array]) => [`${BEST}${name}`, array] as const),
      ]),
    });
    this.#saved = performance.now();
  }
}

const BEST = 'best:';

const BEGINNING = (): RunProgress => ({
  epoch: 1,
  done: 0,
  steps: 0,
  sum: 0,
  first: null,
  trainLoss: [],
  validationLoss: [],
  learningRate: [],
  bestEpoch: 0,
  plateau: null,
});
