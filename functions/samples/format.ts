import type { Manifest } from '../../bundle/manifest.ts';
import type { ScoreQuery } from '../query.ts';

/** One media type in which samples are sent. */
export interface SampleFormat {
  readonly type: string;
  /** Why a model's samples cannot be sent so, as half a sentence; undefined if they can. */
  refusal(data: Manifest['data']): string | undefined;
  /** A body to samples: n × features raw values, row-major. Throws a Problem if it is not valid. */
  read(body: Uint8Array, manifest: Manifest, query: ScoreQuery): Float32Array | Promise<Float32Array>;
}
