import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Scaling } from '../../bundle/manifest.ts';
import type { Training } from '../../bundle/training.ts';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Noise } from '../../kernels/noise.ts';
import { Random } from '../../kernels/random.ts';
import { initialise } from '../network/initialisation.ts';
import type { TrainingSamples } from '../network/samples.ts';
import { serialise } from '../onnx/serialise.ts';
import { Optimiser } from '../optimiser/optimiser.ts';
import {
  collectYoung,
  createSession,
  defaultThreads,
  type SessionOptions,
  tensor,
} from '../runtime/session.ts';
import type { Autoencoder } from './autoencoder.ts';
import type { Weights } from './export.ts';
import { type Objective, trainingStep, validationLoss } from './objective.ts';

/** Samples at hand, rows of raw values, row-major. */
export interface Samples {
  readonly data: Uint8Array | Float32Array;
  readonly count: number;
}

export interface RunData {
  readonly train: TrainingSamples;
  readonly validation: Samples;
  readonly scaling: Scaling;
}

/** The streams of random numbers of a run, each a function of the seed and its place in the run alone. */
export const STREAM = { weights: 1, order: 2, noise: 3, validation: 1000 } as const;

/**
 * The arrays and sessions of a training run: all memory is taken here, none in a step. Whatever changes
 * while it runs is in `arrays`.
 */
export class TrainingRun {
  readonly model: Autoencoder;
  /** Time spent so far on reading samples, on running the graph, and in the optimiser. */
  readonly seconds = { data: 0, graph: 0, optimiser: 0 };
  readonly #training: Training;
  readonly #data: RunData;
  readonly #step: Executable;
  readonly #validation: Executable;
  readonly #optimiser: Optimiser;
  readonly #noise: Noise;
  readonly #samples: Float32Array;
  readonly #w: Float32Array;
  readonly #g: Float32Array;
  /** Gradients of one piece of a batch, where a batch comes in pieces. */
  readonly #piece: Float32Array | undefined;
  readonly #slots: readonly Slot[];
  readonly #averages = new Map<string, { running: Float32Array; batch: Float32Array }>();
  #runs = 0;

  static async create(
    model: Autoencoder,
    data: RunData,
    training: Training,
    options: SessionOptions,
  ): Promise<TrainingRun> {
    const pieces = training.micro_batch < training.batch;
    const graphs = [
      trainingStep(model, training, data.scaling, pieces),
      validationLoss(model, training, data.scaling),
    ];
    const sessions = [];
    for (const { graph } of graphs) sessions.push(await createSession(serialise(graph, 'step'), options));
    const { threads = defaultThreads() } = options;
    return new TrainingRun(model, data, training, graphs, sessions, threads);
  }

