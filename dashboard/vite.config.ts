import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;

/**
 * Settings of the development server (`vite dev`), from the environment. A built site needs neither.
 *
 * OFFMANIFOLD_MODEL  the bundle's folder, as for the command line; by default `models/mnist`
 * OFFMANIFOLD_API    the address of a running API; by default http://127.0.0.1:8787, where `npm start` serves
 */
const bundle = resolve(process.env.OFFMANIFOLD_MODEL ?? resolve(root, '../models/mnist'));
const api = process.env.OFFMANIFOLD_API ?? 'http://127.0.0.1:8787';

/** Serves a bundle's folder at `/bundle/` in development. A built site has it as static files. */
function serveBundle(folder: string): Plugin {
  return {
    name: 'serve-bundle',
    configureServer(server) {
      server.middlewares.use('/bundle', async (request, response) => {
        const name = basename(new URL(request.url ?? '/', 'http://local').pathname);
        const bytes = await readFile(resolve(folder, name)).catch(() => undefined);
        response.statusCode = bytes ? 200 : 404;
        response.end(bytes);
      });
    },
  };
}

/** Swagger UI's text in the two weights that every font has; for others, some systems take another face. */
function regularOrBold(): Plugin {
  return {
    name: 'regular-or-bold',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('swagger-ui-dist') || !/\.css/.test(id)) return undefined;
      return code.replace(/font-weight:\s*(\d00)/g, (_, weight) => `font-weight:${weight > 500 ? 700 : 400}`);
    },
  };
}

/** Where a build puts the service worker: its folder is what it may answer for. */
const SERVICE_WORKER = 'service-worker.js';

/** What a page without a connection does not need, or what is too large to keep: the API's page, and onnxruntime-web. */
const NOT_KEPT = /^assets\/(docs|ort)[-.]/;

/** Tells the service worker which files to keep. */
function listAssets(): Plugin {
  return {
    name: 'list-assets',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[SERVICE_WORKER];
        if (worker?.type !== 'chunk') throw new Error(`the build has no ${SERVICE_WORKER}`);
        const assets = Object.keys(bundle).filter(
          (name) => name.startsWith('assets/') && !NOT_KEPT.test(name),
        );
        const version = createHash('sha256').update(assets.sort().join('\n')).digest('hex').slice(0, 16);
        worker.code = worker.code
          .replace('__ASSETS__', () => JSON.stringify(assets))
          .replace('__VERSION__', () => JSON.stringify(version));
      },
    },
  };
}

export default defineConfig({
  root,
  base: './',
  plugins: [regularOrBold(), svelte(), serveBundle(bundle), listAssets()],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: {
        index: resolve(root, 'index.html'),
        docs: resolve(root, 'docs/index.html'),
        'service-worker': resolve(root, 'service-worker.ts'),
      },
      output: {
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? SERVICE_WORKER : 'assets/[name]-[hash].js',
      },
    },
  },
  worker: { format: 'es' },
  optimizeDeps: {
    exclude: ['onnxruntime-web'],
    // What is imported on demand or in the worker: found late, it would reload the page under the user's hands.
    include: ['d3-contour', 'hyparquet', 'hyparquet-compressors', 'hyparquet-writer', 'zod'],
  },
  server: { host: '127.0.0.1', proxy: { '/api': api } },
});
