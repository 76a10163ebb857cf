import { expect, test } from 'vitest';
import type { MetadataColumn } from '../../../bundle/map-table.ts';
import { nameOfRow, type OpenedMap, toPlainMap, valuesOf } from '../../../dashboard/data/plain-map.ts';
import { explainUnavailable, listTabs } from '../../../dashboard/data/route.ts';

const manifest: OpenedMap['manifest'] = {
  format: 'offmanifold-map',
  version: 1,
  model_id: '0'.repeat(64),
  name: 'articles',
  data: { name: 'articles.ndjson', width: 64, metric: 'cosine' },
  map: { method: 't-SNE', points: 2, perplexity: 1, iterations: 1, kl_divergence: 0 },
  versions: {},
  run: { created_at: '2026-01-01T00:00:00Z', map_seconds: 1 },
  files: [],
};

const words: MetadataColumn = {
  name: 'words',
  kind: 'number',
  values: Float64Array.of(1.5, Number.NaN),
  ids: false,
};
const title: MetadataColumn = { name: 'title', kind: 'text', texts: ['First', null] };
const topic: MetadataColumn = {
  name: 'topic',
  kind: 'category',
  names: ['art'],
  codes: Int16Array.of(0, -1),
};

const open = (columns: MetadataColumn[]) =>
  toPlainMap({
    manifest,
    table: { count: 2, x: Float32Array.of(0, 1), y: Float32Array.of(0, 1), columns },
    graphicsCard: false,
  });

test('colours come from categories first, then numbers, then the order of the rows', () => {
  expect(open([words, title, topic]).columns.map(({ key }) => key)).toEqual([
    'data.topic',
    'data.words',
    'row',
  ]);
  expect(open([]).columns.map(({ name }) => name)).toEqual(['Row']);
});

test('a row is called by its first text, or else by its number, counted from 0', () => {
  const map = open([words, title, topic]);
  expect([0, 1].map((index) => nameOfRow(map, index))).toEqual(['First', 'Row 1']);
  expect(map.columns.at(-1)).toMatchObject({ key: 'row', values: Float64Array.of(0, 1) });
  expect(valuesOf(map, 1)).toEqual([
    { name: 'words', text: 'missing' },
    { name: 'topic', text: 'missing' },
  ]);
  expect(valuesOf(map, 0).map(({ text }) => text)).toEqual(['1.5', 'art']);
});

test('a map without a model has no other view, and says why', () => {
  expect(listTabs(manifest).map(({ view }) => view)).toEqual(['map']);
  expect(explainUnavailable('report', manifest)).toMatch('without a model');
});
