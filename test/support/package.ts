import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from './paths.ts';

/** The package, installed in a folder of its own, which has a space and a letter outside ASCII in its name. */
export interface Installed extends AsyncDisposable {
  readonly tarball: string;
  readonly folder: string;
  /** Runs a program in the folder; `npx` finds the package's own. */
  run(program: string, ...args: string[]): Promise<Ended>;
  /** Installs more packages there. */
  add(...packages: string[]): Promise<void>;
  /** Serves on a port until it is stopped, once it answers there. */
  serve(port: number, ...args: string[]): Promise<AsyncDisposable>;
}

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Packs the project and installs the tarball as the README says, beside the sources of the example project. */
export async function installPackage(): Promise<Installed> {
  const root = await mkdtemp(join(tmpdir(), 'offmanifold-package-'));
  const folder = join(root, 'my pümps');
  await cp(join(ROOT, 'docs/examples/project'), folder, { recursive: true });
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const run: Installed['run'] = (program, ...args) =>
    promisify(execFile)(program, args, { cwd: folder, env, maxBuffer: 2 ** 26 }).then(
      ({ stdout: out, stderr: error }) => ({ code: 0, out, error }),
      ({ code, stdout: out, stderr: error }) => ({ code, out, error }),
    );
  const succeed = async (program: string, ...args: string[]) => {
    const ended = await run(program, ...args);
    if (ended.code !== 0)
      throw new Error(`${program} ${args.join(' ')} ended with ${ended.code}:\n${ended.error}`);
    return ended.out;
  };
  const add = async (...packages: string[]) => {
    await succeed(
      'npm',
      'install',
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      ...packages,
    );
  };
  const name = (await succeed(process.execPath, join(ROOT, 'scripts/pack.ts'), root))
    .trim()
    .split('\n')
    .at(-1)!;
  const tarball = join(root, name);
  await add(tarball);
  const serve: Installed['serve'] = async (port, ...args) => {
    const words = ['offmanifold', 'serve', '--port', String(port), ...args];
    const child = spawn('npx', words, {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (data) => (said += data));
    while (!said.includes('Ctrl-C stops')) {
      if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}:\n${said}`);
      await sleep(20);
    }
    return {
      async [Symbol.asyncDispose]() {
        // Ctrl-C, as the terminal sends it: to the whole process group.
        process.kill(-child.pid!, 'SIGINT');
        while (child.exitCode === null && child.signalCode === null) await sleep(20);
      },
    };
  };
  return {
    tarball,
    folder,
    run,
    add,
    serve,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** The number and the megabytes of the files in a folder. */
export async function measureFolder(folder: string): Promise<{ files: number; mb: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return { files: paths.length, mb: sizes.reduce((sum, size) => sum + size, 0) / 1e6 };
}
