#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { BundleError } from '../bundle/error.ts';
import { isTaken, verifyFolder } from '../bundle/folder.ts';
import { DivergenceError } from './autoencoder/train.ts';
import { assertNotServed, build, ToolError } from './commands/build.ts';
import { remap } from './commands/map.ts';
import { withMap, withModel, withServer, withThreads, withTraining } from './commands/options.ts';
import { assertFree, PortError, serve } from './commands/serve.ts';
import { train } from './commands/train.ts';
import { DataError } from './data/error.ts';
import { DEFAULTS } from './pipeline.ts';

const { version, description } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const program = new Command('offmanifold')
  .description(description)
  .version(version)
  .showHelpAfterError('(--help shows what is accepted)');

withTraining(program.command('train'))
  .description('train the autoencoder on MNIST, make the map, and write the bundle')
  .option(
    '--out <folder>',
    'where the bundle goes; an older one there is replaced when the new one is whole',
    DEFAULTS.out,
  )
  .action(async ({ out, ...flags }) => void (await train(out, flags)));

withModel(withMap(withThreads(program.command('map'))))
  .description('make the t-SNE map of a bundle anew, with other settings')
  .action(async ({ model, ...flags }) => void (await remap(model, flags)));

withServer(withModel(program.command('serve')))
  .description('serve API and dashboard of a bundle on this machine')
  .action(async ({ model, port }) => serve(model, { port }));

withServer(withTraining(withModel(program.command('start'))))
  .description('train if there is no bundle yet, then serve it: what `npm start` does')
  .option('--retrain', 'train even if there is a bundle')
  .action(async ({ model, port, retrain, ...flags }) => {
    await assertNotServed();
    await assertFree(port);
    if (retrain || !(await isTaken(model))) await train(model, flags);
    await serve(model, { port });
  });

withModel(program.command('build'))
  .description('build dist/, what is deployed: the dashboard and the bundle')
  .action(async ({ model }) => {
    await build(model);
    console.error(`dist/ holds the dashboard and ${model}`);
  });

withModel(program.command('inspect'))
  .description('check every file of a bundle and print its manifest as JSON')
  .action(async ({ model }) => {
    const { manifest } = await verifyFolder(model);
    console.log(JSON.stringify(manifest, null, 2));
  });

program.addHelpText(
  'after',
  `
Examples:
  npx offmanifold start                          from nothing to a served model
  npx offmanifold train --seed 7 --out models/seven
  npx offmanifold map --perplexity 50
  npx offmanifold serve --model models/seven --port 9000`,
);

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    console.error('\noffmanifold: stopped; what was there before is as it was');
    process.exit(code);
  });
}

try {
  await program.parseAsync();
} catch (error) {
  const known = [BundleError, DataError, DivergenceError, PortError, RangeError, ToolError];
  const expected = known.some((type) => error instanceof type);
  console.error(expected ? `offmanifold: ${(error as Error).message}` : error);
  process.exitCode = 1;
}
