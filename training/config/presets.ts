import type { Canonical, Scaling } from '../../bundle/manifest.ts';
import type { Training } from '../../bundle/training.ts';
import { type Configuration, ConfigurationError } from './schema.ts';

/** The facts about the data that a configuration is resolved against. */
export interface DataShape {
  shape: readonly number[];
  /** Training samples. */
  count: number;
  scaling: Scaling['kind'];
}

/** How a model is trained unless the preset or the data say otherwise. */
export const TRAINING_DEFAULTS: Training = {
  seed: 1,
  epochs: 60,
  batch: 256,
  micro_batch: 256,
  loss: 'binary_cross_entropy',
  huber_delta: 1,
  corruption: 'none',
  corruption_level: 0.25,
  sparsity: 'none',
  sparsity_weight: 1e-3,
  sparsity_target: 0.05,
  contraction: 0,
  beta: 1,
  beta_warmup_epochs: 5,
  trim: 0,
  initialisation: 'auto',
  optimiser: 'adam',
  learning_rate: 2e-3,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weight_decay: 0,
  clip_norm: 0,
  clip_value: 0,
  schedule: 'cosine',
  warmup_epochs: 1,
  step_epochs: 10,
  rate_factor: 0.5,
  plateau_patience: 3,
  patience: 0,
};

/** What a model is made of unless the preset or the options say otherwise. */
export const MODEL_DEFAULTS = {
  kernel: 3,
  activation: 'relu',
  normalisation: 'none',
  dropout: 0,
  tied: false,
  variational: false,
} as const;

/** Defaults of the options that do not change the trained model; no preset sets them. */
export const DATA_DEFAULTS = {
  perplexity: 30,
  iterations: 1000,
} as const;

/** The settings that the preset `tabular`, the default for tables, replaces. */
const TABLE_DEFAULTS = {
  activation: 'gelu',
  patience: 15,
  learning_rate: 3e-3,
  optimiser: 'adamw',
  weight_decay: 1e-4,
} as const;

/** With so many training samples, the preset `small` learns as much in fewer epochs of longer steps. */
const MANY_SAMPLES = 20_000;
const MANY_DEFAULTS = { epochs: 45, learning_rate: 4e-3 } as const;

/** Defaults that depend on the data, in words for `--help`. */
const DERIVED_DEFAULTS: Readonly<Record<string, string>> = {
  preset: 'small for images of up to 4,096 values, image for larger ones, tabular for tables',
  scaling: 'auto for tables; otherwise range or standard, by the values',
  code_activation: 'linear; sigmoid with sparsity kl',
  batch: '1/20 of the samples, 1/40 for tables; from 16 to 256',
  epochs:
    '60; 45 with the preset small or strokes and at least 20,000 training samples; 100 with the preset large',
  learning_rate:
    '0.002; 0.003 for tables; 0.004 with the preset small or strokes and at least 20,000 training samples',
  micro_batch: 'the batch',
  loss: 'binary_cross_entropy if values are scaled to 0..1, otherwise mean_squared_error, or gaussian_nll if variational',
};

/** The default of an option, in words for `--help`; undefined if only the preset decides. */
export function describeDefault(key: string): string | undefined {
  const value = { ...MODEL_DEFAULTS, ...TRAINING_DEFAULTS, ...DATA_DEFAULTS }[key as 'seed' | 'tied'];
  const forTables = TABLE_DEFAULTS[key as keyof typeof TABLE_DEFAULTS];
  if (DERIVED_DEFAULTS[key] !== undefined || value === undefined || value === false)
    return DERIVED_DEFAULTS[key];
  return forTables === undefined ? String(value) : `${value}, ${forTables} for tables`;
}

/** The power of two nearest to `x` on a log scale, from `least` to `most`. */
const roundToPowerOfTwo = (x: number, least: number, most: number) =>
  Math.min(most, Math.max(least, 2 ** Math.round(Math.log2(Math.max(1, x)))));

/** Small data sets get small batches: with one step per epoch, training would take too few steps. */
const chooseBatch = (samples: number) => roundToPowerOfTwo(samples, 16, TRAINING_DEFAULTS.batch);

