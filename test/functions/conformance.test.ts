import { type Schema, Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnOf, TableColumn } from '../../bundle/column-schema.ts';
import { sha256Hex } from '../../bundle/integrity.ts';
import { createApp } from '../../functions/app.ts';
import { ProblemSchema } from '../../functions/http/problem.ts';
import { DEFAULT_SETTINGS } from '../../functions/http/settings.ts';
import { openModel } from '../../functions/model/model.ts';
import { createEngine } from '../../functions/model/offmanifold-engine.ts';
import expected from '../../node_modules/.cache/offmanifold/table-expected.json';
import { columns as examples } from '../bundle/table-columns.ts';
import { apiOf } from './fake-model.ts';
import { type Call, calls, imageBodies, tableBodies } from './generated-calls.ts';
import { manifest } from './support.ts';
import { columns, openTable } from './table-model.ts';
import { deployedFiles } from './worker.ts';

// Answers to generated requests, valid and not, to every path are what openapi.json says.

interface Operation {
  parameters?: { name: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { headers: object; content?: Record<string, { schema: Schema }> }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: object;
}

/** Headers of every answer: of HTTP itself, and those that say to browsers what they may do. */
const GENERAL = new Set([
  'content-type',
  'content-length',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'content-security-policy',
  'cross-origin-opener-policy',
  'origin-agent-cluster',
  'permissions-policy',
  'referrer-policy',
  'timing-allow-origin',
  'vary',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
]);

/** What contradicts a document; each sentence names the place. */
class Judge {
  readonly #document: Document;
  readonly #validators = new Map<Schema, Validator>();

  constructor(document: Document) {
    this.#document = document;
  }

