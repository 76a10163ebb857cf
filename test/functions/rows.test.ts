import { describe, expect, test } from 'vitest';
import { scoreResponseSchema } from '../../bundle/score-response.ts';
import { unscaled } from '../bundle/table-columns.ts';
import { apiOf } from './fake-model.ts';
import { problemIn } from './support.ts';

/** A matrix of unnamed numbers. */
const MEAN = [1, -20, 0.5];
const DEVIATION = [0.1, 3, 1];
const api = () =>
  apiOf({
    shape: [3],
    range: null,
    names: null,
    scaling: { kind: 'standard', mean: MEAN, deviation: DEVIATION },
  });
const row = [1.5, -12345.678, 1e6];

test('any finite number is accepted, negative ones and large ones', async () => {
  const { given, send } = api();
  const response = await send('application/json', JSON.stringify({ instances: [row] }), '?explain=3');
  const { results } = scoreResponseSchema().parse(await response.json());
  expect(Array.from(given[0]!)).toEqual(row.map(Math.fround));
  const [first] = results[0]!.features!;
  expect(Object.keys(first!)).toEqual(['index', 'value', 'expected', 'error', 'share']);
  expect(first).toMatchObject({ index: 2, value: 1e6, expected: 0 });
});

describe('an invalid row is answered with the place and what is expected', () => {
  const withValue = (value: string) => `{"instances":[[1,2,3],[1,2,${value}]]}`;
  test.each<[string, string, string, RegExp]>([
    ['null', withValue('null'), '#/instances/1/2', /^expected a finite 32-bit number, got null$/],
    ['string', withValue('"1"'), '#/instances/1/2', /^expected a finite 32-bit number, got the string "1"$/],
    [
      'infinite',
      withValue('-1e999'),
      '#/instances/1/2',
      /^expected a finite 32-bit number, got a number that is too large$/,
    ],
    ['beyond 32 bits', withValue('1e39'), '#/instances/1/2', /^expected a finite 32-bit number, got 1e\+39$/],
    ['far too large to score', withValue('1e30'), '#/instances/1/2', /^1e\+30 is so far off that/],
    ['short', '{"instances":[[1,2]]}', '#/instances/0', /^expected 3 numbers, got 2$/],
    [
      'a record',
      '{"instances":[{"a":1}]}',
      '#/instances/0',
      /^expected an array of 3 numbers, got an object$/,
    ],
  ])('%s', async (_name, body, pointer, detail) => {
    const problem = await problemIn(await api().send('application/json', body), 400);
    expect(problem.errors![0]!.pointer).toBe(pointer);
    expect(problem.errors![0]!.detail).toMatch(detail);
  });
});

test.each([
  ['application/octet-stream', /because the values of this model do not fit into bytes/],
  ['image/png', /because this model takes rows of numbers, not images: /],
  ['text/csv', /because this model’s values have no names: expected application\/json$/],
])('%s is refused, and the answer says that JSON is accepted', async (type, detail) => {
  const response = await api().send(type, new Uint8Array(3));
  expect(response.headers.get('Accept')).toBe('application/json');
  expect((await problemIn(response, 415)).detail).toMatch(detail);
});

test('openapi.json describes rows of numbers', async () => {
  const text = JSON.stringify(await (await api().app.request('/api/openapi.json')).json());
  expect(text).toContain('[[3 numbers], …]');
  expect(text).toContain('It is the mean of the surprises of the detectors');
  expect(text).toContain(`"example":{"instances":[${JSON.stringify(MEAN)}]}`);
});

const number = (name: string) => unscaled(name, 0.1);

describe('a table of many columns', () => {
  const names = Array.from({ length: 1000 }, (_, j) => `sensor_${j}`);
  const columns = names.map(number);
  const wide = () =>
    apiOf({ shape: [1000], range: null, names, scaling: { kind: 'columns', columns }, encoded: 2000 });

  test('is described by its first columns and a link to the others', async () => {
    const text = JSON.stringify(await (await wide().app.request('/api/openapi.json')).json());
    expect(text).toContain('| `sensor_99` | a number | yes |');
    expect(text).not.toContain('| `sensor_100` |');
    expect(text).toContain('and 900 more: `GET /api/v1/model` lists them all.');
  });

  test('is not slowed down by a body with a hundred thousand other names', async () => {
    const others = Array.from({ length: 100_000 }, (_, j) => `other_${j}`);
    const csv = await wide().send('text/csv', `${others.join()}\n${others.map(() => 1).join()}`);
    const none =
      /no name is a column: expected sensor_0, sensor_1, sensor_2, sensor_3, sensor_4 and 995 more, separated by commas$/;
    expect((await problemIn(csv, 400)).detail).toMatch(none);
    const record = Object.fromEntries(['sensor_7', ...others].map((name) => [name, 1]));
    const json = await wide().send('application/json', JSON.stringify({ instances: [record] }));
    expect(json.status).toBe(200);
  });
});

test('an empty line is a missing value in a CSV with one column, and skipped in one with several', async () => {
  const tableOf = (names: string[]) =>
    apiOf({
      shape: [names.length],
      range: null,
      names,
      scaling: { kind: 'columns', columns: names.map(number) },
      encoded: 2 * names.length,
    });
  const one = tableOf(['x']);
  expect((await one.send('text/csv', '\nx\n1\n\n3\r\n\r\n5\n')).status).toBe(200);
  expect(Array.from(one.given[0]!)).toEqual([1, Number.NaN, 3, Number.NaN, 5]);
  const two = tableOf(['x', 'y']);
  expect((await two.send('text/csv', 'x,y\n1,2\n\n,4\n\n')).status).toBe(200);
  expect(Array.from(two.given[0]!)).toEqual([1, 2, Number.NaN, 4]);
});