/** The wanted width of the code, but always narrower than the sample. */
const limitCode = (wanted: number, features: number) => Math.max(1, Math.min(wanted, features - 1));

/** The preset `image` adds convolutions until the longer side of what they give is at most this. */
const LARGEST_MAP = 16;

type Preset = (data: DataShape) => Configuration;

/** The number of values in a sample of this shape. */
export const countFeatures = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Throws a {@link ConfigurationError} if the samples are not images, which `what` needs. */
export function assertImages({ shape, scaling }: DataShape, what: string): void {
  if (shape.length === 3) return;
  const found =
    scaling === 'columns'
      ? 'but the data is a table'
      : `not ${shape.join(' × ')}: give the shape of flat rows with --shape`;
  throw new ConfigurationError(`${what} needs samples of height × width × channels, ${found}`);
}

/**
 * The presets choose sizes by the shape of the data. 784 features (MNIST) give 512-128-64. `image` halves height
 * and width with each convolution. `strokes` is for light lines on a dark ground, such as digits and letters, whose
 * slant does not matter. Tables with few columns get small networks.
 */
export const PRESETS: Readonly<Record<NonNullable<Configuration['preset']>, Preset>> = {
  small({ shape, count }) {
    const features = countFeatures(shape);
    const first = roundToPowerOfTwo(0.65 * features, 16, 512);
    return {
      architecture: 'dense',
      widths: [first, Math.max(8, first / 4)],
      batch: chooseBatch(count / 20),
      code: limitCode(roundToPowerOfTwo(features / 12, 2, 64), features),
      ...(count >= MANY_SAMPLES && MANY_DEFAULTS),
    };
  },
  image(data) {
    assertImages(data, 'the preset image');
    const { shape, count } = data;
    const layers = Math.max(2, Math.ceil(Math.log2(Math.max(shape[0], shape[1]) / LARGEST_MAP)));
    return {
      architecture: 'convolutional',
      channels: [16, ...new Array<number>(layers - 1).fill(32)],
      widths: [256],
      batch: chooseBatch(count / 20),
      code: limitCode(roundToPowerOfTwo(countFeatures(shape) / 12, 8, 64), countFeatures(shape)),
    };
  },
  strokes(data) {
    assertImages(data, 'the preset strokes');
    return { ...PRESETS.small(data), pose: 'deskewed', smoothing: 1 };
  },
  tabular({ shape, count }) {
    const features = countFeatures(shape);
    const first = roundToPowerOfTwo(4 * features, 32, 256);
    return {
      architecture: 'dense',
      widths: [first, first / 2],
      code: limitCode(Math.min(Math.round(features / 3), 32), features),
      batch: chooseBatch(count / 40),
      ...TABLE_DEFAULTS,
    };
  },
  large({ shape, count }) {
    const features = countFeatures(shape);
    const dense = roundToPowerOfTwo(2 * features, 128, 1024);
    const sizes: Configuration =
      shape.length === 3
        ? { architecture: 'convolutional', channels: [32, 64, 128], strides: [1, 2, 2], widths: [256] }
        : { architecture: 'dense', widths: [dense, dense / 2, dense / 4] };
    return {
      ...sizes,
      batch: chooseBatch(count / 20),
      code: limitCode(roundToPowerOfTwo(features / 12, 4, 128), features),
      epochs: 100,
      optimiser: 'adamw',
      weight_decay: 1e-4,
    };
  },
};

/** How images are posed and smoothed before training, from the options and the preset; undefined if they are not. */
export function resolveCanonical(given: Configuration, shape: readonly number[]): Canonical | undefined {
  const preset = given.preset === 'strokes' ? PRESETS.strokes({ shape, count: 1, scaling: 'range' }) : {};
  const { pose = 'as_is', smoothing = 0 } = { ...preset, ...given };
  if (pose === 'as_is' && smoothing === 0) return undefined;
  if (shape.length !== 3) {
    throw new ConfigurationError(
      `pose and smoothing need images of height × width × channels, not ${shape.join(' × ')}: give the shape of flat rows with --shape`,
    );
  }
  return { shape: shape as [number, number, number], pose, smoothing };
}
