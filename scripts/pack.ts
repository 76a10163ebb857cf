import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE_VERSIONS } from '../bundle/node/version.ts';
import packageJson from '../package.json' with { type: 'json' };

// Makes the npm package of this repository: the folder package/, and its tarball in the folder that is named, or here.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'package');
/** What `offmanifold build` copies to `dist/`. */
const PREBUILT = join(OUT, 'prebuilt');

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, {
    cwd: ROOT,
    // As for a build in a clone, see training/commands/programs.ts.
    env: { ...process.env, NODE_ENV: 'production' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
const tool = (name: string, ...args: string[]): string =>
  run(process.execPath, join(ROOT, 'node_modules/.bin', name), ...args);

rmSync(OUT, { recursive: true, force: true });
tool('tsc', '-p', 'tsconfig.package.json');
// tsc rewrites imports, but not the addresses of workers.
const threads = join(OUT, 'tsne/threads.js');
writeFileSync(threads, readFileSync(threads, 'utf8').replaceAll("'./worker.ts'", "'./worker.js'"));
for (const part of ['dashboard', 'server']) {
  tool('vite', 'build', '--config', `${part}/vite.config.ts`, '--outDir', PREBUILT, '--logLevel', 'warn');
}

// The build takes it from onnxruntime-web where that is installed.
const assets = join(PREBUILT, 'assets');
for (const name of readdirSync(assets)) {
  if (/^ort-.*\.wasm$/.test(name)) writeFileSync(join(assets, name), '');
}

const copy = (from: string, to = from) => cpSync(join(ROOT, from), join(OUT, to), { recursive: true });
for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'wrangler.toml', 'kernels/build', 'docs'])
  copy(name);
copy('bin/installed.js', 'bin/offmanifold.js');

/** The exports of the repository, compiled. */
const compiled = Object.entries(packageJson.exports).map(([name, target]) => {
  const source = typeof target === 'string' ? target : target.types.replace('/build', '');
  const path = source.replace(/(\.d)?\.ts$/, '');
  return [name, { types: `${path}.d.ts`, default: `${path}.js` }] as const;
});
const { private: _, scripts, devDependencies, allowScripts, overrides, exports, ...described } = packageJson;
const manifest = {
  ...described,
  engines: { node: NODE_VERSIONS },
  exports: { ...Object.fromEntries(compiled), './package.json': './package.json' },
  files: readdirSync(OUT).filter((name) => name !== 'package.json'),
};
writeFileSync(join(OUT, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(run('npm', 'pack', OUT, '--silent', '--pack-destination', process.argv[2] ?? ROOT).trim());
