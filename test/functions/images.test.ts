import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { scoreResponseSchema } from '../../bundle/score-response.ts';
import { apiOf } from './fake-model.ts';
import { problemIn } from './support.ts';

const [HEIGHT, WIDTH] = [3, 5];

const random = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 89 + 17) % 256);
const colours = random(HEIGHT * WIDTH * 3);
const pngOf = (channels: 1 | 3, data: Uint8Array) =>
  new Uint8Array(encode({ width: WIDTH, height: HEIGHT, channels, data }));

describe('a model of coloured images', () => {
  const shape = [HEIGHT, WIDTH, 3];

  test('takes a PNG of its size as it is, and in negative', async () => {
    const { given, send } = apiOf({ shape });
    await send('image/png', pngOf(3, colours));
    expect(Array.from(given[0]!)).toEqual(Array.from(colours));
    await send('image/png', pngOf(3, colours), '?invert=true');
    expect(Array.from(given[1]!)).toEqual(Array.from(colours, (value) => 255 - value));
  });

  test('takes a grey PNG as equal parts of red, green and blue', async () => {
    const { given, send } = apiOf({ shape });
    const grey = random(HEIGHT * WIDTH);
    await send('image/png', pngOf(1, grey));
    expect(Array.from(given[0]!)).toEqual(Array.from(grey).flatMap((value) => [value, value, value]));
  });

  test('lays a PNG of another shape on black, each channel by itself', async () => {
    const { given, send } = apiOf({ shape: [4, 8, 3] });
    const red = new Uint8Array(6 * 6 * 3).map((_, p) => (p % 3 === 0 ? 200 : 0));
    await send('image/png', new Uint8Array(encode({ width: 6, height: 6, channels: 3, data: red })));
    const pixel = (row: number, column: number) => {
      const start = (row * 8 + column) * 3;
      return Array.from(given[0]!.subarray(start, start + 3), Math.round);
    };
    for (const row of [0, 3]) {
      expect([1, 2, 5, 6].map((column) => pixel(row, column))).toEqual([
        [0, 0, 0],
        [200, 0, 0],
        [200, 0, 0],
        [0, 0, 0],
      ]);
    }
  });

  test('explains a value by the row and the column of its pixel', async () => {
    const { send } = apiOf({ shape });
    const values = new Uint8Array(colours.length);
    const [row, column, channel] = [2, 3, 1];
    const index = (row * WIDTH + column) * 3 + channel;
    values[index] = 9;
    const response = await send('application/octet-stream', values, '?explain=1');
    const { results } = scoreResponseSchema().parse(await response.json());
    expect(results[0]!.features).toEqual([
      { index, row, column, value: 9, expected: 0, error: 81, share: 1 },
    ]);
  });
});

test('raw values of a PNG go from the least to the largest of the range', async () => {
  const { given, send } = apiOf({ shape: [HEIGHT, WIDTH, 1], range: [-1, 1] });
  const grey = random(HEIGHT * WIDTH);
  await send('image/png', pngOf(1, grey));
  for (const [i, value] of given[0]!.entries()) expect(value).toBeCloseTo((2 * grey[i]!) / 255 - 1, 5);
});

test.each([
  ['of two channels', { shape: [HEIGHT, WIDTH, 2] }, /images with 2 channels/],
  ['without a range', { shape: [HEIGHT, WIDTH, 1], range: null }, /which values are black and white/],
])('a PNG for images %s is refused by a sentence', async (_name, data, detail) => {
  const { send } = apiOf(data);
  const problem = await problemIn(await send('image/png', pngOf(3, colours)), 415);
  expect(problem.detail).toMatch(detail);
});

test('a model of large images says how large a body may be', async () => {
  const { send } = apiOf({ shape: [1024, 1024, 3] });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(2 ** 30) };
  const response = await apiOf({ shape: [1024, 1024, 3] }).app.request('/api/v1/score', {
    method: 'POST',
    headers,
    body: '{}',
  });
  expect((await problemIn(response, 413)).detail).toContain(`${32 * 2 ** 20} bytes`);
  expect((await problemIn(await send('application/json', '{}'), 400)).detail).toContain('absent');
});

test('openapi.json describes any shape', async () => {
  const { app } = apiOf({ shape: [HEIGHT, WIDTH, 3] });
  const text = JSON.stringify(await (await app.request('/api/openapi.json')).json());
  expect(text).toContain('An instance is 3 × 5 × 3 values, row-major.');
  expect(text).toContain('read as red, green and blue and fitted into 5 × 3 pixels');
});
