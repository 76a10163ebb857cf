import { z } from '@hono/zod-openapi';
import type { CodeIndex } from '../../bundle/codes.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { exactPValue, type ScorerOutput } from '../../bundle/scoring.ts';
import { type Answer, AnswerSchema, explain, type Result } from '../explain.ts';
import { MAX_PIXELS, MAX_SIDE } from '../png/chunks.ts';
import { type FieldError, MAX_ERRORS, Problem } from '../problem.ts';
import { parseScoreQuery, type ScoreQuery, scoreQuerySchema } from '../query.ts';
import { formatsOf, readSamples } from '../samples/index.ts';
import { json } from '../samples/json.ts';
import { MAX_INSTANCES, maxBodyBytes } from '../samples/limits.ts';
import { octets } from '../samples/octets.ts';
import { png } from '../samples/png.ts';
import { COMMON_PROBLEMS, problem, type Route } from './route.ts';

/** Scores samples: how anomalous each is, how sure that is, why, and where it lies on the map. */
export const score: Route = {
  method: 'post',
  path: '/api/v1/score',
  async handle(c, model) {
    const manifest = await model.manifest();
    const query = parseScoreQuery(new URL(c.req.url).searchParams, manifest);
    const samples = await readSamples(c.req.raw, manifest, query);
    const engine = await model.engine();
    const codes = query.map ? await model.codes() : undefined;
    const n = samples.length / manifest.data.features;
    const output = await engine.run(samples, n);
    assertFinite(samples, output, manifest);
    const body: Answer = {
      model_id: manifest.model_id,
      engine: engine.name,
      significance: query.significance,
      results: Array.from({ length: n }, (_, i) => result(i, samples, output, manifest, query, codes)),
    };
    return c.json(body, 200, { 'Cache-Control': 'no-store' });
  },
  describe: (manifest) => ({
    summary: 'Scores samples for anomaly',
    description: description(manifest),
    tags: ['scoring'],
    request: { query: queryOf(manifest), body: { required: true, content: content(manifest) } },
    responses: {
      200: {
        description: 'One result for each instance, in their order.',
        content: { 'application/json': { schema: AnswerSchema, example: example(manifest) } },
      },
      400: problem('The body or a query parameter is wrong; `errors` names each field and what is accepted.'),
      413: problem(
        `The body is larger than ${formatsOf(manifest)
          .map(({ type }) => `${maxBodyBytes(type, manifest)} bytes of ${type}`)
          .join(', or ')}.`,
      ),
      415: problem('The media type is none of the accepted ones, or missing; or the body is compressed.'),
      ...COMMON_PROBLEMS,
    },
  }),
};

/** The answer for sample i of the batch. */
function result(
  i: number,
  samples: Float32Array,
  output: ScorerOutput,
  { data, architecture, scorer }: Manifest,
  query: ScoreQuery,
  codes: CodeIndex | undefined,
): Result {
  const p_value = exactPValue(output.p_value[i], scorer.calibration_count);
  const score: Result = { score: output.score[i], p_value, anomalous: p_value <= query.significance };
  if (query.explain > 0) score.features = explain(samples, output, i, data, query.explain);
  if (codes) {
    const { code } = architecture;
    score.map = codes.place(output.code.subarray(i * code, (i + 1) * code));
  }
  return score;
}

/**
 * Throws a {@link Problem} if there are samples so far off that their score is no number of 32 bits: where
 * any number is accepted, the square of some is not.
 */
function assertFinite(samples: Float32Array, { score }: ScorerOutput, { data }: Manifest): void {
  const { features, scaling } = data;
  const distance = (value: number, j: number) =>
    Math.abs(scaling.kind === 'standard' ? (value - scaling.mean[j]) / scaling.deviation[j] : value);
  const errors: FieldError[] = [];
  for (const [i, value] of score.entries()) {
    if (Number.isFinite(value)) continue;
    const sample = samples.subarray(i * features, (i + 1) * features);
    const distances = Array.from(sample, distance);
    const farthest = distances.indexOf(Math.max(...distances));
    const detail = `${Number(sample[farthest].toPrecision(6))} is so far off that the score is too large to be held`;
    errors.push({ pointer: `#/instances/${i}/${farthest}`, detail });
  }
  if (errors.length > 0) throw new Problem('invalid-body', errors.slice(0, MAX_ERRORS));
}

