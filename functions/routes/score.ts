import type { CodeIndex } from '../../bundle/codes.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { benjaminiHochberg } from '../../bundle/multiple-testing.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import { rankSurprises } from '../../bundle/score-response.ts';
import type { ScorerOutput } from '../../bundle/scorer.ts';
import { shortened } from '../http/names.ts';
import { type FieldError, MAX_ERRORS, Problem } from '../http/problem.ts';
import { parseScoreQuery, type ScoreQuery, scoreQuerySchema } from '../http/query.ts';
import { type Answer, AnswerSchema, explain } from '../model/explain.ts';
import type { Samples } from '../samples/format.ts';
import { formatsOf, readSamples } from '../samples/index.ts';
import { maxBodyBytes } from '../samples/limits.ts';
import { png } from '../samples/png.ts';
import { COMMON_PROBLEMS, problem, type Route } from './route.ts';
import { bodyContent, describeBody } from './score-body.ts';

type Result = Answer['results'][number];

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
    const n = samples.values.length / manifest.data.features;
    const output = await engine.run(samples.values, n);
    assertFinite(samples, output, manifest);
    const results = Array.from({ length: n }, (_, i) =>
      result(i, samples.values, output, manifest, query, codes),
    );
    const body: Answer = {
      model_id: manifest.model_id,
      engine: engine.name,
      significance: query.significance,
      ...unusedFields(samples),
      ...discover(results, query.fdr),
    };
    return c.json(body, 200, { 'Cache-Control': 'no-store' });
  },
  describe: (manifest) => ({
    summary: 'Scores samples for anomaly',
    description: `${describeBody(manifest)}\n\n${SCORES}`,
    tags: ['scoring'],
    request: { query: queryOf(manifest), body: { required: true, content: bodyContent(manifest) } },
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
  if (query.explain > 0) {
    score.detectors = rankSurprises(scorer.detectors, output, i);
    score.features = explain(samples, output, i, data, query.explain);
  }
  if (codes) {
    const { code } = architecture;
    score.map = codes.place(output.code.subarray(i * code, (i + 1) * code));
  }
  return score;
}

/** At most so many fields are named. */
const MOST_UNUSED = 50;

function unusedFields({ unused = [] }: Samples): Pick<Answer, 'unused_fields'> {
  return unused.length === 0 ? {} : { unused_fields: unused.slice(0, MOST_UNUSED).map(shortened) };
}

/** Which of the batch's results are discoveries, if that is asked for. */
function discover(results: Result[], q: number | undefined): Pick<Answer, 'fdr' | 'results'> {
  if (q === undefined) return { results };
  const pValues = results.map(({ p_value }) => p_value);
  const { discovery, count, threshold } = benjaminiHochberg(pValues, q);
  return {
    fdr: { q, discoveries: count, threshold },
    results: results.map(({ score, p_value, anomalous, ...why }, i) => ({
      score,
      p_value,
      anomalous,
      discovery: discovery[i],
      ...why,
    })),
  };
}

/**
 * Throws a {@link Problem} if there are samples so far off that what the model makes of them is no number of 32
 * bits: where any number is accepted, the square of some is not.
 */
function assertFinite({ values, wrong }: Samples, output: ScorerOutput, { data, scorer }: Manifest): void {
  const { features, scaling } = data;
  const { score, detectors, feature_error, feature_share } = output;
  const distance = (value: number, j: number) => {
    if (scaling.kind === 'standard') return Math.abs((value - scaling.mean[j]) / scaling.deviation[j]);
    // Of columns, the graph bounds what it sees.
    return scaling.kind === 'range' ? Math.abs(value) : 0;
  };
  const errors: FieldError[] = [];
  for (const i of score.keys()) {
    const ofFeatures = [i * features, (i + 1) * features] as const;
    const { length } = scorer.detectors;
    const held =
      Number.isFinite(score[i]) &&
      areFinite(detectors, i * length, (i + 1) * length) &&
      areFinite(feature_error, ...ofFeatures) &&
      areFinite(feature_share, ...ofFeatures);
    if (held) continue;
    const distances = Array.from(values.subarray(...ofFeatures), distance);
    const farthest = distances.indexOf(Math.max(...distances));
    const value = Number(values[ofFeatures[0] + farthest].toPrecision(6));
    errors.push(wrong(i, farthest, `${value} is so far off that the score is too large to be held`));
  }
  if (errors.length > 0) throw new Problem('invalid-body', errors.slice(0, MAX_ERRORS));
}

/** Whether all values from one index up to another are finite: zero times others is no number. */
function areFinite(values: Float32Array, from: number, to: number): boolean {
  let sum = 0;
  for (let p = from; p < to; p++) sum += 0 * values[p];
  return sum === 0;
}

/** The parameters that mean something to the model. */
function queryOf(manifest: Manifest) {
  const schema = scoreQuerySchema(manifest);
  return formatsOf(manifest).includes(png) ? schema : schema.omit({ invert: true });
}

const SCORES = `
\`score\` is larger for stranger samples: the mean surprise of the detectors that \`GET /api/v1/model\` lists, in nats. A
detector's surprise is −log P(so high a score) among ordinary samples: 4.6 is one in a hundred, 6.9 one in a thousand.
\`p_value\` is the share of samples of the calibration split, which the training never saw, that are at least as strange.
An instance is \`anomalous\` if that is at most \`significance\`: of normal samples, about that share is flagged.

With \`explain=n\` a result says why: \`detectors\`, the most surprised first, and \`features\`, the n that account for most of
the score, each with its \`share\` of it (all shares add up to 1), its value, what the model \`expected\` instead (null of a date of
which only time of day and weekday are modelled), and the squared \`error\` between them in the units of training.

With \`fdr=q\` the instances of the request are judged together: \`discovery\` marks those of which on average at most the
share q is false (Benjamini & Hochberg 1995), and \`fdr\` says how many there are and up to which p-value.
`.trim();

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
