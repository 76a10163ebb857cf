#!/usr/bin/env node
// The program of the package: scripts/pack.ts puts it in the place of offmanifold.js, which runs the TypeScript of a clone.
import * as module from 'node:module';

const { explainNode } = await import('../bundle/node/version.js');
const problem = explainNode();
if (problem !== undefined) {
  console.error(`offmanifold: ${problem}`);
  process.exitCode = 1;
} else {
  // In the folder for temporary files, or where NODE_COMPILE_CACHE says.
  module.enableCompileCache();
  await import('../training/cli.js');
}
