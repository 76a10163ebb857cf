import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TEST_BUNDLE } from '../../support/paths.ts';
import { copyProject } from '../../support/server.ts';
import { TABLE_BUNDLE } from '../../support/table-bundle.ts';

/** Stands for Vite: notes what it is asked for, and writes as little as will do. */
const VITE = `const { appendFileSync, mkdirSync, rmSync, writeFileSync } = require('node:fs');
const config = process.argv[4];
appendFileSync('asked', config + '\\n');
if (process.env.NODE_ENV !== 'production') throw new Error('a build for development');
const dashboard = config.startsWith('dashboard/');
if (dashboard) rmSync('dist', { recursive: true, force: true });
mkdirSync('dist', { recursive: true });
writeFileSync(dashboard ? 'dist/index.html' : 'dist/server.mjs', dashboard ? 'page\\n' : 'server\\n');
`;

let project: string;
beforeAll(async () => {
  project = await copyProject();
  const modules = join(project, 'node_modules');
  await rm(modules);
  await mkdir(join(modules, 'vite'), { recursive: true });
  for (const name of await readdir(join(import.meta.dirname, '../../../node_modules'))) {
    if (name !== 'vite') {
      await symlink(join(import.meta.dirname, '../../../node_modules', name), join(modules, name));
    }
  }
  await writeFile(join(modules, 'vite/package.json'), JSON.stringify({ bin: { vite: 'vite.js' } }));
  await writeFile(join(modules, 'vite/vite.js'), VITE);
});
afterAll(() => rm(project, { recursive: true, force: true }));
beforeEach(() => rm(join(project, 'asked'), { force: true }));

function build(...args: string[]) {
  const options = { cwd: project, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync(process.execPath, ['bin/offmanifold.js', 'build', ...args], options);
  return { status, stderr };
}

/** What was built since the test began. */
const asked = async () =>
  (await readFile(join(project, 'asked'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
const modelOf = async (folder: string) =>
  JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')).model_id;

const BOTH = ['dashboard/vite.config.ts', 'server/vite.config.ts'];

describe('the dashboard and the server are built once for each state of their sources', () => {
  test('the first time', async () => {
    const { status, stderr } = build('--model', TEST_BUNDLE);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^building the dashboard\n/);
    expect(await asked()).toEqual(BOTH);
  });

  test('not again, also for another model, whose bundle replaces that of the first', async () => {
    for (const model of [TEST_BUNDLE, TABLE_BUNDLE, TEST_BUNDLE]) {
      expect(build('--model', model).status).toBe(0);
      expect(await modelOf(join(project, 'dist/bundle'))).toBe(await modelOf(model));
    }
    expect(await asked()).toEqual([]);
  });

  test('again after a change of a source', async () => {
    await appendFile(join(project, 'dashboard/index.html'), '<!-- changed -->\n');
    build('--model', TABLE_BUNDLE);
    expect(await asked()).toEqual(BOTH);
  });

  test.each(['changed', 'removed', 'added'])('again after a file in dist/ was %s', async (how) => {
    const page = join(project, 'dist/index.html');
    if (how === 'changed') await appendFile(page, 'more');
    else if (how === 'removed') await rm(page);
    else await writeFile(join(project, 'dist/other.html'), '');
    build('--model', TABLE_BUNDLE);
    expect(await asked()).toEqual(BOTH);
    expect(await readFile(page, 'utf8')).toBe('page\n');
  });

  test('again for the API alone, and back', async () => {
    build('--model', TABLE_BUNDLE, '--api-only');
    expect(await asked()).toEqual(['server/vite.config.ts']);
    expect(await readdir(join(project, 'dist'))).not.toContain('index.html');
    build('--model', TABLE_BUNDLE);
    expect((await asked()).slice(1)).toEqual(BOTH);
  });

  test('again after a build that failed', async () => {
    const vite = join(project, 'node_modules/vite/vite.js');
    await appendFile(join(project, 'server/main.ts'), '\n');
    await writeFile(vite, VITE.replace('const dashboard', 'process.exit(3);\nconst dashboard'));
    expect(build('--model', TABLE_BUNDLE)).toMatchObject({ status: 1 });
    await writeFile(vite, VITE);
    await rm(join(project, 'asked'));
    build('--model', TABLE_BUNDLE);
    expect(await asked()).toEqual(BOTH);
  });
});

describe('a workerd of a server that was killed', () => {
  let orphan: ChildProcess;
  beforeAll(async () => {
    const program = join(project, 'workerd');
    await copyFile(spawnSync('sh', ['-c', 'command -v sleep'], { encoding: 'utf8' }).stdout.trim(), program);
    orphan = spawn(program, ['600'], { detached: true, stdio: 'ignore' });
    await once(orphan, 'spawn');
    await mkdir(join(project, '.wrangler'), { recursive: true });
    await writeFile(join(project, '.wrangler/worker'), String(orphan.pid));
  });
  afterAll(() => void orphan.kill('SIGKILL'));

  test('is named, and nothing is built while it serves', () => {
    const { pid } = orphan;
    const sentence = `offmanifold: a server of this folder was killed, and its workerd still runs, process ${pid}: end it with: kill ${pid}\n`;
    expect(build('--model', TABLE_BUNDLE)).toEqual({ status: 1, stderr: sentence });
    const args = ['bin/offmanifold.js', 'serve', '--model', TABLE_BUNDLE];
    const serve = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
    expect(serve.stderr).toBe(sentence);
  });

  test('is forgotten once it has ended', async () => {
    orphan.kill('SIGKILL');
    await once(orphan, 'close');
    expect(build('--model', TABLE_BUNDLE).status).toBe(0);
    expect(await readdir(join(project, '.wrangler'))).not.toContain('worker');
  });
});
