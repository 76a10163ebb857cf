import { Command, CommanderError } from 'commander';
import { UserError } from '../../bundle/error.ts';
import { reason } from '../../bundle/system-error.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { interruptionCode, listenForSignals } from '../console/interrupt.ts';
import { beQuiet } from '../console/progress.ts';
import '../runtime/async-disposable-stack.ts';
import { Interruption } from '../runtime/interruption.ts';
import { addBuild } from './build.ts';
import { addCompare } from './compare.ts';
import { addCompletion } from './completion.ts';
import { addDeploy } from './deploy.ts';
import { addEvaluate } from './evaluate.ts';
import { assertOptions, collectFaults } from './faults.ts';
import { addInit } from './init.ts';
import { addInspect } from './inspect.ts';
import { addKey } from './key.ts';
import { addLrRange } from './lr-range.ts';
import { addMap } from './map.ts';
import { addDeferred, addExamples } from './options.ts';
import { addScore } from './score.ts';
import { addServe } from './serve.ts';
import { addStart } from './start.ts';
import { addStudies } from './studies.ts';
import { addTrain } from './train.ts';

const NAME = 'offmanifold';

/** How the program ends. A signal gives 128 and its number. */
const EXIT = { done: 0, failed: 1, usage: 2, bug: 70, interrupted: 130 } as const;

/** The commands, in the order of `--help`. */
const COMMANDS = [
  addStart,
  addTrain,
  addInit,
  addLrRange,
  addScore,
  addEvaluate,
  addCompare,
  addInspect,
  addServe,
  addBuild,
  addDeploy,
  addKey,
  addMap,
  addStudies,
  addCompletion,
];

/** The command line: all commands with their options, but those that are deferred. */
export function createProgram(): Command {
  const program = new Command(NAME)
    .description(`${packageJson.description}.`)
    .version(packageJson.version)
    .option('-q, --quiet', 'hide progress; still print warnings and errors to standard error')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      // Commander writes the hint of showHelpAfterError behind it.
      outputError: (text, write) => {
        const errors = text.split(/\n(?=error: )/).map(describeUsage);
        write(`${errors.join('\n').replaceAll(/^error: /gm, `${NAME}: `)} `);
      },
    })
    .exitOverride()
    .hook('preSubcommand', async (_, command) => {
      await addDeferred(command);
      collectFaults(command);
    })
    .hook('preAction', (_, command) => {
      assertOptions(command);
      if (program.opts().quiet) beQuiet();
    });
  collectFaults(program);
  for (const add of COMMANDS) add(program);
  for (const command of program.commands) {
    command.showHelpAfterError(`(npx ${NAME} ${command.name()} --help shows what is accepted)`);
  }
  program.showHelpAfterError(`(npx ${NAME} --help shows the commands)`);
  addExamples(program, [
    ['start', 'from nothing to a served model'],
    ['init readings.csv', 'look at a table, write a configuration'],
    ['train readings.csv --label fault', 'train on it'],
    ['score readings.csv --model models/readings --out scores.csv', 'score its rows'],
    ['evaluate labelled.csv --model models/readings --label fault', 'see how good the scores are'],
    ['serve --model models/readings --port 9000', 'look at the dashboard'],
    ['train --help', 'all options of a command'],
  ]);
  program.addHelpText(
    'after',
    `
Exit codes:
  0    done
  1    the input cannot be used; the message says why
  2    wrong usage: unknown command or option, missing argument, bad value
  70   a bug in ${NAME}; please report it with the stack that is shown
  130  stopped by Ctrl-C (143: by SIGTERM)`,
  );
  return program;
}

/** Says in one line what is wrong, with a value as a configuration file does: `--epochs: expected …, got -3`. */
const describeUsage = (text: string): string =>
  text
    .trimEnd()
    .replace(/\n\(Did you mean (.*)\?\)$/s, ': did you mean $1?')
    .replace(
      /^error: command-argument value '(.*)' is invalid for argument '(.*)'\. Allowed choices are (.*)\.$/s,
      'error: $2: expected one of $3, got $1',
    )
    .replace(
      /^error: option '[^']*?(--[a-z\d-]+)[^']*' (?:argument|value) '(.*?)'(?: from env '(\w+)')? is invalid\. (?:Expected|(Allowed choices are)) (.*)\.$/s,
      (_, option, value, variable, choices, accepted: string) => {
        // Of a list, the parser says which part is wrong.
        const whole = value === '' ? ', but it is empty' : `, got ${value}`;
        const got = accepted.includes(', got ') ? '' : whole;
        return `error: ${variable ?? option}: expected ${choices ? 'one of ' : ''}${accepted}${got}`;
      },
    );

/**
 * A command line in which `help train` is `train --help`. For an unknown command, leaves out that help was asked for:
 * else commander would print the help of the program, and not that there is no such command.
 */
function findCommand(program: Command, args: readonly string[]): readonly string[] {
  const [first, second] = args;
  const asks = args.some((arg) => arg === '--help' || arg === '-h');
  const name = first === 'help' ? second : asks ? first : undefined;
  if (name === undefined || name.startsWith('-')) return args;
  if (!program.commands.some((command) => command.name() === name)) return [name];
  return first === 'help' ? [name, '--help'] : args;
}

/**
 * Runs a command line and returns the exit code. `exit` ends the process at once, with the exit code that it gets:
 * it is called after an interruption.
 */
export async function run(args: readonly string[], exit: (code: number) => never): Promise<number> {
  listenForSignals((code) => {
    console.error(`\n${NAME}: stopped; existing files are unchanged`);
    exit(code);
  });
  try {
    const program = createProgram();
    await program.parseAsync(findCommand(program, args), { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof Interruption) {
      console.error(`\n${NAME}: stopped; ${error.message}`);
      return exit(interruptionCode() ?? EXIT.interrupted);
    }
    return report(error);
  }
}

/** Prints why standard output cannot be written, and returns the exit code. A reader that stops early, as head does, is no error. */
export function reportOutput(error: NodeJS.ErrnoException): number {
  if (error.code === 'EPIPE') return EXIT.done;
  return report(new UserError(`standard output cannot be written: ${reason(error)}`));
}

/** Prints an error for the person who can mend it, and returns the exit code. */
export function report(error: unknown): number {
  // What is wrong, or the help that was asked for, has been printed.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  // The reader of standard output, such as head, has had enough. By its name, as its module would load the writers.
  if (error instanceof Error && error.name === 'ClosedOutputError') return EXIT.done;
  if (error instanceof UserError) {
    console.error(`${NAME}: ${error.message}`);
    return EXIT.failed;
  }
  console.error(`${NAME}: this is a bug; please report it, with the command and these lines:`);
  console.error(error);
  return EXIT.bug;
}
