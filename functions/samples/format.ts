import type { Manifest } from '../../bundle/manifest.ts';
import type { FieldError } from '../http/problem.ts';

/** The samples of a request. */
export interface Samples {
  /** n × features raw values, row-major; NaN for a missing value. */
  readonly values: Float32Array;
  /** Fields of records that are no columns, each once. */
  readonly unused?: readonly string[];
  /** An error about value j of sample i, with its place in the body. */
  errorAt(i: number, j: number, detail: string): FieldError;
}

export interface ReadOptions {
  /** Whether an image shows dark ink on light paper. */
  readonly invert: boolean;
  /** The most pixels of an image: they bound the time to decode it. */
  readonly maxPixels: number;
  /** Gives way to other requests. Throws a Problem if nobody waits for the answer any more. */
  readonly pause?: () => Promise<void>;
}

/** One media type for samples. */
export interface SampleFormat {
  readonly type: string;
  /** Why the format does not fit a model's data, as half a sentence; undefined if it does. */
  refusal(data: Manifest['data']): string | undefined;
  /** Reads a body. Throws a Problem if it is invalid. */
  read(body: Uint8Array, manifest: Pick<Manifest, 'data'>, options: ReadOptions): Samples | Promise<Samples>;
}
