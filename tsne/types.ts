/** The k nearest neighbours of each of n points, row-major, without the point itself, nearest first. */
export interface Neighbours {
  readonly k: number;
  /** n × k */
  readonly indices: Int32Array;
  /** n × k, Euclidean */
  readonly distances: Float32Array;
}

export interface TsneProgress {
  iteration: number;
  iterations: number;
  klDivergence: number;
}

export interface TsneOptions {
  /** Effective number of neighbours per point, 1 to k / 3. Default 30. */
  perplexity?: number;
  /** Default 1000; the first 250 have early exaggeration. */
  iterations?: number;
  /** Coarseness of the Barnes–Hut approximation, 0 (exact) to 1. Default 0.5. */
  theta?: number;
  /** Factor on P in the early iterations. Default 12 (Linderman & Steinerberger 2019). */
  exaggeration?: number;
  /** Default n / exaggeration (Belkina et al. 2019; Kobak & Berens 2019), but no less than 50. */
  learningRate?: number;
  /** Default: one per core. The result does not depend on it. */
  threads?: number;
  /** Default 'barnes-hut', O(n log n) per iteration; 'exact' is O(n²). */
  gradient?: 'barnes-hut' | 'exact';
  /** Called after every 50 iterations and after the last. */
  onProgress?: (progress: TsneProgress) => void;
  /** Stops the run; the promise then rejects with an error named AbortError. */
  signal?: AbortSignal;
}

export interface Embedding {
  /** n × 2, row-major, centred at zero */
  embedding: Float32Array;
  /**
   * Kullback–Leibler divergence in nats after every 50 iterations and the last, for P without exaggeration. Its
   * normalisation is as approximate as the gradient.
   */
  klDivergence: { iteration: number; value: number }[];
}
