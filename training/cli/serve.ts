import type { Command } from 'commander';
import { ENGINES, NODE_ENGINES } from '../../bundle/scorer.ts';
import type { BuildOptions } from '../commands/build.ts';
import { addBuildOptions, refuseForMap } from './build.ts';
import { refuse } from './faults.ts';
import { addExamples, hostOption, listModels, modelsOption, openOption, portOption } from './options.ts';

/** The flags of every command that serves. */
export interface ServeFlags extends BuildOptions {
  readonly host: string;
  readonly port: number;
  readonly open?: boolean;
}

/** The options that only a build can follow. */
const OF_BUILD = [
  ['weights', '--weights'],
  ['trainedOn', '--trained-on'],
] as const;

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve the API and the dashboard of a bundle')
    .description(
      'Serve the API and the dashboard of a bundle on this machine, in the runtime that Cloudflare Workers use, for development. With --production, serve what `offmanifold build` made, on Node. Ctrl-C stops it.',
    );
  addBuildOptions(command, [...new Set([...ENGINES, ...NODE_ENGINES])], modelsOption())
    .addOption(hostOption())
    .addOption(portOption(0))
    .addOption(openOption())
    .option(
      '--production',
      'on Node: builds nothing, serves the model in dist/ unless --model names another; see docs/deploy.md',
    )
    .action(async ({ model: named, host, port, open, production, ...options }: ServeFlags & Production) => {
      const { model, beside } = listModels(named);
      const isGiven = (name: string) => !['default', undefined].includes(command.getOptionValueSource(name));
      if (production) {
        refuse(command, [
          open && '--open is for the development server',
          beside.length > 0 &&
            'several models are for build: name them there, then serve --production without --model',
          ...OF_BUILD.map(
            ([name, flag]) => isGiven(name) && `${flag} is for build: use it there, then serve --production`,
          ),
        ]);
        if (isGiven('model')) await refuseForMap(command, model);
        const { serveProduction } = await import('../commands/serve-production.ts');
        await serveProduction({
          ...options,
          host,
          model: isGiven('model') ? model : undefined,
          port: isGiven('port') ? port : undefined,
          engine: isGiven('engine') ? options.engine : undefined,
        });
      } else {
        refuse(command, [
          port === 0 && '--port 0, any free port, is for --production',
          !ENGINES.includes(options.engine) && `--engine ${options.engine} is for --production`,
        ]);
        await refuseForMap(command, model);
        const { serve } = await import('../commands/serve.ts');
        await serve(model, { host, port, open, ...options, beside });
      }
    });
  addExamples(command, [
    ['serve --open'],
    ['serve --model models/seven --port 9000'],
    ['serve --model models/monday --model models/friday', 'both on the dashboard; the API serves the first'],
    ['serve --production --host 0.0.0.0', 'what was built, for anyone who reaches this machine'],
  ]);
}

interface Production {
  readonly model: string | readonly string[];
  readonly production?: boolean;
}
