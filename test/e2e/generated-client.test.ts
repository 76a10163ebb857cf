import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTypes, { astToString, type OpenAPI3 } from 'openapi-typescript';
import ts from 'typescript';
import { expect, test } from 'vitest';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Engine } from '../../bundle/scorer.ts';
import { createApp } from '../../functions/app.ts';
import { openModel } from '../../functions/model/model.ts';
import { Scorer } from '../../training/scorer/scorer.ts';
import { CACHE, TEST_BUNDLE } from '../support/paths.ts';
import { TABLE_BUNDLE, TABLE_EXPECTED, type TableExpected } from '../support/table-bundle.ts';

// The types of openapi.json, by openapi-typescript, and a program that calls the API with them, by openapi-fetch.

/** Where packages are found. */
const temporary = async () => {
  await mkdir(CACHE, { recursive: true });
  return mkdtemp(join(CACHE, 'client-'));
};

const open = (folder: string) =>
  createApp(
    openModel(
      (name) => readFile(join(folder, name)),
      async (bytes): Promise<Engine> => {
        const scorer = await Scorer.load(bytes);
        return { name: 'onnxruntime-node', run: (samples, n, outputs) => scorer.run(samples, n, outputs) };
      },
    ),
  );

/**
 * Compiles a program in strict mode beside `api.ts`, the types of the API's description. Returns what the compiler
 * finds, and what the program's function `use` returns for the API.
 */
async function compileAndUse(bundle: string, program: string): Promise<{ errors: string[]; used: unknown }> {
  const app = open(bundle);
  const document = (await (await app.request('/api/openapi.json')).json()) as OpenAPI3;
  const folder = await temporary();
  try {
    await writeFile(join(folder, 'api.ts'), astToString(await openapiTypes(document)));
    const path = join(folder, 'program.ts');
    await writeFile(path, program);
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    const compiled = ts.createProgram([path], {
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: [],
    });
    const errors = ts
      .getPreEmitDiagnostics(compiled)
      .map(
        ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    compiled.emit();
    const { use } = await import(/* @vite-ignore */ pathToFileURL(join(folder, 'program.js')).href);
    const used = await use((request: Request) => app.request(request));
    return { errors, used };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const HEAD = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

type Fetch = (request: Request) => Promise<Response>;
type Instance = components['schemas']['Instances']['instances'][number];
const clientOf = (fetch: Fetch) => createClient<paths>({ baseUrl: 'http://api.test', fetch });
`;

test('for images: scores, the model, its health, and a problem', async () => {
  const program = `${HEAD}
export async function use(fetch: Fetch) {
  const client = clientOf(fetch);
  const { data: model } = await client.GET('/api/v1/model');
  const { data: health } = await client.GET('/api/v1/health');
  const black: Instance = new Array<number>(model?.data.features ?? 0).fill(0);
  const { data } = await client.POST('/api/v1/score', {
    params: { query: { explain: 2, map: true, significance: 0.5 } },
    body: { instances: [black] },
  });
  const { error, response } = await client.POST('/api/v1/score', { body: { instances: [[1, 2]] } });
  const detail: string | undefined = error?.errors?.[0]?.detail;
  // @ts-expect-error: not a parameter
  await client.POST('/api/v1/score', { params: { query: { explian: 2 } }, body: { instances: [black] } });
  // @ts-expect-error: no body
  await client.POST('/api/v1/score', {});
  // @ts-expect-error: not a path
  await client.GET('/api/v2/model');
  return {
    id: model?.model_id,
    health: health?.status,
    x: typeof data?.results[0]?.map?.x,
    features: data?.results[0]?.features?.map(({ share }) => typeof share),
    problem: [response.status, detail],
  };
}`;
  const { errors, used } = await compileAndUse(TEST_BUNDLE, program);
  expect(errors).toEqual([]);
  const manifest = JSON.parse(await readFile(join(TEST_BUNDLE, 'manifest.json'), 'utf8')) as Manifest;
  expect(used).toEqual({
    id: manifest.model_id,
    health: 'ok',
    x: 'number',
    features: ['number', 'number'],
    problem: [400, 'expected 784 numbers, got 2'],
  });
});

test('for a table: records with its columns', async () => {
  const expected = JSON.parse(await readFile(TABLE_EXPECTED, 'utf8')) as TableExpected;
  const record = expected.records.find(({ income }) => income !== null)!;
  const program = `${HEAD}
const record = ${JSON.stringify(record)};
const { income, ...rest } = record;
const { age, ...incomplete } = record;
export async function use(fetch: Fetch) {
  const instances: Instance[] = [record, { ...record, city: null, since: '2023-01-01' }, rest, Object.values(record)];
  // @ts-expect-error: no age
  const wrong: Instance = incomplete;
  // @ts-expect-error: an age is a number
  const text: Instance = { ...record, age: 'old' };
  const { data } = await clientOf(fetch).POST('/api/v1/score', { body: { instances } });
  const { error } = await clientOf(fetch).POST('/api/v1/score', { body: { instances: [wrong, text] } });
  return { scores: data?.results.map(({ score }) => score), errors: error?.errors?.map(({ pointer }) => pointer) };
}`;
  const { errors, used } = await compileAndUse(TABLE_BUNDLE, program);
  expect(errors).toEqual([]);
  const score = expected.outputs.score[expected.records.indexOf(record)]!;
  expect(used).toEqual({
    scores: [expect.closeTo(score, 3), expect.any(Number), expect.any(Number), expect.closeTo(score, 3)],
    errors: ['#/instances/0/age', '#/instances/1/age'],
  });
});
