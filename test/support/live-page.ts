import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { serveStatic } from './static.ts';

const root = fileURLToPath(new URL('../../docs/examples/live', import.meta.url));

/** The page of docs/examples/live, built and served twice: isolated, so that workers share memory, and as most hosts do. */
export interface LivePage extends AsyncDisposable {
  readonly isolated: string;
  readonly plain: string;
}

/** Builds the page and serves it on 127.0.0.1. */
export async function serveLivePage(): Promise<LivePage> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-live-'));
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
  });
  const isolated = await serveStatic(folder, '/', {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  const plain = await serveStatic(folder, '/');
  return {
    isolated: isolated.url,
    plain: plain.url,
    async [Symbol.asyncDispose]() {
      await Promise.all([isolated.stop(), plain.stop()]);
      await rm(folder, { recursive: true });
    },
  };
}
