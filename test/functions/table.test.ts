import { describe, expect, test } from 'vitest';
import { displayValue } from '../../bundle/column-display.ts';
import { parseRecord } from '../../bundle/column-parsing.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { ScoreResponse } from '../../bundle/score-response.ts';
import type { ScorerOutput } from '../../bundle/scorer.ts';
import { createApp } from '../../functions/app.ts';
import { DEFAULT_SETTINGS } from '../../functions/http/settings.ts';
import { explain } from '../../functions/model/explain.ts';
import expected from '../../node_modules/.cache/offmanifold/table-expected.json';
import { problemIn } from './support.ts';
import {
  answered,
  app,
  close,
  csvOf,
  far,
  features,
  inOrder,
  names,
  near,
  outputs,
  postCsv,
  postJson,
  record,
  records,
} from './table-calls.ts';
import { columns, tableManifest as manifest, openTable } from './table-model.ts';

test('the table has columns of every kind, one with missing values', () => {
  expect(new Set(columns.map(({ kind }) => kind))).toEqual(new Set(['number', 'category', 'flag', 'date']));
  expect(columns.filter(({ missing_share }) => missing_share > 0).map(({ name }) => name)).toEqual([
    'income',
  ]);
});

describe('openapi.json', () => {
  const textOf = async (path: string, settings = DEFAULT_SETTINGS) =>
    (await createApp(openTable(), settings).request(path)).text();

  test('accepts both numbers for a flag', async () => {
    expect(await textOf('/api/openapi.json')).toContain('"enum":[0,1]');
  });

  test('lists the categories in the data only if it may', async () => {
    const categories = columns.flatMap((column) => (column.kind === 'category' ? column.categories : []));
    expect(categories.length).toBeGreaterThan(1);
    for (const path of ['/api/openapi.json', '/api/v1/model']) {
      const [open, closed] = [
        await textOf(path),
        await textOf(path, { ...DEFAULT_SETTINGS, showData: false }),
      ];
      expect(
        categories.some((name) => open.includes(JSON.stringify(name).slice(1, -1))),
        path,
      ).toBe(true);
      for (const name of categories) expect(closed, path).not.toContain(`"${name}"`);
    }
  });

  test('without the data, answers show neither its categories nor its map', async () => {
    const app = createApp(openTable(), { ...DEFAULT_SETTINGS, showData: false });
    const ask = (query: string, one: unknown = record) =>
      app.request(`/api/v1/score${query}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ instances: [one] }),
      });
    const { detail } = await problemIn(await ask('?map=true'), 400);
    expect(detail).toBe('map: this deployment has no map: expected false');
    const categories = columns.flatMap((column) => (column.kind === 'category' ? column.categories : []));
    const { city: _, ...rest } = record as Record<string, unknown>;
    for (const response of [await ask(`?explain=${features}`), await ask('', { ...rest, city: [1] })]) {
      const text = await response.text();
      for (const name of categories) expect(text).not.toContain(name);
    }
  });
});

test('records are scored as onnxruntime-node scores them', async () => {
  const { results } = await answered(postJson({ instances: records }, `?explain=${features}`));
  const k = manifest.scorer.detectors.length;
  for (const [i, result] of results.entries()) {
    expect(close(result.score, outputs.score[i]!), `score of ${i}`).toBe(true);
    expect(result.p_value).toBeCloseTo(outputs.p_value[i]!, 6);
    for (const { name, surprise } of result.detectors!) {
      const j = manifest.scorer.detectors.findIndex((one) => one.name === name);
      expect(close(surprise, outputs.detectors[i * k + j]!), `${name} of ${i}`).toBe(true);
    }
    for (const { index, share, error } of result.features!) {
      expect(share).toBeCloseTo(outputs.feature_share[i * features + index]!, 3);
      expect(close(error, outputs.feature_error[i * features + index]!)).toBe(true);
    }
  }
});

test('records off the manifold are anomalous, though no value leaves its usual range', async () => {
  const flagged = (results: ScoreResponse['results']) => results.filter(({ anomalous }) => anomalous).length;
  const query = '?significance=0.15';
  expect(flagged((await answered(postJson({ instances: near }, query))).results)).toBeLessThan(
    near.length / 2,
  );
  expect(flagged((await answered(postJson({ instances: far }, query))).results)).toBeGreaterThan(
    0.9 * far.length,
  );
});

test('a row is the same as a record, an array, and a line of CSV, whatever their order', async () => {
  const query = `?explain=${features}&map=true`;
  const asRecords = await answered(postJson({ instances: records }, query));
  const backwards = records.map((one) => Object.fromEntries(Object.entries(one).toReversed()));
  expect(await answered(postJson({ instances: backwards }, query))).toEqual(asRecords);
  expect(await answered(postJson({ instances: records.map(inOrder) }, query))).toEqual(asRecords);
  expect(await answered(postCsv(csvOf(records), query))).toEqual(asRecords);
  expect(await answered(postCsv(csvOf(records, names!.toReversed()), query))).toEqual(asRecords);
});

test('the table that it was trained on, sent as CSV, has the scores of the map', async () => {
  const [header, ...lines] = expected.csv.trim().split('\n');
  const scores: number[] = [];
  for (let at = 0; at < lines.length; at += 64) {
    const { results } = await answered(postCsv([header, ...lines.slice(at, at + 64)].join('\n')));
    scores.push(...results.map(({ score }) => score));
  }
  expect(expected.mapScores.length).toBeGreaterThan(100);
  const strangers = expected.mapScores.filter((score) => !scores.some((found) => close(found, score)));
  expect(strangers).toEqual([]);
});

test('features are explained by name, with values written for people', async () => {
  const { results } = await answered(
    postJson({ instances: [{ ...record, income: null }] }, `?explain=${features}`),
  );
  const found = Object.fromEntries(results[0]!.features!.map((feature) => [feature.name, feature]));
  expect(Object.keys(found).toSorted()).toEqual(names!.toSorted());
  expect(results[0]!.features!.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 4);
  expect(found.income).toMatchObject({ value: null, expected: expect.any(Number) });
  expect(found.amount!.value).toBe(record.amount);
  expect(found.city!.value).toBe(record.city);
  const city = columns.find(({ name }) => name === 'city')!;
  expect(city.kind === 'category' && city.categories).toContain(found.city!.expected);
  expect(found.since!.value).toBe(record.since);
  expect(found.since!.expected).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(found.member!.value).toBe(String(record.member));
  expect(found.member!.expected).toMatch(/^(true|false)( \(\d+ %\))?$/);
});

test('a clock has no expected date', () => {
  const clocks = columns.map((column) =>
    column.kind === 'date' ? { ...column, clock: true, weekday: true } : column,
  );
  const samples = new Float32Array(features);
  parseRecord(columns, record, samples);
  const output = {
    reconstruction: samples,
    feature_error: new Float32Array(features),
    feature_share: new Float32Array(features),
  } as ScorerOutput;
  const expectedOf = (of: TableColumn[]) => {
    const data = { ...manifest.data, scaling: { kind: 'columns' as const, columns: of } };
    const found = explain(samples, output, 0, data, features);
    return Object.fromEntries(found.map(({ name, ...feature }) => [name, feature.expected]));
  };
  expect(expectedOf(columns)).toMatchObject({ since: record.since, amount: record.amount });
  expect(expectedOf(clocks)).toEqual({ ...expectedOf(columns), since: null });
});

test('the model route lists the columns and the detectors', async () => {
  const model = (await (await app.request('/api/v1/model')).json()) as Manifest;
  const { splits: __, ...data } = manifest.data;
  expect(model.data).toEqual(data);
  expect(model.scorer.detectors).toEqual(manifest.scorer.detectors);
  expect(model.architecture).toEqual(manifest.architecture);
  expect(model.training).toEqual(manifest.training);
});

test('openapi.json lists the columns, with examples that are answered', async () => {
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
  expect(Object.keys(requestBody.content)).toEqual(['application/json', 'text/csv']);
  expect(parameters.map(({ name }) => name)).toEqual(['significance', 'explain', 'fdr', 'map']);
  for (const column of columns) expect(description).toContain(`| \`${column.name}\` |`);
  expect(description).toMatch(/\| `income` \| a number \| yes \|/);
  expect(description).not.toMatch(/png|octet|undefined/);
  const example = requestBody.content['application/json']!.example as {
    instances: Record<string, unknown>[];
  };
  const raw = new Float32Array(features);
  expect(parseRecord(columns, example.instances[0]!, raw)).toEqual([]);
  expect(columns.map((column, j) => displayValue(column, raw[j]!))).toEqual(
    names!.map((name) => String(example.instances[0]![name])),
  );
  const json = await answered(postJson(example));
  const text = await answered(postCsv(requestBody.content['text/csv']!.example as string));
  expect(text).toEqual(json);
});
