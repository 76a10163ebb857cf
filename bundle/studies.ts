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

/** A classifier, fitted to labelled training digits and evaluated on test digits. */
const Classifier = z.strictObject({
  method: z.string(),
  /** Its input: the pixels of an image, their principal components, or the code of the bundle's autoencoder. */
  features: z.enum(['pixels', 'PCA', 'code']),
  /** The length of that input. */
  dims: positive,
  accuracy: z.number().min(0).max(1),
  /** Test digits by true class (rows) and predicted class (columns). */
  confusion: z.array(z.array(count)).min(2),
  parameters: count,
  bytes: count,
});

/** How far one kind of image is from the training digits, and how well the autoencoder reconstructs it. */
const ImageKind = z.strictObject({
  name: z.string(),
  description: z.string(),
  count: positive,
  /** Euclidean distance to the nearest training digit, pixels in 0..1: the mean, and the share in each bin. */
  distance: finite,
  distance_histogram: curve,
  /** Mean squared error per pixel of the reconstruction: the mean, and the share in each bin. */
  error: finite,
  error_histogram: curve,
});

/** Intrinsic dimension of a cloud of points. */
const Dimension = z.strictObject({
  data: z.string(),
  points: positive,
  /** Coordinates per point. */
  ambient: positive,
  /** From the ratio of the distances to the two nearest neighbours (Facco et al. 2017). */
  two_nn: finite,
  /** By maximum likelihood (Levina & Bickel 2004), averaged as in MacKay & Ghahramani (2005). */
  maximum_likelihood: finite,
});

/** The results of `offmanifold studies`, part of `report.json`. Means are over the test digits. */
export const StudiesSchema = z.strictObject({
  settings: z.strictObject({
    seed: z.int(),
    /** Whether this was a quick run, with few samples and epochs, that only shows that everything works. */
    quick: z.boolean(),
    train: positive,
    test: positive,
  }),
  classifiers: z.array(Classifier).min(1),
  random_images: z.strictObject({
    /** Bin edges of the histograms, log-spaced. */
    distance_edges: curve,
    error_edges: curve,
    kinds: z.array(ImageKind).min(2),
  }),
  dimension: z.array(Dimension).min(1),
  /** Mean squared error per pixel by the length of the code, which is also the number of PCA components. */
  code_sizes: z.array(z.strictObject({ code: positive, autoencoder_mse: finite, pca_mse: finite })).min(1),
  /** Peak signal-to-noise ratios in dB. PCA uses the best of several numbers of components. */
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
  /** Autoencoders with one layer of sigmoid units, without and with a sparsity penalty. */
  sparsity: z
    .array(
      z.strictObject({
        penalty: z.enum(['none', 'L1', 'KL']),
        weight: finite,
        units: positive,
        test_mse: finite,
        mean_activation: finite,
        /** Mean share of the units that an image activates above 0.1. */
        active_share: finite,
        /** Units that no image activates above 0.1. */
        silent_units: count,
      }),
    )
    .min(1),
  /** t-SNE from random initialisations. */
  map: z.strictObject({
    /** A class is split if at least two components of the map's neighbour graph hold a tenth of it each. */
    splits: z
      .array(
        z.strictObject({
          points: positive,
          maps: positive,
          /** Share of the classes that are split, over all maps. */
          split_share: finite,
          /** In how many maps each class is split. */
          by_class: z.array(count),
        }),
      )
      .min(1),
    /** How much of a digit's tilt is explained by its place on the largest map. */
    tilt: z.strictObject({
      label: z.string(),
      points: positive,
      /** Standard deviation of the tilt, in degrees. */
      deviation: finite,
      r_squared: finite,
    }),
  }),
  /** Seconds of wall-clock time: the only part that differs between two runs with the same seed. */
  seconds: z.strictObject({
    studies: z.record(z.string(), finite),
    /** In the order of `classifiers`. */
    classifiers: z.array(z.strictObject({ fit: finite, predict: finite })),
  }),
});

export type Studies = z.infer<typeof StudiesSchema>;
