import type { Command } from 'commander';
import { quoteWord } from '../console/shell.ts';
import { addBuildOptions, type BuildFlags } from './build.ts';
import { refuse } from './faults.ts';
import { addExamples, describeGiven } from './options.ts';

interface DeployFlags extends BuildFlags {
  readonly name?: string;
  readonly dryRun?: boolean;
}

/** Options of wrangler that this command sets itself. */
const OWN = /^--(name|dry-run|outdir|outfile)(=|$)/;

export function addDeploy(program: Command): void {
  const command = program
    .command('deploy')
    .summary('check a bundle, build it and deploy it to Cloudflare')
    .description(
      'Build the Worker for a bundle, check it against the limits of Cloudflare Workers, say what becomes public, and deploy it with wrangler.',
    )
    .argument('[wrangler...]', 'after --, more arguments for wrangler deploy');
  addBuildOptions(command)
    .option(
      '--name <name>',
      'name of the Worker, a part of its address (default: follows the model, such as offmanifold-pumps)',
    )
    .option('--dry-run', 'do everything but the upload; needs no account and no network')
    .action(async (wrangler: string[], flags: DeployFlags) => {
      const [first] = wrangler;
      const own = wrangler.find((word) => OWN.test(word));
      const { model, name, dryRun = false } = flags;
      const { isWorkerName } = await import('../commands/worker-name.ts');
      const accepted = 'up to 63 lower-case letters, digits and dashes, no dash at either end';
      refuse(command, [
        first !== undefined &&
          !first.startsWith('-') &&
          `unexpected argument ${first}: name the bundle with --model, and put arguments for wrangler after --`,
        own !== undefined && `${own} cannot be passed to wrangler: deploy sets it itself`,
        name !== undefined &&
          !isWorkerName(name) &&
          `a Worker cannot be called ${name}: expected ${accepted}`,
      ]);
      const { deploy } = await import('../commands/deploy.ts');
      await deploy(model, flags, { name, dryRun, wrangler, command: commandLine(command, wrangler) });
    });
  addExamples(command, [
    ['deploy --dry-run', 'check everything, upload nothing'],
    ['deploy --model models/readings', 'a Worker of its own for each model'],
    ['deploy --api-only --name readings', 'the API alone, with a name of your own'],
    ['deploy -- --domain scores.example.org', 'what follows -- goes to wrangler'],
  ]);
}

/** The same command without `--dry-run`. */
const commandLine = (command: Command, wrangler: readonly string[]): string =>
  [
    'npx offmanifold deploy',
    ...describeGiven(command).filter((word) => word !== '--dry-run'),
    ...(wrangler.length > 0 ? ['--', ...wrangler.map(quoteWord)] : []),
  ].join(' ');
