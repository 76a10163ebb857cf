import type { Canonical, Scaling } from '../../bundle/manifest.ts';
import type { Training } from '../../bundle/training.ts';
import { type Configuration, ConfigurationError } from './schema.ts';

/** What a configuration is resolved against. */
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

/** Settings of the options that take some whatever the preset: not part of what is trained. */
export const DATA_DEFAULTS = {
  map_points: 10_000,
  perplexity: 30,
  iterations: 1000,
} as const;

/** Of these, what tables are trained with, whose preset is `tabular`. */
const TABLE_DEFAULTS = {
  activation: 'gelu',
  epochs: 100,
  patience: 15,
  learning_rate: 1e-3,
  optimiser: 'adamw',
  weight_decay: 1e-4,
} as const;

/** Defaults that follow from the data, in words. */
const DERIVED_DEFAULTS: Readonly<Record<string, string>> = {
  activation: 'relu; tables: gelu',
  batch: 'a twentieth of the samples, for tables a fortieth, from 16 to 256',
  micro_batch: 'the batch',
  loss: 'binary_cross_entropy if values are scaled to 0..1, else mean_squared_error',
};

/** The value of an option that neither is given nor a preset sets, in words; undefined if there is no one such. */
export function describeDefault(key: string): string | undefined {
  const value = { ...TRAINING_DEFAULTS, ...DATA_DEFAULTS }[key as 'seed'];
  const ofTables = TABLE_DEFAULTS[key as keyof typeof TABLE_DEFAULTS];
  if (DERIVED_DEFAULTS[key] !== undefined || value === undefined) return DERIVED_DEFAULTS[key];
  return ofTables === undefined ? String(value) : `${value}; tables: ${ofTables}`;
}

/** A power of two near `x`, from `least` to `most`. */
const roundToPowerOfTwo = (x: number, least: number, most: number) =>
  Math.min(most, Math.max(least, 2 ** Math.round(Math.log2(Math.max(1, x)))));

/** Small data in small batches: one step an epoch would be few in all. */
const chooseBatch = (samples: number) => roundToPowerOfTwo(samples, 16, TRAINING_DEFAULTS.batch);

/** A code that is narrower than the sample. */
const limitCode = (wanted: number, features: number) => Math.max(1, Math.min(wanted, features - 1));

type Preset = (data: DataShape) => Configuration;

/** How many values a sample of a shape has. */
export const countFeatures = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/**
 * The presets: sizes by the data's shape. 784 features (MNIST) give 512-128-64; images halve their height
 * and width with each convolution; strokes are light lines on a dark ground, such as digits and letters, whose slant
 * tells nothing; tables of few columns stay small.
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
    };
  },
  image({ shape, count }) {
    if (shape.length !== 3) {
      throw new ConfigurationError(
        `the preset image needs samples of height × width × channels, not ${shape.join(' × ')}`,
      );
    }
    return {
      architecture: 'convolutional',
      channels: [16, 32],
      strides: [2, 2],
      widths: [256],
      batch: chooseBatch(count / 20),
      code: limitCode(roundToPowerOfTwo(countFeatures(shape) / 12, 8, 64), countFeatures(shape)),
    };
  },
  strokes(data) {
    if (data.shape.length !== 3) {
      throw new ConfigurationError(
        `the preset strokes needs samples of height × width × channels, not ${data.shape.join(' × ')}`,
      );
    }
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

/** What is done to images before anything else, by the options and the preset; undefined if nothing is. */
export function resolveCanonical(given: Configuration, shape: readonly number[]): Canonical | undefined {
  const preset = given.preset === 'strokes' ? PRESETS.strokes({ shape, count: 1, scaling: 'range' }) : {};
  const { pose = 'as_is', smoothing = 0 } = { ...preset, ...given };
  if (pose === 'as_is' && smoothing === 0) return undefined;
  if (shape.length !== 3) {
    throw new ConfigurationError(
      `pose and smoothing are of images, height × width × channels, not of ${shape.join(' × ')}: --shape says it of flat rows`,
    );
  }
  return { shape: shape as [number, number, number], pose, smoothing };
}
