import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openFolder } from '../../../bundle/node/folder.ts';
import {
  type Check,
  checkEngine,
  checkFiles,
  checkKeys,
  checkOrigins,
  checkRate,
  checkSize,
  checkStart,
  checkVariables,
  describeChecks,
} from '../../../training/commands/deploy-checks.ts';
import { describePublic } from '../../../training/commands/public.ts';
import { ToolError } from '../../../training/commands/tools.ts';
import { activeMs, measureStart, readUpload } from '../../../training/commands/upload.ts';
import { isWorkerName, workerName } from '../../../training/commands/worker-name.ts';
import { readArguments } from '../../../training/commands/wrangler.ts';
import { TEST_BUNDLE } from '../../support/paths.ts';
import { TABLE_BUNDLE } from '../../support/table-bundle.ts';

const MIB = 1_048_576;

describe('the name of a Worker', () => {
  test('follows the model and the environment', () => {
    expect(workerName('pumps')).toBe('offmanifold-pumps');
    expect(workerName('Pumps_2.v1')).toBe('offmanifold-pumps-2-v1');
    expect(workerName('pumps', 'staging')).toBe('offmanifold-pumps-staging');
    expect(workerName('...')).toBe('offmanifold');
  });

  test('is valid, whatever the model is called, and tells long names apart', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[\w.-]{1,90}$/, { size: 'max' }),
    );
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), (model, environment) => {
        const worker = workerName(model, environment);
        expect(worker).toMatch(/^(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(isWorkerName(worker)).toBe(true);
      }),
    );
    const long = 'a'.repeat(80);
    const names = [workerName(`${long}a`), workerName(`${long}b`), workerName(long, 'x')];
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^offmanifold-a{40,}-[0-9a-f]{8}$/);
  });

  test.each(['', '-a', 'a-', 'A', 'a_b', 'a.b', 'ä', 'a'.repeat(64), 'a\n'])('%j is none', (name) => {
    expect(isWorkerName(name)).toBe(false);
  });
});

describe('limits', () => {
  const verdict = ({ verdict }: Check) => verdict;

  test('the largest file that is served has 25 MiB, and there are 20,000 of them', () => {
    const files = (count: number, bytes: number) =>
      Array.from({ length: count }, (_, i) => ({ name: `f${i}`, bytes: i === 1 ? bytes : 1 }));
    expect(checkFiles([])).toMatchObject({ verdict: 'pass', found: 'none' });
    expect(checkFiles(files(3, 25 * MIB))).toMatchObject({
      verdict: 'pass',
      found: '3 files, the largest 25 MiB: f1',
    });
    expect(checkFiles(files(3, 25 * MIB + 1))).toMatchObject({
      verdict: 'fail',
      advice: expect.stringContaining('f1 is too large to be served: deploy with --api-only'),
    });
    expect([15_000, 20_000, 20_001].map((n) => verdict(checkFiles(files(n, 1))))).toEqual([
      'pass',
      'warn',
      'fail',
    ]);
  });

  test('a Worker has at most 64 MiB, and starts within a second', () => {
    const size = (bytes: number) => verdict(checkSize({ bytes, gzBytes: 1, bindings: [] }));
    expect([50, 64, 64.1].map((mib) => size(mib * MIB))).toEqual(['pass', 'warn', 'fail']);
    // On another machine than Cloudflare's.
    expect([100, 1000, 2000, 2001].map((ms) => verdict(checkStart(ms)))).toEqual([
      'pass',
      'warn',
      'warn',
      'fail',
    ]);
  });

  test('a start that wrangler could not measure is a warning', async () => {
    const gaveUp = new ToolError('failed', 'Worker startup profiling timed out after 10 seconds.');
    const measure = (...starts: (number | Error)[]) =>
      measureStart(async () => {
        const start = starts.shift()!;
        if (start instanceof Error) throw start;
        return start;
      }, 500);
    expect(await measure(400)).toBe(400);
    expect(await measure(gaveUp, 900, 600)).toBe(600);
    await expect(measure(new ToolError('failed', 'no Worker'))).rejects.toThrow('failed');
    expect(checkStart(await measure(gaveUp, gaveUp, gaveUp))).toMatchObject({
      verdict: 'warn',
      found: 'not measured',
      advice: expect.stringContaining('try again'),
    });
  });
});

test('variables with a wrong value fail before they are deployed, and are shown', () => {
  const variable = (name: string, text: string) => ({ name, type: 'plain_text', text });
  expect(checkVariables([variable('CORS_ORIGINS', 'example.org')])).toMatchObject({
    verdict: 'fail',
    advice: 'CORS_ORIGINS: expected origins, such as https://example.org, or *, not "example.org"',
  });
  expect(checkVariables([variable('CORS_ORIGINS', 'https://a.example')])).toMatchObject({
    verdict: 'pass',
    found: 'CORS_ORIGINS',
  });
  const { advice } = checkVariables([variable('API_KEYS', 'my-secret')]);
  expect(advice).toBe('API_KEYS: expected scope:hash, such as `npx offmanifold key` prints');
});

