import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseRecord } from '../../../bundle/column-parsing.ts';
import type { TableColumn } from '../../../bundle/column-schema.ts';
import type { Manifest } from '../../../bundle/manifest.ts';
import { Lock } from '../../../bundle/node/lock.ts';
import { explainFailure } from '../../../training/commands/serve.ts';
import { scoreExample } from '../../../training/commands/welcome.ts';
import { copyProject } from '../../support/server.ts';

const URL = 'http://127.0.0.1:8787';
const flag = (name: string): TableColumn => ({
  kind: 'flag',
  name,
  missing_share: 0,
  words: ['no', 'yes'],
  share: 0.3,
  missing: 0,
});

const tableOf = (columns: TableColumn[]): Manifest['data'] => ({
  name: 'pumps',
  shape: [columns.length],
  features: columns.length,
  encoded: columns.length,
  names: columns.map(({ name }) => name),
  label: null,
  excluded: [],
  range: null,
  scaling: { kind: 'columns', columns },
  classes: [],
  splits: { train: 6, validation: 2, calibration: 2, test: 2 },
});

test('a Worker that does not start because of a variable says which, without the output of wrangler', () => {
  const output =
    'Using secrets defined in .dev.vars\n\x1b[31m✘ \x1b[1mservice core:user:offmanifold: Uncaught Error: UserError: API_KEYS: expected scope:hash\x1b[0m\n    at null.<anonymous> (index.js:59:52005)';
  expect(explainFailure(output).message).toBe(
    'API_KEYS: expected scope:hash; variables come from .dev.vars and from [vars] in wrangler.toml',
  );
  expect(explainFailure('Address already in use').message).toContain('did not start:\nAddress');
  const broken =
    'Cloudflare collects anonymous telemetry.\n\n\x1b[31m✘ [ERROR] \x1b[1mInvalid TOML document\x1b[0m\n\n    /app/wrangler.toml:1:9:\n\n  If you think this is a bug, please open an issue at: https://example.org\n';
  expect(explainFailure(broken).message).toBe(
    'the Worker did not start: wrangler refuses wrangler.toml:\n✘ [ERROR] Invalid TOML document\n    /app/wrangler.toml:1:9:',
  );
});

test('for a table, the example is a record that the shell passes on and the table takes', () => {
  const columns = [flag('boost'), flag('the operator\'s "own" $HOME')];
  const example = scoreExample(URL, tableOf(columns));
  expect(example).not.toContain('image/png');
  const command = example.split('\n').find((line) => line.includes('curl'))!;
  const parts = execFileSync('sh', ['-c', `printf '%s\\n' ${command.trim()}`], { encoding: 'utf8' });
  const [curl, silent, url, ...rest] = parts.trim().split('\n');
  expect([curl, silent, url]).toEqual(['curl', '-s', `${URL}/api/v1/score?explain=3`]);
  const { instances } = JSON.parse(rest.at(-1)!) as { instances: Record<string, unknown>[] };
  expect(instances).toHaveLength(1);
  expect(parseRecord(columns, instances[0]!, new Float32Array(2))).toEqual([]);
});

test('there is no example for a table with very many columns, nor for data that is neither a table nor MNIST', () => {
  expect(scoreExample(URL, tableOf(Array.from({ length: 300 }, (_, j) => flag(`column ${j}`))))).toBe('');
  const images: Manifest['data'] = {
    ...tableOf([]),
    name: 'parts',
    shape: [28, 28, 1],
    features: 784,
    encoded: 784,
    names: null,
    range: [0, 255],
    scaling: { kind: 'range', low: 0, high: 255 },
  };
  expect(scoreExample(URL, images)).toBe('');
  const classes = Array.from({ length: 10 }, (_, digit) => String(digit));
  const mnist = { ...images, name: 'MNIST', classes, splits: { ...images.splits, test: 10_000 } };
  expect(scoreExample(URL, mnist)).toContain("-H 'content-type: image/png' --data-binary @docs/digit.png");
});

test('while one process serves, no other serves or builds in the same folder, but wrangler', async () => {
  const project = await copyProject();
  try {
    await mkdir(join(project, '.wrangler'));
    using lock = await Lock.take(join(project, '.wrangler', 'serving'), { busy: '' });
    const run = (args: string[], env = {}) => {
      const options = { cwd: project, encoding: 'utf8', env: { ...process.env, ...env } } as const;
      return spawnSync(process.execPath, ['training/cli.ts', ...args], options).stderr;
    };
    const refused = `offmanifold: this folder is being served or deployed by process ${process.pid} since `;
    expect(run(['start'])).toContain(refused);
    expect(run(['build', '--model', 'models/none'])).toContain(refused);
    // It has built before it started wrangler, which asks for a build.
    expect(run(['build', '--model', 'models/none'], { OFFMANIFOLD_BUILT: lock.token })).toBe('');
  } finally {
    await rm(project, { recursive: true });
  }
}, 60_000);
