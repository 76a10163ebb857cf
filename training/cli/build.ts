import { type Command, Option } from 'commander';
import { ENGINES, WEIGHTS } from '../../bundle/scorer.ts';
import type { BuildOptions } from '../commands/build.ts';
import { refuse } from './faults.ts';
import { addExamples, describeGiven, listModels, modelOption, modelsOption } from './options.ts';

/** The options of every command that builds, see {@link addBuildOptions}. */
export interface BuildFlags extends BuildOptions {
  readonly model: string;
}

type Flags = BuildOptions & { readonly model: string | readonly string[] };

/** The options that a map without a model has no use for. From the environment they may be for other bundles. */
const OF_MODELS = [
  ['engine', '--engine'],
  ['weights', '--weights'],
  ['trainedOn', '--trained-on'],
] as const;

export function addBuild(program: Command): void {
  const command = program
    .command('build')
    .summary('build dist/ for deployment: the dashboard and the bundle')
    .description('Build dist/ for deployment: the dashboard, and the bundle after a check of every file.');
  addBuildOptions(command, ENGINES, modelsOption()).action(async (given: Flags) => {
    const { model, beside } = listModels(given.model);
    const flags = { ...given, model, beside };
    const { assertNotServed, build, buildMap, isBuilt } = await import('../commands/build.ts');
    const { openBeside } = await import('../commands/beside.ts');
    if (await isBuilt()) return;
    await assertNotServed();
    const { openAnyFolder } = await import('../../bundle/node/folder.ts');
    const { isMap } = await import('../../bundle/files.ts');
    const { explainEngine } = await import('../commands/engines.ts');
    const { describePublic, describePublicMap } = await import('../commands/public.ts');
    const { Progress } = await import('../console/progress.ts');
    const progress = new Progress();
    // A map with models beside it is refused by name.
    await openBeside(model, beside);
    const bundle = await openAnyFolder(model);
    if (isMap(bundle)) {
      refuse(command, explainForMap(command, model));
      await buildMap(bundle, flags, progress);
      for (const line of describePublicMap(bundle.manifest)) progress.line(`public: ${line}`);
      progress.line(`dist/ holds the dashboard and ${model}. Next: npx offmanifold serve --production`);
      return;
    }
    const built = await build(model, flags);
    const { manifest, engine } = built;
    const explanation = explainEngine(engine);
    if (explanation) progress.line(explanation);
    for (const line of describePublic(manifest, flags.apiOnly)) progress.line(`public: ${line}`);
    for (const other of built.beside) {
      for (const line of describePublic(other, false)) progress.line(`public: ${other.name}: ${line}`);
    }
    if (beside.length > 0) {
      const all = [model, ...beside].join(', ');
      progress.line(`dist/ holds the dashboard and ${all}. Next: npx offmanifold serve --production`);
      return;
    }
    progress.line(
      `dist/ holds ${flags.apiOnly ? 'the API' : 'the dashboard'} and ${model}. Next: ` +
        `${['npx offmanifold deploy', ...describeGiven(command)].join(' ')}, or npx offmanifold serve --production`,
    );
  });
  addExamples(command, [
    ['build --model models/readings'],
    ['build --model models/monday --model models/friday', 'both on the dashboard; the API serves the first'],
    ['build --engine onnxruntime-web'],
    ['build --api-only'],
    ['build --weights int8', 'MNIST; for other data, add --trained-on readings.csv'],
  ]);
}

/** What is wrong with the options of a command that builds, if what it builds is a map without a model. */
const explainForMap = (command: Command, model: string): string[] =>
  OF_MODELS.filter(([name]) => command.getOptionValueSource(name) === 'cli').map(
    ([, flag]) => `${flag} is for a model, and ${model} is a map without one: leave it out`,
  );

/** Ends with a usage error if a folder has a map without a model, and the command has options that only a model can follow. */
export async function refuseForMap(command: Command, folder: string): Promise<void> {
  const wrong = explainForMap(command, folder);
  if (wrong.length === 0) return;
  const { openAnyFolder } = await import('../../bundle/node/folder.ts');
  const { isMap } = await import('../../bundle/files.ts');
  if (isMap(await openAnyFolder(folder))) refuse(command, wrong);
}

/** Adds the options that say what is built, to whichever command builds. */
export const addBuildOptions = (
  command: Command,
  engines: readonly string[] = ENGINES,
  model = modelOption(),
): Command =>
  command
    .addOption(model)
    .addOption(
      new Option(
        '--engine <name>',
        'what runs the model in the Worker; offmanifold is small and starts at once',
      )
        .choices(engines)
        .default('offmanifold')
        .env('OFFMANIFOLD_ENGINE'),
    )
    .addOption(
      new Option(
        '--api-only',
        'the API alone: no dashboard, no bundle, no map, no categories; also by OFFMANIFOLD_API_ONLY=1',
      ),
    )
    .addOption(
      new Option(
        '--weights <name>',
        'how large the API stores weights: f16 and int8 make the upload smaller, and are refused if they change a verdict',
      )
        .choices(WEIGHTS)
        .default('f32')
        .env('OFFMANIFOLD_WEIGHTS'),
    )
    .addOption(
      new Option(
        '--trained-on <data>',
        'for --weights: the data that the model was trained on, to check them on; MNIST needs none',
      ).env('OFFMANIFOLD_TRAINED_ON'),
    )
    // Not by env(), for which OFFMANIFOLD_API_ONLY=0 would be true.
    .hook('preAction', () => {
      if (command.getOptionValue('apiOnly') !== undefined) return;
      const wanted = /^(1|true|yes)$/i.test(process.env.OFFMANIFOLD_API_ONLY ?? '');
      command.setOptionValueWithSource('apiOnly', wanted, wanted ? 'env' : 'default');
    });
