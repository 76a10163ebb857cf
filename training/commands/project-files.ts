import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../console/progress.ts';
import { INSTALLED, PROGRAM, PROJECT } from './paths.ts';

const WRANGLER_FILES = ['wrangler.toml', 'wrangler.json', 'wrangler.jsonc'];

/**
 * Writes the `wrangler.toml` of a project that uses the package, from that of the repository, unless the project has one. A
 * clone has its own.
 */
export async function writeWranglerToml(worker: string, progress: Progress): Promise<void> {
  if (!INSTALLED || WRANGLER_FILES.some((name) => existsSync(join(PROJECT, name)))) return;
  const text = (await readFile(join(PROGRAM, 'wrangler.toml'), 'utf8'))
    .replace(/^name = .*$/m, `name = "${worker}"`)
    .replace(
      /^main = .*$/m,
      '# For routes of your own beside those of the API, see node_modules/offmanifold/docs/package.md.\n$&',
    )
    .replace(/^command = .*$/m, 'command = "npx offmanifold build"');
  await writeFile(join(PROJECT, 'wrangler.toml'), text, { flag: 'wx' });
  progress.line('Wrote wrangler.toml, the configuration of the Worker');
}

/** What a project has that does not belong in its repository. */
const IGNORED = ['node_modules/', 'models/', 'dist/', '.wrangler/', '.dev.vars*'];

/** Writes the `.gitignore` of a project that uses the package; says what is missing in one that is there. */
export async function writeGitignore(progress: Progress): Promise<void> {
  if (!INSTALLED) return;
  const path = join(PROJECT, '.gitignore');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    await writeFile(path, `${IGNORED.join('\n')}\n`, { flag: 'wx' });
    progress.line('Wrote .gitignore');
    return;
  }
  const bare = (line: string) => line.trim().replace(/^\/|\/$/g, '');
  const present = new Set(text.split('\n').map(bare));
  const missing = IGNORED.filter((line) => !present.has(bare(line)));
  if (missing.length > 0) progress.line(`You may want to add to .gitignore: ${missing.join(' ')}`);
}
