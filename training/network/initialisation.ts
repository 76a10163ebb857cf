import type { Architecture, Training } from '../../bundle/training.ts';
import type { Random } from '../../kernels/random.ts';

/** Describes a layer, for its initial weights. */
export interface Initial {
  /** Inputs of each output, and outputs of each input. */
  readonly fanIn: number;
  readonly fanOut: number;
  /** The activation that follows it. */
  readonly activation: Architecture['activation'] | 'softmax';
}

type Scheme = Exclude<Training['initialisation'], 'auto'>;

/** The scheme for `auto`. Rectifiers and their smooth variants stop half of their inputs, so they get a larger variance. */
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

/** The variance of initial weights: He et al. 2015, equation 10; Glorot & Bengio 2010, equation 12. */
const VARIANCE: Readonly<Record<Scheme, (initial: Initial) => number>> = {
  he: ({ fanIn }) => 2 / fanIn,
  glorot: ({ fanIn, fanOut }) => 2 / (fanIn + fanOut),
};

/** Fills `weights` with normal numbers with mean zero. */
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
