import type { Tensor } from 'onnxruntime-node';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Noise } from '../../kernels/noise.ts';
import { Random } from '../../kernels/random.ts';
import { initialise } from '../network/initialisation.ts';
import { serialise } from '../onnx/serialise.ts';
import { Optimiser } from '../optimiser/optimiser.ts';
import { createSchedule } from '../optimiser/schedules.ts';
import { collectYoung, createSession, defaultThreads, tensor } from '../runtime/session.ts';
import { assertLabelled, assertRows, type Classifier, type FitOptions, type Labelled } from './classifier.ts';
import {
  classifierGraph,
  classifierStep,
  type Network,
  parametersOf,
  type Standardisation,
} from './network.ts';

/** How a network is trained: Adam with decoupled weight decay, its rate rising for an epoch, then falling to 0. */
export interface Recipe {
  epochs: number;
  batch: number;
  /** The peak. */
  learningRate: number;
  weightDecay: number;
  /** Changes a row as it goes into a batch, so that no epoch sees the same twice. */
  augment?: (row: Float32Array, random: Random) => void;
}

/** The streams of random numbers of a run. */
const STREAM = { weights: 1, order: 2, noise: 3, augmentation: 4 } as const;

/** The part of a running average that the newest batch is. */
const AVERAGE_MOMENTUM = 0.1;

/** Runs of the graph between two collections of the copies that onnxruntime-node makes. */
const COLLECT_EVERY = 4;

/** Rows in one run of the trained network. */
const PREDICTED = 500;

/**
 * Trains a network to tell classes apart, in mini-batches of an order drawn afresh in each epoch. Same rows,
 * recipe, seed and machine: the same weights, whatever the number of threads. Throws a RangeError if the
 * samples do not fit together.
 */
export async function trainNetwork(
  network: Network,
  samples: Labelled,
  recipe: Recipe,
  options: FitOptions,
): Promise<Classifier> {
  assertLabelled(samples);
  const standardisation = standardise(samples);
  const { epochs = recipe.epochs, seed } = options;
  const batch = Math.min(recipe.batch, samples.count);
  const run = await Run.create(network, standardisation, batch, { ...recipe, epochs }, options);
  const steps = Math.ceil(samples.count / batch);
  const schedule = createSchedule(
    {
      schedule: 'cosine',
      learning_rate: recipe.learningRate,
      epochs,
      warmup_epochs: Math.min(1, epochs / 4),
      step_epochs: 1,
      rate_factor: 0.5,
      plateau_patience: 1,
    },
    steps,
  );
  const order = new Uint32Array(samples.count).map((_, i) => i);
  for (let epoch = 0, t = 0; epoch < epochs; epoch++) {
    Random.stream(seed, STREAM.order, epoch).shuffle(order);
    const random = Random.stream(seed, STREAM.augmentation, epoch);
    for (let step = 0; step < steps; step++, t++) {
      const rows = order.subarray(step * batch, Math.min((step + 1) * batch, samples.count));
      run.gather(samples, rows, recipe.augment, random);
      await run.step(rows.length, schedule.rate(t), t + 1);
      options.onProgress?.((t + 1) / (epochs * steps));
    }
  }
  const weights = run.weights();
  await run.release();
  return exported(network, standardisation, weights, options);
}

/** Rows moved to mean zero, and by one factor to a mean variance of 1: directions keep their proportions. */
function standardise({ features, count, dims }: Labelled): Standardisation {
  const mean = new Float64Array(dims);
  for (let p = 0; p < features.length; p++) mean[p % dims] += features[p] / count;
  let variance = 0;
  for (let p = 0; p < features.length; p++) variance += (features[p] - mean[p % dims]) ** 2;
  const deviation = Math.sqrt(variance / features.length);
  return { mean: Float32Array.from(mean), scale: deviation > 0 ? 1 / deviation : 1 };
}

