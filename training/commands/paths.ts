import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether this is the installed package, compiled to JavaScript, and not a clone of the repository. */
export const INSTALLED = !import.meta.url.endsWith('.ts');

/** The program's own folder. Nothing is written there once it is installed. */
export const PROGRAM = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of the documentation, as messages name it. */
export const DOCS = INSTALLED ? 'node_modules/offmanifold/docs' : 'docs';

/** The user's folder: `wrangler.toml`, `models/`, `dist/`, `.wrangler/`. A clone is its own project, wherever it is called from. */
export const PROJECT = INSTALLED ? process.cwd() : PROGRAM;

/** What `build` makes and a deployment uploads. */
export const DIST = join(PROJECT, 'dist');
