import { TrainingSchema } from '../../bundle/training.ts';
import type { KernelMemory, Kernels } from '../../kernels/kernels.ts';
import { type OptimiserSettings, type Pointers, RULES, type Sweep, sweepAll } from './rules.ts';
import { OptimiserThread } from './thread.ts';

export const OPTIMISERS = TrainingSchema.shape.optimiser.options;

/** The place of a parameter in the array of all of them, in floats. Biases and gains have no weight decay. */
export interface Segment {
  /** A multiple of 16, as is the end including the padding before the next parameter. */
  readonly offset: number;
  readonly length: number;
  readonly decay: boolean;
}

/**
 * Updates all weights of a network in place. The moments, arrays as long as `w`, are allocated at creation; a step
 * allocates nothing.
 */
export class Optimiser implements Disposable {
  /** The moments: none for sgd, two for Adam. With the step number they are all that a checkpoint needs. */
  readonly state: readonly Float32Array[];
  readonly #memory: KernelMemory;
  readonly #kernels: Kernels;
  readonly #g: Float32Array;
  readonly #settings: OptimiserSettings;
  readonly #at: Pointers;
  readonly #sweeps: readonly Sweep[];
  /** The sweeps of the caller's thread: all of them, or those that the second thread does not do. */
  readonly #own: readonly Sweep[];
  readonly #thread: OptimiserThread | undefined;

  /**
   * Weights `w` and gradients `g` have the same length and lie in `memory`; between segments they are zero. With two
   * threads or more, a second thread does half of each step, with the same bytes. Throws a RangeError if segments
   * overlap or are not aligned, or if a setting is out of range.
   */
  constructor(
    memory: KernelMemory,
    settings: OptimiserSettings,
    segments: readonly Segment[],
    w: Float32Array,
    g: Float32Array,
    threads = 1,
  ) {
    assertSettings(settings);
    if (w.length !== g.length) {
      throw new RangeError(`there are ${w.length} weights and ${g.length} gradients`);
    }
    this.#memory = memory;
    this.#kernels = memory.kernels;
    this.#g = g;
    this.#settings = { ...settings };
    this.#sweeps = planSweeps(segments, w.length);
    this.state = Array.from({ length: RULES[settings.optimiser].moments }, () => memory.f32(w.length));
    const moments = this.state.map((array) => memory.pointer(array));
    this.#at = { w: memory.pointer(w), g: memory.pointer(g), m: moments[0], v: moments.at(-1)! };
    if (threads < 2 || w.length < WORTH_SHARING) {
      this.#own = this.#sweeps;
      return;
    }
    const [own, other] = halveSweeps(this.#sweeps, w.length);
    this.#own = own;
    const { memory: shared } = memory;
    this.#thread = new OptimiserThread({
      memory: shared,
      sweeps: other,
      at: this.#at,
      settings: this.#settings,
    });
  }

  /**
   * Takes step `t` of the run, from 1, at this learning rate. Await it: it returns a promise only if the second thread
   * is late, which rejects if that thread has failed.
   */
  step(rate: number, t: number): void | Promise<void> {
    if (!(t >= 1)) throw new RangeError(`step ${t}: steps count from 1`);
    this.#thread?.begin(rate, t);
    sweepAll(this.#kernels, this.#own, this.#at, this.#settings, rate, t);
    return this.#thread?.finish();
  }

  /** Ends the second thread, if there is one. */
  close(): void {
    this.#thread?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Adds the gradient of a piece of a batch, as long as `w` and in the memory. The `first` one replaces the gradient. */
  accumulate(part: Float32Array, first: boolean): void {
    const from = this.#memory.pointer(part);
    if (first) this.#g.set(part);
    else this.#kernels.accumulate(this.#at.g, from, this.#g.length);
  }

  /** The Euclidean norm of the gradient over all parameters. */
  gradientNorm(): number {
    let sum = 0;
    for (const { start, length } of this.#sweeps) {
      sum += this.#kernels.sumOfSquares(this.#at.g + start, length);
    }
    return Math.sqrt(sum);
  }

  /** Clips every entry of the gradient to ±limit. */
  clipByValue(limit: number): void {
    assertLimit(limit);
    for (const { start, length } of this.#sweeps) this.#kernels.clip(this.#at.g + start, length, limit);
  }

  /**
   * Scales the gradient down to norm `limit` if it is longer (Pascanu, Mikolov & Bengio 2013, algorithm 1), and returns
   * its norm before. A gradient whose norm is not finite stays as it is.
   */
  clipByNorm(limit: number): number {
    assertLimit(limit);
    const norm = this.gradientNorm();
    if (norm > limit && norm < Number.POSITIVE_INFINITY) {
      const factor = limit / norm;
      for (const { start, length } of this.#sweeps) this.#kernels.scale(this.#at.g + start, length, factor);
    }
    return norm;
  }
}

/** With fewer parameters, waking the second thread takes longer than half of the work. */
const WORTH_SHARING = 100_000;

/** Splits the sweeps in two, at a cache line near the middle of `total` floats. */
function halveSweeps(sweeps: readonly Sweep[], total: number): [Sweep[], Sweep[]] {
  const middle = 4 * GRAIN * Math.floor(total / 2 / GRAIN);
  const before = sweeps.flatMap(({ start, length, decay }) => {
    const kept = Math.min(length, (middle - start) / 4);
    return kept > 0 ? [{ start, length: kept, decay }] : [];
  });
  const after = sweeps.flatMap(({ start, length, decay }) => {
    const cut = Math.max(0, (middle - start) / 4);
    return cut < length ? [{ start: start + 4 * cut, length: length - cut, decay }] : [];
  });
  return [before, after];
}

function planSweeps(segments: readonly Segment[], total: number): Sweep[] {
  const sweeps: Sweep[] = [];
  let end = 0;
  for (const { offset, length, decay } of segments) {
    if (!Number.isInteger(length) || length < 1) {
      throw new RangeError(`the segment at ${offset} has length ${length}: it must be a whole number from 1`);
    }
    if (offset % GRAIN !== 0 || offset < end) {
      throw new RangeError(`a segment starts at ${offset}: it must be a multiple of ${GRAIN}, from ${end}`);
    }
    const floats = Math.ceil(length / GRAIN) * GRAIN;
    const last = sweeps.at(-1);
    if (last && offset === end && last.decay === decay) last.length += floats;
    else sweeps.push({ start: 4 * offset, length: floats, decay });
    end = offset + floats;
  }
  if (end > total) throw new RangeError(`the segments end at ${end}, there is room for ${total} weights`);
  return sweeps;
}

/** Floats in a cache line. Segments start at its boundaries. */
const GRAIN = 16;

function assertSettings(settings: OptimiserSettings): void {
  for (const name of ['momentum', 'beta1', 'beta2'] as const) {
    const value = settings[name];
    if (!(value >= 0 && value < 1)) throw new RangeError(`${name} is ${value}: it must be from 0 to below 1`);
  }
  const { epsilon, weight_decay } = settings;
  if (!(epsilon > 0)) throw new RangeError(`epsilon is ${epsilon}: it must be above 0`);
  if (!(weight_decay >= 0)) throw new RangeError(`weight_decay is ${weight_decay}: it must be 0 or more`);
}

function assertLimit(limit: number): void {
  if (!(limit > 0)) throw new RangeError(`the limit of a gradient is ${limit}: it must be above 0`);
}
