import type { Command } from 'commander';
import { addExamples, DEFAULT_MODEL, modelOption } from './options.ts';

export function addBuild(program: Command): void {
  const command = program
    .command('build')
    .summary('build dist/ for deployment: the dashboard and the bundle')
    .description('Build dist/ for deployment: the dashboard, and the bundle after a check of every file.')
    .addOption(modelOption())
    .action(async ({ model }: { model: string }) => {
      const { build } = await import('../commands/build.ts');
      const { Progress } = await import('../console/progress.ts');
      await build(model);
      const { quoteWord } = await import('../console/shell.ts');
      // Wrangler builds again before it deploys, from the same variable.
      const which = model === DEFAULT_MODEL ? '' : `OFFMANIFOLD_MODEL=${quoteWord(model)} `;
      new Progress().line(`dist/ holds the dashboard and ${model}. Next: ${which}npx wrangler deploy`);
    });
  addExamples(command, [['build --model models/readings']]);
}
