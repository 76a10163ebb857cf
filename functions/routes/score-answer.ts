import type { CodeIndex } from '../../bundle/codes.ts';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { benjaminiHochberg } from '../../bundle/multiple-testing.ts';
import { defaultSignificance, exactPValue, smallestPValue } from '../../bundle/p-value.ts';
import { rankSurprises, type ScoreResponse } from '../../bundle/score-response.ts';
import type { ScorerOutput } from '../../bundle/scorer.ts';
import { UnknownValues } from '../../bundle/unknown-values.ts';
import { shorten } from '../http/names.ts';
import { type FieldError, Problem } from '../http/problem.ts';
import { explain } from '../model/explain.ts';
import type { Samples } from '../samples/format.ts';
import type { ScoreQuery } from './score-query.ts';

const EXPLANATION = ['reconstruction', 'feature_error', 'feature_share', 'detectors'] as const;

/** What is computed of every sample, and what only some queries need. */
type Output = Pick<ScorerOutput, 'score' | 'p_value'> & Partial<ScorerOutput>;
type Explained = Output & Pick<ScorerOutput, (typeof EXPLANATION)[number]>;

/** The outputs of the model that an answer needs. */
export function neededOutputs({ explain, map }: ScoreQuery): (keyof ScorerOutput)[] {
  return ['score', 'p_value', ...(explain > 0 ? EXPLANATION : []), ...(map ? (['code'] as const) : [])];
}

const isExplained = (output: Output): output is Explained => EXPLANATION.every((name) => output[name]);

type Result = ScoreResponse['results'][number];

/** The answer apart from what identifies the model. `codes`: to place the samples on the map, if requested. */
export function buildAnswer(
  samples: Samples,
  output: Output,
  manifest: Manifest,
  query: ScoreQuery,
  codes: CodeIndex | undefined,
): Omit<ScoreResponse, 'model_id' | 'engine'> {
  assertFinite(samples, output, manifest);
  const results = Array.from(output.score.keys(), (i) =>
    buildResult(i, samples.values, output, manifest, query, codes),
  );
  return {
    significance: query.significance,
    ...reportUnused(samples),
    ...reportUnknown(samples, output.score.length, manifest),
    ...markDiscoveries(results, query.fdr),
  };
}

/** The result for sample i of the batch. */
function buildResult(
  i: number,
  samples: Float32Array,
  output: Output,
  { data, architecture, scorer }: Manifest,
  query: ScoreQuery,
  codes: CodeIndex | undefined,
): Result {
  const p_value = exactPValue(output.p_value[i], scorer.calibration_count);
  const result: Result = { score: output.score[i], p_value, anomalous: p_value <= query.significance };
  if (isExplained(output)) {
    result.detectors = rankSurprises(scorer.detectors, output, i);
    result.features = explain(samples, output, i, data, query.explain);
  }
  if (codes && output.code) {
    const { code } = architecture;
    result.map = codes.place(output.code.subarray(i * code, (i + 1) * code));
  }
  return result;
}

/** At most this many unused fields are reported. */
const MAX_UNUSED = 50;

function reportUnused({ unused = [] }: Samples): Pick<ScoreResponse, 'unused_fields'> {
  return unused.length === 0 ? {} : { unused_fields: unused.slice(0, MAX_UNUSED).map(shorten) };
}

/** At most this many columns with unknown values are reported. */
const MAX_UNKNOWN = 50;

function reportUnknown(
  { values }: Samples,
  count: number,
  { data }: Manifest,
): Pick<ScoreResponse, 'unknown_values'> {
  if (kindOf(data) !== 'table') return {};
  const unknown = new UnknownValues(tableColumns(data));
  unknown.add(values, count);
  const found = unknown.counts();
  return found.length === 0 ? {} : { unknown_values: found.slice(0, MAX_UNKNOWN) };
}

/** Marks the discoveries among the results of the batch, if the query asks for them. */
function markDiscoveries(results: Result[], q: number | undefined): Pick<ScoreResponse, 'fdr' | 'results'> {
  if (q === undefined) return { results };
  const pValues = results.map(({ p_value }) => p_value);
  const { discovery, count, threshold } = benjaminiHochberg(pValues, q);
  return {
    fdr: { q, discoveries: count, threshold },
    results: results.map(({ score, p_value, anomalous, ...rest }, i) => ({
      score,
      p_value,
      anomalous,
      discovery: discovery[i],
      ...rest,
    })),
  };
}

/**
 * Throws a {@link Problem} for samples so far off that the model's results overflow 32-bit floats: where any number is
 * accepted, the square of some does not fit.
 */
function assertFinite({ values, errorAt }: Samples, output: Output, { data, scorer }: Manifest): void {
  const { features, scaling } = data;
  const { score } = output;
  const distance = (value: number, j: number) => {
    if (scaling.kind === 'standard') return Math.abs((value - scaling.mean[j]) / scaling.deviation[j]);
    // For the columns of a table, the graph bounds what the model sees.
    return scaling.kind === 'range' ? Math.abs(value) : 0;
  };
  const errors: FieldError[] = [];
  for (const i of score.keys()) {
    const row = [i * features, (i + 1) * features] as const;
    const { length } = scorer.detectors;
    const finite =
      Number.isFinite(score[i]) &&
      (!isExplained(output) ||
        (areFinite(output.detectors, i * length, (i + 1) * length) &&
          areFinite(output.feature_error, ...row) &&
          areFinite(output.feature_share, ...row)));
    if (finite) continue;
    const distances = Array.from(values.subarray(...row), distance);
    const farthest = distances.indexOf(Math.max(...distances));
    const value = Number(values[row[0] + farthest].toPrecision(6));
    errors.push(errorAt(i, farthest, `${value} is so far off that the score overflows a 32-bit float`));
  }
  if (errors.length > 0) throw new Problem('invalid-body', errors);
}

/** Whether all values of a range are finite: 0 × a value is 0, or NaN if it is not finite. */
function areFinite(values: Float32Array, from: number, to: number): boolean {
  let sum = 0;
  for (let p = from; p < to; p++) sum += 0 * values[p];
  return sum === 0;
}

/** An example of an answer, for openapi.json. */
export function exampleAnswer({ model_id, scorer }: Manifest): ScoreResponse {
  const [{ score }] = scorer.thresholds as [Manifest['scorer']['thresholds'][number]];
  const p_value = smallestPValue(scorer.calibration_count);
  return {
    model_id,
    engine: 'offmanifold',
    significance: defaultSignificance(scorer.calibration_count),
    results: [{ score, p_value, anomalous: true }],
  };
}
