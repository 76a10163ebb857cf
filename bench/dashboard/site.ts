import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startServer } from '../../test/support/server.ts';
import { DEFAULT_MODEL } from '../../training/cli/options.ts';
import { autoencoder, train } from '../../training/index.ts';

/** How long a page may take on a busy machine, in milliseconds. */
export const PATIENCE_MS = 120_000;

/** A model that `offmanifold serve` serves with its dashboard, until it is stopped. */
export interface Site {
  readonly url: string;
  stop(): Promise<void>;
}

/** The site of models/mnist, which `npm start` makes. */
export const serveDigits = (): Promise<Site> => startServer(resolve(DEFAULT_MODEL));

/** The site of a small model of the table of the README. */
export const serveTable = (): Promise<Site> =>
  serveTrained(
    'pumps',
    (folder) => {
      const example = new URL('../../docs/examples/pumps.mjs', import.meta.url).pathname;
      execFileSync(process.execPath, [example], { cwd: folder, stdio: 'ignore' });
    },
    { label: 'fault', epochs: 3, iterations: 250, seed: 5 },
  );

/** The site of a model that is trained on `NAME.csv`, which `make` writes into a folder. The folder goes with the site. */
export async function serveTrained(
  name: string,
  make: (folder: string) => void | Promise<void>,
  options: Parameters<typeof autoencoder>[0],
): Promise<Site & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-bench-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await make(folder);
    const model = join(folder, name);
    await train(autoencoder(options), join(folder, `${name}.csv`), { out: model });
    const site = await startServer(model);
    return { folder, url: site.url, stop: () => site.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
