import type { Command } from 'commander';
import { ACCEPTED, dataName } from '../data/readers/formats.ts';
import { addExamples, defer } from './options.ts';

interface Flags {
  out?: string;
  replace?: boolean;
}

export function addInit(program: Command): void {
  const command = program
    .command('init')
    .summary('look at data, and write a configuration to start with')
    .description(
      'Look at data, show how each column is treated, and write a configuration to start with: the kinds of the columns, the label, a preset, and the options that people change first.',
    )
    .argument('<data>', ACCEPTED)
    .option('--out <file>', 'where to write the configuration (default: NAME.config.json)')
    .option('--replace', 'overwrite the configuration if it is there')
    .action(async (data: string, { out = `${dataName(data)}.config.json`, replace, ...flags }: Flags) => {
      const { readOptions } = await import('./training-options.ts');
      const { init } = await import('../commands/init.ts');
      await init(data, out, await readOptions(flags), { replace });
    });
  addExamples(command, [
    ['init readings.csv', 'writes readings.config.json'],
    ['init readings.csv --label state --anomalous fault', 'what it does not find by itself'],
    ['train readings.csv --config readings.config.json', 'trains with it'],
  ]);
  defer(command, async () => (await import('./training-options.ts')).addReadingOptions(command));
}
