import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { adamCorrections } from '../../kernels/adam.ts';
import { KernelMemory } from '../../kernels/kernels.ts';
import { gradients } from '../onnx/autodiff.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { Random } from '../random.ts';
import { collectYoung, createSession, tensor } from '../session.ts';
import type { DenseAutoencoder } from './dense.ts';
import { type LossName, losses } from './losses.ts';
import { learningRate } from './schedule.ts';

export interface TrainingOptions {
  seed: number;
  epochs: number;
  batch: number;
  loss: LossName;
  /** The schedule's peak. */
  learningRate: number;
  warmupEpochs: number;
  threads?: number;
  onProgress?: (progress: TrainingProgress) => void;
}

export interface TrainingProgress {
  epoch: number;
  epochs: number;
  /** Samples done in this epoch, and in all of it. */
  done: number;
  of: number;
  /** Mean training loss a sample, so far in this epoch. */
  loss: number;
  validationLoss: number | undefined;
  samplesPerSecond: number;
  secondsLeft: number;
}

/** Trained weights by parameter name, and one entry an epoch of each curve. */
export interface TrainedAutoencoder {
  weights: ReadonlyMap<string, Float32Array>;
  trainLoss: number[];
  validationLoss: number[];
  learningRate: number[];
  /** From 1: the epoch with the smallest validation loss, whose weights these are. */
  bestEpoch: number;
}

/** Samples are rows of raw values, u8, row-major; they are multiplied by `scale` on their way in. */
export interface Samples {
  readonly data: Uint8Array;
  readonly count: number;
}

/** Training came to a loss that is not a number or is infinite. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * The training step as one graph: a batch `x` and the parameters in; the mean `loss` of the batch and
 * the gradient of each parameter (`grad:NAME`) out.
 */
export function trainingStep(model: DenseAutoencoder, loss: LossName): Uint8Array {
  const { graph, parameters, mean } = lossGraph(model, loss);
  const names = [...parameters.keys()];
  const found = gradients(graph, mean, [...parameters.values()]);
  for (const [i, name] of names.entries()) graph.output(`grad:${name}`, found[i]);
  return serialise(graph, 'training_step');
}

function lossGraph(model: DenseAutoencoder, loss: LossName) {
  const graph = new Graph();
  const x = graph.input('x', ['N', model.features]);
  const parameters = new Map<string, Value>();
  for (const { name, shape } of model.parameters()) parameters.set(name, graph.input(name, shape));
  const logits = model.decode(graph, model.encode(graph, x, parameters), parameters);
  const mean = graph.op('ReduceMean', [losses[loss](graph, logits, x)], { axes: [0], keepdims: 0 });
  graph.output('loss', mean);
  return { graph, parameters, mean };
}

/**
 * Trains an autoencoder on `train` and keeps the weights of the epoch with the smallest loss on
 * `validation`. Adam (Kingma & Ba 2015), He initialisation (He et al. 2015), mini-batches in an order
 * drawn afresh in each epoch. Same samples, options and machine: the same weights, bit for bit.
 */
export async function trainAutoencoder(
  model: DenseAutoencoder,
  train: Samples,
  validation: Samples,
  scale: number,
  options: TrainingOptions,
): Promise<TrainedAutoencoder> {
  const random = new Random(options.seed);
  const run = await TrainingRun.create(model, train, validation, scale, options, random);
  try {
    return await runEpochs(run, train.count, options, random);
  } finally {
    await run.release();
  }
}

async function runEpochs(
  run: TrainingRun,
  count: number,
  options: TrainingOptions,
  random: Random,
): Promise<TrainedAutoencoder> {
  const { epochs, batch } = options;
  const steps = Math.ceil(count / batch);
  const warmup = Math.round(options.warmupEpochs * steps);
  const result: TrainedAutoencoder = {
    weights: new Map(),
    trainLoss: [],
    validationLoss: [],
    learningRate: [],
    bestEpoch: 0,
  };
  const began = performance.now();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    random.shuffle(run.order);
    let sum = 0;
    let rate = 0;
    for (let step = 0; step < steps; step++) {
      const start = step * batch;
      const size = Math.min(batch, count - start);
      const t = (epoch - 1) * steps + step;
      rate = learningRate(t, epochs * steps, warmup, options.learningRate);
      const loss = await run.step(start, size, rate, t + 1);
      if (!Number.isFinite(loss)) {
        throw new DivergenceError(
          `the loss became ${loss} in epoch ${epoch}, step ${step + 1}: try a smaller learning rate`,
        );
      }
      sum += loss * size;
      const done = start + size;
      const seconds = (performance.now() - began) / 1000;
      const samples = (epoch - 1) * count + done;
      options.onProgress?.({
        epoch,
        epochs,
        done,
        of: count,
        loss: sum / done,
        validationLoss: result.validationLoss.at(-1),
        samplesPerSecond: samples / seconds,
        secondsLeft: (seconds / samples) * (epochs * count - samples),
      });
    }
    const validationLoss = await run.validate();
    if (result.validationLoss.every((earlier) => validationLoss < earlier)) {
      result.bestEpoch = epoch;
      result.weights = run.weights();
    }
    result.trainLoss.push(sum / count);
    result.validationLoss.push(validationLoss);
    result.learningRate.push(rate);
  }
  return result;
}

