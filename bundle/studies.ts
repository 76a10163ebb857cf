import * as z from 'zod';
import { counting, share, whole } from './ranges.ts';

/** The files of a bundle that hold the pictures of the studies. */
export const STUDY_PICTURES = [
  'study-random.webp',
  'study-denoising.webp',
  'study-units.webp',
  'study-tilt.webp',
] as const;

const finite = z.number();
const curve = z.array(finite);

/** A classifier, fitted to labelled training digits and evaluated on test digits. */
const Classifier = z.strictObject({
  method: z.string(),
  /** Its input: the pixels of an image, their principal components, or the code of the bundle's autoencoder. */
  features: z.enum(['pixels', 'PCA', 'code']),
  /** The length of that input. */
  dims: counting,
  accuracy: share,
  /** Test digits by true class (rows) and predicted class (columns). */
  confusion: z.array(z.array(whole)).min(2),
  parameters: whole,
  bytes: whole,
});

/** How far one kind of image is from the training digits, and how well the autoencoder reconstructs it. */
const ImageKind = z.strictObject({
  name: z.string(),
  description: z.string(),
  count: counting,
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
  points: counting,
  /** Coordinates per point. */
  ambient: counting,
  /** From the ratio of the distances to the two nearest neighbours (Facco et al. 2017). */
  two_nn: finite,
  /** By maximum likelihood (Levina & Bickel 2004), averaged as in MacKay & Ghahramani (2005). */
  maximum_likelihood: finite,
});

/** Where t-SNE starts. */
const Start = z.enum(['PCA', 'random', 'spectral']);

const MapPlaces = z.strictObject({
  start: Start,
  torn: z.array(whole),
  x: z.array(whole),
  y: z.array(whole),
});

const TornMap = z.strictObject({
  /** Digits on each map. */
  points: counting,
  /** The class that is in several pieces, the share of it outside the largest, and the class between the pieces, if there is one. */
  label: whole,
  share: finite,
  between: whole.nullable(),
  /** The classes of the digits that are kept: the first of them, in no order. */
  labels: z.array(whole).min(1),
  /** The torn map, then the other one: the classes that it tears, and the digits' places from 0 to 1000. */
  maps: z.array(MapPlaces).length(2),
});

/** How well a map keeps its input, as in `report.map.quality`, and how often the 10 nearest vote for a digit's class, on the map and in the input. */
const MapOfInput = z.strictObject({
  features: z.enum(['pixels', 'PCA', 'code']),
  dims: counting,
  kl_divergence: finite,
  kept_10: finite,
  kept_100: finite.nullable(),
  trustworthiness: finite,
  continuity: finite,
  distance_correlation: finite,
  knn_accuracy: finite,
  input_knn_accuracy: finite,
  /** The classes that are in several pieces. */
  torn: z.array(whole),
});

/** The results of `offmanifold studies`, part of `report.json`. Means are over the test digits. */
export const StudiesSchema = z.strictObject({
  settings: z.strictObject({
    seed: z.int(),
    /** Whether this was a quick run, with few samples and epochs, that only shows that everything works. */
    quick: z.boolean(),
    train: counting,
    test: counting,
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
  code_sizes: z.array(z.strictObject({ code: counting, autoencoder_mse: finite, pca_mse: finite })).min(1),
  /** Peak signal-to-noise ratios in dB. PCA uses the best of several numbers of components. */
  denoising: z
    .array(
      z.strictObject({
        corruption: z.string(),
        level: finite,
        psnr_noisy: finite,
        psnr: finite,
        pca: z.strictObject({ components: counting, psnr: finite }),
      }),
    )
    .min(1),
  /** Autoencoders with one layer of sigmoid units, without and with a sparsity penalty. */
  sparsity: z
    .array(
      z.strictObject({
        penalty: z.enum(['none', 'L1', 'KL']),
        weight: finite,
        units: counting,
        test_mse: finite,
        mean_activation: finite,
        /** Mean share of the units that an image activates above 0.1. */
        active_share: finite,
        /** Units that no image activates above 0.1. */
        silent_units: whole,
      }),
    )
    .min(1),
  /** t-SNE from different starts. */
  map: z.strictObject({
    /** A class is split if at least two components of the map's neighbour graph hold a tenth of it each. */
    splits: z
      .array(
        z.strictObject({
          points: counting,
          /** Absent in older bundles, where it is random. */
          start: Start.optional(),
          maps: counting,
          /** Share of the classes that are split, over all maps. */
          split_share: finite,
          /** In how many maps each class is split. */
          by_class: z.array(whole),
        }),
      )
      .min(1),
    /** The worst torn map of the largest size at which one is torn, and one of the same digits that mends it or tears fewer of them; null if none is. Absent in older bundles. */
    torn: TornMap.nullable().optional(),
    /** Maps of the test digits from pixels, principal components and codes. Absent in older bundles. */
    inputs: z.array(MapOfInput).min(1).optional(),
    /** How much of a digit's tilt is explained by its place on the largest map. */
    tilt: z.strictObject({
      label: z.string(),
      points: counting,
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
