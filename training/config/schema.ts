import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { UserError } from '../../bundle/error.ts';
import { FUSIONS } from '../../bundle/fusion.ts';
import { findNearestName } from '../../bundle/misspelling.ts';
import { reason } from '../../bundle/system-error.ts';
import { ACTIVATIONS, ArchitectureSchema, ColumnSchema, TrainingSchema } from '../../bundle/training.ts';
import { describeAccepted, showValue } from './accepted.ts';

/** Wrong options, or options that do not fit together. The message names them and says what is accepted. */
export class ConfigurationError extends UserError {
  override readonly name = 'ConfigurationError';
}

const { columns: _columns, ...shared } = ArchitectureSchema.options[0].shape;
const whole = z.int().nonnegative();
/** The upper bound is more than any of them needs. */
const positive = z.int().positive().max(1e9);

/** The options of the model. Defaults follow from the data and the preset. */
const model = {
  architecture: z.enum(['dense', 'convolutional']).describe('kind of network; convolutional needs images'),
  widths: z
    .array(positive)
    .describe('widths of the dense layers from the input to the code, such as 512,128'),
  code: positive.describe('width of the code: how many numbers represent a sample'),
  channels: z
    .array(positive)
    .min(1)
    .describe('convolutional: output channels of each convolution, such as 16,32'),
  strides: z.array(positive).min(1).describe('convolutional: stride of each convolution'),
  kernel: positive.describe('convolutional: height and width of the kernels, an odd number'),
  activation: z.enum(ACTIVATIONS).describe('activation of the hidden layers'),
  code_activation: shared.code_activation.describe('activation of the code'),
  normalisation: shared.normalisation.describe('normalisation of the hidden layers'),
  dropout: shared.dropout.describe('share of the hidden activations dropped in each step'),
  tied: z.boolean().describe('dense: the decoder uses the transposed weights of the encoder'),
  variational: z.boolean().describe('train a variational autoencoder: the code is drawn from a Gaussian'),
  output: shared.output.describe('activation of the output [depends on the loss and the scaling]'),
  columns: z
    .array(ColumnSchema)
    .describe('mixed loss: "number", "flag" or {"categories": n} for each column'),
};

const training = {
  seed: TrainingSchema.shape.seed.describe('seed for random numbers; the same seed gives the same bytes'),
  epochs: positive.describe('passes over the training samples'),
  batch: positive.max(65_536).describe('samples per step'),
  micro_batch: positive.describe(
    'samples that run through the graph at once; larger batches are computed in pieces',
  ),
  loss: TrainingSchema.shape.loss.describe('loss to minimise'),
  huber_delta: TrainingSchema.shape.huber_delta.describe('huber loss: error above which it is linear'),
  corruption: TrainingSchema.shape.corruption.describe('denoising: how the inputs are corrupted'),
  corruption_level: TrainingSchema.shape.corruption_level.describe(
    'denoising: standard deviation of the noise, or share of the values replaced',
  ),
  sparsity: TrainingSchema.shape.sparsity.describe('penalty that makes the code sparse'),
  sparsity_weight: TrainingSchema.shape.sparsity_weight.describe('weight of the sparsity penalty'),
  sparsity_target: TrainingSchema.shape.sparsity_target.describe(
    'kl sparsity: target for the mean activation',
  ),
  contraction: TrainingSchema.shape.contraction.describe(
    'weight of the contractive penalty: the squared Jacobian of the encoder',
  ),
  beta: TrainingSchema.shape.beta.describe('variational: weight of the KL divergence from the prior'),
  beta_warmup_epochs: TrainingSchema.shape.beta_warmup_epochs.describe(
    'variational: epochs over which beta rises from 0',
  ),
  trim: TrainingSchema.shape.trim.describe(
    'robust training: share of each batch, the samples with the largest errors, to ignore',
  ),
  initialisation: TrainingSchema.shape.initialisation.describe(
    'initialisation of the weights; auto depends on the activation',
  ),
  optimiser: TrainingSchema.shape.optimiser.describe('update rule of the optimiser'),
  learning_rate: TrainingSchema.shape.learning_rate.describe('learning rate at the peak of the schedule'),
  momentum: TrainingSchema.shape.momentum.describe(
    'momentum, nesterov: momentum; rmsprop: decay of the second moment',
  ),
  beta1: TrainingSchema.shape.beta1.describe('adam: decay of the first moment'),
  beta2: TrainingSchema.shape.beta2.describe('adam: decay of the second moment'),
  epsilon: TrainingSchema.shape.epsilon.describe('adam, rmsprop: added to the root of the second moment'),
  weight_decay: TrainingSchema.shape.weight_decay.describe('decoupled weight decay'),
  clip_norm: TrainingSchema.shape.clip_norm.describe('clip the norm of the gradient to this; 0: do not clip'),
  clip_value: TrainingSchema.shape.clip_value.describe(
    'clip each entry of the gradient to this; 0: do not clip',
  ),
  schedule: TrainingSchema.shape.schedule.describe('schedule of the learning rate'),
  warmup_epochs: TrainingSchema.shape.warmup_epochs.describe(
    'epochs over which the learning rate rises to its peak',
  ),
  step_epochs: positive.describe('step schedule: epochs between drops of the rate'),
  rate_factor: TrainingSchema.shape.rate_factor.describe(
    'step, plateau: factor by which each drop multiplies the rate',
  ),
  plateau_patience: positive.describe('plateau schedule: epochs without progress before a drop'),
  patience: whole.describe(
    'early stopping: epochs without a better validation loss before training stops; 0: never stop',
  ),
};

