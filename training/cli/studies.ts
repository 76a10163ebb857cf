import type { Command } from 'commander';
import type { StudiesFlags } from '../commands/studies.ts';
import { enableCollector } from '../console/collector.ts';
import { addExamples, createIntegerParser, modelOption, threadsOption } from './options.ts';

export function addStudies(program: Command): void {
  const command = program
    .command('studies')
    .summary('study MNIST and a model of it: classifiers, random images, dimension, …')
    .description(
      'Study MNIST and a model of it: classifiers on pixels and codes, random images, intrinsic dimension, code sizes, denoising, sparsity, and the map. Prints tables and writes the studies to the bundle, where the dashboard shows them.',
    )
    .addOption(modelOption())
    .addOption(threadsOption())
    .option('--seed <n>', 'the same seed gives the same results', createIntegerParser(0, 0xffffffff), 1)
    .option('--quick', 'use few samples and epochs, to check that everything runs; replaces earlier results')
    .action(async ({ model, ...flags }: StudiesFlags & { model: string }) => {
      enableCollector();
      const { updateStudies } = await import('../commands/studies.ts');
      await updateStudies(model, flags);
    });
  addExamples(command, [['studies'], ['studies --model models/seven --quick']]);
}
