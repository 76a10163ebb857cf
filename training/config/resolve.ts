import { type Training, TrainingSchema } from '../../bundle/training.ts';
import { type Blueprint, columnWidth } from '../autoencoder/autoencoder.ts';
import { outputsOf } from '../autoencoder/losses.ts';
import { countFeatures, type DataShape, PRESETS, TRAINING_DEFAULTS } from './presets.ts';
import { type Configuration, ConfigurationError } from './schema.ts';

/** The options in full: the model, how it is trained. */
export interface Resolved {
  preset: NonNullable<Configuration['preset']>;
  blueprint: Blueprint;
  training: Training;
}

/**
 * The model and its training in full, from what is given, the preset and the data. Throws a
 * {@link ConfigurationError} that names the options that do not fit together.
 */
export function resolveConfiguration(given: Configuration, of: DataShape): Resolved {
  const preset = given.preset ?? (of.shape.length === 3 ? 'small' : 'tabular');
  const features = countFeatures(of.shape);
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
    ...TRAINING_DEFAULTS,
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
          shape: requireImageShape(of.shape),
          channels: settings.channels ?? [16, 32],
          strides: settings.strides ?? (settings.channels ?? [16, 32]).map(() => 2),
          kernel: settings.kernel,
          widths: settings.widths ?? [],
          ...layers,
        }
      : {
          kind: 'dense',
          widths: mirrorWidths(features, settings.widths ?? [], layers.code),
          tied: settings.tied,
          ...layers,
        };
  const full = TrainingSchema.parse({
    ...picked(TRAINING_DEFAULTS),
    batch,
    micro_batch:
      given.micro_batch ?? (canSplitBatch(blueprint, settings) ? chooseMicroBatch(blueprint, batch) : batch),
  });
  check(blueprint, full, of, features);
  return { preset, blueprint, training: full };
}

const mirrorWidths = (features: number, widths: readonly number[], code: number) => [
  features,
  ...widths,
  code,
  ...widths.toReversed(),
  features,
];

function requireImageShape(shape: readonly number[]): [number, number, number] {
  if (shape.length !== 3) {
    throw new ConfigurationError(
      `architecture convolutional needs samples of height × width × channels, not ${shape.join(' × ')}: --shape says it of flat rows`,
    );
  }
  return shape as [number, number, number];
}

/** Whether a batch in pieces has the gradient of the whole: nothing in it is about the batch as such. */
const canSplitBatch = (model: Blueprint, { sparsity, trim }: Pick<Training, 'sparsity' | 'trim'>) =>
  model.normalisation !== 'batch' && sparsity !== 'kl' && trim === 0;

/** The feature maps of a piece of a batch take about so many bytes: what a processor's caches hold. */
const PIECE_BYTES = 96 * 2 ** 20;

/** As many samples, a power of two, as the feature maps of a convolutional network are to take; all of a dense one. */
function chooseMicroBatch(model: Blueprint, batch: number): number {
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
const REQUIREMENTS: Readonly<Record<string, { of: string; values: readonly unknown[] }>> = {
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
  const defaults: Readonly<Record<string, unknown>> = { ...TRAINING_DEFAULTS, kernel: 3, tied: false };
  for (const [key, { of, values }] of Object.entries(REQUIREMENTS)) {
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
  for (const why of findMisfits(model, features)) refuse(true, why);
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
    !whole && !canSplitBatch(model, t),
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

/** Why the layers of an architecture do not fit together. The layers themselves assert the same. */
function findMisfits(model: Blueprint, features: number): string[] {
  const width = model.columns.reduce((sum, column) => sum + columnWidth(column), 0);
  const columns =
    model.output !== 'columns' || model.columns.length === 0 || width === features
      ? []
      : [`the columns take ${width} features, a sample has ${features}`];
  if (model.kind === 'convolutional') {
    const { channels, strides, kernel } = model;
    return [
      ...columns,
      ...(strides.length === channels.length
        ? []
        : [`there are ${channels.length} channels and ${strides.length} strides: give one stride for each`]),
      ...(kernel % 2 === 1 ? [] : [`kernel is ${kernel}: it must be odd`]),
    ];
  }
  return [
    ...columns,
    ...(model.tied && (model.variational || model.output === 'gaussian')
      ? [`tied weights do not work with ${model.variational ? 'a variational code' : 'loss gaussian_nll'}`]
      : []),
  ];
}