  private constructor(
    model: Autoencoder,
    data: RunData,
    training: Training,
    [step, validation]: Objective[],
    [stepSession, validationSession]: InferenceSession[],
    threads: number,
  ) {
    this.model = model;
    this.#training = training;
    this.#data = data;
    const { slots, total } = layOut(model);
    this.#slots = slots;
    const rows = Math.max(training.micro_batch, Math.min(VALIDATION_CHUNK, data.validation.count));
    const noise = Math.max(
      ...[step, validation].map((of) => of.noise.reduce((sum, { columns }) => sum + columns, 0)),
    );
    const pieces = training.micro_batch < training.batch;
    const floats = (pieces ? 6 : 5) * total + rows * (data.train.features + noise) + 2 * total;
    const memory = new KernelMemory(4 * floats + 65_536);
    this.#w = memory.f32(total);
    this.#g = memory.f32(total);
    this.#piece = pieces ? memory.f32(total) : undefined;
    this.#samples = new Float32Array(rows * data.train.features);
    this.#noise = new Noise(memory, training.seed);
    const segments = slots.map(({ offset, size, spec }) => ({ offset, length: size, decay: spec.decay }));
    this.#optimiser = new Optimiser(memory, training, segments, this.#w, this.#g, threads);
    const random = Random.stream(training.seed, STREAM.weights);
    for (const { spec, offset, size } of slots) {
      const values = this.#w.subarray(offset, offset + size);
      if (typeof spec.initial === 'number') values.fill(spec.initial);
      else initialise(values, spec.initial, training.initialisation, random);
    }
    const parameters: Record<string, Tensor> = {};
    for (const { spec, offset, size } of slots) {
      parameters[spec.name] = tensor(this.#w.subarray(offset, offset + size), spec.shape);
    }
    const averages: Record<string, Tensor> = {};
    for (const { name, size, initial } of model.averages) {
      const running = new Float32Array(size).fill(initial);
      averages[name] = tensor(running, [size]);
      this.#averages.set(name, { running, batch: new Float32Array(size) });
    }
    const noiseBuffers = Array.from(
      { length: Math.max(step.noise.length, validation.noise.length) },
      (_, i) => memory.f32(rows * Math.max(step.noise[i]?.columns ?? 0, validation.noise[i]?.columns ?? 0)),
    );
    const fetches: Record<string, Tensor> = {};
    const target = this.#piece ?? this.#g;
    for (const { spec, offset, size } of slots) {
      fetches[`grad:${spec.name}`] = tensor(target.subarray(offset, offset + size), spec.shape);
    }
    for (const [name, { batch }] of this.#averages) fetches[`batch:${name}`] = tensor(batch, [batch.length]);
    this.#step = new Executable(step, stepSession, parameters, fetches, noiseBuffers);
    this.#validation = new Executable(
      validation,
      validationSession,
      { ...parameters, ...averages },
      {},
      noiseBuffers,
    );
  }

  /**
   * One step of the optimiser on the samples at `start` of the current order; returns their mean loss.
   * `t` counts the steps of the run from 1. If the loss is no number the weights stay as they are.
   */
  async step(start: number, size: number, rate: number, beta: number, t: number): Promise<number> {
    const { micro_batch, clip_norm, clip_value } = this.#training;
    let loss = 0;
    for (let from = 0; from < size; from += micro_batch) {
      const rows = Math.min(micro_batch, size - from);
      const x = this.#samples.subarray(0, rows * this.#data.train.features);
      const began = performance.now();
      const waiting = this.#data.train.read(start + from, rows, x);
      if (waiting) await waiting;
      const read = performance.now();
      this.#noise.seek(STREAM.noise, t * MOST_PIECES + from / micro_batch);
      loss += await this.#step.run(x, rows, this.#noise, {
        beta,
        keep: this.#kept(rows),
        weight: rows / size,
      });
      this.seconds.data += (read - began) / 1000;
      this.seconds.graph += (performance.now() - read) / 1000;
      if (this.#piece) this.#optimiser.accumulate(this.#piece, from === 0);
      this.#average(rows / size);
      if (++this.#runs % COLLECT_EVERY === 0) collectYoung();
    }
    if (!Number.isFinite(loss)) return loss;
    const began = performance.now();
    if (clip_value > 0) this.#optimiser.clipByValue(clip_value);
    if (clip_norm > 0) this.#optimiser.clipByNorm(clip_norm);
    await this.#optimiser.step(rate, t);
    this.seconds.optimiser += (performance.now() - began) / 1000;
    return loss;
  }

  /** The mean loss over the validation split: with the same noise whenever it is asked for. */
  async validate(): Promise<number> {
    const { features } = this.#data.train;
    const { data, count } = this.#data.validation;
    let sum = 0;
    for (let start = 0; start < count; start += VALIDATION_CHUNK) {
      const rows = Math.min(VALIDATION_CHUNK, count - start);
      const x = this.#samples.subarray(0, rows * features);
      x.set(data.subarray(start * features, (start + rows) * features));
      this.#noise.seek(STREAM.validation, start);
      sum += rows * (await this.#validation.run(x, rows, this.#noise, { beta: this.#training.beta }));
    }
    return sum / count;
  }

  /** A copy of the parameters and running averages, by name. */
  weights(): Map<string, Float32Array> {
    const found = new Map<string, Float32Array>();
    for (const { spec, offset, size } of this.#slots) {
      found.set(spec.name, this.#w.slice(offset, offset + size));
    }
    for (const [name, { running }] of this.#averages) found.set(name, running.slice());
    return found;
  }

  /** All that changes while the run goes on, by name: what a checkpoint holds. Not copies. */
  arrays(): Map<string, Float32Array> {
    return new Map([
      ['parameters', this.#w],
      ...this.#optimiser.state.map((array, i) => [`optimiser:${i}`, array] as const),
      ...[...this.#averages].map(([name, { running }]) => [`average:${name}`, running] as const),
    ]);
  }

  /** Puts back what {@link arrays} gave. Throws a RangeError if it is of another run. */
  restore(arrays: Weights): void {
    for (const [name, target] of this.arrays()) {
      const from = arrays.get(name);
      if (from?.length !== target.length) throw new RangeError(`the checkpoint has no fitting ${name}`);
      target.set(from);
    }
  }

  /** The first layer whose weights or gradients are not finite; of none, that with the largest weight. */
  culprit(): string {
    for (const [what, array] of [
      ['weights', this.#w],
      ['gradient', this.#piece ?? this.#g],
    ] as const) {
      for (const { spec, offset, size } of this.#slots) {
        if (!array.subarray(offset, offset + size).every(Number.isFinite))
          return `the ${what} of ${spec.name}`;
      }
    }
    const largest = (slot: Slot) =>
      this.#w.subarray(slot.offset, slot.offset + slot.size).reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    const worst = this.#slots.reduce((a, b) => (largest(b) > largest(a) ? b : a));
    return `the output of ${worst.spec.name} (largest weight ${largest(worst).toPrecision(3)})`;
  }

  /** Gives back what onnxruntime and the optimiser hold. */
  async release(): Promise<void> {
    await this.#step.session.release();
    await this.#validation.session.release();
    this.#optimiser.close();
  }

  /** How many of so many samples the trimmed loss keeps: at least one. */
  #kept(rows: number): number {
    return Math.max(1, Math.round(rows * (1 - this.#training.trim)));
  }

  #average(share: number): void {
    const momentum = AVERAGE_MOMENTUM * share;
    for (const { running, batch } of this.#averages.values()) {
      for (let i = 0; i < running.length; i++) running[i] += momentum * (batch[i] - running[i]);
    }
  }
}

/** A graph ready to run, and what it is fed. */
class Executable {
  readonly session: InferenceSession;
  readonly #objective: Objective;
  readonly #feeds: Record<string, Tensor>;
  readonly #fetches: Record<string, Tensor>;
  readonly #noise: readonly Float32Array[];
  readonly #loss = new Float32Array(1);

  constructor(
    objective: Objective,
    session: InferenceSession,
    feeds: Record<string, Tensor>,
    fetches: Record<string, Tensor>,
    noise: readonly Float32Array[],
  ) {
    this.session = session;
    this.#objective = objective;
    const known = new Set(session.inputNames);
    this.#feeds = Object.fromEntries(Object.entries(feeds).filter(([name]) => known.has(name)));
    this.#fetches = { ...fetches, loss: tensor(this.#loss, []) };
    this.#noise = noise;
  }

  async run(
    x: Float32Array,
    rows: number,
    noise: Noise,
    scalars: { beta?: number; keep?: number; weight?: number },
  ): Promise<number> {
    const feeds = this.#feeds;
    const { feeds: wanted } = this.#objective;
    feeds.x = tensor(x, [rows, x.length / rows]);
    for (const [i, { name, kind, columns }] of this.#objective.noise.entries()) {
      const values = this.#noise[i].subarray(0, rows * columns);
      noise.fill(kind, values);
      feeds[name] = tensor(values, [rows, columns]);
    }
    if (wanted.beta) feeds.beta = tensor(Float32Array.of(scalars.beta!), []);
    if (wanted.weight) feeds.weight = tensor(Float32Array.of(scalars.weight!), []);
    if (wanted.keep) feeds.keep = tensor(BigInt64Array.of(BigInt(scalars.keep!)), [1]);
    await this.session.run(feeds, this.#fetches);
    return this.#loss[0];
  }
}

interface Slot {
  readonly spec: Autoencoder['parameters'][number];
  readonly offset: number;
  readonly size: number;
}

/** Where each parameter lies: at multiples of 16 floats, so that each is aligned and kernels need no tail. */
function layOut(model: Autoencoder): { slots: Slot[]; total: number } {
  let total = 0;
  const slots = model.parameters.map((spec) => {
    const size = spec.shape.reduce((a, b) => a * b, 1);
    const offset = total;
    total += Math.ceil(size / 16) * 16;
    return { spec, offset, size };
  });
  return { slots, total };
}

/** Runs of the graph between two collections of the copies that onnxruntime-node makes. */
const COLLECT_EVERY = 4;

/** Samples in one run of the validation graph. */
const VALIDATION_CHUNK = 1024;

/** A batch has at most so many pieces: steps and pieces together number the draws of noise. */
const MOST_PIECES = 1024;

/** The part of a running average that the newest batch is (as PyTorch's default). */
const AVERAGE_MOMENTUM = 0.1;
