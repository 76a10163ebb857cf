import type { Training } from '../../bundle/training.ts';
import { type Blueprint, columnWidth } from '../autoencoder/autoencoder.ts';
import { outputsOf } from '../autoencoder/losses.ts';
import { countFeatures, type DataShape } from './presets.ts';
import { ConfigurationError } from './schema.ts';

/** Options that have an effect only if another option has one of these values. */
const REQUIREMENTS: Readonly<Record<string, { option: string; values: readonly unknown[] }>> = {
  channels: { option: 'architecture', values: ['convolutional'] },
  strides: { option: 'architecture', values: ['convolutional'] },
  kernel: { option: 'architecture', values: ['convolutional'] },
  tied: { option: 'architecture', values: ['dense'] },
  columns: { option: 'loss', values: ['mixed'] },
  huber_delta: { option: 'loss', values: ['huber'] },
  corruption_level: { option: 'corruption', values: ['gaussian', 'masking', 'salt_and_pepper'] },
  sparsity_weight: { option: 'sparsity', values: ['l1', 'kl'] },
  sparsity_target: { option: 'sparsity', values: ['kl'] },
  beta: { option: 'variational', values: [true] },
  beta_warmup_epochs: { option: 'variational', values: [true] },
  momentum: { option: 'optimiser', values: ['momentum', 'nesterov', 'rmsprop'] },
  beta1: { option: 'optimiser', values: ['adam', 'adamw'] },
  beta2: { option: 'optimiser', values: ['adam', 'adamw'] },
  epsilon: { option: 'optimiser', values: ['adam', 'adamw', 'rmsprop'] },
  warmup_epochs: { option: 'schedule', values: ['cosine'] },
  step_epochs: { option: 'schedule', values: ['step'] },
  rate_factor: { option: 'schedule', values: ['step', 'plateau'] },
  plateau_patience: { option: 'schedule', values: ['plateau'] },
};

type Options = Readonly<Record<string, unknown>>;

/**
 * Throws a {@link ConfigurationError} if an option is given that has no effect with these settings. A default that
 * is written out is no mistake.
 */
export function checkUsed(given: Options, settings: Options, defaults: Options): void {
  for (const [key, { option, values }] of Object.entries(REQUIREMENTS)) {
    const value = given[key];
    if (value === undefined || value === defaults[key] || (Array.isArray(value) && value.length === 0))
      continue;
    if (values.includes(settings[option])) continue;
    const needed = values[0] === true ? option : `${option} ${values.join(' or ')}`;
    throw new ConfigurationError(`${key} is given, which has no effect without ${needed}`);
  }
}

/**
 * Throws a {@link ConfigurationError} if options do not fit together or do not fit the data. What each option
 * accepts by itself is in its schema.
 */
export function checkTogether(model: Blueprint, training: Training, data: DataShape): void {
  const features = countFeatures(data.shape);
  checkLayers(model, features);
  checkCode(model, training, features);
  checkBatches(model, training, data.count);
  checkLoss(model, training, data.scaling);
  checkRegularisers(model, training, data.scaling);
}

/** Whether the gradients of micro-batches add up to that of the batch: not if a term spans the whole batch. */
export const canSplitBatch = (model: Blueprint, { sparsity, trim }: Pick<Training, 'sparsity' | 'trim'>) =>
  model.normalisation !== 'batch' && sparsity !== 'kl' && trim === 0;

function refuse(when: boolean, why: string): void {
  if (when) throw new ConfigurationError(why);
}

/** The layers assert the same; here the messages name the options. */
function checkLayers(model: Blueprint, features: number): void {
  const width = model.columns.reduce((sum, column) => sum + columnWidth(column), 0);
  refuse(
    model.output === 'columns' && model.columns.length > 0 && width !== features,
    `the columns take ${width} features, but a sample has ${features}`,
  );
  if (model.kind === 'convolutional') {
    const { channels, strides, kernel } = model;
    refuse(
      strides.length !== channels.length,
      `there are ${channels.length} channels and ${strides.length} strides: give one stride for each`,
    );
    refuse(kernel % 2 === 0, `kernel is ${kernel}: it must be odd`);
    return;
  }
  refuse(
    model.tied && (model.variational || model.output === 'gaussian'),
    `tied weights do not work with ${model.variational ? 'a variational code' : 'loss gaussian_nll'}`,
  );
}

