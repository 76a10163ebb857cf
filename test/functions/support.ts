import { exports } from 'cloudflare:workers';
import { expect } from 'vitest';
import type * as z from 'zod';
import { parseManifest } from '../../bundle/manifest.ts';
import { type ScoreResponse, scoreResponseSchema } from '../../bundle/score-response.ts';
import manifestModule from '../../dist/bundle/manifest.json';
import { ProblemSchema } from '../../functions/http/problem.ts';

/** The manifest of the bundle that the tests deploy. */
export const manifest = await parseManifest(manifestModule);

/** Sends a request through the Worker's entry point. */
export const call = (path: string, init?: RequestInit): Promise<Response> =>
  exports.default.fetch(`http://api.test${path}`, init);

export const post = (type: string, body: BodyInit, query = ''): Promise<Response> =>
  call(`/api/v1/score${query}`, { method: 'POST', headers: { 'Content-Type': type }, body });

export const postJson = (json: unknown, query = ''): Promise<Response> =>
  post('application/json', JSON.stringify(json), query);

/** Checks that a request succeeded, and returns its answer, validated by the schema of the bundle. */
export async function scored(response: Response): Promise<ScoreResponse> {
  const json = await response.json();
  expect(response.status, JSON.stringify(json)).toBe(200);
  return scoreResponseSchema().parse(json);
}

/** Checks that a request failed with a status, and returns its problem, validated by the schema. */
export async function problemIn(response: Response, status: number): Promise<z.infer<typeof ProblemSchema>> {
  const text = await response.text();
  expect(response.status, text).toBe(status);
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*');
  const problem = ProblemSchema.parse(JSON.parse(text));
  expect(problem.status).toBe(status);
  return problem;
}
