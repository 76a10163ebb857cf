import { UserError } from '../../bundle/error.ts';
import { listChoices } from '../../bundle/list.ts';
import type { Training } from '../../bundle/training.ts';
import { createSchedule, type ScheduleSettings } from '../optimiser/schedules.ts';
import { Interruption } from '../runtime/interruption.ts';
import { type Checkpoint, CheckpointError, describeDifferences, type RunProgress } from './checkpoint.ts';
import type { Trainer, Weights } from './trainer.ts';

/** A network and its data, for {@link trainEpochs}. */
export interface Task {
  readonly trainer: Trainer;
  /** Training samples. */
  readonly count: number;
  /** Sets the order of the samples in an epoch, from 1. */
  shuffle(epoch: number): void;
  /** Takes a step on the samples start … start + size of the order and returns their mean loss. `t` counts from 1. */
  step(start: number, size: number, rate: number, t: number): Promise<number>;
  /** The mean loss over validation samples. Without it the last weights are kept. */
  validate?(): Promise<number>;
}

export type EpochsSettings = ScheduleSettings & Pick<Training, 'batch' | 'clip_norm' | 'patience'>;

export interface EpochsOptions {
  onProgress?: (progress: TrainingProgress) => void;
  onEpoch?: (report: EpochReport) => void;
  /** Settings that are far from usual, such as `weight_decay`: what to change first if the loss diverges. */
  unusual?: Readonly<Record<string, number>>;
  /** When aborted, the run saves a checkpoint and throws an {@link Interruption}. */
  signal?: AbortSignal;
  /** How the run is saved, and what identifies it. */
  checkpoints?: {
    identity: Record<string, unknown>;
    /** Seconds between two checkpoints. */
    every: number;
    save: (checkpoint: Checkpoint) => void;
    /** The checkpoint to resume from. */
    resumeFrom?: Checkpoint;
  };
}

export interface TrainingProgress {
  epoch: number;
  epochs: number;
  /** Samples done in this epoch, out of `of`. */
  done: number;
  of: number;
  /** Optimiser steps so far, over all epochs. */
  steps: number;
  /** Mean training loss per sample so far in this epoch. */
  loss: number;
  validationLoss: number | undefined;
  learningRate: number;
  samplesPerSecond: number;
  secondsLeft: number;
}

/** A finished epoch. */
export interface EpochReport {
  epoch: number;
  train_loss: number;
  validation_loss: number;
  learning_rate: number;
  /** The epoch with the smallest validation loss so far. */
  best_epoch: number;
}

/** Trained weights by parameter name, and one entry per epoch in each curve. */
export interface TrainingResult {
  /** Parameters and running averages. */
  weights: Weights;
  trainLoss: number[];
  /** Empty without validation. */
  validationLoss: number[];
  learningRate: number[];
  /** The epoch of these weights, from 1: that with the smallest validation loss, or the last one without validation. */
  bestEpoch: number;
}

/** The loss is not finite, or far above its first value. */
export class DivergenceError extends UserError {
  override readonly name = 'DivergenceError';
}

/** A loss this many times that of the first step will not recover. */
const EXPLODED = 1000;

/**
 * Trains in mini-batches, reshuffled in each epoch, and keeps the weights of the epoch with the smallest validation
 * loss. A run that is stopped and resumed ends with the same weights, bit for bit.
 *
 * Throws a {@link DivergenceError}, an {@link Interruption}, or a CheckpointError.
 */
export async function trainEpochs(
  task: Task,
  settings: EpochsSettings,
  options: EpochsOptions = {},
): Promise<TrainingResult> {
  const { checkpoints } = options;
  if (checkpoints?.resumeFrom) {
    const changed = describeDifferences(checkpoints.resumeFrom.identity, checkpoints.identity);
    if (changed.length) {
      throw new CheckpointError(
        `the checkpoint belongs to a different run: ${changed.join('; ')}; give the options of that run, or leave out --resume to train from the beginning`,
      );
    }
  }
  return new Epochs(task, settings, options).run();
}

/** Runs the epochs, from the beginning or from a checkpoint. */
class Epochs {
  readonly #task: Task;
  readonly #settings: EpochsSettings;
  readonly #options: EpochsOptions;
  readonly #schedule: ReturnType<typeof createSchedule>;
  #progress: RunProgress;
  #best: Weights = new Map();
  #saved = performance.now();
  #pace = { began: performance.now(), samples: 0 };

