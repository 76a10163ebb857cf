import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import type { Canonical, Scaling } from '../bundle/manifest.ts';
import { nearest } from '../bundle/nearest.ts';
import { reason } from '../bundle/system.ts';
import {
  ACTIVATIONS,
  ArchitectureSchema,
  ColumnSchema,
  type Training,
  TrainingSchema,
} from '../bundle/training.ts';
import type { Blueprint } from './autoencoder/autoencoder.ts';
import { outputsOf } from './autoencoder/losses.ts';

/** An option or a combination of options that cannot be; the message names them and says what is accepted. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const { columns: _columns, ...shared } = ArchitectureSchema.options[0].shape;
const whole = z.int().nonnegative();
const positive = z.int().positive();

/** The options of the model: what is left out follows from the data and the preset. */
const model = {
  architecture: z.enum(['dense', 'convolutional']).describe('kind of network; convolutional is for images'),
  widths: z.array(positive).describe('widths of the dense layers between input and code, such as 512,128'),
  code: positive.describe('length of the code'),
  channels: z.array(positive).min(1).describe('convolutional: channels of each convolution, such as 16,32'),
  strides: z.array(positive).min(1).describe('convolutional: stride of each convolution'),
  kernel: positive.describe('convolutional: size of the windows, odd'),
  activation: z.enum(ACTIVATIONS).describe('of the hidden layers'),
  code_activation: shared.code_activation.describe('of the code'),
  normalisation: shared.normalisation.describe('of the hidden layers'),
  dropout: shared.dropout.describe('share of hidden activations left out in a step'),
  tied: z.boolean().describe('dense: the decoder uses the weights of the encoder, transposed'),
  variational: z.boolean().describe('the code is a Gaussian, drawn from while training'),
  output: shared.output.describe('what follows the decoder: from the loss and the scaling unless given'),
  columns: z
    .array(ColumnSchema)
    .describe('for the mixed loss: "number", "flag" or {"categories": n} for each column'),
};

const training = {
  seed: TrainingSchema.shape.seed.describe('the same seed gives the same bytes'),
  epochs: positive.describe('passes over the training samples'),
  batch: positive.max(65_536).describe('samples in a step'),
  micro_batch: positive.describe('samples that run through the graph together'),
  loss: TrainingSchema.shape.loss.describe('what training makes small'),
  huber_delta: TrainingSchema.shape.huber_delta.describe('error from which the huber loss is linear'),
  corruption: TrainingSchema.shape.corruption.describe('denoising: what is done to the inputs'),
  corruption_level: TrainingSchema.shape.corruption_level.describe(
    'standard deviation of the noise, or share of values replaced',
  ),
  sparsity: TrainingSchema.shape.sparsity.describe('penalty that keeps the code sparse'),
  sparsity_weight: TrainingSchema.shape.sparsity_weight.describe('weight of the sparsity penalty'),
  sparsity_target: TrainingSchema.shape.sparsity_target.describe('kl: mean activation to aim at'),
  contraction: TrainingSchema.shape.contraction.describe('weight of the encoder’s squared Jacobian'),
  beta: TrainingSchema.shape.beta.describe('variational: weight of the divergence from the prior'),
  beta_warmup_epochs: TrainingSchema.shape.beta_warmup_epochs.describe('epochs in which beta rises from 0'),
  trim: TrainingSchema.shape.trim.describe('robust: worst share of each batch that is left out'),
  initialisation: TrainingSchema.shape.initialisation.describe('of the weights; auto goes by activation'),
  optimiser: TrainingSchema.shape.optimiser.describe('update rule'),
  learning_rate: TrainingSchema.shape.learning_rate.describe('peak of the schedule'),
  momentum: TrainingSchema.shape.momentum.describe('of momentum and nesterov; decay of rmsprop'),
  beta1: TrainingSchema.shape.beta1.describe('adam: decay of the first moment'),
  beta2: TrainingSchema.shape.beta2.describe('adam: decay of the second moment'),
  epsilon: TrainingSchema.shape.epsilon.describe('adam, rmsprop: added to the root of the second moment'),
  weight_decay: TrainingSchema.shape.weight_decay.describe('decoupled weight decay'),
  clip_norm: TrainingSchema.shape.clip_norm.describe('largest norm of the gradient; 0: any'),
  clip_value: TrainingSchema.shape.clip_value.describe('largest entry of the gradient; 0: any'),
  schedule: TrainingSchema.shape.schedule.describe('of the learning rate'),
  warmup_epochs: TrainingSchema.shape.warmup_epochs.describe('epochs in which the learning rate rises'),
  step_epochs: positive.describe('step schedule: epochs between two drops'),
  rate_factor: TrainingSchema.shape.rate_factor.describe('step, plateau: what the rate is multiplied by'),
  plateau_patience: positive.describe('plateau: epochs without progress before a drop'),
  patience: whole.describe('stop after so many epochs without a better validation loss; 0: never'),
};

