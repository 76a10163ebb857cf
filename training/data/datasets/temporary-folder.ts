import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folders that are in use: removed when the process exits before they are disposed of. */
const inUse = new Set<string>();

function removeAll(): void {
  for (const path of inUse) rmSync(path, { recursive: true, force: true });
}

/** A folder for temporary files, with a random name in the system's folder for them. Disposing of it removes it. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  /** The name starts with `prefix`. */
  static async create(prefix: string): Promise<TemporaryFolder> {
    return new TemporaryFolder(await mkdtemp(join(tmpdir(), prefix)));
  }

  private constructor(path: string) {
    this.path = path;
    if (inUse.size === 0) process.once('exit', removeAll);
    inUse.add(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    inUse.delete(this.path);
    if (inUse.size === 0) process.off('exit', removeAll);
  }
}