/** A network with its weights as a classifier. */
async function exported(
  network: Network,
  standardisation: Standardisation,
  weights: ReadonlyMap<string, Float32Array>,
  options: FitOptions,
): Promise<Classifier> {
  const model = serialise(classifierGraph(network, standardisation, weights), 'classifier');
  const session = await createSession(model, options);
  const { dims, classes } = network;
  return {
    parameters: parametersOf(network).reduce((sum, { shape }) => sum + size(shape), 0),
    bytes: model.length,
    async predict(features, count) {
      assertRows(features, count, dims);
      const found = new Uint8Array(count);
      for (let start = 0; start < count; start += PREDICTED) {
        const rows = Math.min(PREDICTED, count - start);
        const x = tensor(features.subarray(start * dims, (start + rows) * dims), [rows, dims]);
        const { logits } = await session.run({ x });
        const z = logits.data as Float32Array;
        for (let i = 0; i < rows; i++) found[start + i] = largest(z.subarray(i * classes, (i + 1) * classes));
      }
      return found;
    },
    release: () => session.release(),
  };
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const largest = (values: Float32Array) =>
  values.reduce((best, value, i) => (value > values[best] ? i : best), 0);

/** The arrays and the session of a training run: all memory is taken here, none in a step. */
class Run {
  readonly #network: Network;
  readonly #session: Awaited<ReturnType<typeof createSession>>;
  readonly #step: ReturnType<typeof classifierStep>;
  readonly #optimiser: Optimiser;
  readonly #noise: Noise;
  readonly #x: Float32Array;
  readonly #target: Float32Array;
  readonly #feeds: Record<string, Tensor> = {};
  readonly #fetches: Record<string, Tensor> = {};
  readonly #parameters = new Map<string, Float32Array>();
  readonly #averages = new Map<string, { running: Float32Array; batch: Float32Array }>();
  readonly #draws: readonly Float32Array[];

  static async create(
    network: Network,
    standardisation: Standardisation,
    batch: number,
    recipe: Recipe,
    options: FitOptions,
  ): Promise<Run> {
    const step = classifierStep(network, standardisation);
    const session = await createSession(serialise(step.graph, 'step'), options);
    return new Run(network, step, session, batch, recipe, options);
  }

  private constructor(
    network: Network,
    step: ReturnType<typeof classifierStep>,
    session: Awaited<ReturnType<typeof createSession>>,
    batch: number,
    recipe: Recipe,
    { seed, threads = defaultThreads() }: FitOptions,
  ) {
    this.#network = network;
    this.#step = step;
    this.#session = session;
    const parameters = parametersOf(network);
    // Each parameter begins at a multiple of 16 floats, as the optimiser wants it.
    const places = parameters.map(({ shape }) => Math.ceil(size(shape) / 16) * 16);
    const total = places.reduce((a, b) => a + b, 0);
    const columns = step.noise.reduce((sum, spec) => sum + spec.columns, 0);
    const memory = new KernelMemory(4 * (4 * total + batch * columns) + 65_536);
    const w = memory.f32(total);
    const g = memory.f32(total);
    const random = Random.stream(seed, STREAM.weights);
    let offset = 0;
    const segments = parameters.map(({ name, shape, initial, decay }, i) => {
      const segment = { offset, length: size(shape), decay };
      const values = w.subarray(offset, offset + segment.length);
      if (typeof initial === 'number') values.fill(initial);
      else initialise(values, initial, 'auto', random);
      this.#parameters.set(name, values);
      this.#feeds[name] = tensor(values, shape);
      this.#fetches[`grad:${name}`] = tensor(g.subarray(offset, offset + segment.length), shape);
      offset += places[i];
      return segment;
    });
    this.#optimiser = new Optimiser(
      memory,
      {
        optimiser: 'adamw',
        momentum: 0.9,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: recipe.weightDecay,
      },
      segments,
      w,
      g,
      threads,
    );
    for (const { name, size: length, initial } of network.layers.flatMap((layer) => layer.averages)) {
      const average = { running: new Float32Array(length).fill(initial), batch: new Float32Array(length) };
      this.#averages.set(name, average);
      this.#fetches[`batch:${name}`] = tensor(average.batch, [length]);
    }
    this.#fetches.loss = tensor(new Float32Array(1), []);
    this.#noise = new Noise(memory, seed);
    this.#draws = step.noise.map((spec) => memory.f32(batch * spec.columns));
    this.#x = new Float32Array(batch * network.dims);
    this.#target = new Float32Array(batch * network.classes);
  }

  /** Puts rows and their one-hot labels into the batch. */
  gather(
    { features, labels, dims, classes }: Labelled,
    rows: Uint32Array,
    augment: Recipe['augment'],
    random: Random,
  ): void {
    this.#target.fill(0);
    for (let i = 0; i < rows.length; i++) {
      const target = this.#x.subarray(i * dims, (i + 1) * dims);
      target.set(features.subarray(rows[i] * dims, (rows[i] + 1) * dims));
      augment?.(target, random);
      this.#target[i * classes + labels[rows[i]]] = 1;
    }
  }

  /** One step of the optimiser on what was gathered; `t` counts steps from 1. */
  async step(rows: number, rate: number, t: number): Promise<void> {
    const { dims, classes } = this.#network;
    const feeds = this.#feeds;
    feeds.x = tensor(this.#x.subarray(0, rows * dims), [rows, dims]);
    feeds.target = tensor(this.#target.subarray(0, rows * classes), [rows, classes]);
    this.#noise.seek(STREAM.noise, t);
    for (const [i, { name, kind, columns }] of this.#step.noise.entries()) {
      const values = this.#draws[i].subarray(0, rows * columns);
      this.#noise.fill(kind, values);
      feeds[name] = tensor(values, [rows, columns]);
    }
    await this.#session.run(feeds, this.#fetches);
    await this.#optimiser.step(rate, t);
    for (const { running, batch } of this.#averages.values()) {
      for (let i = 0; i < running.length; i++) running[i] += AVERAGE_MOMENTUM * (batch[i] - running[i]);
    }
    if (t % COLLECT_EVERY === 0) collectYoung();
  }

  /** Copies of the parameters and running averages, by name. */
  weights(): Map<string, Float32Array> {
    const found = new Map<string, Float32Array>();
    for (const [name, values] of this.#parameters) found.set(name, values.slice());
    for (const [name, { running }] of this.#averages) found.set(name, running.slice());
    return found;
  }

  async release(): Promise<void> {
    await this.#session.release();
    this.#optimiser.close();
  }
}
