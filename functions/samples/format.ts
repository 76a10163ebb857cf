import type { Manifest } from '../../bundle/manifest.ts';
import type { FieldError } from '../http/problem.ts';
import type { ScoreQuery } from '../http/query.ts';

/** The samples of a request. */
export interface Samples {
  /** n × features raw values, row-major; NaN where one is missing. */
  readonly values: Float32Array;
  /** Fields of records that are no columns, each once. */
  readonly unused?: readonly string[];
  /** An error of value j of sample i, with its place in the body. */
  wrong(i: number, j: number, detail: string): FieldError;
}

/** One media type in which samples are sent. */
export interface SampleFormat {
  readonly type: string;
  /** Why a model's samples cannot be sent so, as half a sentence; undefined if they can. */
  refusal(data: Manifest['data']): string | undefined;
  /** A body to samples. Throws a Problem if it is not valid. */
  read(body: Uint8Array, manifest: Manifest, query: ScoreQuery): Samples | Promise<Samples>;
}
