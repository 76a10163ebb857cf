import { expect, test } from 'vitest';
import type { MetadataColumn } from '../../../bundle/map-table.ts';
import { describePoint } from '../../../dashboard/data/any-map.ts';
import { exportRows, toCsv } from '../../../dashboard/data/export.ts';
import {
  columnsOf,
  nameOfRow,
  numberOfRow,
  type OpenedMap,
  toPlainMap,
  valuesOf,
} from '../../../dashboard/data/plain-map.ts';
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
  expect(columnsOf(open([words, title, topic])).columns.map(({ key }) => key)).toEqual([
    'data.topic',
    'data.words',
    'row',
  ]);
  expect(columnsOf(open([])).columns.map(({ name }) => name)).toEqual(['Row, counted from 0']);
});

test('a row is called by its first text, or else by its number, counted from 0', () => {
  const map = open([words, title, topic]);
  expect([0, 1].map((index) => nameOfRow(map, index))).toEqual(['First', 'Row 1']);
  expect([0, 1].map((index) => numberOfRow(map, index))).toEqual(['#0', '']);
  expect(columnsOf(map).columns.at(-1)).toMatchObject({ key: 'row', values: Float64Array.of(0, 1) });
  expect(valuesOf(map, 1)).toEqual([
    { name: 'words', text: 'missing' },
    { name: 'topic', text: 'missing' },
  ]);
  expect(valuesOf(map, 0).map(({ text }) => text)).toEqual(['1.5', 'art']);
});

const id: MetadataColumn = { name: 'id', kind: 'number', values: Float64Array.of(1017, 23), ids: true };

test('without texts, a row is called by its id', () => {
  const map = open([words, topic, id]);
  expect(describePoint(map, 1)).toMatchObject({ name: 'id 23', number: '#1', button: 'id 23 missing #1' });
  expect(nameOfRow(open([words, topic]), 1)).toBe('Row 1');
});

test('a search finds names, ids, categories and row numbers', () => {
  const find = (columns: MetadataColumn[], query: string) => columnsOf(open(columns)).search([0, 1], query);
  const all = [words, title, topic, id];
  expect(find(all, 'FIRST')).toEqual([0]);
  expect(find(all, 'art')).toEqual([0]);
  expect(find(all, '23')).toEqual([1]);
  expect(find(all, '#1')).toEqual([1]);
  expect(find([words], '1')).toEqual([1]);
  expect(columnsOf(open(all)).searched).toBe('title, id, topic');
  expect(columnsOf(open([words])).searched).toBe('#row (from 0)');
});

test('names are read by the first search, and not when the map opens', () => {
  let reads = 0;
  const counted: MetadataColumn = {
    ...title,
    get texts() {
      reads++;
      return ['First', 'Second'];
    },
  };
  const { search } = columnsOf(open([counted]));
  search([0, 1], ' ');
  expect(reads).toBe(0);
  expect(search([0, 1], 'second')).toEqual([1]);
  const read = reads;
  expect(search([0, 1], 'first')).toEqual([0]);
  expect(reads).toBe(read);
});

test('dates are written to the day or, with a time of day, to the second', () => {
  const day: MetadataColumn = {
    name: 'day',
    kind: 'number',
    values: Float64Array.of(1, Number.NaN),
    ids: false,
    dates: 'day',
  };
  const moment: MetadataColumn = { ...day, name: 'moment', values: Float64Array.of(1.5, 2), dates: 'second' };
  const map = open([day, moment]);
  expect(valuesOf(map, 0).map(({ text }) => text)).toEqual(['1970-01-02', '1970-01-02 12:00']);
  expect(valuesOf(map, 1).map(({ text }) => text)).toEqual(['missing', '1970-01-03 00:00']);
  expect(toCsv(exportRows(map), [1])).toBe('row,x,y,day,moment\r\n1,1,1,,1970-01-03T00:00:00Z\r\n');
});

test('rows are exported with their places and what the file says of them', () => {
  expect(toCsv(exportRows(open([words, title, topic])), [0, 1])).toBe(
    'row,x,y,words,title,topic\r\n0,0,0,1.5,First,art\r\n1,1,1,,,\r\n',
  );
  expect(toCsv(exportRows(open([{ ...id, name: 'row' }])), [0])).toBe('x,y,row\r\n0,0,1017\r\n');
});

test('a map without a model has no other view, and says why', () => {
  expect(listTabs(manifest).map(({ view }) => view)).toEqual(['map']);
  expect(explainUnavailable('report', manifest)).toMatch('without a model');
});