  constructor(task: Task, settings: EpochsSettings, options: EpochsOptions) {
    this.#task = task;
    this.#settings = settings;
    this.#options = options;
    this.#schedule = createSchedule(settings, Math.ceil(task.count / settings.batch));
    const resumed = options.checkpoints?.resumeFrom;
    this.#progress = resumed ? structuredClone(resumed.progress) : startProgress();
    if (!resumed) return;
    task.trainer.restore(resumed.arrays);
    this.#best = new Map(
      [...resumed.arrays].flatMap(([name, array]) =>
        name.startsWith(BEST) ? [[name.slice(BEST.length), array] as const] : [],
      ),
    );
    if (resumed.progress.plateau) this.#schedule.restore?.(resumed.progress.plateau);
  }

  async run(): Promise<TrainingResult> {
    const { epochs } = this.#settings;
    const state = this.#progress;
    while (state.epoch <= epochs && !this.#exhausted()) {
      await this.#runEpoch();
      state.trainLoss.push(state.sum / this.#task.count);
      state.learningRate.push(this.#schedule.rate(state.steps - 1));
      if (this.#task.validate) this.#validate(await this.#task.validate());
      state.epoch++;
      state.done = 0;
      state.sum = 0;
    }
    if (!this.#task.validate) {
      this.#best = this.#task.trainer.copyWeights();
      state.bestEpoch = state.epoch - 1;
    }
    // If a later stage is stopped, it can run again without training again.
    this.#save();
    const { trainLoss, validationLoss, learningRate, bestEpoch } = state;
    return { weights: this.#best, trainLoss, validationLoss, learningRate, bestEpoch };
  }

  /** Whether the validation loss has not fallen for `patience` epochs. */
  #exhausted(): boolean {
    const { patience } = this.#settings;
    const { bestEpoch, validationLoss } = this.#progress;
    return patience > 0 && validationLoss.length - bestEpoch >= patience;
  }

  async #runEpoch(): Promise<void> {
    const { batch } = this.#settings;
    const { count } = this.#task;
    const state = this.#progress;
    this.#task.shuffle(state.epoch);
    while (state.done < count) {
      const size = Math.min(batch, count - state.done);
      const rate = this.#schedule.rate(state.steps);
      const loss = await this.#task.step(state.done, size, rate, state.steps + 1);
      state.first ??= Number.isFinite(loss) ? loss : null;
      if (!Number.isFinite(loss) || loss > EXPLODED * (Math.abs(state.first ?? 0) + 1)) {
        throw this.#createDivergenceError(loss, rate);
      }
      state.steps++;
      state.done += size;
      state.sum += loss * size;
      this.#report(rate, size);
      this.#saveOrStop();
    }
  }

  #validate(loss: number): void {
    const state = this.#progress;
    const rate = state.learningRate.at(-1)!;
    if (!Number.isFinite(loss)) throw this.#createDivergenceError(loss, rate);
    if (state.validationLoss.every((earlier) => loss < earlier)) {
      state.bestEpoch = state.epoch;
      this.#best = this.#task.trainer.copyWeights();
    }
    state.validationLoss.push(loss);
    this.#schedule.observe?.(loss);
    state.plateau = this.#schedule.saveState?.() ?? null;
    this.#options.onEpoch?.({
      epoch: state.epoch,
      train_loss: state.trainLoss.at(-1)!,
      validation_loss: loss,
      learning_rate: rate,
      best_epoch: state.bestEpoch,
    });
  }

  #createDivergenceError(loss: number, rate: number): DivergenceError {
    const { epoch, done } = this.#progress;
    const { batch, clip_norm, schedule, learning_rate } = this.#settings;
    const step = Math.floor(done / batch) + 1;
    const tries = [
      ...Object.entries(this.#options.unusual ?? {}).map(
        ([key, value]) => `a smaller --${key.replaceAll('_', '-')} than ${value}`,
      ),
      `a smaller --learning-rate than ${learning_rate}${rate === learning_rate ? '' : ` (${Number(rate.toPrecision(3))} at this step of the schedule)`}`,
      ...(clip_norm > 0 ? [] : ['--clip-norm 1']),
      ...(schedule === 'cosine' ? ['a longer warm-up (--warmup-epochs)'] : []),
    ];
    return new DivergenceError(
      `the loss became ${Number(loss.toPrecision(3))} in epoch ${epoch}, step ${step}; it shows in ${this.#task.trainer.findCulprit()}. Try ${listChoices(tries)}`,
    );
  }

  #report(learningRate: number, size: number): void {
    const { epochs } = this.#settings;
    const { count } = this.#task;
    const state = this.#progress;
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

  /** Saves the run when a checkpoint is due, and stops it when the signal is aborted. */
  #saveOrStop(): void {
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
        ...this.#task.trainer.arrays,
        ...[...this.#best].map(([name, array]) => [`${BEST}${name}`, array] as const),
      ]),
    });
    this.#saved = performance.now();
  }
}

const BEST = 'best:';

const startProgress = (): RunProgress => ({
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
