import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { call, manifest, post, postJson, problemIn } from './support.ts';
import worker from './worker.ts';

const { features } = manifest.data;
const { calibration_count } = manifest.scorer;
const blank = new Array<number>(features).fill(0);
const withValue = (value: string) => `{"instances":[[${[value, ...blank.slice(1)].join()}]]}`;

describe('an invalid JSON body is answered with the place and what is expected', () => {
  const short = blank.slice(1);
  test.each<[string, string, string, RegExp]>([
    [
      'short instance',
      JSON.stringify({ instances: [blank, blank, blank, short] }),
      '#/instances/3',
      new RegExp(`^expected ${features} numbers, got ${features - 1}$`),
    ],
    ['null', withValue('null'), '#/instances/0/0', /^expected a number from 0 to 255, got null$/],
    [
      'string',
      withValue('"12"'),
      '#/instances/0/0',
      /^expected a number from 0 to 255, got the string "12"$/,
    ],
    ['boolean', withValue('true'), '#/instances/0/0', /^expected a number from 0 to 255, got true$/],
    ['object', withValue('{}'), '#/instances/0/0', /^expected a number from 0 to 255, got an object$/],
    [
      'infinite',
      withValue('1e999'),
      '#/instances/0/0',
      /^expected a number from 0 to 255, got a number that is too large$/,
    ],
    ['too large', withValue('256'), '#/instances/0/0', /^expected a number from 0 to 255, got 256$/],
    ['negative', withValue('-0.5'), '#/instances/0/0', /^expected a number from 0 to 255, got -0.5$/],
    [
      'NaN',
      withValue('NaN'),
      '#',
      /not JSON: it has no NaN \(at position 15\); write null for a missing value$/,
    ],
    ['Infinity', withValue('-Infinity'), '#', /not JSON: it has no -Infinity/],
    [
      'one flat instance',
      `{"instances":[${blank.join()}]}`,
      '#/instances',
      new RegExp(`^expected .*, got a flat array of ${features} numbers$`),
    ],
    [
      'instance that is null',
      '{"instances":[null]}',
      '#/instances/0',
      /^expected an array of \d+ numbers, got null$/,
    ],
    ['rows', JSON.stringify({ instances: [[blank]] }), '#/instances/0', /^expected a flat array/],
    ['no instances', '{"instances":[]}', '#/instances', /^expected 1 to 64 instances, got 0$/],
    [
      'too many instances',
      JSON.stringify({ instances: new Array(65).fill(blank) }),
      '#/instances',
      /^expected 1 to 64 instances, got 65$/,
    ],
    [
      'instances of a wrong type',
      '{"instances":{}}',
      '#/instances',
      /^expected an array of arrays, got an object$/,
    ],
    ['no key', '{}', '#/instances', /^absent: expected \{"instances"/],
    [
      'unknown key that is near none',
      JSON.stringify({ data: [blank] }),
      '#/data',
      /^unknown; expected instances$/,
    ],
    ['unknown key', JSON.stringify({ instance: [blank] }), '#/instance', /did you mean instances\?/],
    ['unknown key beside', JSON.stringify({ instances: [blank], 'a/b~': 1 }), '#/a~1b~0', /unknown/],
    ['array', JSON.stringify([blank]), '#', /^expected an object .*, got an array$/],
    ['null body', 'null', '#', /^expected an object .*, got null$/],
    ['truncated', '{"instances": [[1, 2', '#', /not JSON/],
    ['trailing comma', '{"instances": [[1,]]}', '#', /not JSON: Unexpected token/],
    ['__proto__', '{"__proto__": 1}', '#/__proto__', /unknown/],
  ])('%s', async (_name, body, pointer, detail) => {
    const problem = await problemIn(await post('application/json', body), 400);
    expect(problem.type).toBe('urn:offmanifold:problem:invalid-body');
    expect(problem.errors![0]!.pointer).toBe(pointer);
    expect(problem.errors![0]!.detail).toMatch(detail);
    expect(problem.detail).toContain(problem.errors![0]!.detail);
  });

  test('a syntax error far into the body is located by its position', async () => {
    const body = withValue('0').replace(/0\]\]\}$/, '0;]]}');
    const problem = await problemIn(await post('application/json', body), 400);
    expect(problem.detail).toMatch(/position \d+|\.\.\./);
  });

  test('at most ten errors are listed', async () => {
    const problem = await problemIn(await postJson({ instances: [blank.map(() => 'x')] }), 400);
    expect(problem.errors!.length).toBe(10);
    expect(problem.detail).toMatch(/\(and at least 9 more errors\)$/);
  });

  test('bytes that are not UTF-8', async () => {
    const problem = await problemIn(await post('application/json', Uint8Array.of(0x22, 0xff, 0x22)), 400);
    expect(problem.detail).toMatch(/UTF-8/);
  });
});

