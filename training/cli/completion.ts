import { Argument, type Command } from 'commander';
import { addDeferred, addExamples } from './options.ts';

export function addCompletion(program: Command): void {
  const command = program
    .command('completion')
    .summary('print a script for tab completion')
    .description('Print a script that completes commands, options and their values when you press Tab.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { SCRIPTS } = await import('./completion-scripts.ts');
      for (const each of program.commands) await addDeferred(each);
      process.stdout.write(SCRIPTS[shell](program));
    });
  addExamples(command, [
    ['completion bash >> ~/.bashrc'],
    ['completion zsh > ~/.zfunc/_offmanifold', 'with ~/.zfunc in $fpath'],
    ['completion fish > ~/.config/fish/completions/offmanifold.fish'],
  ]);
}
