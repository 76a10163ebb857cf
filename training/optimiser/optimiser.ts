import { type Training, TrainingSchema } from '../../bundle/training.ts';
import { adamCorrections } from '../../kernels/adam.ts';
import type { KernelMemory, Kernels } from '../../kernels/kernels.ts';

export const OPTIMISERS = TrainingSchema.shape.optimiser.options;

/** `momentum` is μ of momentum and nesterov and ρ of rmsprop; `weight_decay` is decoupled, whatever the rule. */
export type OptimiserSettings = Pick<
  Training,
  'optimiser' | 'momentum' | 'beta1' | 'beta2' | 'epsilon' | 'weight_decay'
>;

/** A parameter's place among all of them, in floats. Places of biases and the like have no weight decay. */
export interface Segment {
  /** A multiple of 16, as is the end with what is left empty to the next parameter. */
  readonly offset: number;
  readonly length: number;
  readonly decay: boolean;
}

/** Byte offsets of weights, gradients and moments. */
interface Pointers {
  w: number;
  g: number;
  m: number;
  v: number;
}

interface Rule {
  /** How many moments it keeps of each parameter; `m` and `v` are the first and the last of them. */
  readonly moments: number;
  /** Step `t` over n floats; `decay` is the rate times the weight decay. */
  sweep(
    kernels: Kernels,
    at: Pointers,
    n: number,
    rate: number,
    decay: number,
    s: OptimiserSettings,
    t: number,
  ): void;
}

const adam: Rule = {
  moments: 2,
  sweep(kernels, { w, g, m, v }, n, rate, decay, { beta1, beta2, epsilon }, t) {
    const corrected = adamCorrections({ rate, beta1, beta2, epsilon }, t);
    const { correction2 } = corrected;
    kernels.adamw(w, g, m, v, n, corrected.rate, beta1, beta2, correction2, epsilon, decay);
  },
};

const RULES: Readonly<Record<Training['optimiser'], Rule>> = {
  sgd: {
    moments: 0,
    sweep: (kernels, { w, g }, n, rate, decay) => kernels.sgd(w, g, n, rate, decay),
  },
  momentum: {
    moments: 1,
    sweep: (kernels, { w, g, m }, n, rate, decay, s) => kernels.momentum(w, g, m, n, rate, s.momentum, decay),
  },
  nesterov: {
    moments: 1,
    sweep: (kernels, { w, g, m }, n, rate, decay, s) => kernels.nesterov(w, g, m, n, rate, s.momentum, decay),
  },
  rmsprop: {
    moments: 1,
    sweep: (kernels, { w, g, v }, n, rate, decay, s) =>
      kernels.rmsprop(w, g, v, n, rate, s.momentum, s.epsilon, decay),
  },
  adam,
  adamw: adam,
};

/** Neighbouring segments that are alike, as one: bytes from the arrays' beginnings, and floats. */
interface Sweep {
  readonly start: number;
  length: number;
  readonly decay: boolean;
}

/**
 * Moves all weights of a network by their gradients, in place. It takes the memory for its moments, one array
 * as long as `w` each, when it is created; a step takes none.
 */
export class Optimiser {
  /** The moments, which with the step number are all that a checkpoint needs: none for sgd, two for Adam. */
  readonly state: readonly Float32Array[];
  readonly #kernels: Kernels;
  readonly #settings: OptimiserSettings;
  readonly #rule: Rule;
  readonly #at: Pointers;
  readonly #sweeps: readonly Sweep[];

  /**
   * Weights `w` and gradients `g` are of one length and of the memory; what lies between two segments is
   * zero. Throws a RangeError if segments are out of place or the settings have no meaning.
   */
  constructor(
    memory: KernelMemory,
    settings: OptimiserSettings,
    segments: readonly Segment[],
    w: Float32Array,
    g: Float32Array,
  ) {
    assertSettings(settings);
    if (w.length !== g.length) {
      throw new RangeError(`there are ${w.length} weights and ${g.length} gradients`);
    }
    this.#kernels = memory.kernels;
    this.#settings = { ...settings };
    this.#rule = RULES[settings.optimiser];
    this.#sweeps = sweepsOf(segments, w.length);
    this.state = Array.from({ length: this.#rule.moments }, () => memory.f32(w.length));
    const moments = this.state.map((array) => memory.pointer(array));
    this.#at = { w: memory.pointer(w), g: memory.pointer(g), m: moments[0], v: moments.at(-1)! };
  }

  /** Step `t` of the run, from 1, at this learning rate. */
  step(rate: number, t: number): void {
    if (!(t >= 1)) throw new RangeError(`step ${t}: steps count from 1`);
    const { w, g, m, v } = this.#at;
    const decay = rate * this.#settings.weight_decay;
    for (const { start, length, decay: decays } of this.#sweeps) {
      const at = { w: w + start, g: g + start, m: m + start, v: v + start };
      this.#rule.sweep(this.#kernels, at, length, rate, decays ? decay : 0, this.#settings, t);
    }
  }

  /** The Euclidean norm of the gradient of all parameters. */
  gradientNorm(): number {
    let sum = 0;
    for (const { start, length } of this.#sweeps) {
      sum += this.#kernels.sumOfSquares(this.#at.g + start, length);
    }
    return Math.sqrt(sum);
  }

  /** Brings every entry of the gradient to within ±limit. */
  clipByValue(limit: number): void {
    assertLimit(limit);
    for (const { start, length } of this.#sweeps) this.#kernels.clip(this.#at.g + start, length, limit);
  }

  /**
   * Shortens the gradient to a norm of `limit` if it is longer (Pascanu, Mikolov & Bengio 2013, algorithm 1),
   * and returns the norm that it had. A gradient whose norm is not finite stays as it is.
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

function sweepsOf(segments: readonly Segment[], total: number): Sweep[] {
  const sweeps: Sweep[] = [];
  let end = 0;
  for (const { offset, length, decay } of segments) {
    if (!Number.isInteger(length) || length < 1) {
      throw new RangeError(
        `the segment at ${offset} has a length of ${length}: it must be a whole number from 1`,
      );
    }
    if (offset % GRAIN !== 0 || offset < end) {
      throw new RangeError(`a segment begins at ${offset}: it must be a multiple of ${GRAIN}, from ${end}`);
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

/** Floats of a cache line, at whose beginnings segments begin. */
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
