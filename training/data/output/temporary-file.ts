import { rmSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** A temporary file next to the one that it will become. It is removed unless it is committed. */
export interface TemporaryFile extends AsyncDisposable {
  readonly path: string;
  /** Renames the file to its final name, in place of a file that is there. */
  commit(): Promise<void>;
}

/** Reserves a temporary file for `target`. It is also removed when the process exits, unless that is killed. */
export function reserveTemporaryFile(target: string): TemporaryFile {
  const root = resolve(target);
  const path = join(dirname(root), `.${basename(root)}.${process.pid}.partial`);
  const removeOnExit = () => rmSync(path, { force: true });
  process.on('exit', removeOnExit);
  return {
    path,
    async commit() {
      await rename(path, root);
      process.off('exit', removeOnExit);
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { force: true });
      process.off('exit', removeOnExit);
    },
  };
}