/** The parameters that mean something to the model. */
function queryOf(manifest: Manifest) {
  const schema = scoreQuerySchema(manifest);
  return formatsOf(manifest).includes(png) ? schema : schema.omit({ invert: true });
}

/** What a body of each media type holds, for the model of the manifest. */
function bodyOf(type: string, { data }: Manifest): string {
  const { features, range, shape } = data;
  const values = range ? `${features} numbers from ${range.join(' to ')}` : `${features} numbers`;
  switch (type) {
    case json.type:
      return `\`{"instances": [[${values}], …]}\`, 1 to ${MAX_INSTANCES} instances`;
    case octets.type:
      return `${features} bytes an instance, each the value itself, 1 to ${MAX_INSTANCES} instances`;
    default:
      return `one image of any colour type and depth, of at most ${MAX_PIXELS / 2 ** 20} × 2²⁰ pixels and ${MAX_SIDE} a
  side. It is laid on black, ${shape[2] === 1 ? 'reduced to its luminance' : 'taken as red, green and blue'} and fitted into ${shape[1]} × ${shape[0]} pixels, keeping
  its aspect ratio`;
  }
}

function description(manifest: Manifest): string {
  const types = formatsOf(manifest).map(({ type }) => `* \`${type}\`: ${bodyOf(type, manifest)}`);
  const { shape } = manifest.data;
  const order = shape.length > 1 ? ` An instance is ${shape.join(' × ')} values, row-major.` : '';
  return `
${types.length === 1 ? 'One kind of body:' : 'Kinds of body, told apart by `Content-Type`:'}

${types.join(';\n')}.${order}

\`score\` is ${SCORES[manifest.scorer.score]}: larger for stranger samples. \`p_value\` is the share of samples
of the calibration split, which the training never saw, that are at least as strange. An instance is
\`anomalous\` if that is at most \`significance\`: of normal samples, about that share is flagged.
`.trim();
}

const SCORES: Record<Manifest['scorer']['score'], string> = {
  mean_squared_error: 'the mean squared error of the reconstruction',
  reconstruction_probability: 'the negative log-likelihood a feature (the reconstruction probability)',
};

function content(manifest: Manifest) {
  const { features, range } = manifest.data;
  const value = range ? z.number().min(range[0]).max(range[1]) : z.number();
  const instance = z.array(value).min(features).max(features);
  const binary = (type: string, file: string) => ({
    schema: { type: 'string', format: 'binary' } as const,
    examples: {
      'From a file': {
        summary: 'From a file',
        description: `\`curl -H 'Content-Type: ${type}' --data-binary @${file} /api/v1/score\``,
      },
    },
  });
  const kinds = {
    [json.type]: {
      schema: z.strictObject({ instances: z.array(instance).min(1).max(MAX_INSTANCES) }).openapi('Instances'),
      example: { instances: [plainInstance(manifest)] },
    },
    [octets.type]: binary(octets.type, 'samples.u8'),
    [png.type]: binary(png.type, 'image.png'),
  };
  return Object.fromEntries(formatsOf(manifest).map(({ type }) => [type, kinds[type]]));
}

/** An instance with nothing special in it: the mean of a table's features, a black image. */
function plainInstance({ data: { features, range, scaling } }: Manifest): number[] {
  const [minimum, maximum] = range ?? [-Infinity, Infinity];
  const values = scaling.kind === 'standard' ? scaling.mean : new Array<number>(features).fill(scaling.low);
  return values.map((value) => Math.min(Math.max(Number(value.toPrecision(4)), minimum), maximum));
}

function example({ model_id, scorer }: Manifest): Answer {
  const [{ significance, score }] = scorer.thresholds as [Manifest['scorer']['thresholds'][number]];
  const p_value = 1 / (scorer.calibration_count + 1);
  return {
    model_id,
    engine: 'onnxruntime-web',
    significance,
    results: [{ score, p_value, anomalous: true }],
  };
}