const data = {
  preset: z
    .enum(['small', 'image', 'strokes', 'tabular', 'large'])
    .describe('sizes that follow from the data’s shape'),
  shape: z.array(positive).describe('shape of one sample, such as 28,28,1, if the file does not say'),
  label: z
    .string()
    .min(1)
    .describe('tables: the column that says what is anomalous; the model does not see it'),
  anomalous: z.string().min(1).describe('tables: the value of the label that is the anomalous one'),
  types: z
    .record(z.string(), z.enum(['number', 'flag', 'category', 'date']))
    .describe('tables: kinds of columns, where they are not what they seem, such as zip=category,age=number'),
  exclude: z.array(z.string().min(1)).describe('tables: columns to leave out, such as name,comment'),
  scaling: z
    .enum(['auto', 'range', 'standard', 'robust', 'quantile'])
    .describe(
      'range: to 0..1; standard: each feature to mean 0, deviation 1; tables also robust: by median and quartiles, quantile: to normal scores, auto: what suits each column',
    ),
  range: z.tuple([z.number(), z.number()]).describe('least and largest raw value, such as 0,255'),
  pose: z
    .enum(['as_is', 'centred', 'deskewed'])
    .describe(
      'images on a dark ground: bring the centre of mass to the middle, and take out the slant [as_is]',
    ),
  smoothing: z
    .number()
    .min(0)
    .max(16)
    .describe('images: standard deviation in pixels of a Gaussian that smooths them first [0]'),
  limit: positive.describe('train on at most so many samples, for a quick try'),
  validation: positive.describe(
    'samples kept out of training to choose the best epoch [a tenth, at most 2000]',
  ),
  calibration: positive.describe(
    'samples kept out of training to calibrate the p-values [15 %, at least 9, at most 4000]',
  ),
  test: positive.describe(
    'samples kept out of training for the report and the map [a fifth, at most 10000; MNIST has its own]',
  ),
  detectors: z
    .array(z.string().min(1))
    .min(1)
    .describe('what makes up the score, such as knn:code,mixture:code [by the kind of data]'),
  contamination: z
    .number()
    .min(0)
    .max(0.5)
    .describe(
      'share of the training samples, the most suspicious, that detectors are not fitted to [0.3 of tables, 0 of images]',
    ),
  map_points: z.int().min(100).max(10_000).describe('test samples on the map'),
  perplexity: z.number().min(1).describe('t-SNE: how many neighbours a point attends to'),
  iterations: z.int().min(250).describe('t-SNE: steps of the optimiser'),
};

/** Every option that decides what a bundle will be, by the name it has in a configuration file. */
export const OPTIONS = { ...data, ...model, ...training };

/** A configuration as people write it: any part of the options. */
export const ConfigurationSchema = z.strictObject(OPTIONS).partial();

export type Configuration = z.infer<typeof ConfigurationSchema>;

/** What a configuration is resolved against. */
export interface DataShape {
  shape: readonly number[];
  /** Training samples. */
  count: number;
  scaling: Scaling['kind'];
}

/** The options in full: the model, how it is trained. */
export interface Resolved {
  preset: NonNullable<Configuration['preset']>;
  blueprint: Blueprint;
  training: Training;
}

