import { type Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { describeAccepted, describeNumbers } from '../config/accepted.ts';
import { DATA_DEFAULTS, describeDefault } from '../config/presets.ts';
import { type Configuration, OPTIONS, parseConfiguration, readConfiguration } from '../config/schema.ts';
import { createIntegerParser, parseNames, parsePositive, threadsOption, toNumber } from './options.ts';

/** The options of a run: none of them changes what is learned. */
export interface RunFlags {
  config?: string;
  threads?: number;
  device?: string;
  log?: string;
  checkpointEvery?: number;
  verbose?: boolean;
}

type Key = keyof typeof OPTIONS;

/** Adds the options of every command that trains: those of the run, then those of a configuration. */
export function addTrainingOptions(command: Command): void {
  command
    .optionsGroup('Run:')
    .option(
      '--config <file>',
      'read options from a JSON file or a TypeScript module; precedence: flags, this file, preset, defaults (in brackets)',
    )
    .option('--log <file>', 'write events to a file, as NDJSON')
    .option('--checkpoint-every <seconds>', 'time between two checkpoints', parsePositive, 60)
    .option('--device <name>', 'where onnxruntime runs the training step: cpu, cuda, webgpu, …', 'cpu')
    .option('--verbose', 'print how the training step is built and how much memory it takes')
    .addOption(threadsOption());
  for (const [title, keys] of groupKeys()) {
    command.optionsGroup(`${title}:`);
    for (const key of keys) command.addOption(toFlag(key));
  }
}

/** The options that say how data is read. */
const READING = ['shape', 'label', 'anomalous', 'types', 'exclude', 'na', 'decimal', 'header'] as const;

/** Adds the options that say how data is read. */
export function addReadingOptions(command: Command): void {
  command.optionsGroup('Data:');
  for (const key of READING) command.addOption(toFlag(key));
}

/** Adds the options of a map. */
export function addMapOptions(command: Command): void {
  const { perplexity, iterations, affinities, frames } = OPTIONS;
  command
    .addOption(toFlag('perplexity', perplexity.description).default(DATA_DEFAULTS.perplexity))
    .option('--iterations <n>', iterations.description!, createIntegerParser(250), DATA_DEFAULTS.iterations)
    .addOption(toFlag('affinities', affinities.description))
    .addOption(toFlag('frames', frames.description));
}

/** The first key under each heading of `--help`. */
const HEADINGS: Readonly<Partial<Record<Key, string>>> = {
  preset: 'Data',
  architecture: 'Model',
  seed: 'Training',
};

/** The keys under their headings. A list of columns is too long for a command line. */
function groupKeys(): Map<string, Key[]> {
  const groups = new Map<string, Key[]>();
  let title = '';
  for (const key of Object.keys(OPTIONS) as Key[]) {
    title = HEADINGS[key] ?? title;
    if (key !== 'columns') groups.set(title, [...(groups.get(title) ?? []), key]);
  }
  return groups;
}

/** Options that are true unless their flag says no. */
const NEGATED: ReadonlySet<string> = new Set<Key>(['header', 'rows']);

/** One option of a configuration as a flag: `learning_rate` is `--learning-rate <x>`. */
function toFlag(key: Key, help = describeOption(key)): Option {
  const schema: z.ZodType = OPTIONS[key];
  const name = `--${key.replaceAll('_', '-')}`;
  const kind = schema.def.type;
  if (NEGATED.has(key)) return new Option(`--no-${key}`, help);
  if (kind === 'boolean') return new Option(name, help);
  if (schema instanceof z.ZodEnum) {
    // Commander's list of choices cannot be read if a comma is one of them.
    const option = new Option(`${name} <name>`, help).choices(schema.options.map(String));
    return key === 'decimal' ? option.argParser(checked(schema, describeAccepted(schema), String)) : option;
  }
  if (kind === 'string') {
    return new Option(`${name} <text>`, help).argParser(checked(schema, describeAccepted(schema), String));
  }
  if (kind === 'record') {
    return new Option(`${name} <list>`, help).argParser((text) => toPairs(schema, text));
  }
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodString) {
    return new Option(`${name} <list>`, help).argParser(parseNames);
  }
  if (kind === 'array' || kind === 'tuple') {
    const accepted =
      schema instanceof z.ZodArray
        ? `numbers with commas between them, each ${describeNumbers(schema.element as z.ZodType).accepted}`
        : 'two numbers with a comma between them';
    const toNumbers = (text: string) => text.split(',').map(toNumber);
    return new Option(`${name} <list>`, help).argParser(checked(schema, accepted, toNumbers));
  }
  if (schema instanceof z.ZodUnion) {
    const accepted = `${describeNumbers(schema.options[0] as z.ZodType).accepted}, or several with commas between them`;
    const toNumbers = (text: string) => {
      const [first, ...others] = text.split(',').map(toNumber);
      return others.length === 0 ? first : [first, ...others];
    };
    return new Option(`${name} <list>`, help).argParser(checked(schema, accepted, toNumbers));
  }
  const { whole, accepted } = describeNumbers(schema);
  return new Option(`${name} <${whole ? 'n' : 'x'}>`, help).argParser(checked(schema, accepted, toNumber));
}

function describeOption(key: Key): string {
  const fallback = describeDefault(key);
  return `${OPTIONS[key].description}${fallback === undefined ? '' : ` [${fallback}]`}`;
}

/** A commander parser that checks with a schema and says what is accepted. */
const checked =
  (schema: z.ZodType, accepted: string, read: (text: string) => unknown) =>
  (text: string): unknown => {
    const parsed = schema.safeParse(read(text));
    if (!parsed.success) throw new InvalidArgumentError(`Expected ${accepted}.`);
    return parsed.data;
  };

/** `zip=category,age=number`: the value of each part follows its last =. */
function toPairs(schema: z.ZodType, text: string): unknown {
  const parts = text.split(',').map((part) => {
    const at = part.lastIndexOf('=');
    return {
      part: part.trim(),
      pair: { [part.slice(0, Math.max(at, 0)).trim()]: part.slice(at + 1).trim() },
    };
  });
  const wrong = parts.filter(({ pair }) => '' in pair || !schema.safeParse(pair).success);
  if (wrong.length > 0) {
    const shown = wrong.map(({ part }) => part || 'nothing').join(' and ');
    throw new InvalidArgumentError(
      `Expected column=number, flag, category or date, with commas between them, got ${shown}.`,
    );
  }
  return Object.assign({}, ...parts.map(({ pair }) => pair));
}

/** The configuration that flags and the file of `--config` make together. */
export async function readOptions(
  flags: Readonly<Record<string, unknown>> & Pick<RunFlags, 'config'>,
): Promise<Configuration> {
  const fromFile = flags.config ? await readConfiguration(flags.config) : {};
  const given = Object.keys(OPTIONS).flatMap((key) => {
    const value = flags[key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())];
    // Without its --no-…, it is true.
    return value === undefined || (NEGATED.has(key) && value === true) ? [] : [[key, value]];
  });
  return parseConfiguration({ ...fromFile, ...Object.fromEntries(given) }, 'the command line');
}
