import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../console/progress.ts';
import { INSTALLED, PROGRAM, PROJECT } from './paths.ts';

const WRANGLER_FILES = ['wrangler.toml', 'wrangler.json', 'wrangler.jsonc'];

/** What a project has that does not belong into a repository. */
const IGNORED = ['node_modules/', 'models/', 'dist/', '.wrangler/', '.dev.vars*'];

/** Writes the `wrangler.toml` and `.gitignore` of a project that uses the package, unless they are there. A clone has its own. */
export async function writeProjectFiles(worker: string, progress: Progress): Promise<void> {
  if (!INSTALLED) return;
  if (!WRANGLER_FILES.some((name) => existsSync(join(PROJECT, name)))) {
    await writeFile(join(PROJECT, 'wrangler.toml'), await wranglerToml(worker), { flag: 'wx' });
    progress.line('Wrote wrangler.toml, which says how the Worker is served and deployed');
  }
  const ignore = join(PROJECT, '.gitignore');
  if (!existsSync(ignore)) {
    await writeFile(ignore, `${IGNORED.join('\n')}\n`, { flag: 'wx' });
    progress.line('Wrote .gitignore');
  }
}

/** The repository's own configuration of the Worker, for a project. */
async function wranglerToml(worker: string): Promise<string> {
  const text = await readFile(join(PROGRAM, 'wrangler.toml'), 'utf8');
  return text
    .replace(/^name = .*$/m, `name = "${worker}"`)
    .replace(/^command = .*$/m, 'command = "npx offmanifold build"')
    .replace(/^main = .*$/m, '$&  # for routes of your own beside those of the API, see docs/package.md');
}
