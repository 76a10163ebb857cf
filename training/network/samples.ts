import type { Random } from '../../kernels/random.ts';

/** What a training run reads: a data set that can be reshuffled for each epoch. */
export interface TrainingSamples {
  readonly count: number;
  /** Values per sample. */
  readonly features: number;
  /** Draws the order of an epoch from `random`. */
  shuffle(random: Random): void;
  /** Writes samples start … start + size of the current order into `target`, size × features, row-major. */
  read(start: number, size: number, target: Float32Array): void | Promise<void>;
}

/** Samples in memory: raw values, count × features, row-major. */
export interface Samples {
  readonly data: Uint8Array | Float32Array;
  readonly count: number;
}
