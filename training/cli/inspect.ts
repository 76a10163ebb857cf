import type { Command } from 'commander';
import { addExamples, defer, modelOption } from './options.ts';

export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .summary('check a bundle and print its manifest, or show how data is read')
    .description(
      'Check every file of a bundle and print its manifest as JSON; or show how data is read, a table column by column.',
    )
    .argument('[what]', 'a bundle, or data to train on (default: the bundle of --model)')
    .addOption(modelOption({ maps: true }))
    .option('--json', 'print JSON for data, too')
    .action(
      async (what: string | undefined, { model, json, ...flags }: { model: string; json?: boolean }) => {
        const { readOptions } = await import('./training-options.ts');
        const { inspect } = await import('../commands/inspect.ts');
        await inspect(what, model, await readOptions(flags), { json });
      },
    );
  addExamples(command, [
    ['inspect models/readings', 'check the bundle and print its manifest'],
    ['inspect readings.csv', 'show kind, treatment and gaps of each column'],
    ['inspect readings.csv --na -999 --no-header'],
    ['inspect readings.csv --json | jq .columns'],
  ]);
  defer(command, async () => (await import('./training-options.ts')).addReadingOptions(command));
}
