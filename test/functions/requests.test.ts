import { describe, expect, inject, test } from 'vitest';
import { sha256Hex } from '../../bundle/integrity.ts';
import { scoreResponseSchema } from '../../bundle/score-response.ts';
import { createApp } from '../../functions/app.ts';
import { ProblemSchema } from '../../functions/http/problem.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../functions/http/settings.ts';
import { type Generated, makeRequest } from '../support/generated-requests.ts';
import { manifest } from './support.ts';
import { openTable, tableManifest } from './table-model.ts';
import deployed from './worker.ts';

// A request that fails can be made again: makeRequest(SEED, its number, …).
const SEED = 1;

const tableModel = openTable();

let calls = 0;
/** With everything that a deployment can switch on: keys, a limit that every tenth call exceeds, a log, no data shown. */
const closed: Settings = {
  ...DEFAULT_SETTINGS,
  keys: [{ scope: 'score', sha256: await sha256Hex(new TextEncoder().encode('good')) }],
  origins: ['https://a.example'],
  allow: async () => ++calls % 10 !== 0,
  log: (line) => expect(JSON.parse(line)).toHaveProperty('id'),
  showData: false,
};

const APIS = {
  'the deployed Worker, of images': { app: deployed, manifest, keys: [] },
  'an API of a table': { app: createApp(tableModel), manifest: tableManifest, keys: [] },
  'an API of a table with keys and limits': {
    app: createApp(tableModel, closed),
    manifest: tableManifest,
    keys: ['good'],
  },
};
const count = Math.ceil(inject('generatedRequests') / Object.keys(APIS).length);

type Paths = Record<string, Record<string, { responses: Record<string, unknown> }>>;

describe(`${count} generated requests each are answered as openapi.json says, none by a failure`, () => {
  test.each(Object.entries(APIS))('%s', { timeout: 600_000 }, async (_name, { app, manifest, keys }) => {
    const headers = keys.length > 0 ? { Authorization: `Bearer ${keys[0]}` } : undefined;
    const { paths } = (await (await app.request('/api/openapi.json', { headers })).json()) as {
      paths: Paths;
    };
    const found: Record<number, number> = {};
    for (let i = 0; i < count; i++) {
      const request = makeRequest(SEED, i, manifest, keys);
      const response = await app.request(request.path, request);
      found[response.status] = (found[response.status] ?? 0) + 1;
      const answer = await response.text();
      const wrong = findWrong(request, response, answer, paths, keys.length > 0);
      if (wrong === undefined) continue;
      const { method, path, headers, body } = request;
      const sent = new TextDecoder().decode(body?.subarray(0, 500));
      expect.fail(`${wrong}: request ${i}, ${method} ${path} ${JSON.stringify(headers)} ${sent}: ${answer}`);
    }
    // The generator still makes requests of every kind.
    for (const status of [200, 204, 302, 304, 400, 404, 405, 415, ...(keys.length > 0 ? [401, 429] : [])]) {
      expect(found[status] ?? 0, `answers with ${status}`).toBeGreaterThan(0);
    }
  });
});

/** What is wrong with an answer, if anything is. Without `expect`, which would take most of the time. */
function findWrong(
  { method, path, valid, samples }: Generated,
  { status, headers }: Response,
  text: string,
  paths: Paths,
  limited: boolean,
): string | undefined {
  if (status >= 500 || !expectedStatuses(method, path, paths).includes(status)) return `status ${status}`;
  if (valid && status >= 400 && !(limited && status === 429)) return 'a valid request is refused';
  if (!/^[\w=-]{1,64}$/.test(headers.get('X-Request-Id') ?? '')) return 'no X-Request-Id';
  if (method === 'HEAD' || [204, 302, 304].includes(status)) return text === '' ? undefined : 'a body';
  const type = headers.get('Content-Type');
  const json: unknown = JSON.parse(text);
  if (status >= 400) {
    const isProblem =
      type === 'application/problem+json' && ProblemSchema.safeParse(json).data?.status === status;
    return isProblem ? undefined : 'no problem document';
  }
  if (type !== 'application/json') return 'no JSON';
  if (method !== 'POST') return undefined;
  const count = scoreResponseSchema().safeParse(json).data?.results.length;
  return count === undefined || (valid && count !== samples) ? 'other results' : undefined;
}

/** The statuses that the answer to a request may have: those that openapi.json lists for its path and method. */
function expectedStatuses(method: string, path: string, paths: Paths): number[] {
  if (method === 'OPTIONS') return [204];
  const operations = paths[decode(new URL(`http://api.test${path}`).pathname)];
  if (!operations) return [404];
  const { responses } = operations[method === 'HEAD' ? 'get' : method.toLowerCase()] ?? {};
  if (!responses) return [405];
  return Object.keys(responses)
    .map(Number)
    .filter((status) => status !== 405);
}

function decode(pathname: string): string {
  try {
    return decodeURI(pathname);
  } catch {
    return pathname;
  }
}
