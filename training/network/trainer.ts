import type { Tensor } from 'onnxruntime-node';
import type { Training } from '../../bundle/training.ts';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Noise } from '../../kernels/noise.ts';
import { Random } from '../../kernels/random.ts';
import type { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { Optimiser } from '../optimiser/optimiser.ts';
import type { OptimiserSettings } from '../optimiser/rules.ts';
import { collectYoung } from '../runtime/collector.ts';
import {
  createSession,
  defaultThreads,
  type Session,
  type SessionOptions,
  tensor,
} from '../runtime/session.ts';
import { initialiseWeights } from './initialisation.ts';
import type { AverageSpec, NoiseSpec, ParameterSpec } from './scope.ts';

/** Trained parameters and running averages by name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** What is trained. */
export interface Trainable {
  readonly parameters: readonly ParameterSpec[];
  readonly averages: readonly AverageSpec[];
}

/**
 * A graph whose output `loss` is a scalar. A training step has also the gradient of each parameter (`grad:NAME`) and
 * the batch's part in each running average (`batch:NAME`). It is fed the parameters, averages and noise by name.
 */
export interface Objective {
  readonly graph: Graph;
  readonly noise: readonly NoiseSpec[];
}

export interface TrainerSettings
  extends OptimiserSettings,
    Pick<Training, 'seed' | 'initialisation' | 'clip_norm' | 'clip_value'> {}

export interface TrainerOptions extends SessionOptions {
  /** The most samples in a run of a graph. */
  rows: number;
  /** Whether a batch comes in pieces, whose gradients are added up. */
  pieces?: boolean;
}

/** The streams of random numbers of a training run, each a function of the seed and its place in the run alone. */
export const STREAM = { weights: 1, order: 2, noise: 3, augmentation: 4, validation: 1000 } as const;

/** Runs of a graph between two collections of the copies that onnxruntime-node makes. */
const COLLECT_EVERY = 4;

/** The part of a running average that the newest batch is (as PyTorch's default). */
const AVERAGE_MOMENTUM = 0.1;

type Feeds = Readonly<Record<string, Tensor>>;

/**
 * The weights of a network while they are trained: the arrays, the sessions of the graphs and the optimiser. All
 * memory is taken when it is created, none in a step. Whatever changes while it runs is in `arrays`.
 */
export class Trainer implements AsyncDisposable {
  /** Time spent so far in the graphs and in the optimiser. */
  readonly seconds = { graph: 0, optimiser: 0 };
  readonly #settings: TrainerSettings;
  readonly #step: Executable;
  readonly #validation: Executable | undefined;
  readonly #optimiser: Optimiser;
  readonly #w: Float32Array;
  readonly #g: Float32Array;
  /** Gradients of one piece of a batch, where a batch comes in pieces. */
  readonly #piece: Float32Array | undefined;
  readonly #slots: readonly Slot[];
  readonly #averages = new Map<string, { running: Float32Array; batch: Float32Array }>();
  #runs = 0;

  static async create(
    network: Trainable,
    objectives: { step: Objective; validation?: Objective },
    settings: TrainerSettings,
    options: TrainerOptions,
  ): Promise<Trainer> {
    const step = await createSession(serialise(objectives.step.graph, 'step'), options);
    const validation =
      objectives.validation && (await createSession(serialise(objectives.validation.graph, 'step'), options));
    return new Trainer(network, objectives, { step, validation }, settings, options);
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
    const columns = [step, validation].map((objective) => objective?.noise.map((spec) => spec.columns) ?? []);
    const widths = columns[0].length > columns[1].length ? columns[0] : columns[1];
    const noiseWidths = widths.map((_, i) => Math.max(columns[0][i] ?? 0, columns[1][i] ?? 0));
    const floats = (pieces ? 6 : 5) * total + rows * noiseWidths.reduce((a, b) => a + b, 0);
    const memory = new KernelMemory(4 * floats + 65_536);
    this.#w = memory.f32(total);
    this.#g = memory.f32(total);
    this.#piece = pieces ? memory.f32(total) : undefined;
    const noise = new Noise(memory, settings.seed);
    const segments = slots.map(({ offset, size, spec }) => ({ offset, length: size, decay: spec.decay }));
    this.#optimiser = new Optimiser(memory, settings, segments, this.#w, this.#g, threads);
    const random = Random.stream(settings.seed, STREAM.weights);
    const parameters: Record<string, Tensor> = {};
    const fetches: Record<string, Tensor> = {};
    for (const { spec, offset, size } of slots) {
      const values = this.#w.subarray(offset, offset + size);
      if (typeof spec.initial === 'number') values.fill(spec.initial);
      else initialiseWeights(values, spec.initial, settings.initialisation, random);
      parameters[spec.name] = tensor(values, spec.shape);
      const target = this.#piece ?? this.#g;
      fetches[`grad:${spec.name}`] = tensor(target.subarray(offset, offset + size), spec.shape);
    }
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
   * The loss of some samples, which `feeds` holds, and its gradient, which {@link update} then uses. `draw` is the
   * place of its noise in the run. Of a batch in pieces, `share` is the part that this one is, and the gradient of
   * all but the `first` is added to those before.
   */
  async takeGradient(
    feeds: Feeds,
    rows: number,
    draw: number,
    { share = 1, first = true }: { share?: number; first?: boolean } = {},
  ): Promise<number> {
    const began = performance.now();
    const loss = await this.#step.run(feeds, rows, STREAM.noise, draw);
    this.seconds.graph += (performance.now() - began) / 1000;
    if (this.#piece) this.#optimiser.accumulate(this.#piece, first);
    const momentum = AVERAGE_MOMENTUM * share;
    for (const { running, batch } of this.#averages.values()) {
      for (let i = 0; i < running.length; i++) running[i] += momentum * (batch[i] - running[i]);
    }
    if (++this.#runs % COLLECT_EVERY === 0) collectYoung();
    return loss;
  }

  /** Moves the weights by the gradient, clipped as the settings say. `t` counts the steps of the run from 1. */
  async update(rate: number, t: number): Promise<void> {
    const { clip_norm, clip_value } = this.#settings;
    const began = performance.now();
    if (clip_value > 0) this.#optimiser.clipByValue(clip_value);
    if (clip_norm > 0) this.#optimiser.clipByNorm(clip_norm);
    await this.#optimiser.step(rate, t);
    this.seconds.optimiser += (performance.now() - began) / 1000;
  }

  /** The validation loss of some samples: with the same noise whenever the same place is asked for. */
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

  /** All that changes while the run goes on, by name: what a checkpoint holds. Not copies. */
  arrays(): Map<string, Float32Array> {
    return new Map([
      ['parameters', this.#w],
      ...this.#optimiser.state.map((array, i) => [`optimiser:${i}`, array] as const),
      ...[...this.#averages].map(([name, { running }]) => [`average:${name}`, running] as const),
    ]);
  }

  /** Puts back what {@link arrays} gave. Throws a RangeError if it belongs to another run. */
  restore(arrays: Weights): void {
    for (const [name, target] of this.arrays()) {
      const from = arrays.get(name);
      if (from?.length !== target.length) throw new RangeError(`the checkpoint has no fitting ${name}`);
      target.set(from);
    }
  }

  /** Where a loss that is not finite comes from: the first layer whose weights or gradients are not, else the largest. */
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

/** A graph ready to run, and what it is fed. */
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

interface Slot {
  readonly spec: ParameterSpec;
  readonly offset: number;
  readonly size: number;
}

/** Where each parameter lies: at multiples of 16 floats, so that each is aligned and kernels need no tail. */
function layOut(parameters: readonly ParameterSpec[]): { slots: Slot[]; total: number } {
  let total = 0;
  const slots = parameters.map((spec) => {
    const size = spec.shape.reduce((a, b) => a * b, 1);
    const offset = total;
    total += Math.ceil(size / 16) * 16;
    return { spec, offset, size };
  });
  return { slots, total };
}
