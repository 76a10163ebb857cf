import * as z from 'zod';
import { counting, nonNegative, positive, properShare, shareBelowOne, whole } from './ranges.ts';

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
  code: counting,
  /** The activation of every hidden layer. */
  activation: z.enum(ACTIVATIONS),
  code_activation: z.enum(['linear', 'sigmoid', 'tanh', 'relu']),
  normalisation: z.enum(['none', 'layer', 'batch']),
  /** Share of each hidden layer's activations that a training step drops. */
  dropout: shareBelowOne,
  /** Whether the encoder outputs a Gaussian (mean and log-variance) instead of a point. */
  variational: z.boolean(),
  /** The output layer, which maps to the units of training; `gaussian` outputs a mean and a log-variance. */
  output: z.enum(['sigmoid', 'linear', 'softmax', 'gaussian', 'columns']),
  /** The columns of a table, for the output `columns`; empty otherwise. */
  columns: z.array(ColumnSchema),
  /** Number of trained parameters. */
  parameters: counting,
};

/** The complete architecture of an autoencoder: together with the weights, it is the model. */
export const ArchitectureSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('dense'),
    /** Widths of the layers from the input through the code to the output. */
    widths: z.array(counting).min(3),
    /** Whether the decoder uses the encoder's weights, transposed. */
    tied: z.boolean(),
    ...layers,
  }),
  z.strictObject({
    kind: z.literal('convolutional'),
    /** Height, width and channels of a sample. */
    shape: z.tuple([counting, counting, counting]),
    /** Channels and stride of each convolution; the decoder mirrors them. */
    channels: z.array(counting).min(1),
    strides: z.array(counting).min(1),
    kernel: counting,
    /** Widths of the dense layers between the last convolution and the code. */
    widths: z.array(counting),
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
  epochs: counting,
  batch: counting,
  /** Samples that run through the graph together. Their gradients are summed over the batch. */
  micro_batch: counting,
  loss: z.enum(LOSSES),
  huber_delta: positive,
  corruption: z.enum(['none', 'gaussian', 'masking', 'salt_and_pepper']),
  /** Standard deviation of the noise, or share of the values to replace. */
  corruption_level: nonNegative,
  sparsity: z.enum(['none', 'l1', 'kl']),
  sparsity_weight: nonNegative,
  sparsity_target: properShare,
  /** Weight of the squared Frobenius norm of the encoder's Jacobian. */
  contraction: nonNegative,
  /** Weight of the Kullback–Leibler divergence from the prior, and the epochs over which it rises from 0. */
  beta: nonNegative,
  beta_warmup_epochs: nonNegative,
  /** Share of each batch that the step ignores: the samples with the largest loss. */
  trim: shareBelowOne,
  initialisation: z.enum(['auto', 'he', 'glorot']),
  optimiser: z.enum(['sgd', 'momentum', 'nesterov', 'rmsprop', 'adam', 'adamw']),
  /** The peak of the schedule. */
  learning_rate: positive,
  momentum: shareBelowOne,
  beta1: shareBelowOne,
  beta2: shareBelowOne,
  epsilon: positive,
  /** Decoupled: each step shrinks the weights by learning rate × weight decay. */
  weight_decay: nonNegative,
  clip_norm: nonNegative,
  clip_value: nonNegative,
  schedule: z.enum(['constant', 'step', 'cosine', 'one_cycle', 'plateau']),
  warmup_epochs: nonNegative,
  /** Epochs between drops of the `step` schedule. */
  step_epochs: counting,
  /** The factor by which `step` and `plateau` multiply the rate. */
  rate_factor: properShare,
  /** Epochs without a better validation loss before `plateau` lowers the rate. */
  plateau_patience: counting,
  /** Epochs without a better validation loss before training stops. */
  patience: whole,
});

export type Training = z.infer<typeof TrainingSchema>;
