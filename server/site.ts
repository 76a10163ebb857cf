import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { etag } from 'hono/etag';
import { createMiddleware } from 'hono/factory';
import * as z from 'zod';
import { UserError } from '../bundle/error.ts';
import type { AnyManifest } from '../bundle/map-bundle.ts';
import { MODELS_FILE } from '../bundle/models.ts';
import { openAnyFolder } from '../bundle/node/folder.ts';
import { readHeaders } from './headers.ts';

/** What Cloudflare says about a file for which `_headers` says nothing. */
const REVALIDATE = 'public, max-age=0, must-revalidate';

/** The folder that `offmanifold build` made: the dashboard, and which of its files are not served. */
export interface Site {
  readonly folder: string;
  readonly hidden: readonly string[];
}

/** Opens the folder of a built site; undefined if it was built for the API alone. Throws a {@link UserError} if there is none. */
export async function openSite(folder: string): Promise<Site | undefined> {
  const text = await readFile(join(folder, '.assetsignore'), 'utf8').catch(() => {
    throw new UserError(`${folder} holds no dashboard: run npx offmanifold build, or add --api-only`);
  });
  const hidden = text.split('\n').filter((line) => line !== '');
  return hidden.includes('*') ? undefined : { folder, hidden };
}

/** The models of a built site besides the first one. Throws a UserError if one is damaged. */
export async function openBeside(bundle: string, { folder }: Site): Promise<AnyManifest[]> {
  const [, ...names] = await readModels(join(folder, MODELS_FILE));
  const opened = names.map((name) => openAnyFolder(join(bundle, 'models', name)));
  return (await Promise.all(opened)).map(({ manifest }) => manifest);
}

/** The names in a site's list of models; none if there is no list, as for one model. */
async function readModels(path: string): Promise<string[]> {
  try {
    return z.array(z.string()).parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new UserError(`${path} cannot be read as a list of models: run npx offmanifold build again`);
  }
}

type Served = Pick<AnyManifest, 'name' | 'model_id' | 'files'>;

/**
 * Serves the dashboard, and the files of the bundles in a folder below `/bundle/`, with the headers that Cloudflare gives them.
 * The API answers all other paths.
 */
export async function addSite(
  api: Pick<Hono, 'fetch'>,
  { folder, hidden }: Site,
  bundle: string,
  [first, ...beside]: readonly [Served, ...Served[]],
) {
  const headersOf = readHeaders(await readFile(join(folder, '_headers'), 'utf8'));

  /** Serves the files of a folder that have a tag: what changes with their bytes, or '' to have it computed. */
  const serveFiles = (root: string, start: string, tagOf: (name: string) => string | undefined) => {
    const read = serveStatic({ root, rewriteRequestPath: (path) => path.slice(start.length - 1) });
    return createMiddleware(async (c, next) => {
      const { path } = c.req;
      const tag = tagOf(path.slice(start.length));
      const response = tag !== undefined && (await read(c, async () => {}));
      if (!response) return next();
      if (tag) response.headers.set('ETag', `"${tag}"`);
      response.headers.set('Cache-Control', REVALIDATE);
      for (const [name, value] of headersOf(path)) response.headers.set(name, value);
      return response;
    });
  };

  const tagsOf = ({ files }: Served, folder = ''): [string, string][] => [
    // It says when it was made, too, which is no part of the id.
    [`${folder}manifest.json`, ''],
    ...files.map(({ name, sha256 }): [string, string] => [`${folder}${name}`, sha256]),
  ];
  const tags = new Map(
    [first, ...beside].flatMap((one, i) => tagsOf(one, i > 0 ? `models/${one.name}/` : '')),
  );
  const notServed = new Set(['_headers', ...hidden]);
  const ask = (c: Context) => api.fetch(c.req.raw, c.env);
  const app = new Hono();
  app.all('/api/*', ask);
  app.get('/docs', (c) => c.redirect('/docs/', 307));
  app.use(etag());
  if (beside.length === 0)
    app.get(`/${MODELS_FILE}`, (c) => c.json([], 200, { 'Cache-Control': REVALIDATE }));
  app.get(
    '/bundle/*',
    serveFiles(bundle, '/bundle/', (name) => tags.get(name)),
  );
  app.get(
    '*',
    serveFiles(folder, '/', (name) => (notServed.has(name) || name.startsWith('bundle/') ? undefined : '')),
  );
  app.all('*', ask);
  return app;
}
