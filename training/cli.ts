#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { UserError } from '../bundle/error.ts';
import { isTaken } from '../bundle/node/folder.ts';
import { DEFAULT_SIGNIFICANCE } from '../bundle/p-value.ts';
import { assertNotServed, build, ToolError } from './commands/build.ts';
import { compare } from './commands/compare.ts';
import { dryRun } from './commands/dry-run.ts';
import { evaluate } from './commands/evaluate.ts';
import { init } from './commands/init.ts';
import { inspect } from './commands/inspect.ts';
import { learningRateRange } from './commands/lr-range.ts';
import { remap } from './commands/map.ts';
import {
  configurationOf,
  costs,
  integer,
  names,
  positive,
  share,
  shareOrAll,
  withMap,
  withModel,
  withServer,
  withThreads,
  withTraining,
} from './commands/options.ts';
import { score } from './commands/score.ts';
import { assertFree, PortError, serve } from './commands/serve.ts';
import { study } from './commands/studies.ts';
import { opened, train } from './commands/train.ts';
import { ConfigurationError } from './config/schema.ts';
import { askedToStop, listen } from './console/interrupt.ts';
import { LogError } from './console/log.ts';
import { Progress } from './console/progress.ts';
import { DataError } from './data/datasets/error.ts';
import { WRITTEN } from './data/output/formats.ts';
import { ClosedOutputError } from './data/output/stdout.ts';
import { ACCEPTED, dataName } from './data/readers/formats.ts';
import type { Target } from './evaluate/thresholds.ts';
import { CheckpointError } from './network/checkpoint.ts';
import { DivergenceError } from './network/epochs.ts';
import { GraphError } from './onnx/ir/error.ts';
import { Interruption } from './runtime/interruption.ts';
import { assertDevice, DeviceError } from './runtime/session.ts';

const { version, description } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const program = new Command('offmanifold')
  .description(description)
  .version(version)
  .showHelpAfterError('(--help shows what is accepted)');

const ROWS = `rows such as the model was trained on: ${ACCEPTED}`;

/** The level at which a row is anomalous. */
const significance = () =>
  new Option('--significance <level>', 'anomalous are rows with a p-value of at most this')
    .argParser(share())
    .default(DEFAULT_SIGNIFICANCE);

/** Whether a bundle may take the place of one that is no older model of such data. */
const replacing = () => new Option('--replace', 'the bundle may take the place of a model of other data');

withTraining(program.command('train'))
  .description('train an autoencoder, make the map, and write the bundle')
  .option(
    '--out <folder>',
    'where the bundle goes (default: models/ and the name of the data); an older one of such data there is replaced when the new one is whole',
  )
  .addOption(replacing())
  .option('--resume', 'go on with the interrupted run of this bundle: the result is the same to the byte')
  .option('--dry-run', 'print architecture, parameters, memory and expected time, and stop')
  .action(async (data: string, { out, dryRun: only, ...flags }) => {
    const configuration = await configurationOf(flags);
    if (!only) return void (await train(data, out ?? `models/${dataName(data)}`, configuration, flags));
    assertDevice(flags.device);
    const source = await opened(data, configuration, new Progress());
    await dryRun(source, configuration, flags, console.log);
    await source.close();
  });

program
  .command('init')
  .description('look at data and write a configuration to start with: kinds of columns, label, preset')
  .argument('<data>', ACCEPTED)
  .option('--out <file>', 'the configuration (default: the name of the data with .config.json)')
  .action(async (data: string, { out }) => void (await init(data, out ?? `${dataName(data)}.config.json`)));

withTraining(program.command('lr-range'))
  .description('learning-rate range test: one short run with a rising rate, to choose --learning-rate by')
  .option('--from <rate>', 'the first rate', positive(), 1e-6)
  .option('--to <rate>', 'the last rate', positive(), 1)
  .option('--steps <n>', 'steps in between', integer(10, 100_000), 300)
  .option('--json', 'print every step as JSON')
  .action(async (data: string, flags) => {
    await learningRateRange(data, await configurationOf(flags), flags);
  });

withModel(withMap(withThreads(program.command('map'))))
  .description('make the t-SNE map of a bundle anew, with other settings')
  .action(async ({ model, ...flags }) => void (await remap(model, flags)));

withModel(withThreads(program.command('studies')))
  .description(
    'what there is to know about MNIST and a model of it: classifiers, random images, dimension, …',
  )
  .option('--seed <n>', 'the same seed gives the same results', integer(0, 0xffffffff), 1)
  .option('--quick', 'few samples and epochs, to see that it works')
  .action(async ({ model, ...flags }) => void (await study(model, flags)));

withModel(withThreads(program.command('score')))
  .description('score every row of a file, here and at full speed')
  .argument('<file>', ROWS)
  .option('--out <file>', WRITTEN, '-')
  .addOption(significance().conflicts('fdr'))
  .option('--fdr <q>', 'anomalous are the discoveries at this false discovery rate, of all rows', share())
  .option('--explain <n>', 'name the n features that account for most of each score', integer(0), 0)
  .option('--detectors', 'a column for each detector: how surprised it is, in nats')
  .option('--columns <list>', 'columns of the file to carry through, such as an id', names)
  .addHelpText(
    'after',
    `
Writes a row for each row of the file, in order: score, p_value, anomalous.

Examples:
  npx offmanifold score readings.csv --model models/readings --out scores.csv --columns id,when
  npx offmanifold score readings.parquet --model models/readings --out scores.parquet --explain 3
  npx offmanifold score photos/ --model models/photos --fdr 0.1 --out - | sort -t, -k3 -g | head`,
  )
  .action(async (file: string, { model, ...flags }) => void (await score(file, model, flags)));

