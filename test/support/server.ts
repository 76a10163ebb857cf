import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, TEST_BUNDLE } from './paths.ts';

const LEFT_OUT = new Set(['node_modules', 'models', 'dist', 'package', '.git', '.wrangler']);

/** A copy of the project in a folder of its own, so that building and serving it touches nothing else. */
export async function copyProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-test-'));
  for (const name of await readdir(ROOT)) {
    if (!LEFT_OUT.has(name)) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Serves a bundle of the tests as a user would, with `offmanifold serve`, on a free port of 127.0.0.1. */
export async function startServer(model = TEST_BUNDLE): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await copyProject();
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

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
