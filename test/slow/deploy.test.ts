import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lock } from '../../bundle/node/lock.ts';
import { startCloudflare } from '../support/cloudflare.ts';
import { TEST_BUNDLE } from '../support/paths.ts';
import { copyProject } from '../support/server.ts';
import { TABLE_BUNDLE } from '../support/table-bundle.ts';

let project: string;
/** A home of its own: no account of whoever runs the tests. */
let home: string;
beforeAll(async () => {
  project = await copyProject();
  home = await mkdtemp(join(tmpdir(), 'offmanifold-home-'));
});
afterAll(async () => {
  await rm(project, { recursive: true });
  await rm(home, { recursive: true });
});

/** Runs `offmanifold deploy` in the copy of the project, without an account unless `env` has one. */
async function deploy(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { CLOUDFLARE_API_TOKEN: _, CLOUDFLARE_API_KEY: __, ...rest } = process.env;
  const child = spawn(process.execPath, ['training/cli.ts', 'deploy', ...args], {
    cwd: project,
    env: { ...rest, HOME: home, XDG_CONFIG_HOME: home, WRANGLER_SEND_METRICS: 'false', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code as number, out, error };
}

test('a dry run checks everything and uploads nothing, without an account', async () => {
  const cloudflare = await startCloudflare();
  const { CLOUDFLARE_API_TOKEN: _, ...env } = cloudflare.env;
  const args = ['--dry-run', '--api-only', '--model', TABLE_BUNDLE, '--', '--keep-vars'];
  const { code, out, error } = await deploy(args, env);
  await cloudflare.stop();
  expect(cloudflare.sent).toEqual([]);
  expect({ code, error }).toEqual({ code: 0, error: expect.not.stringContaining('WARNING') });
  for (const line of [
    /^✓ {2}bundle +\S+: \d+ files, .* all checksums right$/m,
    /^✓ {2}engine +offmanifold, which has all \d+ operators of the model$/m,
    /^✓ {2}static files +none +25 MiB a file, 20,000 files$/m,
    /^✓ {2}Worker +\d.*iB, \d.*iB compressed +64 MiB$/m,
    /^. {2}start +\d+ ms on this machine +1000 ms$/m,
    /^⚠ {2}API keys +not known without an account$/m,
    /^⚠ {2}rate limit +none$/m,
    /^⚠ API keys: .*ANYONE.* API_KEYS --name offmanifold-table-bundle$/m,
    /^public: what the API answers/m,
    /^Worker: offmanifold-table-bundle, at https:\/\/offmanifold-table-bundle\./m,
  ])
    expect(out).toMatch(line);
  const again = `npx offmanifold deploy --model ${TABLE_BUNDLE} --api-only -- --keep-vars`;
  expect(out).toMatch(new RegExp(`\nNothing was uploaded\\. To deploy: ${again}\n$`));
});

test('a deployment uploads the Worker that was checked, under the name of the model', async () => {
  const cloudflare = await startCloudflare(['API_KEYS']);
  const args = ['--api-only', '--model', TEST_BUNDLE, '--', '--var', 'CORS_ORIGINS:https://a.example'];
  const { code, out, error } = await deploy(args, cloudflare.env);
  await cloudflare.stop();
  expect({ code, error }).toMatchObject({ code: 0 });
  expect(out).toMatch(/^✓ {2}static files +none /m);
  expect(out).toMatch(/^✓ {2}API keys +set, by the secret API_KEYS$/m);
  expect(out).toMatch(/^✓ {2}origins +https:\/\/a\.example$/m);
  expect(out).toContain('https://offmanifold-test-bundle.test.workers.dev');
  // Wrangler's own build step leaves dist/ as it is.
  expect(`${out}${error}`.match(/Running: node bin\/offmanifold\.js build/g)).toHaveLength(1);
  expect(await readdir(join(project, 'dist'))).not.toContain('index.html');
  const changes = cloudflare.sent.filter(({ line }) => !line.startsWith('GET '));
  expect(changes.map(({ line }) => line.replace(/.*\/scripts\//, ''))).toEqual([
    'offmanifold-test-bundle/assets-upload-session',
    'offmanifold-test-bundle',
    'offmanifold-test-bundle/subdomain',
  ]);
  expect(changes[0]!.bytes).toBe('{"manifest":{}}'.length);
  expect(changes[1]!.bytes).toBeGreaterThan(1e6);
});

test('a file that is too large to be served fails, and nothing is uploaded', async () => {
  const cloudflare = await startCloudflare();
  const large = join(project, 'dashboard', 'public', 'large.bin');
  await writeFile(large, '');
  await truncate(large, 25 * 2 ** 20 + 1);
  const { code, out, error } = await deploy(['--model', TABLE_BUNDLE], cloudflare.env);
  await rm(large);
  await cloudflare.stop();
  expect(code).toBe(1);
  expect(out).toMatch(/^✗ {2}static files +\d+ files, the largest 25 MiB: large\.bin /m);
  expect(out).toMatch(/^public: map\.parquet: /m);
  expect(error).toMatch(/^offmanifold: not deployed: static files \(✗ above\)$/m);
  expect(cloudflare.sent.filter(({ line }) => !line.startsWith('GET '))).toEqual([]);
});

describe('refused, in one sentence', () => {
  test('without an account', async () => {
    const { code, error } = await deploy(['--model', TEST_BUNDLE]);
    expect(code).toBe(1);
    expect(error).toMatch(
      /^offmanifold: wrangler is not logged in to Cloudflare: run npx wrangler login first.*\n$/,
    );
  });

  test('while the folder is served', async () => {
    await mkdir(join(project, '.wrangler'), { recursive: true });
    using _lock = await Lock.take(join(project, '.wrangler', 'serving'), { busy: '' });
    const { code, error } = await deploy(['--dry-run', '--model', TEST_BUNDLE]);
    expect(code).toBe(1);
    expect(error).toMatch(/^offmanifold: this folder is being served or deployed by process \d+ .*\n$/);
  });

  test.each([
    [1, ['--model', 'models/none'], 'there is no bundle at models/none'],
    [2, ['--name', 'Pumps'], 'a Worker cannot be called Pumps: expected up to 63 lower-case letters'],
    [2, ['models/pumps'], 'unexpected argument models/pumps: name the bundle with --model'],
    [2, ['--', '--name=a'], '--name=a cannot be passed to wrangler: deploy sets it itself'],
  ] as const)('%i: %j', async (expected, args, sentence) => {
    const { code, error } = await deploy(args);
    expect(error).toContain(sentence);
    expect(code).toBe(expected);
  });
});
