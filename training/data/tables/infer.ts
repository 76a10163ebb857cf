import { findNearestName } from '../../../bundle/misspelling.ts';
import type { FileColumn, Table } from '../../../bundle/tables/table.ts';
import { type Configuration, ConfigurationError } from '../../config/schema.ts';
import { quoteWord } from '../../console/shell.ts';
import { DataError } from '../datasets/error.ts';
import { describeTooFew } from '../datasets/split.ts';
import type { ColumnKind } from './column-kind.ts';
import { allowedStrays, type Guess, STRAY } from './guess.ts';
import { readIdName } from './id-names.ts';
import { strayValueError } from './invalid.ts';
import { coverLabel, type Mark } from './joint-leaks.ts';
import { guessKinds } from './kinds.ts';
import { type ExcludedColumn, findLabel, type Label } from './label.ts';
import type { Counted } from './label-values.ts';
import { describeLeak } from './leaks.ts';
import { type Summary, summariseColumns } from './summary.ts';

/** A column that the model is to see. */
export interface InferredColumn extends Guess {
  readonly words: readonly [string, string];
  /** Its values, if there are two. */
  readonly pair: readonly [Counted, Counted] | undefined;
}

/** The columns of a table, with their kinds and uses. */
export interface Inferred {
  readonly count: number;
  readonly columns: readonly InferredColumn[];
  readonly label: Label | undefined;
  readonly excluded: readonly ExcludedColumn[];
}

/** Why a column is excluded that may tell rows apart. */
export const EXCLUDED = {
  id: 'an id by its name',
  text: 'free text, different in nearly every row',
  option: 'by the option exclude',
} as const;

/** Most columns that are named in a message. */
const NAMED = 20;

/**
 * A column with a single value plus gaps is kept, as a missing-value flag, if at least this many rows have the value
 * and as many have not.
 */
const FEW_ROWS = 10;

/** Gaps and repeats that an id may have, as a share of the rows, by what its name says. */
const NEARLY = { sure: 0.1, running: 0.01 };

/** How many numbers may be left out among numbers that run on. */
const SKIPPED = 0.2;

/**
 * Infers the kind of each column, which columns the model is not to see, and the label. Throws a {@link DataError} with
 * row and column if a value does not fit, a {@link ConfigurationError} if an option names a column that does not exist.
 */
export async function inferTable(table: Table, configuration: Configuration): Promise<Inferred> {
  const { types = {}, exclude = [], na } = configuration;
  assertOptionColumns(table, configuration);
  assertReadable(table, exclude);
  const { label, excluded: labels } = await findLabel(table, configuration);
  const excluded: ExcludedColumn[] = [...exclude.map((name) => ({ name, why: EXCLUDED.option })), ...labels];
  const out = new Set([...excluded.map(({ name }) => name), label?.name]);
  const left = table.columns.filter(({ name }) => !out.has(name));
  const guesses = await guessKinds(table, left, configuration);
  const wanted = { na, mayBeId: (name: string) => readIdName(name) !== undefined, label };
  const { count, summaries } = await summariseColumns(table, guesses, wanted);
  // What is no flag may well be a number.
  for (const [i, guess] of guesses.entries()) {
    if (Object.hasOwn(types, guess.column.name) || guess.kind !== 'flag') continue;
    if (settleKind(guess, summaries[i]) !== 'number') continue;
    guesses[i] = { ...guess, kind: 'number' };
    const again = await summariseColumns(table, [guesses[i]], wanted);
    summaries[i] = again.summaries[0];
  }
  assertRows(table, count);
  assertValues(
    table,
    left.filter((_, i) => summaries[i].values === 0),
  );
  let columns: InferredColumn[] = [];
  const marks: Mark[] = [];
  for (const [i, guess] of guesses.entries()) {
    const { name } = guess.column;
    const given = Object.hasOwn(types, name) ? types[name] : undefined;
    const inferred = inferColumn(table, guess, summaries[i], given, count);
    if ('why' in inferred) excluded.push(inferred);
    else if (label && !given && summaries[i].leaks) {
      excluded.push({ name, why: describeLeak(name, inferred.kind, label.name) });
    } else {
      columns.push(inferred);
      const { mark } = summaries[i];
      if (mark !== undefined && !given) marks.push({ column: guess.column, value: mark });
    }
  }
  if (label && (await coverLabel(table, marks, label))) {
    const names = marks.map(({ column }) => column.name);
    for (const { column, kind } of columns.filter(({ column }) => names.includes(column.name))) {
      const others = names.filter((name) => name !== column.name);
      excluded.push({ name: column.name, why: describeLeak(column.name, kind, label.name, others) });
    }
    columns = columns.filter(({ column }) => !names.includes(column.name));
  }
  if (columns.length === 0) {
    const why = excluded.map((column) => `${column.name} (${column.why})`).join(', ');
    throw new DataError(`${table.path}: no column is left to learn from: ${why}`);
  }
  return { count, columns, label, excluded };
}

/** Infers what a column is for. Throws a {@link DataError} if a value does not fit its kind. */
function inferColumn(
  table: Table,
  guess: Guess,
  summary: Summary,
  given: ColumnKind | undefined,
  count: number,
): InferredColumn | ExcludedColumn {
  const { column, freeText, words = ['0', '1'] } = guess;
  const { name } = column;
  const { values, constant, strays } = summary;
  const kind = given ?? settleKind(guess, summary);
  // Before what is constant: ids may differ in digits that numbers do not hold.
  if (!given && kind !== 'date' && isId(name, kind, summary, count)) return { name, why: EXCLUDED.id };
  const uninformative = constant && explainConstant(values, count, summary.rounded);
  if (uninformative) return { name, why: uninformative };
  if (!given && freeText && kind === 'category') return { name, why: EXCLUDED.text };
  if (strays && kind !== 'category') {
    throw strayValueError(table, name, kind, strays, {
      mostly: strays.count > values / 2,
      notation: guess.notation,
      epoch: kind === 'date' ? guess.epoch : undefined,
    });
  }
  const origin =
    kind === 'date' ? Math.floor(guess.origin + (summary.least + summary.largest) / 2) : guess.origin;
  return { ...guess, kind, words, origin, pair: summary.pair };
}

