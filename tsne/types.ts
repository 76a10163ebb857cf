/** The k nearest neighbours of each of n points, row-major, without the point itself, nearest first. */
export interface Neighbours {
  readonly k: number;
  /** n × k */
  readonly indices: Int32Array;
  /** n × k, Euclidean */
  readonly distances: Float32Array;
  /** The share of the true neighbours among these, measured on a sample, if the search was approximate. */
  readonly recall?: number;
  /**
   * All points in an order in which near ones tend to follow each other, if the search was approximate. With very many points, t-SNE
   * computes in it, which takes less time.
   */
  readonly order?: Int32Array;
}

export interface TsneProgress {
  iteration: number;
  iterations: number;
  klDivergence: number;
}

export const GRADIENTS = ['exact', 'barnes-hut', 'interpolation'] as const;
export type Gradient = (typeof GRADIENTS)[number];

export interface TsneOptions {
  /**
   * Effective number of neighbours per point, 1 to k / 3. Default 30. Several, such as [30, 300], keep neighbourhoods of several
   * sizes: P is the mean of their affinities (Kobak & Berens 2019).
   */
  perplexity?: number | readonly number[];
  /**
   * 'gaussian', the default: affinities that fall with the distance, by perplexity. 'uniform': 1 / k for each of the k neighbours
   * (Böhm, Berens & Kobak 2022), whatever their distances; of vectors, the `perplexity` nearest.
   */
  affinities?: 'gaussian' | 'uniform';
  /** Axes of the map. Default 2. */
  dims?: 2 | 3;
  /**
   * Degrees of freedom α of the map's kernel, w = (1 + d² / α)^−α (Kobak, Linderman, Steinerberger, Kluger & Berens 2020). Default
   * 1, Student's t; less, such as 0.5, has heavier tails and shows finer clusters.
   */
  dof?: number;
  /** Default 1000. */
  iterations?: number;
  /** Iterations at the start with early exaggeration and low momentum. Default 250. */
  earlyIterations?: number;
  /** Coarseness of the gradient 'barnes-hut', 0 (exact) to 1. Default 0.5, and 0.8 for three axes. */
  theta?: number;
  /** Factor on P in the early iterations. Default 12 (Linderman & Steinerberger 2019). */
  exaggeration?: number;
  /** Factor on P after the early iterations, 1 or more: larger ones make clusters denser. Default 1. */
  lateExaggeration?: number;
  /**
   * Stops when nothing moves: after the early iterations, every 50 of them, if no coordinate has changed in the last one by more than
   * this share of the map's extent. Default 0: never.
   */
  tolerance?: number;
  /** Default n / exaggeration (Belkina et al. 2019; Kobak & Berens 2019), but no less than 50. */
  learningRate?: number;
  /** Default: one per core. The result does not depend on it. */
  threads?: number;
  /**
   * How the repulsive forces are computed: 'exact' for all pairs; 'barnes-hut' with a quadtree or octree, O(n log n); or
   * 'interpolation' on a grid, O(n) plus a part that grows with the area or volume of the map, for `dof` up to 1. Its memory is
   * bounded: while a map is wider than 680 (1,360 for more than 200,000 points), in space 61 (82), it uses the tree.
   * Default 'auto': in each iteration, the faster one of the last two.
   */
  gradient?: Gradient | 'auto';
  /** Called after every 50 iterations and after the last. */
  onProgress?: (progress: TsneProgress) => void;
  /** Iterations from one call of `onIteration` to the next. Default 1; 50, for example, for snapshots to replay. */
  every?: number;
  /** Called after every iteration, or every few, with the map so far, n × dims, which is the caller's to keep: for a page that shows it live. */
  onIteration?: (embedding: Float32Array, iteration: number) => void;
  /** Stops the run; the promise then rejects with an error named AbortError. */
  signal?: AbortSignal;
}

export interface Embedding {
  /** n × dims, row-major, centred at zero */
  embedding: Float32Array;
  /**
   * Kullback–Leibler divergence in nats after every 50 iterations and the last, for P without exaggeration. Its
   * normalisation is as approximate as the gradient.
   */
  klDivergence: { iteration: number; value: number }[];
}
