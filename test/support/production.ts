import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { TEST_BUNDLE } from './paths.ts';
import { builtPrograms } from './server.ts';

/** Serves a bundle of the tests with the server that `offmanifold build` makes, which starts sooner than a Worker. */
export const serveBundle = async (model = TEST_BUNDLE): Promise<ProductionServer> =>
  startProduction(await builtPrograms(), ['dist/server.mjs', '--model', model, '--port', '0']);

/** A server for production that runs as a process. */
export interface ProductionServer {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has said so far. */
  said(): string;
  /** Tells it to stop; returns its exit code. */
  stop(): Promise<number | null>;
}

/** Starts Node with these arguments in a folder, and waits until it serves. */
export async function startProduction(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<ProductionServer> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  const closed = once(child, 'close') as Promise<[number | null]>;
  const url = await new Promise<string>((done, fail) => {
    child.stderr.on('data', (data) => {
      said += data;
      const [, found] = / at (http:\S+) \(/.exec(said) ?? [];
      if (found !== undefined) done(found);
    });
    void closed.then(([code]) => fail(new Error(`the server ended with ${code}:\n${said}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    return (await closed)[0];
  };
  return { url, child, said: () => said, stop };
}