withModel(withThreads(program.command('evaluate')))
  .description('compare the scores of a labelled file with its labels, and find thresholds')
  .argument('<file>', ROWS)
  .option('--label <column>', 'the column of labels (default: that of the training data)')
  .option('--anomalous <value>', 'what it says of anomalous rows; all others are normal')
  .addOption(
    new Option('--precision <share>', 'find the threshold with the highest recall that is so precise')
      .argParser(shareOrAll())
      .conflicts(['recall', 'cost']),
  )
  .addOption(
    new Option('--recall <share>', 'find the most precise threshold that finds so many')
      .argParser(shareOrAll())
      .conflicts('cost'),
  )
  .addOption(
    new Option(
      '--cost <fp:fn>',
      'find the threshold of least cost: of a false positive and of a miss',
    ).argParser(costs),
  )
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Examples:
  npx offmanifold evaluate labelled.csv --model models/readings --label fault
  npx offmanifold evaluate labelled.csv --model models/readings --label fault --precision 0.9
  npx offmanifold evaluate labelled.csv --model models/readings --label kind --anomalous attack --cost 1:20
  npx offmanifold evaluate mnist --label class --anomalous 9 --json`,
  )
  .action(async (file: string, { model, precision, recall, cost, ...flags }) => {
    const target = [{ precision }, { recall }, { cost }].find((one) => Object.values(one)[0] !== undefined);
    await evaluate(file, model, { ...flags, target: target as Target | undefined });
  });

withThreads(program.command('compare'))
  .description('compare two bundles: what made them, their figures, and their scores of the same rows')
  .argument('<first>', 'a bundle')
  .argument('<second>', 'another one of the same kind of data')
  .option('--data <file>', 'rows to score by both (default: of models of MNIST, its test images)')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Examples:
  npx offmanifold compare models/mnist models/seven
  npx offmanifold compare models/monday models/friday --data readings.csv --json`,
  )
  .action(async (first: string, second: string, flags) => void (await compare(first, second, flags)));

withServer(withModel(program.command('serve')))
  .description('serve API and dashboard of a bundle on this machine')
  .action(async ({ model, port }) => serve(model, { port }));

withServer(withTraining(withModel(program.command('start'))))
  .description('train if there is no bundle yet, then serve it: what `npm start` does')
  .option('--retrain', 'train even if there is a bundle')
  .addOption(replacing())
  .action(async (data: string, { model: given, port, retrain, ...flags }, command: Command) => {
    const model = command.getOptionValueSource('model') === 'default' ? `models/${dataName(data)}` : given;
    await assertNotServed();
    await assertFree(port);
    if (retrain || !(await isTaken(model))) {
      await train(data, model, await configurationOf(flags), { ...flags, resume: 'if there' });
    }
    await serve(model, { port });
  });

withModel(program.command('build'))
  .description('build dist/, what is deployed: the dashboard and the bundle')
  .action(async ({ model }) => {
    await build(model);
    console.error(`dist/ holds the dashboard and ${model}`);
  });

withModel(program.command('inspect'))
  .description(
    'check every file of a bundle and print its manifest as JSON, or show what the columns of data are taken for',
  )
  .argument('[what]', 'a bundle, or data to train on (default: the bundle of --model)')
  .action(async (what: string | undefined, { model }) => inspect(what, model));

program.addHelpText(
  'after',
  `
Examples:
  npx offmanifold start                          from nothing to a served model
  npx offmanifold train --seed 7 --out models/seven
  npx offmanifold init readings.csv              look at a table, write a configuration
  npx offmanifold train readings.csv --label fault --dry-run
  npx offmanifold train --architecture convolutional --channels 16,32 --epochs 30
  npx offmanifold score readings.csv --model models/readings --out scores.csv
  npx offmanifold evaluate labelled.csv --model models/readings --label fault
  npx offmanifold compare models/mnist models/seven
  npx offmanifold map --perplexity 50
  npx offmanifold serve --model models/seven --port 9000`,
);

listen(() => console.error('\noffmanifold: stopped; what was there before is as it was'));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof ClosedOutputError) process.exit(0);
  if (error instanceof Interruption) {
    console.error('\noffmanifold: stopped; the same command with --resume goes on from here');
    process.exit(askedToStop());
  }
  const known = [
    UserError,
    CheckpointError,
    ConfigurationError,
    DataError,
    DeviceError,
    DivergenceError,
    GraphError,
    LogError,
    PortError,
    RangeError,
    ToolError,
  ];
  const expected = known.some((type) => error instanceof type);
  console.error(expected ? `offmanifold: ${(error as Error).message}` : error);
  process.exitCode = 1;
}
