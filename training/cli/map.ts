import type { Command } from 'commander';
import type { MapFlags } from '../commands/map.ts';
import { enableCollector } from '../console/collector.ts';
import { addExamples, defer, modelOption, threadsOption } from './options.ts';

export function addMap(program: Command): void {
  const command = program
    .command('map')
    .summary('make the t-SNE map of a bundle again, with other settings')
    .description(
      'Make the t-SNE map of a bundle again with other settings, and write it to the bundle. This works for MNIST models, whose samples come with the program; for other data, train again.',
    )
    .addOption(modelOption())
    .addOption(threadsOption())
    .action(async ({ model, ...flags }: MapFlags & { model: string }) => {
      enableCollector();
      const { rebuildMap } = await import('../commands/map.ts');
      await rebuildMap(model, flags);
    });
  addExamples(command, [
    ['map --perplexity 50', 'larger neighbourhoods'],
    ['map --model models/seven --iterations 2000'],
  ]);
  defer(command, async () => (await import('./training-options.ts')).addMapOptions(command));
}