/** Whether a column is an id: by its name, and because nearly every row has another whole number or text. */
function isId(
  name: string,
  kind: ColumnKind,
  { values, repeats, least, largest }: Summary,
  count: number,
): boolean {
  const called = readIdName(name);
  if (called === undefined || repeats === undefined) return false;
  if (count - values + repeats > allowedStrays(count, NEARLY[called])) return false;
  return called === 'sure' || (kind === 'number' && largest - least < (1 + SKIPPED) * values);
}

/** Throws a {@link DataError} that names the columns in which no row has a value. */
function assertValues({ path }: Table, empty: readonly FileColumn[]): void {
  if (empty.length === 0) return;
  const names = empty.map(({ name }) => name);
  throw new DataError(
    `${path}: ${joinColumnNames(names)}: every value is missing: leave ${excludeOption(names)}`,
  );
}

/** Column names as the subject of a message. */
export const joinColumnNames = (names: readonly string[]): string =>
  names.length === 1
    ? `column ${names[0]}`
    : names.length > MOST_NAMED
      ? `columns ${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`
      : `columns ${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;

/** Most columns that a message names. */
const MOST_NAMED = 20;

/** How to leave out columns, after the word leave. A name with a comma can only be in a configuration. */
export function excludeOption(names: readonly string[]): string {
  const them = names.length === 1 ? 'it' : 'them';
  if (names.length > MOST_NAMED) return `${them} out with "exclude" in a configuration`;
  return names.some((name) => name.includes(','))
    ? `${them} out with "exclude": ${JSON.stringify(names)} in a configuration`
    : `${them} out with --exclude ${quoteWord(names.join())}`;
}

/** Throws a {@link ConfigurationError} if an option names a column that the table does not have, or two contradict each other. */
function assertOptionColumns(
  { path, columns, unreadable }: Table,
  { label, types = {}, exclude = [] }: Configuration,
): void {
  const known = [...columns, ...unreadable].map((column) => column.name);
  const given = { label: label === undefined ? [] : [label], types: Object.keys(types), exclude };
  const more = known.length > NAMED ? ` and ${known.length - NAMED} more` : '';
  const faults = Object.entries(given).flatMap(([option, names]) =>
    names
      .filter((name) => !known.includes(name))
      .map((unknown) => {
        const found = findNearestName(unknown, known);
        const hint = found.near
          ? `; did you mean ${found.name}?`
          : `: it has ${known.slice(0, NAMED).join(', ')}${more}`;
        return `${option}: ${path} has no column ${unknown}${hint}`;
      }),
  );
  if (faults.length > 0) throw new ConfigurationError(faults.join('\n'));
  if (label !== undefined && exclude.includes(label)) {
    throw new ConfigurationError(
      `label and exclude both name ${label}: the model does not see the label anyway; choose one of the two options`,
    );
  }
}

/** Throws a {@link DataError} that names the columns that cannot be read, unless they are excluded. */
function assertReadable({ path, unreadable }: Table, exclude: readonly string[]): void {
  const columns = unreadable.filter(({ name }) => !exclude.includes(name));
  if (columns.length === 0) return;
  const shown = columns.map(({ name, why }) => `column ${name}: ${why}`).join('; ');
  const [it, own] = columns.length === 1 ? ['it', 'its'] : ['them', 'their'];
  const names = columns.map(({ name }) => name);
  throw new DataError(
    `${path}: ${shown}: expected numbers, true or false, texts, or dates; leave ${excludeOption(names)}, ` +
      `or spread ${it} over columns of ${own} own`,
  );
}

/** Explains why a column with a single value tells nothing, unless whether it is missing does. */
function explainConstant(values: number, count: number, rounded: boolean): string | undefined {
  if (values === count) return rounded ? 'constant but for digits that are not kept' : 'constant';
  const missing = count - values;
  if (missing < FEW_ROWS) return `constant, and missing in only ${missing} of ${count} rows`;
  if (values < FEW_ROWS) return `missing in all but ${values} of ${count} rows, which have the same value`;
  return undefined;
}

/** Throws a {@link DataError} if there are too few rows to train on. */
function assertRows({ path }: Table, count: number): void {
  if (count < 2) throw new DataError(`${path}: ${describeTooFew(count)}`);
}

/**
 * Settles a column's kind: the guessed one if nearly all rows confirm it, else another one that they do, or a category.
 * Numbers stay numbers however many are too large, and so do many different numbers, and dates, where later rows, which are
 * fewer, have something else: then they are not categories, and the user is asked.
 */
function settleKind({ kind, stray, words: flags }: Guess, { values, strays, words }: Summary): ColumnKind {
  if (strays === undefined || kind === 'category') return kind;
  if (kind === 'flag' && flags?.[0] !== '0') return 'category';
  const misfits = kind === 'date' ? strays.count : words;
  const asked = (kind === 'date' || stray === STRAY.many) && 2 * misfits <= values;
  if (!asked && misfits > allowedStrays(values, stray)) return 'category';
  return kind === 'date' ? kind : 'number';
}
