import type { Manifest } from '../../bundle/manifest.ts';
import { readBody } from '../http/body.ts';
import { shorten } from '../http/names.ts';
import { Problem } from '../http/problem.ts';
import type { Settings } from '../http/settings.ts';
import type { Stopwatch } from '../http/timing.ts';
import { csv } from './csv.ts';
import type { ReadOptions, SampleFormat, Samples } from './format.ts';
import { json } from './json.ts';
import { maxBodyBytes } from './limits.ts';
import { octets } from './octets.ts';
import { png } from './png.ts';

const FORMATS: readonly SampleFormat[] = [json, csv, octets, png];

/** The formats that fit the model's data. */
export const supportedFormats = ({ data }: Manifest): SampleFormat[] =>
  FORMATS.filter((format) => format.refusal(data) === undefined);

/** Reads the samples of a score request by its media type. Throws a {@link Problem} if they are invalid. */
export async function readSamples(
  request: Request,
  manifest: Manifest,
  { bodyMemory, bodySeconds, ...options }: ReadOptions & Pick<Settings, 'bodyMemory' | 'bodySeconds'>,
  watch: Stopwatch,
): Promise<Samples> {
  const type = request.headers.get('Content-Type')?.replace(/;.*/, '').trim().toLowerCase() || '';
  const format = FORMATS.find((known) => known.type === type);
  const refusal = format?.refusal(manifest.data);
  if (!format || refusal) throw unsupportedType(type, refusal, manifest);
  if (options.invert && format !== png) {
    const detail = `only for ${png.type}, but the body is ${type}`;
    throw new Problem('invalid-query', [{ parameter: 'invert', detail }]);
  }
  const limits = { bytes: maxBodyBytes(type, manifest), seconds: bodySeconds, memory: bodyMemory };
  const body = await readBody(request, limits, type);
  watch.lap('body');
  const samples = await format.read(body, manifest, options);
  watch.lap('parse');
  return samples;
}

function unsupportedType(type: string, refusal: string | undefined, manifest: Manifest): Problem {
  const types = supportedFormats(manifest).map((format) => format.type);
  const given = type ? `${shorten(type)} is not supported` : 'no media type';
  const why = refusal ? `, because ${refusal}` : '';
  const advice = type.startsWith('image/') && types.includes(png.type) ? '; save the image as PNG' : '';
  const detail = `${given}${why}: expected ${types.length > 1 ? 'one of ' : ''}${types.join(', ')}${advice}`;
  return new Problem('unsupported-media-type', [{ header: 'Content-Type', detail }], {
    Accept: types.join(', '),
  });
}