  operation(path: string): Operation {
    return Object.values(this.#document.paths[path]!)[0]!;
  }

  /** Why a value does not fit a schema of the document; undefined if it fits. */
  refusal(schema: Schema, value: unknown): string | undefined {
    let validator = this.#validators.get(schema);
    if (!validator) {
      validator = new Validator({ ...schema, components: this.#document.components }, '2020-12');
      this.#validators.set(schema, validator);
    }
    const { errors } = validator.validate(value);
    return errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`)[0];
  }

  /** Whether a request with a valid query is one that the document describes. */
  describes({ path, query, headers, body }: Call): boolean {
    const { parameters = [], requestBody } = this.operation(path);
    const type = headers['Content-Type']!;
    const content = requestBody?.content[type];
    const known = query.every(([name, text]) => {
      const parameter = parameters.find((parameter) => parameter.name === name);
      const value = { true: true, false: false }[text] ?? Number(text);
      return parameter && this.refusal(parameter.schema, value) === undefined;
    });
    if (!known || !content) return false;
    return (
      type !== 'application/json' || this.refusal(content.schema, JSON.parse(String(body))) === undefined
    );
  }

  /** What an answer has that the document does not declare. */
  undeclared(call: Call, { status, headers }: Response, text: string): string[] {
    const declared = this.operation(call.path).responses[status];
    if (!declared) return [`status ${status}`];
    const names = new Set(Object.keys(declared.headers).map((name) => name.toLowerCase()));
    const found = [...headers.keys()].filter((name) => !names.has(name) && !GENERAL.has(name));
    const wrong = found.map((name) => `header ${name}`);
    const type = headers.get('Content-Type')?.split(';')[0];
    const content = declared.content?.[type ?? ''];
    if (declared.content && !content) wrong.push(`content type ${type}`);
    if (!declared.content && text !== '') wrong.push(`a body with status ${status}`);
    if (content && call.method !== 'HEAD') {
      const refusal = this.refusal(content.schema, JSON.parse(text));
      if (refusal) wrong.push(refusal);
    }
    return wrong;
  }
}

type App = ReturnType<typeof createApp>;

/** Sends generated requests, and compares each answer with the document. Returns how often each status came. */
async function judge(app: App, generated: fc.Arbitrary<Call>, numRuns: number, key = '') {
  const answer = await app.request('/api/openapi.json', { headers: { Authorization: key } });
  const judge = new Judge(await answer.json());
  const statuses: Record<string, number> = {};
  for (const call of fc.sample(generated, { numRuns, seed: 1 })) {
    const url = call.path + (call.query.length > 0 ? `?${new URLSearchParams(call.query)}` : '');
    const { method, headers, body } = call;
    const response = await app.request(url, { method, headers, body });
    const text = await response.text();
    const about = `${method} ${url} ${JSON.stringify(headers)} ${typeof body === 'string' ? body.slice(0, 200) : `${body?.length} bytes`}`;
    expect(judge.undeclared(call, response, text), `${about}\n${text.slice(0, 400)}`).toEqual([]);
    if (call.valid !== undefined) {
      expect(response.status === 200, `${about}\n${text.slice(0, 400)}`).toBe(call.valid);
      if (call.valid) expect(judge.describes(call), about).toBe(true);
    }
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
  }
  return statuses;
}

const images = calls(imageBodies(manifest.data.features), manifest.data.features);
const tables = calls(tableBodies(expected.records), columns.length);

describe('answers are what openapi.json declares', { timeout: 120_000 }, () => {
  test('for images', async () => {
    const statuses = await judge(createApp(openModel(deployedFiles, createEngine)), images, 400);
    expect(Object.keys(statuses)).toEqual(['200', '302', '304', '400', '405', '413', '415']);
    expect(statuses[200]).toBeGreaterThan(100);
    expect(statuses[400]).toBeGreaterThan(100);
  });

  test('for a table', async () => {
    const statuses = await judge(createApp(openTable()), tables, 400);
    expect(Object.keys(statuses)).toEqual(['200', '302', '304', '400', '405', '415']);
    expect(statuses[200]).toBeGreaterThan(100);
    expect(statuses[400]).toBeGreaterThan(100);
  });

  test('with keys, a rate limit and no data shown', async () => {
    const keys = [{ scope: 'score', sha256: await sha256Hex(new TextEncoder().encode('one')) }] as const;
    let count = 0;
    const settings = { ...DEFAULT_SETTINGS, keys, showData: false, allow: async () => count++ % 5 !== 4 };
    const callers = fc
      .tuple(tables, fc.constantFrom('Bearer one', 'Bearer two', 'one'))
      .map(([call, key]) => ({
        ...call,
        headers: { ...call.headers, Authorization: key },
        valid: undefined,
      }));
    const statuses = await judge(createApp(openTable(), settings), callers, 300, 'Bearer one');
    expect(Object.keys(statuses)).toEqual(['200', '302', '304', '400', '401', '405', '415', '429']);
  });

  test('with a damaged model', async () => {
    const model = openModel(deployedFiles, () => createEngine(new Uint8Array(9)));
    expect(
      Object.keys(
        await judge(
          createApp(model),
          images.map((call) => ({ ...call, valid: undefined })),
          100,
        ),
      ),
    ).toContain('503');
  });
});

test('a text or a number in the form of the training data is declared, and accepted', async () => {
  const age = examples[0] as ColumnOf<'number'>;
  const at = examples[3] as ColumnOf<'date'>;
  const scaled: TableColumn[] = [
    { ...age, notation: { decimal: ',', group: '', unit: '€' } },
    { ...age, name: 'lap', notation: 'duration' },
    { ...at, epoch: 'seconds' },
  ];
  const { app, send } = apiOf({
    shape: [3],
    range: null,
    names: scaled.map(({ name }) => name),
    scaling: { kind: 'columns', columns: scaled },
  });
  const judge = new Judge(await (await app.request('/api/openapi.json')).json());
  const headers = { 'Content-Type': 'application/json' };
  for (const record of [
    { age: '1,5 €', lap: '0:01:30', at: 1_700_000_000 },
    { age: 1.5, lap: 90, at: '2024-01-01' },
  ]) {
    const body = JSON.stringify({ instances: [record] });
    expect((await send('application/json', body)).status).toBe(200);
    expect(judge.describes({ path: '/api/v1/score', method: 'POST', query: [], headers, body })).toBe(true);
  }
});

test('an unknown path is answered with a problem', async () => {
  const response = await createApp(openTable()).request('/api/v2/score', { method: 'POST' });
  expect(response.status).toBe(404);
  ProblemSchema.parse(await response.json());
});
