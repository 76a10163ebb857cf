import { type ExecFileException, execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The path of a file in this folder. */
export const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Runs a script in this folder and parses the JSON that it prints. Throws an Error with the last line of standard
 * error if the script fails, and stops it after `seconds`.
 */
export async function runScript<Answer>(
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

/** The first Python 3 that can import the modules: the one on the PATH, or else the system's. */
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

/** The same number of threads as onnxruntime has in training; OpenBLAS chooses its kernels itself. */
function environment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...rest } = process.env;
  const threads = String(availableParallelism());
  return { ...rest, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads, PYTHONDONTWRITEBYTECODE: '1' };
}
