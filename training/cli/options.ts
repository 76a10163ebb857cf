import { type Command, InvalidArgumentError, Option } from 'commander';
import { findBundles, MODELS } from '../../bundle/node/find.ts';
import { quoteWord } from '../console/shell.ts';
import { findOutputFormat, STDOUT, WRITTEN } from '../data/output/formats.ts';
import { STDIN } from '../data/readers/formats.ts';

/** The folder of the bundle trained on MNIST. */
export const DEFAULT_MODEL = 'models/mnist';

/** The bundle of a command that names none: that of MNIST, or the only one in `models/`; else the folder, to choose from. */
function defaultModel(accepted: { maps: boolean }): string {
  const found = findBundles(MODELS, accepted);
  if (found.length === 1) return found[0]!;
  return found.includes(DEFAULT_MODEL) ? DEFAULT_MODEL : MODELS;
}

/** Like `Number`, but an empty text is NaN, not 0. */
export const toNumber = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** Creates a parser for numbers that meet a condition, which `accepted` says in words. */
const createNumberParser =
  (accepted: string, holds: (value: number) => boolean) =>
  (text: string): number => {
    const value = toNumber(text);
    if (!Number.isFinite(value) || !holds(value)) throw new InvalidArgumentError(`Expected ${accepted}.`);
    return value;
  };

export const createIntegerParser = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  createNumberParser(
    `a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}`,
    (value) => Number.isInteger(value) && value >= least && value <= most,
  );

export const parsePositive = createNumberParser('a number above 0', (value) => value > 0);

/** Parses a share that is neither nothing nor everything. */
export const parseShare = createNumberParser(
  'a number above 0 and below 1',
  (value) => value > 0 && value < 1,
);

export const parseShareOrAll = createNumberParser(
  'a number above 0 and at most 1',
  (value) => value > 0 && value <= 1,
);

/** Parses a factor that makes nothing smaller. */
export const parseFactor = createNumberParser('a number of at least 1', (value) => value >= 1);

/** Parses the degrees of freedom of a map's kernel. */
export const parseFreedom = createNumberParser(
  'a number above 0 and at most 100',
  (value) => value > 0 && value <= 100,
);

/** Parses the name of a file to write rows to. */
export function parseOutput(text: string): string {
  if (text !== STDOUT && !findOutputFormat(text)) throw new InvalidArgumentError(`Expected ${WRITTEN}.`);
  return text;
}

/** Parses names with commas between them. */
export function parseNames(text: string): string[] {
  const list = text.split(',').map((part) => part.trim());
  if (list.includes('')) throw new InvalidArgumentError('Expected names with commas between them.');
  return list;
}

/** Options that take time to load, by command. */
const deferred = new WeakMap<Command, () => Promise<void>>();

/** Adds options to a command only when it is called or asked for help: the start of the program does not wait for them. */
export function defer(command: Command, add: (command: Command) => Promise<void>): void {
  deferred.set(command, () => add(command));
}

/** Adds the options that were deferred, once. */
export async function addDeferred(command: Command): Promise<void> {
  const add = deferred.get(command);
  deferred.delete(command);
  await add?.();
}

/** Shows examples at the end of a command's help. A comment stands behind its command, or the command alone. */
export function addExamples(command: Command, examples: readonly (readonly [line: string, what?: string])[]) {
  const width = Math.max(...examples.map(([line, what]) => (what === undefined ? 0 : line.length)));
  const lines = examples.map(([line, what]) =>
    what === undefined ? line : `${line.padEnd(width)}   ${what}`,
  );
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  npx offmanifold ${line}`).join('\n')}`);
}

/** The options that a command was given, by flags or by the environment, as words of a command line. */
export const describeGiven = (command: Command): string[] =>
  command.options.flatMap((option) => {
    const name = option.attributeName();
    if (!['cli', 'env'].includes(command.getOptionValueSource(name) ?? '')) return [];
    const value: unknown = command.getOptionValue(name);
    if (value === true) return [option.long!];
    return [value].flat().flatMap((one) => [option.long!, quoteWord(String(one))]);
  });

/**
 * The option of every command that reads a bundle. `derived`: its default in words, where the command derives it. `maps`:
 * whether a map without a model will do.
 */
export function modelOption({
  derived,
  maps = false,
  what = 'the bundle',
}: {
  derived?: string;
  maps?: boolean;
  what?: string;
} = {}): Option {
  const described = derived === undefined ? what : `${what} (default: ${derived})`;
  const option = new Option('--model <folder>', described).env('OFFMANIFOLD_MODEL');
  return derived === undefined
    ? option.default(defaultModel({ maps }), 'the only one in models/, or models/mnist')
    : option;
}

/**
 * The option of the commands that serve a bundle, and show others beside it: given several times, its value is a list, see
 * {@link listModels}.
 */
export const modelsOption = (): Option =>
  modelOption({
    maps: true,
    what: 'the bundle; several are shown side by side, and the API serves the first',
  }).argParser((folder, given: string | string[]) => (Array.isArray(given) ? [...given, folder] : [folder]));

/** The bundles that were named: the first one, and those beside it. */
export function listModels(given: string | readonly string[]): { model: string; beside: readonly string[] } {
  const [model, ...beside] = [given].flat();
  return { model: model!, beside };
}

/** The option of every command that computes. */
export const threadsOption = () =>
  new Option('--threads <n>', 'threads to compute with (default: one per core)').argParser(
    createIntegerParser(1, 256),
  );

/** Where to listen, for every command that serves. */
export const hostOption = () =>
  new Option('--host <address>', 'where to listen; 0.0.0.0 is all network interfaces').default('127.0.0.1');

/** The option of every command that serves. */
export const portOption = (least = 1) =>
  new Option('--port <n>', 'port to listen on').argParser(createIntegerParser(least, 65_535)).default(8787);

/** Whether to open the dashboard, for every command that serves. */
export const openOption = () => new Option('--open', 'open the dashboard in the browser');

/** The option of every command that trains. */
export const replaceOption = () =>
  new Option('--replace', 'overwrite a model that has other columns, or takes samples of another shape');

/** The option of commands that read rows: what standard input holds. */
export const formatOption = () =>
  new Option(
    '--format <name>',
    'format of standard input (default: detected from the first character)',
  ).choices(['csv', 'tsv', 'ndjson', 'json']);

/** What is wrong if the format of standard input is given for a file. */
export const explainFormat = (file: string, format: string | undefined): string | undefined =>
  format === undefined || file === STDIN
    ? undefined
    : `--format is for standard input: the format of ${file} follows from its name`;