function checkCode({ code, variational, dropout }: Blueprint, training: Training, features: number): void {
  const { sparsity, contraction, corruption } = training;
  const constrained =
    variational || sparsity !== 'none' || contraction > 0 || corruption !== 'none' || dropout > 0;
  refuse(
    features === 1 && !constrained,
    'only one column with one number is left, which a code can only copy: give at least two numbers, or train with a constraint such as --corruption gaussian',
  );
  refuse(
    code >= features && !constrained,
    `code is ${code}, but the network takes ${features} numbers per sample: a code as wide as the input learns to copy it; choose a smaller code, or a constraint (sparsity, contraction, corruption, dropout, variational)`,
  );
}

function checkBatches(model: Blueprint, training: Training, count: number): void {
  const { batch, micro_batch } = training;
  refuse(
    count < 2,
    `there ${count === 1 ? 'is 1 training sample' : 'are no training samples'}: at least 2 are needed`,
  );
  refuse(batch > count, `batch is ${batch}, there are ${count} training samples: choose a smaller batch`);
  refuse(micro_batch > batch, `micro_batch is ${micro_batch}, batch is ${batch}: it cannot be larger`);
  refuse(
    micro_batch < batch && !canSplitBatch(model, training),
    'normalisation batch, sparsity kl and trim need whole batches: micro_batch must equal batch',
  );
}

function checkLoss(
  { output, columns, variational, code_activation }: Blueprint,
  { loss }: Training,
  scaling: DataShape['scaling'],
): void {
  refuse(
    !outputsOf(loss).includes(output),
    `loss ${loss} needs output ${outputsOf(loss).join(' or ')}, not ${output}`,
  );
  refuse(
    scaling === 'columns' &&
      (output === 'columns' || output === 'softmax' || loss === 'binary_cross_entropy'),
    `loss ${loss} is not for tables: choose mean_squared_error, mean_absolute_error, huber or gaussian_nll`,
  );
  refuse(
    scaling === 'columns' && output === 'sigmoid',
    'output sigmoid is not for tables, whose values are not limited to 0 to 1: use output linear',
  );
  refuse(
    scaling !== 'range' && (output === 'sigmoid' || loss === 'binary_cross_entropy'),
    `${loss === 'binary_cross_entropy' ? 'loss binary_cross_entropy' : 'output sigmoid'} needs values from 0 to 1: use --scaling range, with --range if needed`,
  );
  refuse(
    output === 'columns' && columns.length === 0,
    'loss mixed needs columns: ["number", "flag", {"categories": 3}, …], in a configuration file',
  );
  refuse(variational && code_activation !== 'linear', 'a variational code needs code_activation linear');
  refuse(
    variational && loss !== 'binary_cross_entropy' && loss !== 'gaussian_nll',
    `a variational model needs a likelihood: loss ${scaling === 'columns' ? '' : 'binary_cross_entropy (Bernoulli) or '}gaussian_nll, not ${loss}`,
  );
}

function checkRegularisers(
  { code_activation }: Blueprint,
  { sparsity, corruption, corruption_level }: Training,
  scaling: DataShape['scaling'],
): void {
  refuse(
    sparsity === 'kl' && code_activation !== 'sigmoid',
    `sparsity kl needs code_activation sigmoid, not ${code_activation}`,
  );
  refuse(
    corruption === 'salt_and_pepper' && scaling !== 'range',
    `corruption salt_and_pepper sets values to the smallest or the largest: it ${scaling === 'columns' ? 'is not for tables' : 'needs --scaling range'}`,
  );
  refuse(
    (corruption === 'masking' || corruption === 'salt_and_pepper') && corruption_level > 1,
    `corruption_level is ${corruption_level}: for ${corruption} it is a share, from 0 to 1`,
  );
}
