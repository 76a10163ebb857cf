import * as z from 'zod';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { toRecord } from '../../bundle/record.ts';
import { scoreResponseSchema } from '../../bundle/score-response.ts';
import type { ApiResult, Calls } from './protocol.ts';

const Problem = z.looseObject({ title: z.string(), detail: z.string().optional() });

const UNREACHABLE = 'The API is not reachable from this page; only this browser scores.';
const NEEDS_KEY = 'The API asks for a key, which this page does not have; only this browser scores.';

/**
 * Scores one sample (raw values; a table's row is sent as a record) through the API. It asks for no explanation and no
 * place on the map, as the model in this browser gives both.
 */
export async function scoreByApi(
  { url, sample }: Calls['scoreByApi']['params'],
  data: Manifest['data'],
): Promise<ApiResult> {
  const instance = kindOf(data) === 'table' ? toRecord(tableColumns(data), sample) : Array.from(sample);
  const start = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ instances: [instance] }),
  }).catch(() => undefined);
  if (!response) throw new Error(UNREACHABLE);
  const json: unknown = await response.json().catch(() => undefined);
  const milliseconds = performance.now() - start;
  if (response.ok) {
    const parsed = scoreResponseSchema().safeParse(json);
    if (parsed.success) return { response: parsed.data, milliseconds };
    throw new Error(UNREACHABLE);
  }
  if (response.status === 401 || response.status === 403) throw new Error(NEEDS_KEY);
  const problem = Problem.safeParse(json);
  throw new Error(
    problem.success ? `The API refused: ${problem.data.detail ?? problem.data.title}` : UNREACHABLE,
  );
}
