import * as z from 'zod';
import type { Manifest } from '../../bundle/manifest.ts';
import { toRecord } from '../../bundle/record.ts';
import { ScoreResponseSchema } from '../../bundle/score-response.ts';
import type { Answered, Calls } from './protocol.ts';

const Problem = z.looseObject({ title: z.string(), detail: z.string().optional() });

/**
 * Asks the API to score one sample (raw values; of a table it is sent as a record). Why, and where on the map, the
 * model in this browser says.
 */
export async function askApi(
  { url, sample }: Calls['askApi']['ask'],
  { scaling }: Manifest['data'],
): Promise<Answered> {
  const instance = scaling.kind === 'columns' ? toRecord(scaling.columns, sample) : Array.from(sample);
  const start = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ instances: [instance] }),
  }).catch(() => undefined);
  const unreachable = 'The API is not reachable from this page, so only this browser answers.';
  if (!response) throw new Error(unreachable);
  const json: unknown = await response.json().catch(() => undefined);
  const milliseconds = performance.now() - start;
  if (response.ok) {
    const parsed = ScoreResponseSchema.safeParse(json);
    if (parsed.success) return { response: parsed.data, milliseconds };
    throw new Error(unreachable);
  }
  const problem = Problem.safeParse(json);
  throw new Error(
    problem.success ? `The API refused: ${problem.data.detail ?? problem.data.title}` : unreachable,
  );
}
