import { z } from '@hono/zod-openapi';
import type { CodeIndex } from '../../bundle/codes.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import {
  exactPValue,
  type Score,
  type ScoreResponse,
  ScoreResponseSchema,
  type ScorerOutput,
  surprisingFeatures,
} from '../../bundle/scoring.ts';
import { MAX_PIXELS, MAX_SIDE } from '../png/chunks.ts';
import { parseScoreQuery, type ScoreQuery, scoreQuerySchema } from '../query.ts';
import { readSamples } from '../samples/index.ts';
import { MAX_INSTANCES, maxBodyBytes } from '../samples/limits.ts';
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
    const body: ScoreResponse = {
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
    request: { query: scoreQuerySchema(manifest), body: { required: true, content: content(manifest) } },
    responses: {
      200: {
        description: 'One result for each instance, in their order.',
        content: { 'application/json': { schema: ScoreResponseSchema, example: example(manifest) } },
      },
      400: problem('The body or a query parameter is wrong; `errors` names each field and what is accepted.'),
      413: problem(
        `The body is larger than ${maxBodyBytes('image/png', manifest)} bytes of image/png, or ${maxBodyBytes('application/json', manifest)} bytes of another type.`,
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
  { significance, explain }: ScoreQuery,
  codes: CodeIndex | undefined,
): Score {
  const p_value = exactPValue(output.p_value[i], scorer.calibration_count);
  const score: Score = { score: output.score[i], p_value, anomalous: p_value <= significance };
  if (explain > 0) {
    const [, columns, channels] = data.shape;
    const layout = { features: data.features, width: columns * channels, top: explain };
    score.features = surprisingFeatures(samples, output, i, layout);
  }
  if (codes) {
    const { code } = architecture;
    score.map = codes.place(output.code.subarray(i * code, (i + 1) * code));
  }
  return score;
}

function description({ data }: Manifest): string {
  const [height, width] = data.shape;
  return `
Three kinds of body, told apart by \`Content-Type\`:

* \`application/json\`: \`{"instances": [[${data.features} numbers from ${data.range.join(' to ')}], …]}\`,
  1 to ${MAX_INSTANCES} instances;
* \`application/octet-stream\`: ${data.features} bytes an instance, 1 to ${MAX_INSTANCES} instances;
* \`image/png\`: one image of any colour type and depth, of at most ${MAX_PIXELS / 2 ** 20} × 2²⁰ pixels and ${MAX_SIDE} a
  side. It is laid on black, reduced to its luminance and fitted into ${width} × ${height} pixels, keeping
  its aspect ratio.

\`score\` is larger for stranger samples. \`p_value\` is the share of samples of the calibration split, which
the training never saw, that are at least as strange. An instance is \`anomalous\` if that is at most
\`significance\`: of normal samples, about that share is flagged.
`.trim();
}

function content({ data }: Manifest) {
  const [minimum, maximum] = data.range;
  const instance = z.array(z.number().min(minimum).max(maximum)).min(data.features).max(data.features);
  const binary = { type: 'string', format: 'binary' } as const;
  const curl = (type: string, file: string) => ({
    'From a file': {
      summary: 'From a file',
      description: `\`curl -H 'Content-Type: ${type}' --data-binary @${file} /api/v1/score\``,
    },
  });
  return {
    'application/json': {
      schema: z.strictObject({ instances: z.array(instance).min(1).max(MAX_INSTANCES) }).openapi('Instances'),
      example: { instances: [new Array(data.features).fill(minimum)] },
    },
    'application/octet-stream': { schema: binary, examples: curl('application/octet-stream', 'digits.u8') },
    'image/png': { schema: binary, examples: curl('image/png', 'digit.png') },
  };
}

function example({ model_id, scorer }: Manifest): ScoreResponse {
  const [{ significance, score }] = scorer.thresholds as [Manifest['scorer']['thresholds'][number]];
  const p_value = 1 / (scorer.calibration_count + 1);
  return {
    model_id,
    engine: 'onnxruntime-web',
    significance,
    results: [{ score, p_value, anomalous: true }],
  };
}
