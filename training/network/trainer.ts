import type { Tensor } from 'onnxruntime-node';
import type { Training } from '../../bundle/training.ts';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Noise } from '../../kernels/noise.ts';
import { Random } from '../../kernels/random.ts';
import type { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { Optimiser } from '../optimiser/optimiser.ts';
import type { OptimiserSettings } from '../optimiser/rules.ts';
import { collectCopies } from '../runtime/collector.ts';
import {
  createSession,
  defaultThreads,
  type Session,
  type SessionOptions,
  tensor,
} from '../runtime/session.ts';
import { initialiseWeights } from './initialisation.ts';
import { countKernelBytes, findNoiseWidths, layOut, type Slot } from './memory.ts';
import type { AverageSpec, NoiseSpec, ParameterSpec } from './scope.ts';

/** Trained parameters and running averages by name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** A network as the trainer sees it: what is learned, and what is averaged. */
export interface Trainable {
  readonly parameters: readonly ParameterSpec[];
  readonly averages: readonly AverageSpec[];
}

/**
 * A graph whose output `loss` is a scalar. A training step also outputs the gradient of each parameter (`grad:NAME`)
 * and the batch statistic for each running average (`batch:NAME`). Parameters, averages and noise are inputs by name.
 */
export interface Objective {
  readonly graph: Graph;
  readonly noise: readonly NoiseSpec[];
}

export interface TrainerSettings
  extends OptimiserSettings,
    Pick<Training, 'seed' | 'initialisation' | 'clip_norm' | 'clip_value'> {}

export interface TrainerOptions extends SessionOptions {
  /** The largest number of samples in one run of a graph. */
  rows: number;
  /** Whether batches are split into pieces, whose gradients are added up. */
  pieces?: boolean;
}

/** The random streams of a training run. Each depends only on the seed and the place in the run. */
export const STREAM = { weights: 1, order: 2, noise: 3, augmentation: 4, map: 5, validation: 1000 } as const;

/** Weight of the newest batch in a running average (PyTorch's default). */
const AVERAGE_MOMENTUM = 0.1;

type Feeds = Readonly<Record<string, Tensor>>;

/**
 * Holds a network in training: its weights, the sessions of its graphs and the optimiser. It allocates all memory
 * when it is created and none in a step. `arrays` holds all that changes while it runs.
 */
export class Trainer implements AsyncDisposable {
  /** Seconds spent so far in the graphs and in the optimiser. */
  readonly seconds = { graph: 0, optimiser: 0 };
  readonly #settings: TrainerSettings;
  readonly #step: Executable;
  readonly #validation: Executable | undefined;
  readonly #optimiser: Optimiser;
  readonly #w: Float32Array;
  readonly #g: Float32Array;
  /** Gradients of one piece of a batch, if batches are split. */
  readonly #piece: Float32Array | undefined;
  readonly #slots: readonly Slot[];
  readonly #averages = new Map<string, { running: Float32Array; batch: Float32Array }>();

  static async create(
    network: Trainable,
    objectives: { step: Objective; validation?: Objective },
    settings: TrainerSettings,
    options: TrainerOptions,
  ): Promise<Trainer> {
    await using sessions = new AsyncDisposableStack();
    const open = async ({ graph }: Objective) =>
      sessions.use(await createSession(serialise(graph, 'step'), options));
    const step = await open(objectives.step);
    const validation = objectives.validation && (await open(objectives.validation));
    const trainer = new Trainer(network, objectives, { step, validation }, settings, options);
    // From here on the trainer releases them.
    sessions.move();
    return trainer;
  }

  private constructor(
    network: Trainable,
    { step, validation }: { step: Objective; validation?: Objective },
    sessions: { step: Session; validation?: Session },
    settings: TrainerSettings,
    { rows, pieces = false, threads = defaultThreads() }: TrainerOptions,
  ) {
    this.#settings = settings;
    const { slots, total } = layOut(network.parameters);
    this.#slots = slots;
    const noiseWidths = findNoiseWidths(step, validation);
    const memory = new KernelMemory(
      countKernelBytes(network.parameters, noiseWidths, settings.optimiser, { rows, pieces }),
    );
    this.#w = memory.f32(total);
    this.#g = memory.f32(total);
    this.#piece = pieces ? memory.f32(total) : undefined;
    const noise = new Noise(memory, settings.seed);
    const segments = slots.map(({ offset, size, spec }) => ({ offset, length: size, decay: spec.decay }));
    this.#optimiser = new Optimiser(memory, settings, segments, this.#w, this.#g, threads);
    drawFirstWeights(slots, this.#w, settings);
    const parameters = bindTensors(slots, this.#w, '');
    const fetches = bindTensors(slots, this.#piece ?? this.#g, 'grad:');
    const averages: Record<string, Tensor> = {};
    for (const { name, size, initial } of network.averages) {
      const average = { running: new Float32Array(size).fill(initial), batch: new Float32Array(size) };
      this.#averages.set(name, average);
      averages[name] = tensor(average.running, [size]);
      fetches[`batch:${name}`] = tensor(average.batch, [size]);
    }
    const buffers = noiseWidths.map((width) => memory.f32(rows * width));
    this.#step = new Executable(step, sessions.step, parameters, fetches, noise, buffers);
    this.#validation =
      validation &&
      new Executable(validation, sessions.validation!, { ...parameters, ...averages }, {}, noise, buffers);
  }

  /**
   * Computes the loss of the samples in `feeds`, and keeps its gradient for {@link update}. `draw` is the step of the
   * noise stream. For a piece of a batch, `share` is its share of the batch; the `first` piece replaces the gradient,
   * the others add to it. `fullness` is the size of the batch as a share of a whole one: the statistics of a small
   * last batch are noisy, and move the running averages less.
   */
  async takeGradient(
    feeds: Feeds,
    rows: number,
    draw: number,
    { share = 1, first = true, fullness = 1 }: { share?: number; first?: boolean; fullness?: number } = {},
  ): Promise<number> {
    const began = performance.now();
    const loss = await this.#step.run(feeds, rows, STREAM.noise, draw);
    this.seconds.graph += (performance.now() - began) / 1000;
    if (this.#piece) this.#optimiser.accumulate(this.#piece, first);
    const momentum = AVERAGE_MOMENTUM * share * fullness;
    for (const { running, batch } of this.#averages.values()) {
      for (let i = 0; i < running.length; i++) running[i] += momentum * (batch[i] - running[i]);
    }
    collectCopies(this.#g.byteLength);
    return loss;
  }

  /** Clips the gradient as the settings say, then updates the weights. `t` counts the steps of the run from 1. */
  async update(rate: number, t: number): Promise<void> {
    const { clip_norm, clip_value } = this.#settings;
    const began = performance.now();
    if (clip_value > 0) this.#optimiser.clipByValue(clip_value);
    if (clip_norm > 0) this.#optimiser.clipByNorm(clip_norm);
    await this.#optimiser.step(rate, t);
    this.seconds.optimiser += (performance.now() - began) / 1000;
  }

  /** The validation loss of the samples in `feeds`. The same `draw` gives the same noise. */
  validate(feeds: Feeds, rows: number, draw: number): Promise<number> {
    if (!this.#validation) throw new TypeError('this run has no validation loss');
    return this.#validation.run(feeds, rows, STREAM.validation, draw);
  }

  /** A copy of the parameters and running averages, by name. */
  copyWeights(): Map<string, Float32Array> {
    const found = new Map<string, Float32Array>();
    for (const { spec, offset, size } of this.#slots) {
      found.set(spec.name, this.#w.slice(offset, offset + size));
    }
    for (const [name, { running }] of this.#averages) found.set(name, running.slice());
    return found;
  }

  /** All that changes during a run, by name, as a checkpoint holds it. These are not copies. */
  get arrays(): Map<string, Float32Array> {
    return new Map([
      ['parameters', this.#w],
      ...this.#optimiser.state.map((array, i) => [`optimiser:${i}`, array] as const),
      ...[...this.#averages].map(([name, { running }]) => [`average:${name}`, running] as const),
    ]);
  }

  /** Restores what {@link arrays} gave. Throws a RangeError if it belongs to a different network. */
  restore(arrays: Weights): void {
    for (const [name, target] of this.arrays) {
      const from = arrays.get(name);
      if (from?.length !== target.length) throw new RangeError(`${name} in the checkpoint does not fit`);
      target.set(from);
    }
  }

  /** Finds where a non-finite loss comes from: the first layer with non-finite weights or gradients, else the largest. */
  findCulprit(): string {
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#step.session.release();
    await this.#validation?.session.release();
    this.#optimiser.close();
  }
}

/** A graph that is ready to run, with its inputs and outputs bound. */
class Executable {
  readonly session: Session;
  readonly #feeds: Record<string, Tensor>;
  readonly #fetches: Record<string, Tensor>;
  readonly #noise: Noise;
  readonly #draws: readonly { spec: NoiseSpec; buffer: Float32Array }[];
  readonly #loss = new Float32Array(1);

  constructor(
    objective: Objective,
    session: Session,
    feeds: Record<string, Tensor>,
    fetches: Record<string, Tensor>,
    noise: Noise,
    buffers: readonly Float32Array[],
  ) {
    this.session = session;
    const known = new Set(session.inputNames);
    this.#feeds = Object.fromEntries(Object.entries(feeds).filter(([name]) => known.has(name)));
    this.#fetches = { ...fetches, loss: tensor(this.#loss, []) };
    this.#noise = noise;
    this.#draws = objective.noise.map((spec, i) => ({ spec, buffer: buffers[i] }));
  }

  async run(feeds: Feeds, rows: number, stream: number, draw: number): Promise<number> {
    this.#noise.seek(stream, draw);
    for (const { spec, buffer } of this.#draws) {
      const values = buffer.subarray(0, rows * spec.columns);
      this.#noise.fill(spec.kind, values);
      this.#feeds[spec.name] = tensor(values, [rows, spec.columns]);
    }
    Object.assign(this.#feeds, feeds);
    await this.session.run(this.#feeds, this.#fetches);
    return this.#loss[0];
  }
}

/** Fills the weights with their first values, in the order of the slots. */
function drawFirstWeights(slots: readonly Slot[], weights: Float32Array, settings: TrainerSettings): void {
  const random = Random.stream(settings.seed, STREAM.weights);
  for (const { spec, offset, size } of slots) {
    const values = weights.subarray(offset, offset + size);
    if (typeof spec.initial === 'number') values.fill(spec.initial);
    else initialiseWeights(values, spec.initial, settings.initialisation, random);
  }
}

/** A tensor for each slot over its part of `array`, under `prefix` and the name of the parameter. */
const bindTensors = (slots: readonly Slot[], array: Float32Array, prefix: string): Record<string, Tensor> =>
  Object.fromEntries(
    slots.map(({ spec, offset, size }) => [
      `${prefix}${spec.name}`,
      tensor(array.subarray(offset, offset + size), spec.shape),
    ]),
  );
