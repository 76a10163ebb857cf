import type { Command } from 'commander';
import { ACCEPTED, dataName } from '../data/readers/formats.ts';
import { addExamples } from './options.ts';

export function addInit(program: Command): void {
  const command = program
    .command('init')
    .summary('look at data, and write a configuration to start with')
    .description(
      'Look at data, show how each column is treated, and write a configuration to start with: the kinds of the columns, the label, a preset, and the options that people change first.',
    )
    .argument('<data>', ACCEPTED)
    .option('--out <file>', 'where to write the configuration (default: NAME.config.json)')
    .action(async (data: string, { out = `${dataName(data)}.config.json` }: { out?: string }) => {
      const { init } = await import('../commands/init.ts');
      await init(data, out);
    });
  addExamples(command, [
    ['init readings.csv', 'writes readings.config.json'],
    ['train readings.csv --config readings.config.json', 'trains with it'],
  ]);
}
