import { once } from 'node:events';
import { join } from 'node:path';
import { folderSource, naming, openFolder } from '../bundle/node/folder.ts';
import { createApp } from '../functions/app.ts';
import { openModel } from '../functions/model/model.ts';
import { rehearse } from '../functions/routes/score.ts';
import kernels from '../kernels/build/inference-relaxed.wasm';
import { loadEngine } from './engines.ts';
import { close, listen, urlOf } from './http.ts';
import { type Options, readEnvironment } from './options.ts';
import { addSite, openSite } from './site.ts';

/** The folder of the built site: this file is bundled into it. */
const DIST = import.meta.dirname;

/**
 * Serves the API and the site until the process is told to stop. It writes no file. Throws a {@link UserError} if it
 * cannot start: the model is damaged, a variable is wrong, the port is taken.
 */
export async function serve(options: Options, environment: NodeJS.ProcessEnv): Promise<void> {
  // From now on: the first process of a container is not stopped by a signal that it does not listen for.
  const told = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const settings = readEnvironment(environment);
  const site = options['api-only'] ? undefined : await openSite(DIST);
  const folder = options.model ?? join(DIST, 'bundle');
  const { manifest } = await openFolder(folder);
  const model = openModel(folderSource(folder), await loadEngine(options.engine), kernels);
  // What is damaged shows now, and the first request waits for nothing.
  await naming(folder, () => rehearse(model));
  const api = createApp(model, { ...settings, showData: site !== undefined });
  const app = site ? await addSite(api, site, folder, manifest) : api;
  const server = await listen(app, options.host, options.port);
  const { name } = await model.engine();
  say(`serving ${manifest.name} at ${urlOf(server)} (${site ? '' : 'API only, '}engine ${name})`);
  if (settings.keys.length === 0)
    say('anyone who reaches this address can call the API: API_KEYS is not set');
  else if (site)
    say(
      'API_KEYS protects the API only: anyone who reaches this address can read the dashboard and /bundle/*, and the model with it; --api-only serves neither',
    );
  await told;
  say('stopping after the requests in progress');
  await close(server);
}

const say = (text: string): void => console.error(`offmanifold: ${text}`);
