#!/usr/bin/env node
// In plain JavaScript: Node loads its TypeScript compiler for the file that it is started with, which
// takes longer than all the rest of `--help`. What it compiles from here on is cached, so the next start needs none.
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';

if (process.features.typescript) {
  const cache = new URL('../node_modules/.cache/offmanifold/compiled', import.meta.url);
  module.enableCompileCache(fileURLToPath(cache));
  await import('../training/cli.ts');
} else {
  // Only inside the clone does npx put the Node of node_modules first.
  const [clone, node, file] = ['..', '../node_modules/.bin/node', 'offmanifold.js'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  console.error(
    `offmanifold: Node ${process.version} does not run TypeScript: call npx offmanifold inside ${clone}, or ${node} ${file} elsewhere`,
  );
  process.exitCode = 1;
}
