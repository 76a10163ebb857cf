import { afterEach, expect, test, vi } from 'vitest';
import type { Manifest } from '../../../bundle/manifest.ts';
import { scoreByApi } from '../../../dashboard/data/api.ts';
import { columns } from './columns.ts';

const url = 'http://127.0.0.1/api/v1/score';
const data: Manifest['data'] = {
  name: 'some',
  shape: [2],
  features: 2,
  encoded: 2,
  names: null,
  label: null,
  excluded: [],
  range: null,
  scaling: { kind: 'standard', mean: [0, 0], deviation: [1, 1] },
  classes: [],
  splits: { train: 1, validation: 1, calibration: 1, test: 1 },
};
const answer = {
  model_id: 'abc',
  engine: 'some engine',
  significance: 0.01,
  results: [{ score: 2, p_value: 0.5, anomalous: false }],
};

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Replaces the network: what the page sends is kept, and it gets a response. */
function respondWith(body: unknown, status = 200) {
  const sent: unknown[] = [];
  vi.stubGlobal('fetch', async (_url: string, { body: json }: { body: string }) => {
    sent.push(JSON.parse(json));
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  });
  return sent;
}

test('a row of numbers is sent as an array, and its result comes back with the time it took', async () => {
  const sent = respondWith(answer);
  const { response, milliseconds } = await scoreByApi({ url, sample: Float32Array.of(1, 2) }, data);
  expect(sent).toEqual([{ instances: [[1, 2]] }]);
  expect(response).toEqual(answer);
  expect(milliseconds).toBeGreaterThanOrEqual(0);
});

test('a row of a table is sent as a record', async () => {
  const sent = respondWith(answer);
  const sample = Float32Array.of(38.5, 1, 2, 0, 0, Number.NaN);
  await scoreByApi({ url, sample }, { ...data, scaling: { kind: 'columns', columns } });
  expect(sent).toEqual([
    {
      instances: [
        {
          age: 38.5,
          member: true,
          city: 'Lima',
          day: '2024-01-01',
          at: '2024-01-01T00:00:00Z',
          logged: null,
        },
      ],
    },
  ]);
});

test('a refusal is told in the words of the API', async () => {
  respondWith({ title: 'Teapot', detail: 'this one makes tea.' }, 418);
  const call = () => scoreByApi({ url, sample: Float32Array.of(1, 2) }, data);
  await expect(call()).rejects.toThrow('The API refused: this one makes tea.');
  respondWith({ title: 'Teapot' }, 418);
  await expect(call()).rejects.toThrow('The API refused: Teapot');
});

test('an API that asks for a key says so, and what scores instead', async () => {
  const call = () => scoreByApi({ url, sample: Float32Array.of(1, 2) }, data);
  for (const status of [401, 403]) {
    respondWith({ title: 'API key needed', detail: 'no API key: expected the header Authorization' }, status);
    await expect(call()).rejects.toThrow(
      'The API asks for a key, which this page does not have; only this browser scores.',
    );
  }
});

test('what is not the API is not reachable: no connection, another site, another version', async () => {
  const call = () => scoreByApi({ url, sample: Float32Array.of(1, 2) }, data);
  for (const [body, status] of [
    ['<html>Not found</html>', 404],
    ['<html>Welcome</html>', 200],
    [{ results: 'none' }, 200],
  ] as const) {
    respondWith(body, status);
    await expect(call()).rejects.toThrow('The API is not reachable');
  }
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed to fetch')));
  await expect(call()).rejects.toThrow('The API is not reachable');
});