test('no JSON body gives a 500', async () => {
  const nearly = fc.record({ instances: fc.oneof(fc.jsonValue(), fc.array(fc.array(fc.double()))) });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.json(),
        fc.string(),
        nearly.map((v) => JSON.stringify(v)),
      ),
      async (body) => {
        const response = await post('application/json', body);
        expect(response.status).toBe(400);
        expect((await problemIn(response, 400)).errors?.length ?? 1).toBeGreaterThan(0);
      },
    ),
    { numRuns: 300 },
  );
});

test('no query gives a 500', async () => {
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom('map', 'explain', 'significance', '__proto__', 'constructor'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, fc.string())), async (entries) => {
      const response = await postJson({ instances: [blank] }, `?${new URLSearchParams(entries)}`);
      expect([200, 400]).toContain(response.status);
      await response.body?.cancel();
    }),
    { numRuns: 200 },
  );
});

describe('a body of bytes is refused', () => {
  test('if its length is not a whole number of instances', async () => {
    const problem = await problemIn(
      await post('application/octet-stream', new Uint8Array(features + 1)),
      400,
    );
    expect(problem.detail).toMatch(
      new RegExp(`^expected ${features} bytes per instance, got ${features + 1} in all$`),
    );
  });

  test('if it has too many instances', async () => {
    const problem = await problemIn(
      await post('application/octet-stream', new Uint8Array(65 * features)),
      400,
    );
    expect(problem.detail).toMatch(/^expected at most 64 instances, got 65 /);
  });
});

test('an invalid PNG is answered with a sentence', async () => {
  const problem = await problemIn(await post('image/png', new Uint8Array(40)), 400);
  expect(problem.detail).toMatch(/signature of a PNG/);
});

test.each(['application/json', 'application/octet-stream', 'image/png'])(
  'an empty body of %s is refused',
  async (type) => {
    for (const body of ['', undefined]) {
      const init = { method: 'POST', headers: { 'Content-Type': type }, body };
      const problem = await problemIn(await call('/api/v1/score', init), 400);
      expect(problem.detail).toMatch(/body is empty/);
    }
  },
);

describe('a body that is too large is refused', () => {
  const MIB = 2 ** 20;

  test.each([
    ['application/json', 4 * MIB],
    ['application/octet-stream', 4 * MIB],
    ['image/png', 16 * MIB],
  ])('by its length: %s', async (type, limit) => {
    const problem = await problemIn(await post(type, new Uint8Array(limit + 1)), 413);
    expect(problem.detail).toBe(`the body is larger than ${limit} bytes, the most for ${type}`);
    expect((await problemIn(await post(type, new Uint8Array(limit)), 400)).detail).not.toMatch(/at most/);
  });

  test('while it streams without a Content-Length', async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += MIB / 16;
        controller.enqueue(new Uint8Array(MIB / 16));
        if (sent >= 64 * MIB) controller.close();
      },
    });
    const headers = { 'Content-Type': 'image/png' };
    await problemIn(await worker.request('/api/v1/score', { method: 'POST', headers, body }), 413);
    expect(sent).toBeLessThan(32 * MIB);
  });
});

describe('a media type that is not supported', () => {
  test.each(['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', ''])(
    '%s',
    async (type) => {
      const headers: Record<string, string> = type ? { 'Content-Type': type } : {};
      const body = new Uint8Array(features);
      const response = await call('/api/v1/score', { method: 'POST', headers, body });
      expect(response.headers.get('Accept')).toBe('application/json, application/octet-stream, image/png');
      const problem = await problemIn(response, 415);
      expect(problem.errors![0]!.header).toBe('Content-Type');
      expect(problem.detail).toContain(type ? type.split(';')[0]! : 'no media type');
      expect(problem.detail).toContain('application/json, application/octet-stream, image/png');
    },
  );

  test.each(['image/jpeg', 'image/webp'])('%s: says to save the image as PNG', async (type) => {
    const response = await call('/api/v1/score', {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: new Uint8Array(9),
    });
    expect((await problemIn(response, 415)).detail).toBe(
      `Content-Type: ${type} is not supported: expected one of application/json, application/octet-stream, image/png; save the image as PNG`,
    );
  });

  test('a compressed body', async () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    const response = await call('/api/v1/score', { method: 'POST', headers, body: 'x' });
    expect((await problemIn(response, 415)).errors![0]!.header).toBe('Content-Encoding');
  });
});