describe('what a deployment leaves open is a warning', () => {
  test('no keys, unless a secret has them already or comes along', () => {
    expect(checkKeys([], [], { worker: 'offmanifold-pumps', apiOnly: false })).toMatchObject({
      verdict: 'warn',
      found: 'none',
      advice: expect.stringContaining('npx wrangler secret put API_KEYS --name offmanifold-pumps'),
    });
    const w = { worker: 'w', apiOnly: true };
    expect(checkKeys([], undefined, w)).toMatchObject({
      verdict: 'warn',
      found: 'not known without an account',
    });
    expect(checkKeys([], ['OTHER', 'API_KEYS'], w).verdict).toBe('pass');
    expect(checkKeys([{ name: 'API_KEYS', type: 'secret_text' }], [], w).verdict).toBe('pass');
    expect(checkKeys([], ['API_KEYS'], { ...w, apiOnly: false })).toMatchObject({
      verdict: 'warn',
      advice: expect.stringContaining('they protect the API only'),
    });
  });

  test('no rate limit; origins are shown', () => {
    expect(checkRate([])).toMatchObject({ verdict: 'warn', found: 'none' });
    const limiter = { name: 'RATE_LIMITER', type: 'ratelimit', simple: { limit: 100, period: 60 } };
    expect(checkRate([limiter])).toMatchObject({
      verdict: 'pass',
      found: '100 calls in 60 s for each caller',
    });
    expect(checkOrigins([]).found).toContain('every site');
    const origins = { name: 'CORS_ORIGINS', type: 'plain_text', text: 'https://a.example' };
    expect(checkOrigins([origins]).found).toBe('https://a.example');
  });

  test('an engine that had to be replaced', () => {
    expect(checkEngine({ used: 'onnxruntime-web', why: 'the engine has no operator Celu' }, 7)).toMatchObject(
      {
        verdict: 'warn',
        advice: expect.stringContaining('the engine has no operator Celu'),
      },
    );
    expect(checkEngine({ used: 'onnxruntime-web' }, 7)).toMatchObject({
      verdict: 'pass',
      found: 'onnxruntime-web',
    });
    expect(checkEngine({ used: 'offmanifold' }, 7).found).toContain('all 7 operators');
  });
});

test('checks are a table with marks, then advice', () => {
  const lines = describeChecks([
    { verdict: 'pass', name: 'a', found: 'x', limit: '2' },
    { verdict: 'fail', name: 'bc', found: 'yyy', limit: '2', advice: 'less' },
  ]);
  expect(lines).toEqual([
    '   check  found  limit',
    '✓  a      x      2',
    '✗  bc     yyy    2',
    '',
    '✗ bc: less',
  ]);
});

test('a profile is active when it is not idle', () => {
  const node = (id: number, functionName: string) => ({ id, callFrame: { functionName }, hitCount: 1 });
  const profile = {
    nodes: [node(1, '(root)'), node(2, '(idle)'), node(3, 'compile'), node(4, '(garbage collector)')],
    samples: [3, 2, 3, 4],
    timeDeltas: [1500, 100_000, 500, 250],
    startTime: 0,
    endTime: 1,
  };
  expect(activeMs(profile)).toBe(2.25);
});

test('an upload is its modules without source maps, and its bindings', async () => {
  const form = new FormData();
  const bindings = [{ name: 'CORS_ORIGINS', type: 'plain_text', text: '*' }];
  form.append('metadata', JSON.stringify({ main_module: 'index.js', bindings }));
  const code = 'export default {}\r\n--x';
  const weights = Buffer.alloc(5000);
  form.append('index.js', new Blob([code], { type: 'application/javascript+module' }), 'index.js');
  form.append('scorer', new Blob([weights], { type: 'application/octet-stream' }), 'scorer.onnx');
  form.append('map', new Blob(['{}'], { type: 'application/source-map' }), 'index.js.map');
  const bytes = new Uint8Array(await new Response(form).arrayBuffer());
  expect(await readUpload(bytes)).toEqual({
    bytes: code.length + 5000,
    gzBytes: gzipSync(Buffer.concat([Buffer.from(code), weights])).length,
    bindings,
  });
});

test("wrangler's arguments say the environment and the account", () => {
  expect(readArguments(['--env', 'staging', '--keep-vars', '--profile=work', '-c', 'other.toml'])).toEqual({
    environment: 'staging',
    domains: [],
    account: ['--profile', 'work', '--config', 'other.toml'],
  });
  expect(readArguments(['-e', 'live', '--domain', 'a.example', '--domains=b.example'])).toEqual({
    environment: 'live',
    domains: ['a.example', 'b.example'],
    account: [],
  });
  expect(readArguments([])).toEqual({ environment: undefined, domains: [], account: [] });
});

describe('what becomes public', () => {
  test('of pictures', async () => {
    const { manifest } = await openFolder(TEST_BUNDLE);
    const text = describePublic(manifest, false).join('\n');
    expect(text).toMatch(/codes of training rows, .* \(.*knn:code.*\)/);
    expect(text).toContain(
      `map.parquet: the split, the id, the label, the score and the p-value of ${manifest.map.points.toLocaleString('en-GB')} rows`,
    );
    expect(text).toMatch(/sprites-0\.webp.*: pictures/);
    expect(text).not.toContain('categories');
    const files = [0, 1, 2].map((i) => ({ ...manifest.files[0]!, name: `neighbours-${i}.bin` }));
    expect(describePublic({ ...manifest, files }, false)).toContain(
      'neighbours-0.bin to neighbours-2.bin: which of the rows are most alike',
    );
    expect(describePublic(manifest, true)).toEqual([expect.stringContaining('what the API answers')]);
  });

  test('of a table, whose neighbours are its rows', async () => {
    const { manifest } = await openFolder(TABLE_BUNDLE);
    const detectors = ['knn:input', 'lof:projection', 'mahalanobis:input', 'knn:code', 'knn:difference'];
    const scorer = {
      ...manifest.scorer,
      detectors: detectors.map((name) => ({ name, title: '', family: '' })),
    };
    const lines = describePublic({ ...manifest, scorer }, false);
    expect(lines).toContain('scorer.onnx: training rows (knn:input, lof:projection)');
    expect(lines.filter((line) => /^scorer.onnx: .*training rows/.test(line))).toHaveLength(2);
    expect(lines.join('\n')).toContain('the columns and their categories');
    expect(lines.join('\n')).not.toContain('pictures');
  });
});
