import { expect } from 'vitest';
import type { TableRecord } from '../../bundle/record.ts';
import { type ScoreResponse, scoreResponseSchema } from '../../bundle/score-response.ts';
import { createApp } from '../../functions/app.ts';
import expected from '../../node_modules/.cache/offmanifold/table-expected.json';
import { tableManifest as manifest, openTable } from './table-model.ts';

export const { features, names } = manifest.data;
export const app = createApp(openTable());

export const { records, outputs } = expected;
export const [near, far] = [records.slice(0, records.length / 2), records.slice(records.length / 2)];
export const record = near[0] as TableRecord;
export const send = (type: string, body: BodyInit, query = '') =>
  app.request(`/api/v1/score${query}`, { method: 'POST', headers: { 'Content-Type': type }, body });
export const postJson = (json: unknown, query = '') => send('application/json', JSON.stringify(json), query);
export const postCsv = (text: string, query = '') => send('text/csv', text, query);

export async function answered(response: Response | Promise<Response>): Promise<ScoreResponse> {
  const json = await (await response).json();
  expect((await response).status, JSON.stringify(json)).toBe(200);
  return scoreResponseSchema().parse(json);
}

export const inOrder = (of: Record<string, unknown>) => names!.map((name) => of[name]);
export const csvOf = (of: readonly Record<string, unknown>[], header = names!) =>
  [header, ...of.map((one) => header.map((name) => one[name] ?? ''))]
    .map((line) => `${line.join()}\r\n`)
    .join('');
export const close = (a: number, b: number) => Math.abs(a - b) <= 1e-3 * Math.max(1, Math.abs(b));
