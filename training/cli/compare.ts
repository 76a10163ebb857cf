import type { Command } from 'commander';
import type { CompareFlags } from '../commands/compare.ts';
import { enableCollector } from '../console/collector.ts';
import { addExamples, threadsOption } from './options.ts';

export function addCompare(program: Command): void {
  const command = program
    .command('compare')
    .summary('compare two bundles: how they were made, their figures, and their scores')
    .description(
      'Compare two bundles trained on the same kind of data: how they were made, their figures, and their scores for the same rows.',
    )
    .argument('<first>', 'a bundle')
    .argument('<second>', 'another bundle for the same kind of data')
    .option('--data <file>', 'rows to score with both (default: for MNIST models, its test images)')
    .option('--json', 'print the result as JSON')
    .addOption(threadsOption())
    .action(async (first: string, second: string, flags: CompareFlags) => {
      enableCollector();
      const { compare } = await import('../commands/compare.ts');
      await compare(first, second, flags);
    });
  addExamples(command, [
    ['compare models/mnist models/seven'],
    ['compare models/monday models/friday --data readings.csv --json'],
  ]);
}
