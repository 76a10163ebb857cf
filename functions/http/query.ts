import { z } from '@hono/zod-openapi';
import { DEFAULT_SIGNIFICANCE } from '../../bundle/calibration.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { smallestPValue } from '../../bundle/scoring.ts';
import { shortened, unknownName } from './names.ts';
import { type FieldError, MAX_ERRORS, Problem } from './problem.ts';

const number = (message: string) =>
  z
    .string()
    .regex(/^\d*\.?\d+(e[+-]?\d+)?$/i, message)
    .transform(Number);

const flag = (description: string) =>
  z
    .enum(['true', 'false'], 'true or false expected')
    .default('false')
    .transform((value) => value === 'true')
    .openapi({ type: 'boolean', default: false, description });

const schemas = new WeakMap<Manifest, ReturnType<typeof makeSchema>>();

/** The query parameters of a score request, for the model of the manifest. */
export function scoreQuerySchema(manifest: Manifest) {
  const schema = schemas.get(manifest) ?? makeSchema(manifest);
  schemas.set(manifest, schema);
  return schema;
}

function makeSchema(manifest: Manifest) {
  const { features } = manifest.data;
  const least = smallestPValue(manifest.scorer.calibration_count);
  const usual = Math.max(DEFAULT_SIGNIFICANCE, least);
  const expected = `a number from ${Number(least.toPrecision(3))} to 1 expected`;
  return z.strictObject({
    significance: number(expected)
      .pipe(
        z
          .number()
          .min(
            least,
            `below 1 / (calibration count + 1) = ${Number(least.toPrecision(3))}, the smallest p-value there is, nothing could ever be flagged`,
          )
          .max(1, expected),
      )
      .default(usual)
      .openapi({
        type: 'number',
        minimum: least,
        maximum: 1,
        default: usual,
        description: 'An instance is anomalous if its p-value is at most this.',
      }),
    explain: number(`a whole number from 0 to ${features} expected`)
      .pipe(
        z
          .int(`a whole number from 0 to ${features} expected`)
          .max(features, `at most ${features} features expected`),
      )
      .default(0)
      .openapi({
        type: 'integer',
        minimum: 0,
        maximum: features,
        default: 0,
        description:
          'How many of the features that account for most of the score to return; above 0 also how surprised each detector is.',
      }),
    fdr: number('a number above 0 and below 1 expected')
      .pipe(
        z
          .number()
          .gt(0, 'a number above 0 and below 1 expected')
          .lt(1, 'a number above 0 and below 1 expected'),
      )
      .optional()
      .openapi({
        type: 'number',
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description:
          'A false discovery rate: which of the instances are discoveries, of which on average at most this share is false (Benjamini & Hochberg 1995).',
      }),
    map: flag('Whether to return the place on the map and the nearest points of the map.'),
    invert: flag('For image/png: whether the image is dark ink on light paper.'),
  });
}

export type ScoreQuery = z.infer<ReturnType<typeof makeSchema>>;

/** Checks the query of a score request. Throws a {@link Problem} that names every wrong parameter. */
export function parseScoreQuery(search: URLSearchParams, manifest: Manifest): ScoreQuery {
  const schema = scoreQuerySchema(manifest);
  const errors: FieldError[] = [];
  const given = new Map<string, string>();
  for (const [name, value] of search) {
    const parameter = shortened(name);
    if (!Object.hasOwn(schema.shape, name)) {
      errors.push({ parameter, detail: unknownName(name, Object.keys(schema.shape)) });
    } else if (given.has(name)) {
      errors.push({ parameter, detail: 'given more than once' });
    }
    given.set(name, value);
  }
  const parsed = schema.safeParse(Object.fromEntries(given));
  for (const { code, path, message } of parsed.error?.issues ?? []) {
    if (code === 'unrecognized_keys') continue;
    const value = shortened(given.get(String(path[0])) ?? '');
    errors.push({ parameter: String(path[0]), detail: `${value || 'empty'}: ${message}` });
  }
  if (errors.length > 0) throw new Problem('invalid-query', errors.slice(0, MAX_ERRORS));
  return parsed.data!;
}
