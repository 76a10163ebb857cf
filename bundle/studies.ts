import * as z from 'zod';

/** The files of a bundle that hold the pictures of the studies. */
export const STUDY_PICTURES = [
  'study-random.webp',
  'study-denoising.webp',
  'study-units.webp',
  'study-tilt.webp',
] as const;

const finite = z.number();
const count = z.int().nonnegative();
const positive = z.int().positive();
const curve = z.array(finite);

/** A classifier that was fitted to labelled training digits and judged by test digits. */
const Classifier = z.strictObject({
  method: z.string(),
  /** What it sees of an image: its pixels, its principal components, or the code of the bundle's autoencoder. */
  features: z.enum(['pixels', 'PCA', 'code']),
  /** How many numbers that is. */
  dims: positive,
  accuracy: z.number().min(0).max(1),
  /** Test digits by true class (rows) and predicted class (columns). */
  confusion: z.array(z.array(count)).min(2),
  parameters: count,
  bytes: count,
});

/** How far one kind of image is from the training digits, and how well the autoencoder rebuilds it. */
const ImageKind = z.strictObject({
  name: z.string(),
  description: z.string(),
  count: positive,
  /** Euclidean distance to the nearest training digit, pixels in 0..1: the mean, and the share in each bin. */
  distance: finite,
  distance_histogram: curve,
  /** Mean squared error a pixel of the reconstruction: the mean, and the share in each bin. */
  error: finite,
  error_histogram: curve,
});

/** How many numbers it takes to say where in a cloud of points one is. */
const Dimension = z.strictObject({
  data: z.string(),
  points: positive,
  /** Numbers a point is given by. */
  ambient: positive,
  /** By the ratio of the distances to the two nearest others (Facco et al. 2017). */
  two_nn: finite,
  /** By maximum likelihood (Levina & Bickel 2004, averaged as MacKay & Ghahramani 2005). */
  maximum_likelihood: finite,
});

/** What `offmanifold studies` finds out: part of `report.json`. Means are over the test digits. */
export const StudiesSchema = z.strictObject({
  settings: z.strictObject({
    seed: z.int(),
    /** Whether all was done on few samples and in few epochs, to see that it works. */
    quick: z.boolean(),
    train: positive,
    test: positive,
  }),
  classifiers: z.array(Classifier).min(1),
  random_images: z.strictObject({
    /** Edges of the histograms (log-spaced). */
    distance_edges: curve,
    error_edges: curve,
    kinds: z.array(ImageKind).min(2),
  }),
  dimension: z.array(Dimension).min(1),
  /** Mean squared error a pixel by the length of the code, which is also the number of components of PCA. */
  code_sizes: z.array(z.strictObject({ code: positive, autoencoder_mse: finite, pca_mse: finite })).min(1),
  /** Peak signal-to-noise ratios in dB. PCA has the best of several numbers of components. */
  denoising: z
    .array(
      z.strictObject({
        corruption: z.string(),
        level: finite,
        psnr_noisy: finite,
        psnr: finite,
        pca: z.strictObject({ components: positive, psnr: finite }),
      }),
    )
    .min(1),
  /** Autoencoders with one layer of sigmoid units, without and with a penalty that keeps most of them still. */
  sparsity: z
    .array(
      z.strictObject({
        penalty: z.enum(['none', 'L1', 'KL']),
        weight: finite,
        units: positive,
        test_mse: finite,
        mean_activation: finite,
        /** Share of the units that an image brings above 0.1. */
        active_share: finite,
        /** Units that no image brings above 0.1. */
        silent_units: count,
      }),
    )
    .min(1),
  /** t-SNE from random beginnings. */
  map: z.strictObject({
    /** A class is split if two or more pieces of the map's neighbour graph hold a tenth of it each. */
    splits: z
      .array(
        z.strictObject({
          points: positive,
          maps: positive,
          /** Split classes of all classes, over the maps. */
          split_share: finite,
          /** In how many of the maps each class is split. */
          by_class: z.array(count),
        }),
      )
      .min(1),
    /** How much of the tilt of a digit's images their place on the largest map explains. */
    tilt: z.strictObject({
      label: z.string(),
      points: positive,
      /** Standard deviation of the tilt, in degrees. */
      deviation: finite,
      r_squared: finite,
    }),
  }),
  /** Seconds on the clock: alone here do two runs with one seed differ. */
  seconds: z.strictObject({
    studies: z.record(z.string(), finite),
    /** In the order of `classifiers`. */
    classifiers: z.array(z.strictObject({ fit: finite, predict: finite })),
  }),
});

export type Studies = z.infer<typeof StudiesSchema>;
