import type { Training } from '../../bundle/training.ts';
import { adamCorrections } from '../../kernels/adam.ts';
import type { Kernels } from '../../kernels/kernels.ts';

/** `momentum` is μ for momentum and nesterov, and ρ for rmsprop. `weight_decay` is decoupled for every rule. */
export type OptimiserSettings = Pick<
  Training,
  'optimiser' | 'momentum' | 'beta1' | 'beta2' | 'epsilon' | 'weight_decay'
>;

/** Byte offsets of weights, gradients and moments. */
export interface Pointers {
  w: number;
  g: number;
  m: number;
  v: number;
}

interface Rule {
  /** How many moments it keeps for each parameter; `m` is the first and `v` the last of them. */
  readonly moments: number;
  /** Takes step `t` over n floats; `decay` is the rate times the weight decay. */
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

export const RULES: Readonly<Record<Training['optimiser'], Rule>> = {
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

/** Part of the parameters: its start in bytes, its length in floats, and whether weight decay applies. */
export interface Sweep {
  readonly start: number;
  length: number;
  readonly decay: boolean;
}

/** Takes step `t` of the run, from 1, over parts of the parameters. */
export function sweepAll(
  kernels: Kernels,
  sweeps: readonly Sweep[],
  { w, g, m, v }: Pointers,
  settings: OptimiserSettings,
  rate: number,
  t: number,
): void {
  const decay = rate * settings.weight_decay;
  for (const { start, length, decay: decays } of sweeps) {
    const at = { w: w + start, g: g + start, m: m + start, v: v + start };
    RULES[settings.optimiser].sweep(kernels, at, length, rate, decays ? decay : 0, settings, t);
  }
}
