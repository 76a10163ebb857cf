import { type Command, Option } from 'commander';
import type { TrainFlags } from '../commands/train.ts';
import { enableCollector } from '../console/collector.ts';
import { ACCEPTED, dataName, MNIST } from '../data/readers/formats.ts';
import { addExamples, defer, replaceOption } from './options.ts';
import type { RunFlags } from './training-options.ts';

type Flags = TrainFlags & RunFlags & { out?: string; dryRun?: boolean };

export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .summary('train an autoencoder, make the map, and write the bundle')
    .description(
      'Train an autoencoder on your data, calibrate its anomaly scores, make the t-SNE map, and write all of it to a folder: the bundle. Without data, it trains on MNIST.',
    )
    .argument('[data]', ACCEPTED, MNIST)
    .option(
      '--out <folder>',
      "where to write the bundle (default: models/NAME, from the data's file name, with a hash of it if it has letters outside ASCII); an older model with the same columns or shape is overwritten once the new one is complete",
    )
    .addOption(replaceOption())
    .option('--resume', 'continue an interrupted run of this bundle; the result has the same bytes')
    .option('--dry-run', 'print architecture, parameters, memory and expected time, without training')
    .addOption(
      new Option('--json', 'at the end, print model id, folder, figures and time as JSON').conflicts(
        'dryRun',
      ),
    )
    .action(async (data: string, { out = `models/${dataName(data)}`, dryRun, ...flags }: Flags) => {
      enableCollector();
      const { readOptions } = await import('./training-options.ts');
      const configuration = await readOptions(flags);
      if (dryRun) {
        const { dryRun } = await import('../commands/dry-run.ts');
        return dryRun(data, configuration, flags);
      }
      const { train } = await import('../commands/train.ts');
      await train(data, out, configuration, { ...flags, showNext: true });
    });
  addExamples(command, [
    ['train', 'MNIST'],
    ['train readings.csv --label fault', 'a table; the label is used only to evaluate'],
    ['train readings.csv --label fault --dry-run', 'what would be trained, and how long it would take'],
    ['train photos/ --shape 64,64,3 --preset image', 'a folder of images'],
    ['train readings.csv --config readings.config.json', 'options from a file: see init'],
    ['train --seed 7 --out models/seven --resume', 'continue after Ctrl-C'],
    ['train readings.csv --quiet --json', 'for scripts'],
  ]);
  defer(command, async () => (await import('./training-options.ts')).addTrainingOptions(command));
}