const TRAINING: Training = {
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
const OF_TABLES = {
  activation: 'gelu',
  epochs: 100,
  patience: 15,
  learning_rate: 1e-3,
  optimiser: 'adamw',
  weight_decay: 1e-4,
} as const;

/** Defaults that follow from the data, in words. */
const FOLLOWING: Readonly<Record<string, string>> = {
  activation: 'relu, of tables gelu',
  batch: `${TRAINING.batch}, of tables a fortieth of the rows, 16 to 256`,
  micro_batch: 'the batch',
  loss: 'binary_cross_entropy of what is scaled to 0..1, else mean_squared_error',
};

/** The value of an option that neither is given nor a preset sets, in words; undefined if there is no one such. */
export function defaultOf(key: string): string | undefined {
  const value = { ...TRAINING, ...DATA_DEFAULTS }[key as 'seed'];
  const ofTables = OF_TABLES[key as keyof typeof OF_TABLES];
  if (FOLLOWING[key] !== undefined || value === undefined) return FOLLOWING[key];
  return ofTables === undefined ? String(value) : `${value}, of tables ${ofTables}`;
}

/** A power of two near `x`, from `least` to `most`. */
const near = (x: number, least: number, most: number) =>
  Math.min(most, Math.max(least, 2 ** Math.round(Math.log2(Math.max(1, x)))));

/** A code that is narrower than the sample. */
const narrow = (wanted: number, features: number) => Math.max(1, Math.min(wanted, features - 1));

type Preset = (data: DataShape) => Configuration;

const featuresOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/**
 * The presets: sizes by the data's shape. 784 features (MNIST) give 512-128-64; images halve their height
 * and width with each convolution; strokes are light lines on a dark ground, such as digits and letters, whose slant
 * tells nothing; tables of few columns stay small.
 */
export const PRESETS: Readonly<Record<NonNullable<Configuration['preset']>, Preset>> = {
  small({ shape }) {
    const features = featuresOf(shape);
    const first = near(0.65 * features, 16, 512);
    return {
      architecture: 'dense',
      widths: [first, Math.max(8, first / 4)],
      code: narrow(near(features / 12, 2, 64), features),
    };
  },
  image({ shape }) {
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
      code: narrow(near(featuresOf(shape) / 12, 8, 64), featuresOf(shape)),
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
    const features = featuresOf(shape);
    const first = near(4 * features, 32, 256);
    const batch = near(count / 40, 16, 256);
    return {
      architecture: 'dense',
      widths: [first, first / 2],
      code: narrow(Math.min(Math.round(features / 3), 32), features),
      batch,
      ...OF_TABLES,
    };
  },
  large({ shape }) {
    const features = featuresOf(shape);
    const dense = near(2 * features, 128, 1024);
    const sizes: Configuration =
      shape.length === 3
        ? { architecture: 'convolutional', channels: [32, 64, 128], strides: [1, 2, 2], widths: [256] }
        : { architecture: 'dense', widths: [dense, dense / 2, dense / 4] };
    return {
      ...sizes,
      code: narrow(near(features / 12, 4, 128), features),
      epochs: 100,
      optimiser: 'adamw',
      weight_decay: 1e-4,
    };
  },
};

/** What is done to images before anything else, by the options and the preset; undefined if nothing is. */
export function canonicalOf(given: Configuration, shape: readonly number[]): Canonical | undefined {
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

/**
 * The model and its training in full, from what is given, the preset and the data. Throws a
 * {@link ConfigurationError} that names the options that do not fit together.
 */
export function resolveConfiguration(given: Configuration, of: DataShape): Resolved {
  const preset = given.preset ?? (of.shape.length === 3 ? 'small' : 'tabular');
  const features = featuresOf(of.shape);
  const bounded = of.scaling === 'range';
  const settings = {
    kernel: 3,
    activation: 'relu' as const,
    code_activation: given.sparsity === 'kl' ? ('sigmoid' as const) : ('linear' as const),
    normalisation: 'none' as const,
    dropout: 0,
    tied: false,
    variational: false,
    columns: [],
    ...TRAINING,
    loss: bounded ? ('binary_cross_entropy' as const) : ('mean_squared_error' as const),
    ...PRESETS[preset](of),
    ...given,
  };
  checkUsed(given, settings);
  const loss = settings.loss;
  const output =
    given.output ??
    (bounded || !outputsOf(loss).includes('linear') ? outputsOf(loss)[0] : ('linear' as const));
  const batch = given.batch ?? Math.max(1, Math.min(settings.batch, of.count));
  const picked = <T extends object>(keys: T) =>
    Object.fromEntries(Object.keys(keys).map((key) => [key, settings[key as keyof typeof settings]]));
  const layers = {
    code: settings.code!,
    activation: settings.activation,
    code_activation: settings.code_activation,
    normalisation: settings.normalisation,
    dropout: settings.dropout,
    variational: settings.variational,
    output,
    columns: settings.columns,
  };
  const blueprint: Blueprint =
    settings.architecture === 'convolutional'
      ? {
          kind: 'convolutional',
          shape: image(of.shape),
          channels: settings.channels ?? [16, 32],
          strides: settings.strides ?? (settings.channels ?? [16, 32]).map(() => 2),
          kernel: settings.kernel,
          widths: settings.widths ?? [],
          ...layers,
        }
      : {
          kind: 'dense',
          widths: mirrored(features, settings.widths ?? [], layers.code),
          tied: settings.tied,
          ...layers,
        };
  const full = TrainingSchema.parse({
    ...picked(TRAINING),
    batch,
    micro_batch: given.micro_batch ?? (divisible(blueprint, settings) ? pieceOf(blueprint, batch) : batch),
  });
  check(blueprint, full, of, features);
  return { preset, blueprint, training: full };
}

const mirrored = (features: number, widths: readonly number[], code: number) => [
  features,
  ...widths,
  code,
  ...widths.toReversed(),
  features,
];

function image(shape: readonly number[]): [number, number, number] {
  if (shape.length !== 3) {
    throw new ConfigurationError(
      `architecture convolutional needs samples of height × width × channels, not ${shape.join(' × ')}: --shape says it of flat rows`,
    );
  }
  return shape as [number, number, number];
}

/** Whether a batch in pieces has the gradient of the whole: nothing in it is about the batch as such. */
const divisible = (model: Blueprint, { sparsity, trim }: Pick<Training, 'sparsity' | 'trim'>) =>
  model.normalisation !== 'batch' && sparsity !== 'kl' && trim === 0;

/** The feature maps of a piece of a batch take about so many bytes: what a processor's caches hold. */
const PIECE_BYTES = 96 * 2 ** 20;

/** As many samples, a power of two, as the feature maps of a convolutional network are to take; all of a dense one. */
function pieceOf(model: Blueprint, batch: number): number {
  if (model.kind === 'dense') return batch;
  let [height, width] = model.shape;
  let values = 0;
  for (const [i, channels] of model.channels.entries()) {
    [height, width] = [height, width].map((d) => Math.ceil(d / (model.strides[i] ?? 1)));
    values += 2 * channels * height * width;
  }
  const most = Math.max(1, PIECE_BYTES / (4 * values));
  return Math.min(batch, 2 ** Math.floor(Math.log2(most)));
}

/** Options that mean something only if another one has one of these values. */
const NEEDS: Readonly<Record<string, { of: string; values: readonly unknown[] }>> = {
  channels: { of: 'architecture', values: ['convolutional'] },
  strides: { of: 'architecture', values: ['convolutional'] },
  kernel: { of: 'architecture', values: ['convolutional'] },
  tied: { of: 'architecture', values: ['dense'] },
  columns: { of: 'loss', values: ['mixed'] },
  huber_delta: { of: 'loss', values: ['huber'] },
  corruption_level: { of: 'corruption', values: ['gaussian', 'masking', 'salt_and_pepper'] },
  sparsity_weight: { of: 'sparsity', values: ['l1', 'kl'] },
  sparsity_target: { of: 'sparsity', values: ['kl'] },
  beta: { of: 'variational', values: [true] },
  beta_warmup_epochs: { of: 'variational', values: [true] },
  momentum: { of: 'optimiser', values: ['momentum', 'nesterov', 'rmsprop'] },
  beta1: { of: 'optimiser', values: ['adam', 'adamw'] },
  beta2: { of: 'optimiser', values: ['adam', 'adamw'] },
  epsilon: { of: 'optimiser', values: ['adam', 'adamw', 'rmsprop'] },
  warmup_epochs: { of: 'schedule', values: ['cosine'] },
  step_epochs: { of: 'schedule', values: ['step'] },
  rate_factor: { of: 'schedule', values: ['step', 'plateau'] },
  plateau_patience: { of: 'schedule', values: ['plateau'] },
};

/** Nothing that is given may be without effect, unless it is what would be anyway. */
function checkUsed(
  given: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, unknown>>,
): void {
  const defaults: Readonly<Record<string, unknown>> = { ...TRAINING, kernel: 3, tied: false };
  for (const [key, { of, values }] of Object.entries(NEEDS)) {
    const value = given[key];
    if (value === undefined || value === defaults[key] || (Array.isArray(value) && value.length === 0))
      continue;
    if (values.includes(settings[of])) continue;
    const needed = values[0] === true ? of : `${of} ${values.join(' or ')}`;
    throw new ConfigurationError(`${key} is given, which has no effect without ${needed}`);
  }
}

/** What each option allows by itself is in its schema; this is what they allow together. */
function check(model: Blueprint, t: Training, { count, scaling }: DataShape, features: number): void {
  const refuse = (when: boolean, why: string) => {
    if (when) throw new ConfigurationError(why);
  };
  const { output, variational, code } = model;
  const constrained =
    variational || t.sparsity !== 'none' || t.contraction > 0 || t.corruption !== 'none' || model.dropout > 0;
  refuse(
    features === 1 && !constrained,
    'one column is left, of one number, which a code can only copy: at least two numbers are needed, or a constraint, such as --corruption gaussian',
  );
  refuse(
    code >= features && !constrained,
    `code is ${code}, a sample has ${features} features: a code as wide as the input learns to copy it; choose a smaller code, or a constraint (sparsity, contraction, corruption, dropout, variational)`,
  );
  refuse(
    count < 2,
    `there ${count === 1 ? 'is 1 training sample' : 'are no training samples'}: at least 2 are needed`,
  );
  refuse(t.batch > count, `batch is ${t.batch}, there are ${count} training samples: choose a smaller batch`);
  refuse(
    t.micro_batch > t.batch,
    `micro_batch is ${t.micro_batch}, batch is ${t.batch}: it cannot be larger`,
  );
  const whole = t.micro_batch === t.batch;
  refuse(
    !whole && !divisible(model, t),
    'normalisation batch, sparsity kl and trim are about whole batches: micro_batch must be the batch',
  );
  refuse(
    !outputsOf(t.loss).includes(output),
    `loss ${t.loss} is of an output ${outputsOf(t.loss).join(' or ')}, not ${output}`,
  );
  refuse(
    scaling !== 'range' && (output === 'sigmoid' || t.loss === 'binary_cross_entropy'),
    `${t.loss === 'binary_cross_entropy' ? 'loss binary_cross_entropy' : 'output sigmoid'} needs values from 0 to 1: use --scaling range, with --range if needed`,
  );
  refuse(
    scaling === 'columns' && (output === 'columns' || output === 'softmax'),
    `loss ${t.loss} is of a matrix whose columns are coded already: of this table choose mean_squared_error, mean_absolute_error, huber or gaussian_nll`,
  );
  refuse(
    output === 'columns' && model.columns.length === 0,
    'loss mixed needs columns: ["number", "flag", {"categories": 3}, …], in a configuration file',
  );
  refuse(
    t.sparsity === 'kl' && model.code_activation !== 'sigmoid',
    `sparsity kl needs code_activation sigmoid, not ${model.code_activation}`,
  );
  refuse(
    variational && model.code_activation !== 'linear',
    'a variational code needs code_activation linear',
  );
  refuse(
    variational && t.loss !== 'binary_cross_entropy' && t.loss !== 'gaussian_nll',
    `a variational model needs a likelihood: loss binary_cross_entropy (Bernoulli) or gaussian_nll, not ${t.loss}`,
  );
  refuse(
    t.corruption === 'salt_and_pepper' && scaling !== 'range',
    'corruption salt_and_pepper needs --scaling range: it sets values to the least or the largest',
  );
  refuse(
    (t.corruption === 'masking' || t.corruption === 'salt_and_pepper') && t.corruption_level > 1,
    `corruption_level is ${t.corruption_level}: of ${t.corruption} it is a share, from 0 to 1`,
  );
}

/** Checks options as people write them. `where` names the file or the command line in errors. */
export function parseConfiguration(json: unknown, where: string): Configuration {
  const parsed = ConfigurationSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0];
    const { name } = nearest(key, Object.keys(OPTIONS));
    throw new ConfigurationError(`${where}: there is no option ${key}; did you mean ${name}?`);
  }
  const path = issue.path.join('.');
  throw new ConfigurationError(`${where}: ${path || 'an object of options is needed'}: ${issue.message}`);
}

/** Reads a configuration: JSON, or a TypeScript or JavaScript module whose default export it is. */
export async function readConfiguration(path: string): Promise<Configuration> {
  if (['.ts', '.mts', '.js', '.mjs'].includes(extname(path))) {
    let module: { default?: unknown };
    try {
      module = await import(pathToFileURL(resolve(path)).href);
    } catch (error) {
      throw new ConfigurationError(`${path} cannot be loaded: ${(error as Error).message}`);
    }
    return parseConfiguration(module.default, path);
  }
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(`${path} cannot be read: ${reason(error)}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(`${path} is not JSON: ${(error as Error).message}`);
  }
  return parseConfiguration(json, path);
}
