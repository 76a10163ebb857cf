import type { Manifest } from '../../bundle/manifest.ts';
import { readBody } from '../body.ts';
import { Problem } from '../problem.ts';
import type { ScoreQuery } from '../query.ts';
import { jsonSamples } from './json.ts';
import { maxBodyBytes } from './limits.ts';
import { octetSamples } from './octets.ts';
import { pngSamples } from './png.ts';

/** A body to samples: n × features raw values, row-major. Throws a {@link Problem} if it is not valid. */
export type SampleReader = (
  body: Uint8Array,
  manifest: Manifest,
  query: ScoreQuery,
) => Float32Array | Promise<Float32Array>;

const READERS = new Map<string, SampleReader>([
  ['application/json', jsonSamples],
  ['application/octet-stream', octetSamples],
  ['image/png', pngSamples],
]);

/** Reads the samples of a score request by its media type. */
export async function readSamples(
  request: Request,
  manifest: Manifest,
  query: ScoreQuery,
): Promise<Float32Array> {
  const type = request.headers.get('Content-Type')?.replace(/;.*/, '').trim().toLowerCase() || '';
  const read = READERS.get(type);
  if (!read) {
    const accepted = Array.from(READERS.keys()).join(', ');
    const given = type ? `${type} is not accepted` : 'no media type is given';
    const detail = `${given}: one of ${accepted} expected`;
    throw new Problem('unsupported-media-type', [{ header: 'Content-Type', detail }], { Accept: accepted });
  }
  if (query.invert && read !== pngSamples) {
    const detail = `inverting is for image/png, the body is ${type}`;
    throw new Problem('invalid-query', [{ parameter: 'invert', detail }]);
  }
  const body = await readBody(request, maxBodyBytes(type, manifest), type);
  return read(body, manifest, query);
}
