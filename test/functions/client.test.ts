import { encode } from 'fast-png';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sha256Hex } from '../../bundle/integrity.ts';
import { ApiProblem, createClient, type Score, type TableRecord } from '../../client/index.ts';
import { createApp } from '../../functions/app.ts';
import { DEFAULT_SETTINGS } from '../../functions/http/settings.ts';
import { MAX_INSTANCES, maxBodyBytes } from '../../functions/samples/limits.ts';
import { Random } from '../../kernels/random.ts';
import file from '../../node_modules/.cache/offmanifold/table-expected.json';
import parityFile from '../../node_modules/.cache/offmanifold/test-expected.json';
import { deviation, readParity } from '../support/parity.ts';
import { apiOf } from './fake-model.ts';
import { call, manifest } from './support.ts';
import { columns, openTable, tableManifest } from './table-model.ts';

const URL = 'http://api.test';

/** Counts the requests that a client sends. */
function counted(answer: (path: string, init: RequestInit) => Response | Promise<Response>) {
  const sent: RequestInit[] = [];
  const fetch = (url: string, init: RequestInit) => {
    sent.push(init);
    return answer(url.slice(URL.length), init);
  };
  return { sent, fetch };
}

const scoresOf = (results: Score[]) => results.map(({ score }) => score);
const repeat = <T>(items: readonly T[], times: number) => Array.from({ length: times }, () => items).flat();

afterEach(() => {
  vi.useRealTimers();
});

describe('of images', () => {
  const { n, samples, outputs } = readParity(parityFile);
  const { features } = manifest.data;
  const { sent, fetch } = counted(call);
  const client = createClient({ url: URL, fetch });
  const rows = Array.from({ length: n }, (_, i) => samples.slice(i * features, (i + 1) * features));
  const bytes = Uint8Array.from(repeat([...samples], 3));

  test('the client asks for the model and its health', async () => {
    expect((await client.model()).data.shape).toEqual([28, 28, 1]);
    expect(await client.health()).toEqual({
      status: 'ok',
      model_id: manifest.model_id,
      engine: 'offmanifold',
    });
  });

  test('bytes, rows and floats of several requests are scored as onnxruntime-node does, in order', async () => {
    const truth = Float32Array.from(repeat([...outputs.score], 3));
    sent.length = 0;
    const { results, model_id, significance } = await client.score({ values: bytes, n: 3 * n });
    expect(deviation(scoresOf(results), truth, 3 * n)).toBeLessThan(1e-4);
    expect(sent).toHaveLength(Math.ceil((3 * n) / MAX_INSTANCES));
    expect([model_id, significance]).toEqual([manifest.model_id, 0.01]);
    for (const other of [
      repeat(rows, 3),
      repeat(rows, 3).map((row) => [...row]),
      { values: Float32Array.from(bytes), n: 3 * n },
    ]) {
      expect((await client.score(other)).results).toEqual(results);
    }
    const each: Score[] = [];
    for await (const score of client.scoreEach({ values: bytes, n: 3 * n })) each.push(score);
    expect(each).toEqual(results);
  });

  test('a PNG is scored as its pixels, with what the options ask for', async () => {
    const data = rows[0]!;
    const png = encode({ width: 28, height: 28, data, channels: 1, depth: 8 }) as Uint8Array<ArrayBuffer>;
    const inverted = data.map((value) => 255 - value);
    const options = { explain: 2, map: true, fdr: 0.1, significance: 0.5 };
    const answer = await client.score([data], options);
    for (const bytes of [png, new Blob([png])]) {
      expect(await client.score({ png: bytes }, options)).toEqual(answer);
    }
    const dark = encode({ width: 28, height: 28, data: inverted, channels: 1, depth: 8 });
    expect(await client.score({ png: dark }, { ...options, invert: true })).toEqual(answer);
    expect(answer).toMatchObject({ significance: 0.5, fdr: { q: 0.1 } });
    expect(answer.results[0]).toMatchObject({
      map: { x: expect.any(Number) },
      discovery: expect.any(Boolean),
    });
    expect(answer.results[0]!.features).toHaveLength(2);
  });

  test('a mistake is found at its place among all samples', async () => {
    const wrong = repeat(rows, 2).map((row) => [...row]);
    wrong[100]![5] = 300;
    wrong[101] = [1];
    const problem = await client.score(wrong).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ApiProblem);
    const { status, type, title, message, errors } = problem as ApiProblem;
    expect({ status, type, title, message, errors }).toEqual({
      status: 400,
      type: 'urn:offmanifold:problem:invalid-body',
      title: 'Invalid body',
      message: 'instances/100/5: expected a number from 0 to 255, got 300 (and 1 more error)',
      errors: [
        { pointer: '#/instances/100/5', detail: 'expected a number from 0 to 255, got 300' },
        { pointer: '#/instances/101', detail: 'expected 784 numbers, got 1' },
      ],
    });
    await expect(client.score([rows[0]!], { explain: 785 })).rejects.toThrow(
      'explain: expected a whole number from 0 to 784, got 785',
    );
  });

  test('and so is a byte', async () => {
    const { app } = apiOf({ shape: [2], range: [0, 9] });
    const client = createClient({ url: URL, fetch: (url, init) => app.request(url, init) });
    const values = new Uint8Array(200);
    values[151] = 10;
    await expect(client.score({ values, n: 100 })).rejects.toThrow(
      'byte 151: expected a value from 0 to 9, got 10',
    );
  });
});

