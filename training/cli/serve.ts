import type { Command } from 'commander';
import { addExamples, modelOption, portOption } from './options.ts';

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve the API and the dashboard of a bundle on this machine')
    .description(
      'Serve the API and the dashboard of a bundle on this machine, in the runtime that Cloudflare Workers use. Ctrl-C stops it.',
    )
    .addOption(modelOption())
    .addOption(portOption())
    .action(async ({ model, port }: { model: string; port: number }) => {
      const { serve } = await import('../commands/serve.ts');
      await serve(model, { port });
    });
  addExamples(command, [['serve'], ['serve --model models/seven --port 9000']]);
}