describe('an invalid query', () => {
  test.each<[string, string, RegExp]>([
    ['significance=2', 'significance', /^expected a number from .* to 1, got 2$/],
    ['significance=-0.1', 'significance', /^expected a number from .* to 1, got -0.1$/],
    ['significance=abc', 'significance', /^expected a number .*, got abc$/],
    ['significance=', 'significance', /^expected a number .*, got nothing$/],
    ['significance=NaN', 'significance', /a number/],
    ['significance=0x1', 'significance', /a number/],
    ['significance=0', 'significance', /smallest p-value/],
    [`significance=${0.9 / (calibration_count + 1)}`, 'significance', /nothing can be flagged/],
    ['significance=1e400', 'significance', /^expected a number from .* to 1, got 1e400$/],
    ['fdr=1e400', 'fdr', /^expected a number above 0 and below 1, got 1e400$/],
    ['explain=1e400', 'explain', /^expected a whole number from 0 to .*, got 1e400$/],
    ['explain=1.5', 'explain', /^expected a whole number from 0 to .*, got 1.5$/],
    ['explain=-1', 'explain', /whole number/],
    [`explain=${features + 1}`, 'explain', new RegExp(`to ${features}, got ${features + 1}$`)],
    ['fdr=0', 'fdr', /^expected a number above 0 and below 1, got 0$/],
    ['fdr=1', 'fdr', /^expected a number above 0 and below 1, got 1$/],
    ['fdr=5%', 'fdr', /^expected a number above 0 and below 1, got 5%$/],
    ['map=yes', 'map', /^expected true or false, got yes$/],
    ['invert=1', 'invert', /true or false/],
    ['invert=true', 'invert', /^only for image\/png/],
    ['signifcance=0.1', 'signifcance', /did you mean significance\?/],
    ['Explain=1', 'Explain', /did you mean explain\?/],
    ['__proto__=1', '__proto__', /unknown/],
    ['map=true&map=false', 'map', /more than once/],
  ])('%s', async (query, parameter, detail) => {
    const problem = await problemIn(await postJson({ instances: [blank] }, `?${query}`), 400);
    expect(problem.type).toBe('urn:offmanifold:problem:invalid-query');
    expect(problem.errors![0]!.parameter).toBe(parameter);
    expect(problem.errors![0]!.detail).toMatch(detail);
  });

  test('lists all invalid parameters at once', async () => {
    const problem = await problemIn(await postJson({ instances: [blank] }, '?map=1&explain=x&foo=1'), 400);
    expect(problem.errors!.map(({ parameter }) => parameter).toSorted()).toEqual(['explain', 'foo', 'map']);
  });
});

test('what the client sent is cut where an answer repeats it', async () => {
  const long = 'x'.repeat(2000);
  const answers = [
    post('application/json', JSON.stringify({ [long]: 1 })),
    post('application/json', JSON.stringify({ instances: long })),
    post('application/json', withValue(`"${long}"`)),
    postJson({ instances: [blank] }, `?${long}=1`),
    postJson({ instances: [blank] }, `?map=${long}`),
    post(`text/${long}`, 'x'),
    call('/api/v1/score', {
      method: 'POST',
      headers: { 'Content-Encoding': long, 'Content-Type': 'image/png' },
      body: 'x',
    }),
    call(`/api/${long}`),
  ];
  for (const response of await Promise.all(answers)) {
    expect(response.status).toBeLessThan(500);
    expect(await response.text()).not.toContain(long.slice(0, 100));
    for (const [name, value] of response.headers) expect(value.length, name).toBeLessThan(200);
  }
});

test.each([
  ['GET', '/api/v1/score', 'POST, OPTIONS'],
  ['PUT', '/api/v1/score', 'POST, OPTIONS'],
  ['POST', '/api/v1/model', 'GET, HEAD, OPTIONS'],
  ['DELETE', '/api/v1/health', 'GET, HEAD, OPTIONS'],
])('%s %s is refused with the methods that are allowed', async (method, path, allow) => {
  const response = await call(path, { method });
  expect(response.headers.get('Allow')).toBe(allow);
  expect((await problemIn(response, 405)).detail).toContain(method);
  const options = await call(path, { method: 'OPTIONS' });
  expect([options.status, options.headers.get('Allow')]).toEqual([204, allow]);
});

test.each(['/api', '/api/v1/scores', '/api/v1/score/', '/api/%E0%A4%A', '/api/v2/score'])(
  '%s is no path of the API, and the answer names those that are',
  async (path) => {
    expect((await problemIn(await call(path), 404)).detail).toContain('/api/v1/score');
  },
);
