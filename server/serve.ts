import { once } from 'node:events';
import { join } from 'node:path';
import { isMap } from '../bundle/files.ts';
import { folderSource, naming, noApiError, openAnyFolder } from '../bundle/node/folder.ts';
import { NODE_ENGINES } from '../bundle/scorer.ts';
import { createApp } from '../functions/app.ts';
import type { Settings } from '../functions/http/settings.ts';
import { createMapApp } from '../functions/map-app.ts';
import { openModel } from '../functions/model/model.ts';
import { rehearse } from '../functions/routes/score.ts';
import kernels from '../kernels/build/inference-relaxed.wasm';
import { loadEngine } from './engines.ts';
import { close, listen, urlOf } from './http.ts';
import { type Options, readEnvironment, UsageError } from './options.ts';
import { addSite, openBeside, openSite } from './site.ts';

/** The folder of the built site: this file is bundled into it. */
const DIST = import.meta.dirname;

/**
 * Serves the API and the site until the process is told to stop. It writes no file. Throws a UserError if it
 * cannot start: the model is damaged, a variable is wrong, the port is taken.
 */
export async function serve(options: Options, environment: NodeJS.ProcessEnv): Promise<void> {
  // From now on: the first process of a container is not stopped by a signal that it does not listen for.
  const told = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const settings = readEnvironment(environment);
  const site = options['api-only'] ? undefined : await openSite(DIST);
  const folder = options.model ?? join(DIST, 'bundle');
  const bundle = await openAnyFolder(folder);
  const { manifest } = bundle;
  if (isMap(bundle) && !site) throw noApiError(bundle.manifest);
  if (isMap(bundle) && options.engine) {
    throw new UsageError(`--engine is for a model, and ${folder} is a map without one: leave it out`);
  }
  const { api, engine } = isMap(bundle)
    ? { api: createMapApp(bundle.manifest), engine: undefined }
    : await openApi(folder, options, { ...settings, showData: site !== undefined });
  // A model that is named is served alone.
  const beside = site && options.model === undefined ? await openBeside(folder, site) : [];
  const app = site ? await addSite(api, site, folder, [manifest, ...beside]) : api;
  const server = await listen(app, options.host, options.port);
  const what = engine === undefined ? 'a map without a model' : `${site ? '' : 'API only, '}engine ${engine}`;
  say(`serving ${manifest.name} at ${urlOf(server)} (${what})`);
  if (isMap(bundle)) say('anyone who reaches this address can read the map');
  else if (settings.keys.length === 0)
    say('anyone who reaches this address can call the API: API_KEYS is not set');
  else if (site)
    say(
      'API_KEYS protects the API only: anyone who reaches this address can read the dashboard and /bundle/*, and the model with it; --api-only serves neither',
    );
  await told;
  say('stopping after the requests in progress');
  await close(server);
}

/** Opens the model in a folder, and the API for it. */
async function openApi(folder: string, options: Options, settings: Settings) {
  const model = openModel(folderSource(folder), await loadEngine(options.engine ?? NODE_ENGINES[0]), kernels);
  // What is damaged shows now, and the first request waits for nothing.
  await naming(folder, () => rehearse(model));
  const { name } = await model.engine();
  return { api: createApp(model, settings), engine: name };
}

const say = (text: string): void => console.error(`offmanifold: ${text}`);
