import { expect, test } from 'vitest';
import type { Manifest } from '../../../bundle/manifest.ts';
import { describeArchitecture, describeTraining } from '../../../dashboard/data/training-facts.ts';
import { columns } from './columns.ts';

const shared = {
  code: 64,
  code_activation: 'linear',
  normalisation: 'none',
  dropout: 0,
  variational: false,
  output: 'sigmoid',
  columns: [],
  parameters: 1_234_567,
} as const;
const dense: Manifest['architecture'] = {
  kind: 'dense',
  widths: [784, 512, 64, 512, 784],
  tied: false,
  activation: 'relu',
  ...shared,
  columns: [],
};
const convolutional: Manifest['architecture'] = {
  kind: 'convolutional',
  shape: [28, 28, 1],
  channels: [16, 32],
  strides: [2, 1],
  kernel: 3,
  widths: [128],
  activation: 'gelu',
  ...shared,
  columns: [],
};

test('an architecture is one line, without what is off', () => {
  expect(describeArchitecture(dense)).toBe('dense, 784 – 512 – 64 – 512 – 784, ReLU');
  expect(
    describeArchitecture({ ...dense, tied: true, variational: true, normalisation: 'batch', dropout: 0.1 }),
  ).toBe(
    'variational dense, 784 – 512 – 64 – 512 – 784, ReLU, batch normalisation, dropout 10%, tied weights',
  );
  expect(describeArchitecture(convolutional)).toBe(
    'convolutional, 28 × 28 × 1 → 16 channels (stride 2) → 32 channels → 128 → 64, by 3 × 3 windows, and back, GELU',
  );
});

const training: Manifest['training'] = {
  seed: 7,
  epochs: 30,
  batch: 256,
  micro_batch: 256,
  loss: 'mean_squared_error',
  huber_delta: 1,
  corruption: 'none',
  corruption_level: 0,
  sparsity: 'none',
  sparsity_weight: 0,
  sparsity_target: 0.05,
  contraction: 0,
  beta: 0,
  beta_warmup_epochs: 0,
  trim: 0,
  initialisation: 'auto',
  optimiser: 'adam',
  learning_rate: 0.001,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weight_decay: 0,
  clip_norm: 0,
  clip_value: 0,
  schedule: 'constant',
  warmup_epochs: 0,
  step_epochs: 10,
  rate_factor: 0.5,
  plateau_patience: 3,
  patience: 0,
};

function factsWith(changes: Partial<Manifest['training']>, scaling?: Manifest['data']['scaling']) {
  return new Map(
    describeTraining({
      architecture: dense,
      training: { ...training, ...changes },
      data: { scaling: scaling ?? { kind: 'range', low: 0, high: 255 } },
      scorer: { detectors: [{ name: 'knn:code', title: 'neighbours', family: 'neighbours' }] },
      run: { train_seconds: 7.1, map_seconds: 102 },
    }),
  );
}

test('what is off is not listed, and what is on is listed with its settings', () => {
  const off = ['Divergence from the prior', 'Corruption', 'Sparsity', 'Contraction', 'Trimming'];
  expect(off.filter((name) => factsWith({}).has(name))).toEqual([]);
  const on = factsWith({
    corruption: 'salt_and_pepper',
    corruption_level: 0.2,
    sparsity: 'kl',
    sparsity_weight: 0.1,
    contraction: 0.01,
    trim: 0.05,
  });
  expect([...on].filter(([name]) => off.includes(name))).toEqual([
    ['Corruption', 'salt and pepper, 0.2'],
    ['Sparsity', 'KL divergence from 0.05, weight 0.1'],
    ['Contraction', 'weight 0.01'],
    ['Trimming', 'without the worst 5% of each batch'],
  ]);
});

test('the settings that training had are said in full', () => {
  const plain = factsWith({});
  expect(plain.get('Parameters')).toBe('1,234,567');
  expect(plain.get('Epochs')).toBe('at most 30');
  expect(plain.get('Batch')).toBe('256');
  expect(plain.get('Optimiser')).toBe('Adam');
  expect(plain.get('Learning rate')).toBe('0.001, constant');
  expect(plain.get('Scaling')).toBe('0 to 255 becomes 0 to 1');
  expect(plain.get('Time')).toBe('7.1\u00a0s for training, 1\u00a0min\u00a042\u00a0s for the map');
  const full = factsWith({
    patience: 4,
    micro_batch: 64,
    optimiser: 'nesterov',
    weight_decay: 0.01,
    clip_norm: 1,
    schedule: 'step',
    warmup_epochs: 2,
    loss: 'huber',
    huber_delta: 0.5,
  });
  expect(full.get('Epochs')).toBe('at most 30; stops after 4 without progress');
  expect(full.get('Batch')).toBe('256, in parts of 64');
  expect(full.get('Optimiser')).toBe(
    'SGD with Nesterov momentum, weight decay 0.01, gradients clipped to norm 1',
  );
  expect(full.get('Learning rate')).toBe('0.001, times 0.5 every 10 epochs, rising in the first 2 epochs');
  expect(full.get('Loss')).toBe('huber, linear from 0.5');
});

test('the columns of a table are counted by kind, singular for one', () => {
  expect(factsWith({}, { kind: 'columns', columns }).get('Scaling')).toMatch(
    /: 1 number, 1 flag, 1 category, 3 dates$/,
  );
});
