import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderSource } from '../../bundle/node/folder.ts';
import { type ScoreResponse, scoreResponseSchema } from '../../bundle/score-response.ts';
import { createApp } from '../../functions/app.ts';
import { openModel } from '../../functions/model/model.ts';
import { loadEngine } from '../../server/engines.ts';
import { buildImage } from '../support/dockerfile.ts';
import { deviation, type Parity, type ParityFile, readParity } from '../support/parity.ts';
import { TEST_BUNDLE, TEST_EXPECTED } from '../support/paths.ts';
import { type ProductionServer, startProduction } from '../support/production.ts';
import { freePort } from '../support/server.ts';

/** What the Dockerfile makes: dist/ alone, without packages; and the project that it makes it from. */
let image: Awaited<ReturnType<typeof buildImage>>;
let parent: string;
let project: string;
let server: ProductionServer;
let parity: Parity;

beforeAll(async () => {
  parity = readParity(JSON.parse(await readFile(TEST_EXPECTED, 'utf8')) as ParityFile);
  parent = await mkdtemp(join(tmpdir(), 'offmanifold-image-'));
  image = await buildImage(parent, TEST_BUNDLE);
  project = join(parent, 'stage-0');
  server = await startProduction(image.folder, [...NO_WRITES, 'server.mjs', ...ANY_PORT]);
});
afterAll(async () => {
  await server?.stop();
  await rm(parent, { recursive: true, force: true });
});

const ANY_PORT = ['--port', '0'];

/** Node itself refuses to write, to start processes, and to load native code, as a read-only disk would and more. */
const NO_WRITES = ['--permission', '--allow-fs-read=*'];

const scoreRequest = (body: Uint8Array, headers = {}) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/octet-stream', ...headers },
  body: body.slice(),
});

async function scored(response: Response): Promise<ScoreResponse> {
  expect(response.status).toBe(200);
  return scoreResponseSchema().parse(await response.json());
}

test('both engines give the answers that the app gives elsewhere', async () => {
  const app = createApp(openModel(folderSource(TEST_BUNDLE), await loadEngine('onnxruntime-node')));
  const path = '/api/v1/score?map=true&explain=3';
  const expected = await scored(await app.request(path, scoreRequest(parity.samples)));

  const own = await scored(await fetch(`${server.url}${path}`, scoreRequest(parity.samples)));
  expect(own.engine).toBe('offmanifold');
  const scores = own.results.map(({ score }) => score);
  expect(deviation(scores, parity.outputs.score, parity.n)).toBeLessThan(1e-4);
  expect(own.results.map(({ anomalous }) => anomalous)).toEqual(
    expected.results.map(({ anomalous }) => anomalous),
  );

  const other = await startProduction(project, [
    'dist/server.mjs',
    '--engine',
    'onnxruntime-node',
    ...ANY_PORT,
  ]);
  expect(await scored(await fetch(`${other.url}${path}`, scoreRequest(parity.samples)))).toEqual(expected);
  expect(await other.stop()).toBe(0);
});

test('a Node that is too old gets a sentence, although it cannot compile the kernels', () => {
  const old = [
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })",
    "WebAssembly.Module = function () { throw new WebAssembly.CompileError('invalid') }",
  ].join(';');
  const args = ['--import', `data:text/javascript,${encodeURIComponent(old)}`, 'server.mjs'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: image.folder, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^offmanifold: Node \S+ is too old: the server needs Node 22 or later\n$/);
});

