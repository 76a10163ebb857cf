import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

/** The files in folders of `root`, and the files that are named themselves, in order. Paths are relative to `root`. */
function* listFiles(root: string, paths: readonly string[], excluded: readonly string[]): Generator<string> {
  for (const path of paths) {
    if (excluded.includes(path)) continue;
    const names = statSync(join(root, path)).isDirectory() ? readdirSync(join(root, path)).sort() : undefined;
    if (names)
      yield* listFiles(
        root,
        names.map((name) => posix.join(path, name)),
        excluded,
      );
    else yield path;
  }
}

/** SHA-256 over the names and bytes of files and folders, in hexadecimal. */
export function hashContents(
  root: string,
  paths: readonly string[],
  excluded: readonly string[] = [],
): string {
  const hash = createHash('sha256');
  for (const path of listFiles(root, paths, excluded)) {
    const bytes = readFileSync(join(root, path));
    hash.update(`\n${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/** SHA-256 over the names, sizes and times of files and folders, in hexadecimal: quicker than over what they hold. */
export function hashTimes(root: string, paths: readonly string[], excluded: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const path of listFiles(root, paths, excluded)) {
    const { size, mtimeNs } = statSync(join(root, path), { bigint: true });
    hash.update(`\n${path} ${size} ${mtimeNs}`);
  }
  return hash.digest('hex');
}
