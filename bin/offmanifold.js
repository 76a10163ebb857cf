#!/usr/bin/env node
// The only file in plain JavaScript: Node loads its TypeScript compiler for the file that it is started with, which
// takes longer than all the rest of `--help`. What it compiles from here on is cached, so the next start needs none.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/offmanifold/compiled', import.meta.url)));
await import('../training/cli.ts');