const data = {
  preset: z
    .enum(['small', 'image', 'strokes', 'tabular', 'large'])
    .describe('named set of defaults, scaled to the data'),
  shape: z
    .array(positive)
    .describe(
      'height, width and channels to resize a folder of images to; shape of one sample, such as 28,28,1, if a file does not say',
    ),
  label: z
    .string()
    .min(1)
    .describe('tables: the column that marks anomalous rows; the model does not see it'),
  anomalous: z
    .string()
    .min(1)
    .describe('the value of the label for anomalous rows of a table, or the subfolder of anomalous images'),
  types: z
    .record(z.string(), z.enum(['number', 'flag', 'category', 'date']))
    .describe(
      'tables: override inferred kinds, or keep columns that look like labels as features, such as zip=category,age=number',
    ),
  exclude: z.array(z.string().min(1)).describe('tables: columns to leave out, such as name,comment'),
  na: z.array(z.string().min(1)).describe('tables: more strings to treat as missing, such as -999,unknown'),
  decimal: z.enum(['.', ',']).describe('tables: decimal separator, if it cannot be inferred'),
  header: z.boolean().describe('CSV: the first line has values, not the names of the columns'),
  scaling: z
    .enum(['auto', 'range', 'standard', 'robust', 'quantile'])
    .describe(
      'how values are scaled. range: to 0..1; standard: to mean 0 and standard deviation 1. For tables also robust: by median and quartiles; quantile: to normal scores; auto: chosen for each column',
    ),
  range: z.tuple([z.number(), z.number()]).describe('smallest and largest raw value, such as 0,255'),
  pose: z
    .enum(['as_is', 'centred', 'deskewed'])
    .describe(
      'images on a dark background: move the centre of mass to the middle (centred), and also remove the slant (deskewed) [as_is]',
    ),
  smoothing: z
    .number()
    .min(0)
    .max(16)
    .describe('images: first smooth with a Gaussian of this standard deviation, in pixels [0]'),
  limit: positive.describe('train on at most this many samples, for a quick trial'),
  validation: positive.describe('validation samples, to choose the best epoch [1/10, at most 2000]'),
  calibration: positive.describe('calibration samples, for the p-values [15%, at least 9, at most 4000]'),
  test: positive.describe('test samples, for the report and the map [1/5, at most 10000; MNIST has its own]'),
  detectors: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      'detectors that make up the score, such as knn:code,mixture:code; knn, knn_mean, knn_5_percent, lof and kde keep training rows in the model [depends on the kind of data]',
    ),
  keep_rows: z
    .enum(['any', 'none'])
    .describe(
      'whether the model may contain training rows. any: yes; none: use only detectors that store none [any]',
    ),
  rows: z
    .boolean()
    .describe(
      'whether the bundle has the rows of the points on the map, which the dashboard shows and everybody can read: values, ids, file names [true, unless keep_rows is none]',
    ),
  fusion: z
    .enum(FUSIONS)
    .describe(
      'how the surprises of the detectors become the score: their mean, the largest (max), or the mean of the two largest (top2) [max for tables and matrices; mean for images, and for detectors that are named]',
    ),
  contamination: z
    .number()
    .min(0)
    .max(0.5)
    .describe(
      'share of the training samples, the most suspicious ones, that detectors ignore [0.3 for tables and matrices, 0 for images]',
    ),
  map_points: z
    .int()
    .min(100)
    .max(1_000_000)
    .describe(
      'points on the map: the test samples, then a sample of the others [all, up to 100,000; fewer of samples with many values]',
    ),
  perplexity: z
    .union([z.number().min(1), z.array(z.number().min(1)).min(1)])
    .describe(
      't-SNE: roughly, the number of neighbours of a point; several, such as 10,100, keep neighbourhoods of several sizes',
    ),
  affinities: z
    .enum(['gaussian', 'uniform'])
    .describe(
      't-SNE: gaussian: neighbours attract a point the more, the nearer they are; uniform: each of the perplexity nearest as much [gaussian]',
    ),
  map_metric: z
    .enum(['euclidean', 'cosine', 'correlation', 'manhattan'])
    .describe('how the map compares codes; manhattan: up to 20,000 points [euclidean]'),
  iterations: z.int().min(250).describe('t-SNE: iterations of the optimiser'),
  frames: z
    .int()
    .min(0)
    .describe(
      't-SNE: frames to replay the map on the dashboard; 0: none [40, fewer for more than 200,000 points]',
    ),
};

