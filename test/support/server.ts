import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_MODEL } from '../../training/cli/options.ts';
import { SOURCES } from '../../training/commands/programs.ts';
import { cacheKey, makeOnce } from './cache.ts';
import { CACHE, ROOT, TEST_BUNDLE } from './paths.ts';

/** What no command needs. The peers of the benchmarks are packages, some thousand files. */
const LEFT_OUT = new Set(['bench', 'dist', 'models', 'node_modules', 'package', 'test', '.git', '.wrangler']);

const run = promisify(execFile);

/** A copy of the project in a folder of its own, so that building and serving it touches nothing else. */
export async function copyProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-test-'));
  for (const name of await readdir(ROOT)) {
    if (!LEFT_OUT.has(name)) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** The same, with the dashboard and the server built. */
export async function copyBuiltProject(): Promise<string> {
  const [folder, programs] = await Promise.all([copyProject(), builtPrograms()]);
  // With the times of the files to the nanosecond, by which a build knows that it is there.
  await run('cp', ['-a', `${programs}/.`, folder]);
  return folder;
}

/** `dist/` without a bundle, and the note from which it was built. Built once for each state of the sources. */
export async function builtPrograms(): Promise<string> {
  const folder = `${CACHE}/programs/${cacheKey(ROOT, SOURCES, [])}`;
  await makeOnce(folder, async (part) => {
    const project = await copyProject();
    // Any bundle will do, as it is left out: benchmarks do without that of the tests.
    const model = existsSync(TEST_BUNDLE) ? TEST_BUNDLE : join(ROOT, DEFAULT_MODEL);
    const args = ['bin/offmanifold.js', 'build', '--model', model];
    await run(process.execPath, args, { cwd: project });
    await rm(join(project, 'dist/bundle'), { recursive: true });
    await run('cp', ['-a', join(project, 'dist'), join(project, '.wrangler'), part]);
    await rm(project, { recursive: true });
  });
  return folder;
}

/** Serves a bundle of the tests as a user would, with `offmanifold serve`, on a free port of 127.0.0.1. */
export async function startServer(model = TEST_BUNDLE): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await copyBuiltProject();
  const port = await freePort();
  const args = ['training/cli.ts', 'serve', '--model', model, '--port', String(port)];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGINT');
      await once(child, 'close');
    }
    await rm(folder, { recursive: true, force: true });
  };
  let output = '';
  const ready = new Promise<void>((done, fail) => {
    child.stderr.on('data', (data) => {
      output += data;
      if (output.includes('Ctrl-C stops')) done();
    });
    child.on('close', (code) => fail(new Error(`serve ended with ${code}:\n${output}`)));
  });
  try {
    await ready;
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}

/**
 * A port that nothing listens on. It is below those that a system gives to connections and to who asks for any port, so
 * that nobody takes it before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(12_000 * Math.random());
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
