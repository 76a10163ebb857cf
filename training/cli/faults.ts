import { type Command, InvalidArgumentError } from 'commander';
import { findNearestName } from '../../bundle/misspelling.ts';
import { plural } from '../console/plural.ts';

/** What is wrong with the usage of a command so far, as commander says it. */
const faults = new WeakMap<Command, string[]>();

/**
 * Lets a command go on after the value of an option that cannot be used, and after options that exclude each other, so that
 * the first error that it cannot go on after, or {@link assertOptions}, reports all of them.
 */
export function collectFaults(command: Command): void {
  const found: string[] = [];
  faults.set(command, found);
  const fail = command.error.bind(command);
  command.error = (message, options) => {
    switch (options?.code) {
      case 'commander.conflictingOption':
        return found.push(message) as never;
      case 'commander.unknownOption':
        found.push(...describeUnknown(command));
        break;
      case 'commander.excessArguments':
        found.push(describeExcess(command));
        break;
      default:
        found.push(message);
    }
    return fail(found.join('\n'), options);
  };
  for (const option of command.options) {
    const { parseArg: parse } = option;
    if (!parse) continue;
    option.parseArg = (value, previous) => {
      try {
        return parse(value, previous);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        const { envVar } = option;
        const given =
          envVar !== undefined && process.env[envVar] === value
            ? `value '${value}' from env '${envVar}'`
            : `argument '${value}'`;
        found.push(`error: option '${option.flags}' ${given} is invalid. ${error.message}`);
        return previous;
      }
    };
  }
}

/** The arguments that a command has no place for. */
function describeExcess({ args, registeredArguments: { length } }: Command): string {
  const extra = args.slice(length).map((word) => `'${word}'`);
  const most = length === 0 ? 'no arguments' : `at most ${plural(length, 'argument')}`;
  return `error: unexpected ${extra.join(', ')}: expected ${most}`;
}

/** The options that a command does not have, where commander tells only the first. */
function describeUnknown(command: Command): string[] {
  const end = command.args.indexOf('--');
  const given = end < 0 ? command.args : command.args.slice(0, end);
  const known = [...command.options, ...(command.parent?.options ?? [])].flatMap(
    ({ long }) => long?.slice(2) ?? [],
  );
  return (
    given
      // -5 is the value of what comes before it.
      .filter((word) => /^-[^\d.]/.test(word))
      .map((word) => {
        const [flag = word] = word.split('=');
        const { name, near } = findNearestName(flag.slice(2), known);
        return `error: unknown option '${flag}'${near && flag.startsWith('--') ? `: did you mean --${name}?` : ''}`;
      })
  );
}

/** Ends with a usage error that says all that is wrong with the options of a command. */
export function assertOptions(command: Command): void {
  const found = faults.get(command)?.splice(0) ?? [];
  if (found.length > 0) command.error(found.join('\n'));
}

/** Ends with a usage error that says all that is wrong, unless nothing is. */
export function refuse(command: Command, wrong: readonly (string | false | undefined)[]): void {
  const messages = wrong.filter((message) => typeof message === 'string');
  if (messages.length > 0) command.error(messages.map((message) => `error: ${message}`).join('\n'));
}
