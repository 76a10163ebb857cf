import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { UserError } from '../../bundle/error.ts';
import { nearest } from '../../bundle/nearest.ts';
import { reason } from '../../bundle/system.ts';
import { ACTIVATIONS, ArchitectureSchema, ColumnSchema, TrainingSchema } from '../../bundle/training.ts';

/** An option or a combination of options that cannot be; the message names them and says what is accepted. */
export class ConfigurationError extends UserError {
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
