import { type Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { DATA_DEFAULTS, defaultOf } from '../config/presets.ts';
import { type Configuration, ConfigurationSchema, OPTIONS, readConfiguration } from '../config/schema.ts';
import { ACCEPTED } from '../data/readers/formats.ts';

/** The folder of the bundle of the data set that comes with the program. */
export const DEFAULT_MODEL = 'models/mnist';

/** What a text says as a number; an empty one is none. */
const numberOf = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

/** A commander parser that checks with a schema and says what is accepted. */
const checked =
  <T>(schema: z.ZodType<T>, accepted: string) =>
  (text: string): T => {
    const parsed = schema.safeParse(numberOf(text));
    if (!parsed.success) throw new InvalidArgumentError(`Expected ${accepted}.`);
    return parsed.data;
  };

export const integer = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  checked(
    z.int().min(least).max(most),
    most === Number.MAX_SAFE_INTEGER
      ? `a whole number from ${least}`
      : `a whole number from ${least} to ${most}`,
  );

export const positive = () => checked(z.number().positive(), 'a number above 0');

export const share = () => checked(z.number().gt(0).lt(1), 'a number above 0 and below 1');

export const shareOrAll = () => checked(z.number().gt(0).max(1), 'a number above 0, at most 1');

/** Names with commas between them. */
export const names = (text: string): string[] => {
  const list = text.split(',').map((part) => part.trim());
  if (list.includes('')) throw new InvalidArgumentError('Expected names with commas between them.');
  return list;
};

/** `1:20`: what a false positive and a false negative cost. */
export const costs = (text: string): { false_positive: number; false_negative: number } => {
  const [false_positive, false_negative, ...more] = text.split(':').map(numberOf);
  if (
    !(
      false_positive > 0 &&
      false_negative > 0 &&
      more.length === 0 &&
      Number.isFinite(false_positive + false_negative)
    )
  ) {
    throw new InvalidArgumentError('Expected two numbers above 0 with a colon between them, such as 1:20.');
  }
  return { false_positive, false_negative };
};

const perplexity = () => checked(z.number().min(1), 'a number from 1, at most a third of the points');

/** The options of every command that computes. */
export const withThreads = (command: Command) =>
  command.option('--threads <n>', 'threads to compute with (default: one a core)', integer(1, 256));

/** The options of a map that is made anew. */
export const withMap = (command: Command) =>
  command
    .option('--perplexity <x>', OPTIONS.perplexity.description!, perplexity(), DATA_DEFAULTS.perplexity)
    .option('--iterations <n>', OPTIONS.iterations.description!, integer(250), DATA_DEFAULTS.iterations);

/** How a training run goes: none of it changes what is learned. */
export interface RunFlags {
  config?: string;
  threads?: number;
  device?: string;
  log?: string;
  resume?: boolean;
  checkpointEvery?: number;
  verbose?: boolean;
}

/** The options of every command that trains: those of a configuration, and those of the run. */
export function withTraining(command: Command): Command {
  command
    .argument('[data]', ACCEPTED, 'mnist')
    .optionsGroup('Run:')
    .option(
      '--config <file>',
      'options from a JSON file or TypeScript module; flags come before it, and both before the defaults in brackets and what a preset sets',
    )
    .option('--log <file>', 'write what happens as NDJSON')
    .option('--checkpoint-every <seconds>', 'time between two checkpoints', positive(), 60)
    .option('--device <name>', 'what onnxruntime runs the training step on: cpu, cuda, webgpu, …', 'cpu')
    .option('--verbose', 'say how the training step is built and what memory it takes');
  withThreads(command);
  for (const [title, keys] of Object.entries(GROUPS)) {
    command.optionsGroup(`${title}:`);
    for (const key of keys) command.addOption(flag(key));
  }
  return command.optionsGroup('Options:');
}

type Key = keyof typeof OPTIONS;

const GROUPS: Readonly<Record<string, readonly Key[]>> = group();

/** The keys under the headings that `--help` shows them by. */
function group(): Record<string, Key[]> {
  const first: [string, Key][] = [
    ['Data', 'preset'],
    ['Model', 'architecture'],
    ['Training', 'seed'],
  ];
  const groups: Record<string, Key[]> = {};
  let title = '';
  for (const key of Object.keys(OPTIONS) as Key[]) {
    title = first.find(([, at]) => at === key)?.[0] ?? title;
    // Columns are no matter for a command line.
    if (key === 'columns') continue;
    groups[title] ??= [];
    groups[title].push(key);
  }
  return groups;
}

/** One option of a configuration as a flag: `learning_rate` is `--learning-rate <x>`. */
function flag(key: Key): Option {
  const schema: z.ZodType = OPTIONS[key];
  const name = `--${key.replaceAll('_', '-')}`;
  const kind = schema.def.type;
  const fallback = defaultOf(key);
  const help = `${schema.description}${fallback === undefined ? '' : ` [${fallback}]`}`;
  if (kind === 'boolean') return new Option(name, help);
  if (schema instanceof z.ZodEnum) {
    return new Option(`${name} <name>`, help).choices(schema.options.map(String));
  }
  if (kind === 'string') return new Option(`${name} <text>`, help);
  if (kind === 'record') return new Option(`${name} <list>`, help).argParser((text) => pairs(schema, text));
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodString) {
    return new Option(`${name} <list>`, help).argParser((text) => text.split(',').map((part) => part.trim()));
  }
  if (kind === 'array' || kind === 'tuple') {
    return new Option(`${name} <list>`, help).argParser((text) => {
      const parsed = schema.safeParse(text.split(',').map(numberOf));
      if (!parsed.success) throw new InvalidArgumentError('Expected numbers with commas between them.');
      return parsed.data;
    });
  }
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = z.toJSONSchema(schema);
  const bounds = [
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? [] : [`to ${maximum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
  ];
  const whole = type === 'integer';
  const accepted = [whole ? 'a whole number' : 'a number', ...bounds].join(' ');
  return new Option(`${name} <${whole ? 'n' : 'x'}>`, help).argParser(checked(schema, accepted));
}

/** `zip=category,age=number`: what follows the last = of each part is the value. */
function pairs(schema: z.ZodType, text: string): unknown {
  const parts = text
    .split(',')
    .map((part) => [part.slice(0, part.lastIndexOf('=')), part.slice(part.lastIndexOf('=') + 1)]);
  const parsed = schema.safeParse(Object.fromEntries(parts.map((part) => part.map((word) => word.trim()))));
  if (!parsed.success || parts.some(([key]) => key === '')) {
    throw new InvalidArgumentError(
      'Expected column=number, flag, category or date, with commas between them.',
    );
  }
  return parsed.data;
}

/** The configuration that flags and the file of `--config` make together. */
export async function configurationOf(flags: Record<string, unknown> & RunFlags): Promise<Configuration> {
  const fromFile = flags.config ? await readConfiguration(flags.config) : {};
  const given = Object.keys(OPTIONS).flatMap((key) => {
    const value = flags[key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())];
    return value === undefined ? [] : [[key, value]];
  });
  return ConfigurationSchema.parse({ ...fromFile, ...Object.fromEntries(given) });
}

/** The option that says which bundle a command reads. */
export const withModel = (command: Command) =>
  command.addOption(
    new Option('--model <folder>', 'the bundle').default(DEFAULT_MODEL).env('OFFMANIFOLD_MODEL'),
  );

/** The options of every command that serves. */
export const withServer = (command: Command) =>
  command.option('--port <n>', 'port on 127.0.0.1', integer(1, 65_535), 8787);