describe('files are served as Cloudflare serves them', () => {
  const head = (path: string, headers = {}) =>
    fetch(`${server.url}${path}`, { headers, redirect: 'manual', method: 'HEAD' });

  test('with the headers of _headers, and a type', async () => {
    const page = await head('/');
    expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; script-src 'self'/);
    expect(page.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(page.headers.get('Cache-Control')).toBe('public, max-age=0, must-revalidate');
    const [, script] = /src="\.(\/assets\/[^"]+)"/.exec(await (await fetch(server.url)).text())!;
    const asset = await head(script!);
    expect(asset.headers.get('Content-Type')).toMatch(/^text\/javascript/);
    expect(asset.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
    expect((await head('/docs')).headers.get('Location')).toBe('/docs/');
    expect((await head('/docs/')).headers.get('Content-Type')).toBe('text/html; charset=utf-8');
  });

  test('the bundle byte by byte, a part of it, or nothing if the client has it', async () => {
    const url = `${server.url}/bundle/scorer.onnx`;
    const whole = await fetch(url);
    const bytes = Buffer.from(await whole.arrayBuffer());
    const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
    expect(sha256(bytes)).toBe(sha256(await readFile(join(TEST_BUNDLE, 'scorer.onnx'))));
    const part = await fetch(url, { headers: { Range: 'bytes=100-199' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(100, 200));
    const etag = whole.headers.get('ETag')!;
    expect(etag).toBe(`"${sha256(bytes)}"`);
    expect(part.headers.get('ETag')).toBe(etag);
    expect((await fetch(url, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    expect((await fetch(url, { headers: { 'If-None-Match': '"x"' } })).status).toBe(200);
  });

  test.each([
    '/nothing',
    '/bundle/nothing',
    '/bundle',
    '/server.mjs',
    '/deployment.js',
    '/_headers',
    '/.assetsignore',
    '/%2e%2e/package.json',
    '/bundle/..%2fserver.mjs',
    '/%73erver.mjs',
  ])('%s is a problem of the API', async (path) => {
    const response = await fetch(`${server.url}${path}`);
    expect(response.status).toBe(404);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    expect(((await response.json()) as { detail: string }).detail).toMatch(
      /^unknown path .*: expected one of/,
    );
  });
});

test('keys, origins and limits come from the environment', async () => {
  const hash = createHash('sha256').update('right').digest('hex');
  const limited = await startProduction(image.folder, ['server.mjs', ...ANY_PORT], {
    API_KEYS: `score:${hash}`,
    CORS_ORIGINS: 'https://example.org',
    RATE_LIMIT: '3',
    RATE_LIMIT_SECONDS: '3600',
    ADDRESS_HEADER: 'X-Real-IP',
  });
  const call = (headers: Record<string, string>) =>
    fetch(`${limited.url}/api/v1/score`, scoreRequest(parity.samples.subarray(0, 784), headers));
  const right = { Authorization: 'Bearer right' };
  const ok = await call({ ...right, Origin: 'https://example.org' });
  expect(ok.status).toBe(200);
  expect(ok.headers.get('Access-Control-Allow-Origin')).toBe('https://example.org');
  expect((await call({})).status).toBe(401);
  const wrong = (address: string) =>
    call({ Authorization: 'Bearer wrong', 'X-Real-IP': address, 'CF-Connecting-IP': String(Math.random()) });
  for (const status of [401, 401, 401, 429]) expect((await wrong('192.0.2.1')).status).toBe(status);
  expect((await wrong('192.0.2.2')).status).toBe(401);
  const wait = Number((await wrong('192.0.2.1')).headers.get('Retry-After'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(3600);
  expect((await call(right)).status).toBe(200);
  expect(limited.said()).not.toContain('can call the API');
  expect(limited.said()).toContain('API_KEYS protects the API only');
  expect(await limited.stop()).toBe(0);
});

test('--api-only serves no file, no map and no categories', async () => {
  const api = await startProduction(image.folder, ['server.mjs', '--api-only', ...ANY_PORT]);
  for (const path of ['/', '/bundle/scorer.onnx', '/docs/']) {
    expect((await fetch(`${api.url}${path}`)).status).toBe(404);
  }
  const sample = scoreRequest(parity.samples.subarray(0, 784));
  expect((await fetch(`${api.url}/api/v1/score`, sample)).status).toBe(200);
  expect((await fetch(`${api.url}/api/v1/score?map=true`, sample)).status).toBe(400);
  expect(await api.stop()).toBe(0);
});

test('SIGTERM lets an upload under way finish, takes no new connection, and ends with 0', async () => {
  const one = await startProduction(image.folder, ['server.mjs', ...ANY_PORT]);
  const { port } = new URL(one.url);
  const upload = connect(Number(port), '127.0.0.1');
  await once(upload, 'connect');
  const n = 64;
  const body = Buffer.alloc(n * 784);
  const lines = ['POST /api/v1/score HTTP/1.1', 'Host: a', 'Content-Type: application/octet-stream'];
  upload.write(`${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n`);
  upload.write(body.subarray(0, 1000));
  // The server has the first part when it has answered what came after it.
  await fetch(`${one.url}/api/v1/health`).then((response) => response.text());
  const ended = once(one.child, 'close');
  one.child.kill('SIGTERM');
  while (!one.said().includes('stopping')) await once(one.child.stderr!, 'data');
  await expect(fetch(one.url)).rejects.toThrow('fetch failed');
  upload.write(body.subarray(1000));
  const answer = Buffer.concat(await upload.toArray()).toString();
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer.match(/"p_value":/g)).toHaveLength(n);
  expect(await ended).toEqual([0, null]);
});

describe('what cannot be served is one sentence', () => {
  const run = (args: string[], env: Record<string, string> = {}) => {
    const options = { cwd: image.folder, encoding: 'utf8', env: { ...process.env, ...env } } as const;
    const { status, stderr } = spawnSync(process.execPath, ['server.mjs', ...ANY_PORT, ...args], options);
    return { status, stderr };
  };

  test('a damaged model, or none', async () => {
    const damaged = join(project, 'damaged');
    await cp(TEST_BUNDLE, damaged, { recursive: true });
    await truncate(join(damaged, 'scorer.onnx'), 1000);
    expect(run(['--model', damaged])).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^offmanifold: .*\/damaged: scorer\.onnx is truncated: 1000 bytes.*\n$/),
    });
    expect(run(['--model', 'none']).stderr).toMatch(/^offmanifold: there is no bundle at none; .*\n$/);
  });

  test('a port that is taken, a wrong variable, a wrong option, an engine that is not there', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(run(['--port', String(port)])).toEqual({
      status: 1,
      stderr: `offmanifold: port ${port} on 127.0.0.1 is taken: choose another with --port\n`,
    });
    other.close();
    expect(run([], { API_KEYS: 'a-secret' })).toEqual({
      status: 1,
      stderr: 'offmanifold: API_KEYS: expected scope:hash, such as `npx offmanifold key` prints\n',
    });
    expect(run(['--prot', '1'])).toEqual({
      status: 2,
      stderr: 'offmanifold: unknown option --prot: did you mean --port? (see --help)\n',
    });
    expect(run(['--engine', 'onnxruntime-node'])).toEqual({
      status: 1,
      stderr: 'offmanifold: onnxruntime-node is not installed: npm install onnxruntime-node\n',
    });
  });
});

test("the Dockerfile's image serves as an ordinary user, and knows whether it is healthy", async () => {
  expect(image.user).toBe('node');
  const [program, ...args] = image.command;
  expect([program, ...args.slice(-2)]).toEqual(['node', '--host', '0.0.0.0']);
  const env = { ...image.env, PORT: String(await freePort()) };
  const check = () => {
    const [node, ...rest] = image.health;
    expect(node).toBe('node');
    return spawnSync(process.execPath, rest, { env: { ...process.env, ...env } }).status;
  };
  expect(check()).toBe(1);
  const one = await startProduction(image.folder, [...NO_WRITES, ...args, '--host', '127.0.0.1'], env);
  expect(one.url).toBe(`http://127.0.0.1:${env.PORT}`);
  expect(check()).toBe(0);
  expect(await one.stop()).toBe(0);
});

test('offmanifold serve --production serves what was built, and ends with 0', async () => {
  const args = ['bin/offmanifold.js', 'serve', '--production'];
  const refused = spawnSync(process.execPath, [...args, '--weights', 'int8'], {
    cwd: project,
    encoding: 'utf8',
  });
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('--weights is for build');
  const port = String(await freePort());
  const one = await startProduction(project, args, { PORT: port });
  expect(one.url).toBe(`http://127.0.0.1:${port}`);
  const { model_id } = JSON.parse(await readFile(join(TEST_BUNDLE, 'manifest.json'), 'utf8'));
  expect(await (await fetch(`${one.url}/api/v1/health`)).json()).toMatchObject({ status: 'ok', model_id });
  expect((await fetch(one.url)).status).toBe(200);
  expect(one.said()).toContain('anyone who reaches this address can call the API');
  expect(await one.stop()).toBe(0);
});