/** Every option that changes the bundle, by its name in a configuration file. */
export const OPTIONS = { ...data, ...model, ...training };

/** A configuration as people write it: any subset of the options. */
export const ConfigurationSchema = z.strictObject(OPTIONS).partial();

export type Configuration = z.infer<typeof ConfigurationSchema>;

/** Checks options as people write them. `where` names the file or the command line in errors. */
export function parseConfiguration(json: unknown, where: string): Configuration {
  const parsed = ConfigurationSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) => describeIssue(issue, json));
  // A list has an issue for each of its values.
  const lines = [...new Set(faults)].map((fault) => `${where}: ${fault}`);
  throw new ConfigurationError(lines.join('\n'));
}

/** What is wrong with options, in words. */
function describeIssue(issue: z.core.$ZodIssue, json: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const { name } = findNearestName(key, Object.keys(OPTIONS));
      return `there is no option ${key}; did you mean ${name}?`;
    });
  }
  const key = issue.path[0] as keyof typeof OPTIONS | undefined;
  if (key === undefined) return [`expected an object of options, got ${showValue(json)}`];
  const value = (json as Record<string, unknown>)[key];
  const got = value === '' ? 'but it is empty' : `got ${showValue(value)}`;
  return [`${key}: expected ${describeAccepted(OPTIONS[key])}, ${got}`];
}

/** Reads a configuration: JSON, or a TypeScript or JavaScript module whose default export it is. */
export async function readConfiguration(path: string): Promise<Configuration> {
  if (['.ts', '.mts', '.js', '.mjs'].includes(extname(path))) {
    return parseFile(await importDefault(path), path);
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
  return parseFile(json, path);
}

/** The version of configuration files. A file without one is read as the first. */
export const CONFIGURATION_VERSION = 1;

/** Checks the options of a file, beside which it may have a version. */
function parseFile(json: unknown, path: string): Configuration {
  if (typeof json !== 'object' || json === null || !('version' in json))
    return parseConfiguration(json, path);
  const { version, ...options } = json;
  if (version === CONFIGURATION_VERSION) return parseConfiguration(options, path);
  throw new ConfigurationError(
    `${path}: version: expected ${CONFIGURATION_VERSION}, got ${showValue(version)}; if a newer offmanifold wrote the file, update this one`,
  );
}

/** The default export of a module. Node takes a file without any import or export for CommonJS, whose exports are empty. */
async function importDefault(path: string): Promise<unknown> {
  const absolute = resolve(path);
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(absolute).href);
  } catch (error) {
    const { message, stack = '' } = error as Error;
    const line = Number.parseInt(stack.split(`${absolute}:`)[1], 10);
    const where = Number.isNaN(line) ? path : `${path}, line ${line},`;
    throw new ConfigurationError(`${where} cannot be loaded: ${message}`);
  }
  const { default: options } = module;
  const commonJs = 'module.exports' in module;
  if (options === undefined || (commonJs && Object.keys(options as object).length === 0)) {
    throw new ConfigurationError(`${path} exports no options: write export default { … }`);
  }
  return options;
}
