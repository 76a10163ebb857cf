#!/usr/bin/env node
// The program of the package: scripts/pack.ts puts it in the place of offmanifold.js, which runs the TypeScript of a clone.
import * as module from 'node:module';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`offmanifold: Node ${process.version} is too old: it needs Node 22.12 or later`);
  process.exitCode = 1;
} else {
  // In the folder for temporary files, or where NODE_COMPILE_CACHE says.
  module.enableCompileCache();
  await import('../training/cli.js');
}
