#!/usr/bin/env node
// The program of the package: scripts/pack.ts puts it in the place of offmanifold.js, which runs the TypeScript of a clone.
import * as module from 'node:module';

const OLDEST = 22;

if (Number.parseInt(process.versions.node, 10) < OLDEST) {
  console.error(`offmanifold: Node ${process.version} is too old: it needs Node ${OLDEST} or later`);
  process.exitCode = 1;
} else {
  // In the folder for temporary files, or where NODE_COMPILE_CACHE says.
  module.enableCompileCache();
  await import('../training/cli.js');
}