describe('of a table', () => {
  const { sent, fetch } = counted(createApp(openTable()).request);
  const client = createClient({ url: URL, fetch });
  const records: TableRecord[] = file.records;
  const date = columns.find(({ kind }) => kind === 'date')!.name;

  test('records and rows of several requests are scored as onnxruntime-node does, in order', async () => {
    const many = repeat(records, 3);
    const { results } = await client.score(many);
    expect(sent).toHaveLength(2);
    const truth = Float32Array.from(repeat(file.outputs.score, 3));
    expect(deviation(scoresOf(results), truth, many.length)).toBeLessThan(1e-3);
    const rows = records.map((record) => columns.map(({ name }) => record[name] ?? Number.NaN));
    expect((await client.score(rows)).results).toEqual(results.slice(0, rows.length));
  });

  test('a Date is a date', async () => {
    const dated = records.map((record) => ({ ...record, [date]: new Date(String(record[date])) }));
    expect((await client.score(dated)).results).toEqual((await client.score(records)).results);
  });

  test('what is unknown is counted over all requests', async () => {
    const odd = repeat(records, 4).map((record, i) => ({
      ...record,
      ...(i % 2 === 0 && { city: 'Atlantis', shoes: i }),
    }));
    const { unused_fields, unknown_values } = await client.score(odd);
    expect(unused_fields).toEqual(['shoes']);
    expect(unknown_values).toEqual([{ column: 'city', unknown: odd.length / 2, missing: 0 }]);
  });
});

test('faults on the way change no result', { timeout: 120_000 }, async () => {
  const app = createApp(openTable());
  const many = repeat(file.records, 10);
  const { results } = await createClient({ url: URL, fetch: app.request }).score(many);
  vi.useFakeTimers();
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    let faults = 0;
    const fetch = async (url: string, init: RequestInit) => {
      const response = await app.request(url, init);
      const kind = Math.floor(8 * random.uniform());
      if (kind < 4) faults++;
      switch (kind) {
        case 0:
          throw new TypeError('connection lost');
        case 1:
          return new Response('busy', { status: 503, headers: { 'Retry-After': '30' } });
        case 2:
          return new Response((await response.text()).slice(0, 100), { status: 502 });
        case 3:
          return new Promise<never>((_, reject) => init.signal!.addEventListener('abort', reject));
        default:
          return response;
      }
    };
    const client = createClient({ url: URL, fetch, retries: 50, deadline: Infinity });
    const scored = client.score(many);
    let done = false;
    scored.finally(() => {
      done = true;
    });
    while (!done) await vi.advanceTimersByTimeAsync(1000);
    expect((await scored).results, `seed ${seed}`).toEqual(results);
    expect(faults).toBeGreaterThan(0);
    expect(vi.getTimerCount()).toBe(0);
  }
});

describe('with keys and limits', () => {
  test('a key opens, and a wrong one does not', async () => {
    const sha256 = await sha256Hex(new TextEncoder().encode('one'));
    const app = createApp(openTable(), { ...DEFAULT_SETTINGS, keys: [{ scope: 'score', sha256 }] });
    const of = (key?: string) => createClient({ url: URL, key, fetch: app.request });
    expect((await of('one').model()).model_id).toBe(tableManifest.model_id);
    await expect(of('two').model()).rejects.toMatchObject({ status: 401, title: 'Valid API key needed' });
    await expect(of().model()).rejects.toThrow('no API key: expected the header Authorization: Bearer KEY');
  });

  test('a caller who is too fast waits as long as the Worker asks', async () => {
    const allow = vi.fn().mockResolvedValue(true).mockResolvedValueOnce(false);
    const { sent, fetch } = counted(createApp(openTable(), { ...DEFAULT_SETTINGS, allow }).request);
    vi.useFakeTimers();
    const model = createClient({ url: URL, fetch }).model();
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    await vi.advanceTimersByTimeAsync(59_999);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(251);
    expect((await model).model_id).toBe(tableManifest.model_id);
    expect(sent).toHaveLength(2);
  });

  test('no request is larger than any model takes', async () => {
    const { sent, fetch } = counted(() => Response.json({ results: [] }));
    const client = createClient({ url: URL, fetch });
    const limit = (type: string, features: number) =>
      maxBodyBytes(type, { ...manifest, data: { ...manifest.data, features } });
    for (const features of [1, 784, 300_000]) {
      await client.score({ values: new Uint8Array(65 * features), n: 65 });
      for (const { body } of sent) {
        const { length } = body as Uint8Array;
        expect(length).toBeLessThanOrEqual(limit('application/octet-stream', features));
        expect(length / features).toBeLessThanOrEqual(MAX_INSTANCES);
      }
      sent.length = 0;
    }
  });
});
