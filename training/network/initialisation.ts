import type { Architecture, Training } from '../../bundle/training.ts';
import type { Random } from '../../kernels/random.ts';

/** The layer that weights are drawn for. */
export interface Initial {
  /** Numbers that one of its outputs is made of, and outputs that one of its inputs goes to. */
  readonly fanIn: number;
  readonly fanOut: number;
  /** What follows it. */
  readonly activation: Architecture['activation'] | 'softmax';
}

type Scheme = Exclude<Training['initialisation'], 'auto'>;

/** What `auto` takes: for rectifiers and their smooth kin, which stop half of their inputs, a larger variance. */
const SCHEMES: Readonly<Record<Initial['activation'], Scheme>> = {
  relu: 'he',
  leaky_relu: 'he',
  elu: 'he',
  gelu: 'he',
  silu: 'he',
  softplus: 'he',
  tanh: 'glorot',
  sigmoid: 'glorot',
  softmax: 'glorot',
  linear: 'glorot',
};

/** The variance of first weights: He et al. 2015, equation 10; Glorot & Bengio 2010, equation 12. */
const VARIANCE: Readonly<Record<Scheme, (initial: Initial) => number>> = {
  he: ({ fanIn }) => 2 / fanIn,
  glorot: ({ fanIn, fanOut }) => 2 / (fanIn + fanOut),
};

/** Fills `weights` with normal first values of mean zero. */
export function initialiseWeights(
  weights: Float32Array,
  initial: Initial,
  scheme: Training['initialisation'],
  random: Random,
): void {
  const chosen = scheme === 'auto' ? SCHEMES[initial.activation] : scheme;
  const deviation = Math.sqrt(VARIANCE[chosen](initial));
  for (let i = 0; i < weights.length; i++) weights[i] = random.normal() * deviation;
}
