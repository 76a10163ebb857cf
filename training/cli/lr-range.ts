import type { Command } from 'commander';
import type { RangeFlags } from '../commands/lr-range.ts';
import { enableCollector } from '../console/collector.ts';
import { ACCEPTED, MNIST } from '../data/readers/formats.ts';
import { addExamples, createIntegerParser, defer, parsePositive } from './options.ts';
import type { RunFlags } from './training-options.ts';

export function addLrRange(program: Command): void {
  const command = program
    .command('lr-range')
    .summary('find a learning rate: one short run with a rising rate')
    .description(
      'Find a learning rate with a range test: one short run in which the rate rises from step to step. The loss falls where the rate is useful, and rises again where it is too large.',
    )
    .argument('[data]', ACCEPTED, MNIST)
    .option('--from <rate>', 'the first rate', parsePositive, 1e-6)
    .option('--to <rate>', 'the last rate', parsePositive, 1)
    .option('--steps <n>', 'steps from the first rate to the last', createIntegerParser(10, 100_000), 300)
    .option('--json', 'print every step as JSON')
    .action(async (data: string, flags: RangeFlags & RunFlags) => {
      enableCollector();
      const { readOptions } = await import('./training-options.ts');
      const { findLearningRate } = await import('../commands/lr-range.ts');
      await findLearningRate(data, await readOptions({ ...flags }), flags);
    });
  addExamples(command, [
    ['lr-range readings.csv'],
    ['lr-range --preset image --from 1e-5 --to 0.1'],
    ['lr-range readings.csv --optimiser momentum --json > rates.json'],
  ]);
  defer(command, async () => (await import('./training-options.ts')).addTrainingOptions(command));
}
