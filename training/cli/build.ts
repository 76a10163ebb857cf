import { type Command, Option } from 'commander';
import { ENGINES, type EngineName } from '../../bundle/scorer.ts';
import { addExamples, DEFAULT_MODEL, modelOption } from './options.ts';

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
    .action(async ({ model, engine }: { model: string; engine: EngineName }) => {
      const { build } = await import('../commands/build.ts');
      const { Progress } = await import('../console/progress.ts');
      const progress = new Progress();
      const { used, why } = await build(model, engine);
      if (why) progress.line(`the Worker gets ${used}, which is larger and starts slower: ${why}`);
      const { quoteWord } = await import('../console/shell.ts');
      // Wrangler builds again before it deploys, from the same variables.
      const which =
        (model === DEFAULT_MODEL ? '' : `OFFMANIFOLD_MODEL=${quoteWord(model)} `) +
        (engine === 'offmanifold' ? '' : `OFFMANIFOLD_ENGINE=${engine} `);
      progress.line(`dist/ holds the dashboard and ${model}. Next: ${which}npx wrangler deploy`);
    });
  addExamples(command, [['build --model models/readings'], ['build --engine onnxruntime-web']]);
}
