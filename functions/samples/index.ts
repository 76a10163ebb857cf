import type { Manifest } from '../../bundle/manifest.ts';
import { readBody } from '../body.ts';
import { Problem } from '../problem.ts';
import type { ScoreQuery } from '../query.ts';
import { jsonSamples } from './json.ts';
import { octetSamples } from './octets.ts';
import { pngSamples } from './png.ts';

/** The most instances that one request may hold. */
export const MAX_INSTANCES = 64;

/** A body to samples: n × features raw values, row-major. Throws a {@link Problem} if it is not valid. */
export type SampleReader = (body: Uint8Array, manifest: Manifest, query: ScoreQuery) => Float32Array;

const READERS = new Map<string, SampleReader>([
  ['application/json', jsonSamples],
  ['application/octet-stream', octetSamples],
  ['image/png', pngSamples],
]);

/** The largest body: 4 MiB, or what the most instances take as JSON with every digit of a double. */
export const maxBodyBytes = (manifest: Manifest): number =>
  Math.max(4 * 2 ** 20, MAX_INSTANCES * manifest.data.features * 32);

/** Reads the samples of a score request by its media type. */
export async function readSamples(
  request: Request,
  manifest: Manifest,
  query: ScoreQuery,
): Promise<Float32Array> {
  const type =
    request.headers.get('Content-Type')?.replace(/;.*/, '').trim().toLowerCase() || 'no media type';
  const read = READERS.get(type);
  if (!read) {
    const accepted = Array.from(READERS.keys()).join(', ');
    const detail = `${type} is not accepted: one of ${accepted} expected`;
    throw new Problem('unsupported-media-type', [{ header: 'Content-Type', detail }], { Accept: accepted });
  }
  if (query.invert && read !== pngSamples) {
    const detail = `inverting is for image/png, the body is ${type}`;
    throw new Problem('invalid-query', [{ parameter: 'invert', detail }]);
  }
  const body = await readBody(request, maxBodyBytes(manifest), type);
  return read(body, manifest, query);
}
