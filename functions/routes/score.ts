import { FUSION_WORDS, fusionOf } from '../../bundle/fusion.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { type ScoreResponse, scoreResponseSchema } from '../../bundle/score-response.ts';
import { giveWay } from '../http/give-way.ts';
import { Problem } from '../http/problem.ts';
import { Stopwatch } from '../http/timing.ts';
import type { Model } from '../model/model.ts';
import { withoutCategories } from '../model/redact.ts';
import type { Samples } from '../samples/format.ts';
import { json } from '../samples/json.ts';
import { maxBodyBytes } from '../samples/limits.ts';
import { png } from '../samples/png.ts';
import { readSamples, supportedFormats } from '../samples/read.ts';
import { COMMON_PROBLEMS, describeProblem, GUARD_PROBLEMS, type Route } from './route.ts';
import { buildAnswer, exampleAnswer, neededOutputs } from './score-answer.ts';
import { buildBodyContent, describeBody, exampleBody } from './score-body.ts';
import { parseScoreQuery, readScoreQuery, type ScoreQuery, scoreQuerySchema } from './score-query.ts';

/** Scores samples: how anomalous each is, how unlikely by chance, why, and where it lies on the map. */
export const score: Route = {
  method: 'post',
  path: '/api/v1/score',
  scope: 'score',
  async handle(c, model, { bodyMemory, bodySeconds, maxPixels, origins, showData }) {
    const watch = new Stopwatch();
    const manifest = await model.manifest();
    const query = readScoreQuery(c.req.url, manifest);
    if (query.map && !showData) {
      const detail = 'this deployment has no map: expected false';
      throw new Problem('invalid-query', [{ parameter: 'map', detail }]);
    }
    const pause = () => giveWay(c.req.raw.signal);
    const options = { ...query, bodyMemory, bodySeconds, maxPixels, pause };
    const samples = await readSamples(c.req.raw, manifest, options, watch);
    const scored = await answer(samples, query, model, showData, watch, pause);
    const n = scored.results.length;
    const anomalous = scored.results.filter((result) => result.anomalous).length / n;
    c.set('facts', { model: manifest.model_id, n, anomalous });
    return c.json(scored, 200, {
      'Cache-Control': 'no-store',
      'Timing-Allow-Origin': origins.join(', '),
      ...watch.headers,
    });
  },
  describe: (manifest, { bodySeconds, maxPixels }) => ({
    summary: 'Score samples for anomaly',
    description: `${describeBody(manifest, maxPixels)}\n\n${describeScore(manifest)}`,
    tags: ['scoring'],
    query: querySchema(manifest),
    body: buildBodyContent(manifest),
    responses: {
      200: {
        description: 'One result per instance, in the same order.',
        headers: ['Cache-Control', 'Server-Timing'],
        content: { 'application/json': { schema: scoreResponseSchema(), example: exampleAnswer(manifest) } },
      },
      400: describeProblem(
        'The body or a query parameter is invalid. `errors` lists each field and what is expected.',
      ),
      408: describeProblem(`The body did not arrive within ${bodySeconds} seconds.`),
      413: describeProblem(`The body is larger than ${describeLimits(manifest)}.`),
      415: describeProblem(
        'The media type is missing or not supported, or the body is compressed. `Accept` lists the supported ones.',
        'Accept',
      ),
      ...GUARD_PROBLEMS,
      ...COMMON_PROBLEMS,
      503: describeProblem(
        'The deployed model is damaged: `detail` names the file and the damage. Or the bodies of other requests take all memory: `Retry-After` says when to try again, in seconds.',
        'Retry-After',
      ),
    },
  }),
};

/** With more values than this, the steps of an answer take so long that a pause between them does not matter. */
const LONG = 2 ** 16;

async function answer(
  samples: Samples,
  query: ScoreQuery,
  model: Model,
  showData: boolean,
  watch: Stopwatch,
  pause: () => Promise<void>,
): Promise<ScoreResponse> {
  const manifest = await model.manifest();
  const engine = await model.engine();
  const codes = query.map ? await model.codes() : undefined;
  const n = samples.values.length / manifest.data.features;
  const long = samples.values.length > LONG;
  if (long) await pause();
  const output = await engine.run(samples.values, n, neededOutputs(query));
  watch.lap('score');
  if (long) await pause();
  const shown = showData ? manifest : withoutCategories(manifest);
  const built = buildAnswer(samples, output, shown, query, codes);
  watch.lap('answer');
  return { model_id: manifest.model_id, engine: engine.name, ...built };
}

/**
 * Answers an ordinary request, without a place on the map and with one, so that the first real request finds everything
 * ready. Throws if the model is damaged.
 */
export async function rehearse(model: Model): Promise<void> {
  const manifest = await model.manifest();
  const body = new TextEncoder().encode(JSON.stringify(exampleBody(manifest)));
  for (const search of ['', 'map=true']) {
    const query = parseScoreQuery(new URLSearchParams(search), manifest);
    const samples = await json.read(body, manifest, { ...query, maxPixels: 0 });
    JSON.stringify(await answer(samples, query, model, true, new Stopwatch(), async () => {}));
  }
}

/** The parameters that apply to the model. */
function querySchema(manifest: Manifest) {
  const schema = scoreQuerySchema(manifest);
  return supportedFormats(manifest).includes(png) ? schema : schema.omit({ invert: true });
}

function describeLimits(manifest: Manifest): string {
  const limits = supportedFormats(manifest).map(
    ({ type }) => `${maxBodyBytes(type, manifest)} bytes for ${type}`,
  );
  return limits.join(', or ');
}

const describeScore = ({ scorer }: Manifest) =>
  `
A larger \`score\` means a stranger sample. It is ${FUSION_WORDS[fusionOf(scorer)]} of the surprises of the detectors,
which \`GET /api/v1/model\` lists, in nats. A detector's surprise is −log P(a score this high) for normal samples: 4.6 is one in a hundred, 6.9 one in a
thousand. \`p_value\` is the share of calibration samples, which training never saw, that score at least as high. An
instance is \`anomalous\` if its \`p_value\` is at most \`significance\`. On average, at most that share of normal samples is
flagged.

With \`explain=n\`, each result says why: \`detectors\` lists the surprises, the largest first, and \`features\` the n features
with the largest shares of the score. A feature has its \`share\` (all shares add up to 1), its value, what the model
\`expected\` instead (null for a date if the model sees only its time of day and weekday), and the squared \`error\` between
the two in the units of training.

With \`fdr=q\`, the instances of the request are tested together (Benjamini & Hochberg 1995). \`discovery\` marks the
discoveries; on average, at most the share q of them is false. \`anomalous\` still compares the p-value with
\`significance\`. \`fdr\` gives the number of discoveries and their largest p-value.
`.trim();
