import * as z from 'zod';
import type { Manifest } from '../../bundle/manifest.ts';
import { defaultSignificance, lowestSignificance, smallestPValue } from '../../bundle/p-value.ts';
import { describeUnknown, shorten } from '../http/names.ts';
import { type FieldError, Problem } from '../http/problem.ts';

const number = (message: string) =>
  z
    .string()
    .regex(/^\d*\.?\d+(e[+-]?\d+)?$/i, message)
    .transform(Number);

const flag = (description: string) =>
  z
    .enum(['true', 'false'], 'expected true or false')
    .default('false')
    .transform((value) => value === 'true')
    .meta({ type: 'boolean', default: false, description });

const schemas = new WeakMap<Manifest, ReturnType<typeof makeSchema>>();

/** The query parameters of a score request to the model of the manifest. */
export function scoreQuerySchema(manifest: Manifest) {
  const schema = schemas.get(manifest) ?? makeSchema(manifest);
  schemas.set(manifest, schema);
  return schema;
}

function makeSchema(manifest: Manifest) {
  return z.strictObject({
    significance: significanceSchema(manifest.scorer.calibration_count),
    explain: explainSchema(manifest.data.features),
    fdr: fdrSchema(),
    map: flag('Whether to return the place on the map and the nearest points there.'),
    invert: flag('For image/png: whether the image shows dark ink on light paper.'),
  });
}

function significanceSchema(calibrationCount: number) {
  const least = smallestPValue(calibrationCount);
  const standard = defaultSignificance(calibrationCount);
  const expected = `expected a number from ${lowestSignificance(calibrationCount)} to 1`;
  return number(expected)
    .pipe(
      z
        .number(expected)
        .min(
          least,
          `${expected} (nothing can be flagged below 1/${calibrationCount + 1}, the smallest p-value of ${calibrationCount} calibration samples)`,
        )
        .max(1, expected),
    )
    .default(standard)
    .meta({
      type: 'number',
      minimum: least,
      maximum: 1,
      default: standard,
      description: 'An instance is anomalous if its p-value is at most this.',
    });
}

function explainSchema(features: number) {
  const expected = `expected a whole number from 0 to ${features}`;
  return number(expected).pipe(z.int(expected).max(features, expected)).default(0).meta({
    type: 'integer',
    minimum: 0,
    maximum: features,
    default: 0,
    description:
      'How many features to return, those with the largest shares of the score first. Above 0, the surprise of each detector is returned too.',
  });
}

function fdrSchema() {
  const expected = 'expected a number above 0 and below 1';
  return number(expected).pipe(z.number(expected).gt(0, expected).lt(1, expected)).optional().meta({
    type: 'number',
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    description:
      'A false discovery rate. On average, at most this share of the discoveries among the instances is false (Benjamini & Hochberg 1995).',
  });
}

export type ScoreQuery = z.infer<ReturnType<typeof makeSchema>>;

/** Query strings that are remembered. */
const REMEMBERED = 100;

const remembered = new WeakMap<Manifest, Map<string, ScoreQuery>>();

/** The query of a score request to this URL. Remembers it, since callers send the same one again. */
export function readScoreQuery(url: string, manifest: Manifest): ScoreQuery {
  const start = url.indexOf('?');
  const text = start < 0 ? '' : url.slice(start);
  const known = remembered.get(manifest) ?? new Map<string, ScoreQuery>();
  remembered.set(manifest, known);
  const found = known.get(text);
  if (found) return found;
  const query = parseScoreQuery(new URLSearchParams(text), manifest);
  // Begins again, so that the queries of one caller do not keep out those of others.
  if (known.size >= REMEMBERED) known.clear();
  known.set(text, query);
  return query;
}

/** Parses the query of a score request. Throws a {@link Problem} that lists every invalid parameter. */
export function parseScoreQuery(search: URLSearchParams, manifest: Manifest): ScoreQuery {
  const schema = scoreQuerySchema(manifest);
  const errors: FieldError[] = [];
  const given = new Map<string, string>();
  for (const [name, value] of search) {
    const parameter = shorten(name);
    if (!Object.hasOwn(schema.shape, name)) {
      errors.push({ parameter, detail: describeUnknown(name, Object.keys(schema.shape)) });
    } else if (given.has(name)) {
      errors.push({ parameter, detail: 'given more than once' });
    }
    given.set(name, value);
  }
  const parsed = schema.safeParse(Object.fromEntries(given));
  for (const { code, path, message } of parsed.error?.issues ?? []) {
    if (code === 'unrecognized_keys') continue;
    const value = shorten(given.get(String(path[0])) ?? '');
    errors.push({ parameter: String(path[0]), detail: `${message}, got ${value || 'nothing'}` });
  }
  if (errors.length > 0) throw new Problem('invalid-query', errors);
  return parsed.data!;
}