/** The arrays and sessions of a training run: all memory is taken here, none in a step. */
class TrainingRun {
  /** The order in which an epoch visits the samples. */
  readonly order: Uint32Array;
  readonly #memory: KernelMemory;
  readonly #session: InferenceSession;
  readonly #lossSession: InferenceSession;
  readonly #model: DenseAutoencoder;
  readonly #scale: number;
  readonly #train: Uint8Array;
  readonly #validation: Samples;
  readonly #batch: Float32Array;
  readonly #loss = new Float32Array(1);
  /** All parameters end to end, and beside them their gradients and Adam's two moments. */
  readonly #w: Float32Array;
  readonly #g: Float32Array;
  readonly #m: Float32Array;
  readonly #v: Float32Array;
  readonly #feeds: Record<string, Tensor> = {};
  readonly #fetches: Record<string, Tensor> = {};
  readonly #lossFetches: Record<string, Tensor>;

  static async create(
    model: DenseAutoencoder,
    train: Samples,
    validation: Samples,
    scale: number,
    options: TrainingOptions,
    random: Random,
  ): Promise<TrainingRun> {
    const session = (bytes: Uint8Array) => createSession(bytes, options);
    const step = await session(trainingStep(model, options.loss));
    const loss = await session(serialise(lossGraph(model, options.loss).graph, 'loss'));
    return new TrainingRun(model, train, validation, scale, options, random, step, loss);
  }

  private constructor(
    model: DenseAutoencoder,
    train: Samples,
    validation: Samples,
    scale: number,
    { batch }: TrainingOptions,
    random: Random,
    session: InferenceSession,
    lossSession: InferenceSession,
  ) {
    const specs = model
      .parameters()
      .map((spec) => ({ ...spec, size: spec.shape.reduce((a, b) => a * b, 1) }));
    const total = specs.reduce((sum, { size }) => sum + roundUp(size), 0);
    const rows = Math.max(batch, VALIDATION_CHUNK);
    const bytes = 16 * total + train.data.length + 4 * train.count + 4 * rows * model.features + 1024;
    this.#memory = new KernelMemory(bytes);
    this.#session = session;
    this.#lossSession = lossSession;
    this.#model = model;
    this.#scale = scale;
    this.#validation = validation;
    this.#w = this.#memory.f32(total);
    this.#g = this.#memory.f32(total);
    this.#m = this.#memory.f32(total);
    this.#v = this.#memory.f32(total);
    this.#train = this.#memory.u8(train.data.length);
    this.#train.set(train.data);
    this.order = this.#memory.u32(train.count);
    for (let i = 0; i < train.count; i++) this.order[i] = i;
    this.#batch = this.#memory.f32(rows * model.features);
    let offset = 0;
    for (const { name, shape, size, fanIn } of specs) {
      const weights = this.#w.subarray(offset, offset + size);
      if (fanIn) for (let i = 0; i < size; i++) weights[i] = random.normal() * Math.sqrt(2 / fanIn);
      this.#feeds[name] = tensor(weights, shape);
      this.#fetches[`grad:${name}`] = tensor(this.#g.subarray(offset, offset + size), shape);
      offset += roundUp(size);
    }
    this.#fetches.loss = tensor(this.#loss, []);
    this.#lossFetches = { loss: this.#fetches.loss };
  }

  /** One step on the samples at `start` of the order; returns their mean loss. `t` counts from 1. */
  async step(start: number, size: number, rate: number, t: number): Promise<number> {
    const { kernels } = this.#memory;
    const { features } = this.#model;
    const rows = this.order.byteOffset + 4 * start;
    kernels.gather(this.#train.byteOffset, features, rows, size, this.#scale, this.#batch.byteOffset);
    this.#feeds.x = tensor(this.#batch.subarray(0, size * features), [size, features]);
    await this.#session.run(this.#feeds, this.#fetches);
    const corrected = adamCorrections({ rate, beta1: BETA1, beta2: BETA2, epsilon: EPSILON }, t);
    const [w, g, m, v] = [this.#w, this.#g, this.#m, this.#v].map((array) => array.byteOffset);
    kernels.adam(w, g, m, v, this.#w.length, corrected.rate, BETA1, BETA2, corrected.correction2, EPSILON);
    if (t % COLLECT_EVERY === 0) collectYoung();
    return this.#loss[0];
  }

  /** The mean loss over the validation split. */
  async validate(): Promise<number> {
    const { features } = this.#model;
    const { data, count } = this.#validation;
    let sum = 0;
    for (let start = 0; start < count; start += VALIDATION_CHUNK) {
      const size = Math.min(VALIDATION_CHUNK, count - start);
      const x = this.#batch.subarray(0, size * features);
      for (let i = 0; i < x.length; i++) x[i] = data[start * features + i] * this.#scale;
      this.#feeds.x = tensor(x, [size, features]);
      await this.#lossSession.run(this.#feeds, this.#lossFetches);
      sum += this.#loss[0] * size;
    }
    return sum / count;
  }

  /** Gives back what onnxruntime holds. */
  async release(): Promise<void> {
    await this.#session.release();
    await this.#lossSession.release();
  }

  /** A copy of the parameters, by name. */
  weights(): Map<string, Float32Array> {
    return new Map(
      this.#model.parameters().map(({ name }) => [name, (this.#feeds[name].data as Float32Array).slice()]),
    );
  }
}

/** Steps between two collections of the copies that onnxruntime-node makes. */
const COLLECT_EVERY = 4;

/** Samples in one run of the loss graph. */
const VALIDATION_CHUNK = 1024;

/** Parameters start at multiples of 16 floats, so that each is aligned and the kernels need no tail. */
const roundUp = (size: number) => Math.ceil(size / 16) * 16;
