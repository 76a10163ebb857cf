import type { Report } from '../../../bundle/report.ts';
import type { Studies } from '../../../bundle/studies.ts';
import type { Terms } from '../../../dashboard/data/terms.ts';

export const digits: Terms = {
  item: 'digit',
  items: 'digits',
  sample: 'image',
  samples: 'images',
  aSample: 'an image',
  feature: 'pixel',
  label: 'Digit',
  namesClasses: false,
  score: 'mean surprise, in nats',
};
export const rows: Terms = {
  ...digits,
  item: 'row',
  items: 'rows',
  sample: 'row',
  samples: 'rows',
  aSample: 'a row',
  feature: 'column',
  label: 'Class',
  namesClasses: true,
};

const detectors = (a: number, b: number) => [
  { name: 'knn:code', auroc: a },
  { name: 'reconstruction:difference', auroc: b },
];

/** A report with small numbers that are easy to check. */
export const report: Report = {
  headline: {},
  training: {
    loss: 'mean_squared_error',
    train_loss: [4, 2, 1],
    validation_loss: [5, 3, 3.5],
    learning_rate: [0.01, 0.02, 0.01],
    best_epoch: 2,
  },
  reconstruction: {
    test_mse: 0.02,
    pca: { components: 64, test_mse: 0.03, explained_variance: 0.9 },
    per_class: [
      { label: '0', count: 10, autoencoder_mse: 0.03, pca_mse: 0.04 },
      { label: '1', count: 12, autoencoder_mse: 0.01, pca_mse: 0.02 },
    ],
  },
  denoising: null,
  test_elbo: null,
  detection: {
    edges: [1, 2, 4],
    test_histogram: [0.75, 0.25],
    outliers: [
      {
        name: 'noise',
        description: 'uniform noise',
        count: 50,
        auroc: 0.999,
        detectors: detectors(0.8, 0.95),
        roc: { fpr: [0, 0.5, 1], tpr: [0, 0.9, 1] },
        histogram: [0, 1],
      },
      {
        name: 'rotated',
        description: 'digits turned by 90°',
        count: 40,
        auroc: 0.9,
        detectors: detectors(0.9, 0.7),
        roc: { fpr: [0, 1], tpr: [0, 1] },
        histogram: [0.5, 0.5],
      },
    ],
    calibration: [
      { significance: 0.001, threshold: 9, flagged: 0 },
      { significance: 0.01, threshold: 5, flagged: 0.012 },
      { significance: 0.1, threshold: 3, flagged: 0.09 },
    ],
    labelled: null,
  },
  ranking: [1, 0],
  map: {
    kl_divergence: [
      { iteration: 50, value: 4 },
      { iteration: 100, value: 1.23456 },
    ],
    knn_accuracy: null,
    code_knn_accuracy: null,
    quality: null,
    placement: null,
  },
  columns: null,
  studies: null,
};

export const studies: Studies = {
  settings: { seed: 1, quick: true, train: 100, test: 200 },
  classifiers: [
    {
      method: 'softmax regression',
      features: 'pixels',
      dims: 784,
      accuracy: 0.9,
      confusion: [
        [90, 10],
        [12, 88],
      ],
      parameters: 7850,
      bytes: 31_400_000,
    },
    {
      method: 'nearest neighbours',
      features: 'code',
      dims: 64,
      accuracy: 1,
      confusion: [
        [100, 0],
        [0, 100],
      ],
      parameters: 0,
      bytes: 123_456,
    },
  ],
  random_images: {
    distance_edges: [1, 2, 4],
    error_edges: [0.1, 1, 10],
    kinds: [
      {
        name: 'noise',
        description: 'uniform noise',
        count: 30,
        distance: 9.5,
        distance_histogram: [0, 1],
        error: 0.25,
        error_histogram: [1, 0],
      },
      {
        name: 'shuffled',
        description: 'each pixel from digits',
        count: 30,
        distance: 7.5,
        distance_histogram: [0.5, 0.5],
        error: 0.125,
        error_histogram: [0.5, 0.5],
      },
    ],
  },
  dimension: [
    { data: 'digits, pixels', points: 1000, ambient: 784, two_nn: 13, maximum_likelihood: 12 },
    { data: 'noise, pixels', points: 1000, ambient: 784, two_nn: 200, maximum_likelihood: 150 },
  ],
  code_sizes: [
    { code: 2, autoencoder_mse: 0.04, pca_mse: 0.07 },
    { code: 8, autoencoder_mse: 0.02, pca_mse: 0.04 },
    { code: 64, autoencoder_mse: 0.01, pca_mse: 0.012 },
  ],
  denoising: [
    {
      corruption: 'salt_and_pepper',
      level: 0.3,
      psnr_noisy: 8,
      psnr: 18.04,
      pca: { components: 20, psnr: 14 },
    },
  ],
  sparsity: [
    {
      penalty: 'none',
      weight: 0,
      units: 256,
      test_mse: 0.01,
      mean_activation: 0.4,
      active_share: 0.8,
      silent_units: 0,
    },
    {
      penalty: 'KL',
      weight: 0.1,
      units: 256,
      test_mse: 0.02,
      mean_activation: 0.05,
      active_share: 0.1,
      silent_units: 3,
    },
  ],
  map: {
    splits: [
      { points: 1000, start: 'PCA', maps: 4, split_share: 0, by_class: [0, 0] },
      { points: 1000, start: 'random', maps: 4, split_share: 0.25, by_class: [1, 0] },
    ],
    torn: {
      points: 1000,
      label: 0,
      share: 0.4,
      between: 1,
      labels: [0, 1, 0],
      maps: [
        { start: 'random', torn: [0], x: [0, 500, 1000], y: [500, 500, 500] },
        { start: 'PCA', torn: [], x: [0, 1000, 50], y: [500, 500, 500] },
      ],
    },
    inputs: [
      {
        features: 'code',
        dims: 64,
        kl_divergence: 1.7,
        kept_10: 0.4,
        kept_100: null,
        trustworthiness: 0.99,
        continuity: 0.98,
        distance_correlation: 0.4,
        knn_accuracy: 0.95,
        input_knn_accuracy: 0.96,
        torn: [1],
      },
    ],
    tilt: { label: '1', points: 100, deviation: 20, r_squared: 0.8 },
  },
  seconds: {
    studies: {},
    classifiers: [
      { fit: 1.5, predict: 0.1 },
      { fit: 0, predict: 2 },
    ],
  },
};
