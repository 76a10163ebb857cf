import type { Manifest } from '../../bundle/manifest.ts';
import { readBody } from '../http/body.ts';
import { Problem } from '../http/problem.ts';
import type { ScoreQuery } from '../http/query.ts';
import { csv } from './csv.ts';
import type { SampleFormat, Samples } from './format.ts';
import { json } from './json.ts';
import { maxBodyBytes } from './limits.ts';
import { octets } from './octets.ts';
import { png } from './png.ts';

const FORMATS: readonly SampleFormat[] = [json, csv, octets, png];

/** The formats in which a model's samples may be sent. */
export const formatsOf = ({ data }: Manifest): SampleFormat[] =>
  FORMATS.filter((format) => format.refusal(data) === undefined);

/** Reads the samples of a score request by its media type. Throws a {@link Problem} if they are not valid. */
export async function readSamples(request: Request, manifest: Manifest, query: ScoreQuery): Promise<Samples> {
  const type = request.headers.get('Content-Type')?.replace(/;.*/, '').trim().toLowerCase() || '';
  const format = FORMATS.find((known) => known.type === type);
  const refusal = format?.refusal(manifest.data);
  if (!format || refusal) {
    const accepted = formatsOf(manifest)
      .map((known) => known.type)
      .join(', ');
    const given = type ? `${type} is not accepted` : 'no media type is given';
    const why = refusal ? `, as ${refusal}` : '';
    const detail = `${given}${why}: ${accepted.includes(',') ? 'one of ' : ''}${accepted} expected`;
    throw new Problem('unsupported-media-type', [{ header: 'Content-Type', detail }], { Accept: accepted });
  }
  if (query.invert && format !== png) {
    const detail = `inverting is for ${png.type}, the body is ${type}`;
    throw new Problem('invalid-query', [{ parameter: 'invert', detail }]);
  }
  const body = await readBody(request, maxBodyBytes(type, manifest), type);
  return format.read(body, manifest, query);
}
