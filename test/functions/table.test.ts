import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../bundle/manifest.ts';
import type { FileSource } from '../../bundle/reader.ts';
import { createApp } from '../../functions/app.ts';
import { createOnnxRuntimeEngine } from '../../functions/engine/onnxruntime.ts';
import { type Answer, AnswerSchema } from '../../functions/explain.ts';
import { openModel } from '../../functions/model.ts';
import codes from '../../node_modules/.cache/offmanifold/table-bundle/codes.bin';
import manifestModule from '../../node_modules/.cache/offmanifold/table-bundle/manifest.json';
import scorer from '../../node_modules/.cache/offmanifold/table-bundle/scorer.onnx';
import expected from '../../node_modules/.cache/offmanifold/table-expected.json';
import { problemIn } from './support.ts';

const manifest = manifestModule as Manifest;
const { features, scaling } = manifest.data;
const files: Record<string, () => Uint8Array> = {
  'manifest.json': () => new TextEncoder().encode(JSON.stringify(manifest)),
  'scorer.onnx': () => new Uint8Array(scorer),
  'codes.bin': () => new Uint8Array(codes),
};
const source: FileSource = async (name) => files[name]!();
const app = createApp(openModel(source, createOnnxRuntimeEngine));

const { rows } = expected;
const [near, far] = [rows.slice(0, rows.length / 2), rows.slice(rows.length / 2)];
const send = (type: string, body: BodyInit, query = '') =>
  app.request(`/api/v1/score${query}`, { method: 'POST', headers: { 'Content-Type': type }, body });
const postJson = (json: unknown, query = '') => send('application/json', JSON.stringify(json), query);

async function answered(response: Response | Promise<Response>): Promise<Answer> {
  const json = await (await response).json();
  expect((await response).status, JSON.stringify(json)).toBe(200);
  return AnswerSchema.parse(json);
}

test('rows are scored as onnxruntime-node scores them', async () => {
  const { results } = await answered(postJson({ instances: rows }));
  for (const [i, { score, p_value }] of results.entries()) {
    expect(Math.abs(score / expected.score[i]! - 1)).toBeLessThan(1e-3);
    expect(p_value).toBeCloseTo(expected.p_value[i]!, 6);
  }
});

test('rows off the manifold are anomalous, though no value leaves its usual range', async () => {
  const flagged = (results: Answer['results']) => results.filter(({ anomalous }) => anomalous).length;
  const query = '?significance=0.05';
  expect(flagged((await answered(postJson({ instances: near }, query))).results)).toBeLessThan(
    near.length / 4,
  );
  expect(flagged((await answered(postJson({ instances: far }, query))).results)).toBe(far.length);
});

test('a feature is explained by its index alone, in the units of the table', async () => {
  const { results } = await answered(postJson({ instances: [far[0]] }, `?explain=${features}`));
  const found = results[0]!.features!;
  expect(found.length).toBe(features);
  for (const feature of found) {
    expect(Object.keys(feature)).toEqual(['index', 'value', 'expected', 'error', 'share']);
    const { index, value, expected, error } = feature;
    expect(value).toBe(Math.fround(far[0]![index]!));
    if (scaling.kind !== 'standard') throw new Error('a table is scaled by its deviations');
    const squared = ((value - expected) / scaling.deviation[index]!) ** 2;
    expect(Math.abs(squared - error)).toBeLessThan(1e-3 * Math.max(1, error));
  }
  expect(found.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 4);
});

test('a row has its place on the map', async () => {
  const { results } = await answered(postJson({ instances: [near[0]] }, '?map=true'));
  const { x, y, neighbours } = results[0]!.map!;
  expect([x, y].every(Number.isFinite)).toBe(true);
  expect(neighbours.length).toBe(10);
});

test('any finite number is accepted, negative ones and large ones', async () => {
  const instance = near[0]!.with(4, -12345.678).with(0, 1e6);
  const { results } = await answered(postJson({ instances: [instance] }));
  expect(results[0]!.anomalous).toBe(true);
});

describe('a row that is wrong is answered by where and what is accepted', () => {
  const withValue = (value: string) =>
    `{"instances":[[${near[0]!.join()}],[${[...near[0]!.slice(1), value]}]]}`;
  const last = `#/instances/1/${features - 1}`;
  test.each<[string, string, string, RegExp]>([
    ['null', withValue('null'), last, /^null, a finite number of 32 bits expected$/],
    ['string', withValue('"1"'), last, /^the string "1", a finite number/],
    ['infinite', withValue('-1e999'), last, /too large to hold, a finite number/],
    ['beyond 32 bits', withValue('1e39'), last, /^1e\+39, a finite number of 32 bits expected$/],
    ['far too large to score', withValue('1e30'), last, /^1e\+30 is so far off that the score is too large/],
    [
      'short',
      JSON.stringify({ instances: [near[0]!.slice(1)] }),
      '#/instances/0',
      new RegExp(`^${features - 1} numbers, ${features} expected$`),
    ],
  ])('%s', async (_name, body, pointer, detail) => {
    const problem = await problemIn(await send('application/json', body), 400);
    expect(problem.errors![0]!.pointer).toBe(pointer);
    expect(problem.errors![0]!.detail).toMatch(detail);
  });
});

test.each([
  [
    'application/octet-stream',
    /octet-stream is not accepted, as this model takes numbers that a byte cannot/,
  ],
  ['image/png', /image\/png is not accepted, as this model takes rows of numbers, not images: /],
  ['text/csv', /text\/csv is not accepted: application\/json expected$/],
])('%s is refused, and the answer says that JSON is accepted', async (type, detail) => {
  const response = await send(type, new Uint8Array(features));
  expect(response.headers.get('Accept')).toBe('application/json');
  const problem = await problemIn(response, 415);
  expect(problem.errors![0]!.detail).toMatch(detail);
  expect(problem.detail).toMatch(/: application\/json expected$/);
});

test('the model tells how it was made', async () => {
  const model = (await (await app.request('/api/v1/model')).json()) as Manifest;
  const { splits: _, ...data } = manifest.data;
  expect(model.data).toEqual(data);
  expect(model.architecture).toEqual(manifest.architecture);
  expect(model.training).toEqual(manifest.training);
});

test('openapi.json describes what the model takes, by an example that is answered', async () => {
  const document = (await (await app.request('/api/openapi.json')).json()) as {
    paths: Record<
      string,
      {
        post: {
          description: string;
          parameters: { name: string }[];
          requestBody: { content: Record<string, { example: unknown }> };
        };
      }
    >;
  };
  const { description, parameters, requestBody } = document.paths['/api/v1/score']!.post;
  expect(Object.keys(requestBody.content)).toEqual(['application/json']);
  expect(parameters.map(({ name }) => name)).toEqual(['significance', 'explain', 'map']);
  expect(description).toContain(`[[${features} numbers], …]`);
  expect(description).not.toMatch(/png|octet|null|undefined/);
  const { results } = await answered(postJson(requestBody.content['application/json']!.example));
  expect(results.length).toBe(1);
});
