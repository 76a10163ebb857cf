import * as z from 'zod';

const whole = z.int().nonnegative();
const positive = z.int().positive();
const share = z.number().min(0).lt(1);

export const ACTIVATIONS = [
  'relu',
  'leaky_relu',
  'elu',
  'gelu',
  'silu',
  'tanh',
  'sigmoid',
  'softplus',
  'linear',
] as const;

/** How the decoder outputs a column of a table: a number, a flag (0 or 1), or one feature per category (one-hot). */
export const ColumnSchema = z.union([
  z.enum(['number', 'flag']),
  z.strictObject({ categories: z.int().min(2) }),
]);

export type Column = z.infer<typeof ColumnSchema>;

const layers = {
  /** Length of the code. */
  code: positive,
  /** The activation of every hidden layer. */
  activation: z.enum(ACTIVATIONS),
  code_activation: z.enum(['linear', 'sigmoid', 'tanh', 'relu']),
  normalisation: z.enum(['none', 'layer', 'batch']),
  /** Share of each hidden layer's activations that a training step drops. */
  dropout: share,
  /** Whether the encoder outputs a Gaussian (mean and log-variance) instead of a point. */
  variational: z.boolean(),
  /** The output layer, which maps to the units of training; `gaussian` outputs a mean and a log-variance. */
  output: z.enum(['sigmoid', 'linear', 'softmax', 'gaussian', 'columns']),
  /** The columns of a table, for the output `columns`; empty otherwise. */
  columns: z.array(ColumnSchema),
  /** Number of trained parameters. */
  parameters: positive,
};

/** The complete architecture of an autoencoder: together with the weights, it is the model. */
export const ArchitectureSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('dense'),
    /** Widths of the layers from the input through the code to the output. */
    widths: z.array(positive).min(3),
    /** Whether the decoder uses the encoder's weights, transposed. */
    tied: z.boolean(),
    ...layers,
  }),
  z.strictObject({
    kind: z.literal('convolutional'),
    /** Height, width and channels of a sample. */
    shape: z.tuple([positive, positive, positive]),
    /** Channels and stride of each convolution; the decoder mirrors them. */
    channels: z.array(positive).min(1),
    strides: z.array(positive).min(1),
    kernel: positive,
    /** Widths of the dense layers between the last convolution and the code. */
    widths: z.array(positive),
    ...layers,
  }),
]);

export type Architecture = z.infer<typeof ArchitectureSchema>;

export const LOSSES = [
  'mean_squared_error',
  'mean_absolute_error',
  'huber',
  'binary_cross_entropy',
  'categorical_cross_entropy',
  'gaussian_nll',
  'mixed',
] as const;

/** Everything that determines how an architecture is trained. 0 or 'none' turns an option off. */
export const TrainingSchema = z.strictObject({
  seed: z.int().min(0).max(0xffffffff),
  epochs: positive,
  batch: positive,
  /** Samples that run through the graph together. Their gradients are summed over the batch. */
  micro_batch: positive,
  loss: z.enum(LOSSES),
  huber_delta: z.number().positive(),
  corruption: z.enum(['none', 'gaussian', 'masking', 'salt_and_pepper']),
  /** Standard deviation of the noise, or share of the values to replace. */
  corruption_level: z.number().nonnegative(),
  sparsity: z.enum(['none', 'l1', 'kl']),
  sparsity_weight: z.number().nonnegative(),
  sparsity_target: z.number().gt(0).lt(1),
  /** Weight of the squared Frobenius norm of the encoder's Jacobian. */
  contraction: z.number().nonnegative(),
  /** Weight of the Kullback–Leibler divergence from the prior, and the epochs over which it rises from 0. */
  beta: z.number().nonnegative(),
  beta_warmup_epochs: z.number().nonnegative(),
  /** Share of each batch that the step ignores: the samples with the largest loss. */
  trim: share,
  initialisation: z.enum(['auto', 'he', 'glorot']),
  optimiser: z.enum(['sgd', 'momentum', 'nesterov', 'rmsprop', 'adam', 'adamw']),
  /** The peak of the schedule. */
  learning_rate: z.number().positive(),
  momentum: share,
  beta1: share,
  beta2: share,
  epsilon: z.number().positive(),
  /** Decoupled: each step shrinks the weights by learning rate × weight decay. */
  weight_decay: z.number().nonnegative(),
  clip_norm: z.number().nonnegative(),
  clip_value: z.number().nonnegative(),
  schedule: z.enum(['constant', 'step', 'cosine', 'one_cycle', 'plateau']),
  warmup_epochs: z.number().nonnegative(),
  /** Epochs between drops of the `step` schedule. */
  step_epochs: positive,
  /** The factor by which `step` and `plateau` multiply the rate. */
  rate_factor: z.number().gt(0).lt(1),
  /** Epochs without a better validation loss before `plateau` lowers the rate. */
  plateau_patience: positive,
  /** Epochs without a better validation loss before training stops. */
  patience: whole,
});

export type Training = z.infer<typeof TrainingSchema>;
