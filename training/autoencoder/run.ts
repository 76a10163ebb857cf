import type { Scaling } from '../../bundle/manifest.ts';
import type { Training } from '../../bundle/training.ts';
import { Random } from '../../kernels/random.ts';
import { countKernelBytes, findNoiseWidths } from '../network/memory.ts';
import type { Samples, TrainingSamples } from '../network/samples.ts';
import { STREAM, Trainer } from '../network/trainer.ts';
import { type SessionOptions, tensor } from '../runtime/session.ts';
import type { Autoencoder } from './autoencoder.ts';
import { numberDraw } from './draws.ts';
import { type AutoencoderObjective, buildTrainingStep, buildValidationLoss } from './objective.ts';

export interface TrainingData {
  readonly train: TrainingSamples;
  readonly validation: Samples;
  readonly scaling: Scaling;
}

/** What a run needs to know about the data before it reads any: the number of validation samples, and the scaling. */
interface KnownData {
  readonly validation: Pick<Samples, 'count'>;
  readonly scaling: Scaling;
}

/** The graphs of a run, and the largest number of samples in one. */
function planTraining(model: Autoencoder, { validation, scaling }: KnownData, training: Training) {
  const pieces = training.micro_batch < training.batch;
  const objectives = {
    step: buildTrainingStep(model, training, scaling, pieces),
    validation: buildValidationLoss(model, training, scaling),
  };
  return {
    objectives,
    rows: Math.max(training.micro_batch, Math.min(VALIDATION_CHUNK, validation.count)),
    pieces,
  };
}

/** The bytes that a run holds all the time: parameters, gradients, moments and noise. */
export function countRunBytes(model: Autoencoder, data: KnownData, training: Training): number {
  const { objectives, ...sizes } = planTraining(model, data, training);
  const widths = findNoiseWidths(objectives.step, objectives.validation);
  return countKernelBytes(model.parameters, widths, training.optimiser, sizes);
}

/** Trains an autoencoder step by step. */
export class TrainingRun implements AsyncDisposable {
  readonly trainer: Trainer;
  /** Time spent reading samples so far. */
  secondsReading = 0;
  readonly #training: Training;
  readonly #data: TrainingData;
  readonly #objectives: { step: AutoencoderObjective; validation: AutoencoderObjective };
  readonly #samples: Float32Array;
  readonly #stepsPerEpoch: number;
  /** The training samples that an epoch visits. */
  readonly count: number;

  static async create(
    model: Autoencoder,
    data: TrainingData,
    training: Training,
    options: SessionOptions,
  ): Promise<TrainingRun> {
    const { objectives, rows, pieces } = planTraining(model, data, training);
    const trainer = await Trainer.create(model, objectives, training, { ...options, rows, pieces });
    const count = countVisited(data.train.count, training.batch, model.averages.length > 0);
    return new TrainingRun(trainer, objectives, data, training, { rows, count });
  }

  private constructor(
    trainer: Trainer,
    objectives: { step: AutoencoderObjective; validation: AutoencoderObjective },
    data: TrainingData,
    training: Training,
    { rows, count }: { rows: number; count: number },
  ) {
    this.count = count;
    this.trainer = trainer;
    this.#objectives = objectives;
    this.#data = data;
    this.#training = training;
    this.#samples = new Float32Array(rows * data.train.features);
    this.#stepsPerEpoch = Math.ceil(count / training.batch);
  }

  shuffle(epoch: number): void {
    this.#data.train.shuffle(Random.stream(this.#training.seed, STREAM.order, epoch));
  }

  /**
   * Takes one optimiser step on the `size` samples from `start` in the current order. Returns their mean loss; if it is
   * not finite, the weights stay as they are. `t` counts the steps of the run from 1.
   */
  async step(start: number, size: number, rate: number, t: number): Promise<number> {
    const { batch, micro_batch, trim } = this.#training;
    const { train } = this.#data;
    const beta = this.#beta(t - 1);
    const fullness = size / Math.min(batch, this.count);
    let loss = 0;
    for (let from = 0; from < size; from += micro_batch) {
      const rows = Math.min(micro_batch, size - from);
      const x = this.#samples.subarray(0, rows * train.features);
      const began = performance.now();
      const waiting = train.read(start + from, rows, x);
      if (waiting) await waiting;
      this.secondsReading += (performance.now() - began) / 1000;
      const share = rows / size;
      const keep = Math.max(1, Math.round(rows * (1 - trim)));
      const feeds = this.#feeds(this.#objectives.step, x, rows, { beta, keep, weight: share });
      const draw = numberDraw(t, from / micro_batch);
      loss += await this.trainer.takeGradient(feeds, rows, draw, { share, first: from === 0, fullness });
    }
    if (Number.isFinite(loss)) await this.trainer.update(rate, t);
    return loss;
  }

  /** The mean loss over the validation split, with the same noise in every call. */
  async validate(): Promise<number> {
    const { features } = this.#data.train;
    const { data, count } = this.#data.validation;
    let sum = 0;
    for (let start = 0; start < count; start += VALIDATION_CHUNK) {
      const rows = Math.min(VALIDATION_CHUNK, count - start);
      const x = this.#samples.subarray(0, rows * features);
      x.set(data.subarray(start * features, (start + rows) * features));
      const feeds = this.#feeds(this.#objectives.validation, x, rows, { beta: this.#training.beta });
      sum += rows * (await this.trainer.validate(feeds, rows, start));
    }
    return sum / count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.trainer[Symbol.asyncDispose]();
  }

  #feeds(
    { feeds }: AutoencoderObjective,
    x: Float32Array,
    rows: number,
    scalars: { beta: number; keep?: number; weight?: number },
  ) {
    return {
      x: tensor(x, [rows, x.length / rows]),
      ...(feeds.beta && { beta: tensor(Float32Array.of(scalars.beta), []) }),
      ...(feeds.weight && { weight: tensor(Float32Array.of(scalars.weight!), []) }),
      ...(feeds.keep && { keep: tensor(BigInt64Array.of(BigInt(scalars.keep!)), [1]) }),
    };
  }

  /** β rises linearly over its warm-up (Bowman et al. 2016, section 3.1). */
  #beta(step: number): number {
    const { beta, beta_warmup_epochs: warmup } = this.#training;
    return warmup === 0 ? beta : beta * Math.min(1, step / (warmup * this.#stepsPerEpoch));
  }
}

/**
 * How many of `count` samples an epoch visits: all, but with batch normalisation not one that would be a batch of its
 * own, whose values do not differ from their mean. Which one it is changes with each epoch.
 */
const countVisited = (count: number, batch: number, normalised: boolean): number =>
  normalised && count > batch && count % batch === 1 ? count - 1 : count;

/** Samples in one run of the validation graph. */
const VALIDATION_CHUNK = 1024;
