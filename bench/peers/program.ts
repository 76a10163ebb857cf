import { type ExecFileException, execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Where a file of this folder is. */
export const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * What a script of this folder prints, as JSON. Throws an Error with the last line of its complaint if it fails, and
 * stops it if there is no answer within so many seconds.
 */
export async function answerOf<Answer>(
  program: string,
  [file, ...args]: readonly [string, ...string[]],
  seconds: number,
): Promise<Answer> {
  try {
    const { stdout } = await execute(program, [path(file), ...args], seconds);
    return JSON.parse(stdout);
  } catch (error) {
    const { killed, stderr } = error as ExecFileException;
    if (killed) throw new Error(`no answer within ${seconds} s`);
    throw new Error(stderr?.trim().split('\n').at(-1) || (error as Error).message);
  }
}

/** The first Python 3 that can import the modules: the one of the PATH, or else the system's. */
export async function pythonWith(modules: string): Promise<string | undefined> {
  for (const python of ['python3', '/usr/bin/python3']) {
    try {
      await execute(python, ['-c', `import ${modules}`], 60);
      return python;
    } catch {
      // another may have them
    }
  }
  return undefined;
}

const execute = (program: string, args: string[], seconds: number) =>
  promisify(execFile)(program, args, { timeout: seconds * 1000, killSignal: 'SIGKILL', env: environment() });

/** As many threads as onnxruntime has in training, and of OpenBLAS's kernels those that it finds best itself. */
function environment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...rest } = process.env;
  const threads = String(availableParallelism());
  return { ...rest, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads, PYTHONDONTWRITEBYTECODE: '1' };
}
