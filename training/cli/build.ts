import { type Command, Option } from 'commander';
import { ENGINES, type EngineName } from '../../bundle/scorer.ts';
import { addExamples, DEFAULT_MODEL, modelOption } from './options.ts';

interface BuildOptions {
  readonly model: string;
  readonly engine: EngineName;
  readonly apiOnly?: boolean;
}

export function addBuild(program: Command): void {
  const command = program
    .command('build')
    .summary('build dist/ for deployment: the dashboard and the bundle')
    .description('Build dist/ for deployment: the dashboard, and the bundle after a check of every file.')
    .addOption(modelOption())
    .addOption(
      new Option(
        '--engine <name>',
        'what runs the model in the Worker; offmanifold is small and starts at once',
      )
        .choices(ENGINES)
        .default('offmanifold')
        .env('OFFMANIFOLD_ENGINE'),
    )
    .addOption(
      new Option(
        '--api-only',
        'deploy the API alone: no dashboard, no bundle, no map, no categories; also by OFFMANIFOLD_API_ONLY=1',
      ),
    )
    .action(async ({ model, engine, apiOnly: wanted = false }: BuildOptions) => {
      const apiOnly = wanted || /^(1|true|yes)$/i.test(process.env.OFFMANIFOLD_API_ONLY ?? '');
      const { build } = await import('../commands/build.ts');
      const { Progress } = await import('../console/progress.ts');
      const progress = new Progress();
      const { used, why } = await build(model, { engine, apiOnly });
      if (why) progress.line(`the Worker gets ${used}, which is larger and starts slower: ${why}`);
      const { quoteWord } = await import('../console/shell.ts');
      // Wrangler builds again before it deploys, from the same variables.
      const which =
        (model === DEFAULT_MODEL ? '' : `OFFMANIFOLD_MODEL=${quoteWord(model)} `) +
        (engine === 'offmanifold' ? '' : `OFFMANIFOLD_ENGINE=${engine} `) +
        (apiOnly ? 'OFFMANIFOLD_API_ONLY=1 ' : '');
      progress.line(
        apiOnly
          ? 'public: what the API answers; the model and the map stay in the Worker'
          : 'public: everything in dist/, also the model, the map with ids, labels and scores, and pictures of test samples; scorer.onnx may hold training rows (docs/deploy.md)',
      );
      progress.line(
        `dist/ holds ${apiOnly ? 'the API' : 'the dashboard'} and ${model}. Next: ${which}npx wrangler deploy`,
      );
    });
  addExamples(command, [
    ['build --model models/readings'],
    ['build --engine onnxruntime-web'],
    ['build --api-only'],
  ]);
}
