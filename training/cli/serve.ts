import { type Command, Option } from 'commander';
import { addExamples, hostOption, modelOption, portOption } from './options.ts';

interface ServeOptions {
  readonly model: string;
  readonly host: string;
  readonly port: number;
  readonly production?: boolean;
  readonly engine?: string;
}

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve the API and the dashboard of a bundle')
    .description(
      'Serve the API and the dashboard of a bundle: on this machine, in the runtime that Cloudflare Workers use; or with --production on Node, as `build` made them. Ctrl-C stops it.',
    )
    .addOption(modelOption())
    .addOption(hostOption())
    .addOption(portOption())
    .option(
      '--production',
      'serve what is in dist/, also by its model unless --model names another: docs/deploy.md',
    )
    .addOption(new Option('--engine <name>', 'with --production: offmanifold (default) or onnxruntime-node'))
    .action(async (options: ServeOptions) => {
      const { host, port, engine, production } = options;
      if (production) {
        const { serveProduction } = await import('../commands/serve-production.ts');
        const given = command.getOptionValueSource('model') !== 'default';
        return serveProduction({ model: given ? options.model : undefined, host, port, engine });
      }
      if (engine !== undefined) command.error('error: --engine is for --production');
      const { serve } = await import('../commands/serve.ts');
      await serve(options.model, { port });
    });
  addExamples(command, [
    ['serve'],
    ['serve --model models/seven --port 9000'],
    ['serve --production --host 0.0.0.0', 'what was built last, for everyone'],
  ]);
}
