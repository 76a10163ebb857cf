import { findNearestName } from '../../../bundle/misspelling.ts';
import { type Configuration, ConfigurationError } from '../../config/schema.ts';
import { DataError } from '../datasets/error.ts';
import type { Table } from '../readers/duckdb.ts';
import type { FileColumn } from '../readers/file-column.ts';
import { strayValueError } from './invalid.ts';
import { type Guess, guessKinds, settleKind } from './kinds.ts';
import { type ExcludedColumn, findLabel, type Label } from './label.ts';
import type { ColumnKind } from './sql.ts';
import { type Summary, summariseColumns } from './summary.ts';

/** A column that the model is to see. */
export interface InferredColumn {
  readonly column: FileColumn;
  readonly kind: ColumnKind;
  /** What a flag's false and true are called. */
  readonly words: readonly [string, string];
  /** The day, counted from 1970-01-01, in the middle of a date column. */
  readonly origin: number;
}

/** The columns of a table, with their kinds and uses. */
export interface Inferred {
  readonly count: number;
  readonly columns: readonly InferredColumn[];
  readonly label: Label | undefined;
  readonly excluded: readonly ExcludedColumn[];
}

/** Most columns that are named in a message. */
const NAMED = 20;

/**
 * A column with a single value plus gaps is kept, as a missing-value flag, if at least this many rows have the value
 * and as many have not.
 */
const FEW_ROWS = 10;

const ID =
  /^(id|uuid|guid|key|index|idx|unnamed.*|column 1|row[ _]?(id|number|num|no)?|(no|nr|seq|sequence|number|counter)|(record|sample|line)[ _]?(number|num|no|nr)|.*[ _](id|uuid|guid|key|no|nr|seq)|.*[a-z](Id|ID|Uuid|UUID))$/i;

/**
 * Infers the kind of each column, which columns the model is not to see, and the label. Throws a {@link DataError} with
 * row and column if a value does not fit, a {@link ConfigurationError} if an option names a column that does not exist.
 */
export async function inferTable(table: Table, configuration: Configuration): Promise<Inferred> {
  const { types = {}, exclude = [] } = configuration;
  assertOptionColumns(table, configuration);
  assertReadable(table, exclude);
  const count = await countRows(table);
  const { label, excluded: labels } = await findLabel(table, configuration);
  const excluded: ExcludedColumn[] = [...exclude.map((name) => ({ name, why: 'by --exclude' })), ...labels];
  const out = new Set([...excluded.map(({ name }) => name), label?.name]);
  const left = table.columns.filter(({ name }) => !out.has(name));
  const guesses = await guessKinds(table, left, types);
  const summaries = await summariseColumns(table, guesses);
  const columns: InferredColumn[] = [];
  for (const [i, guess] of guesses.entries()) {
    const inferred = await inferColumn(table, guess, summaries[i], types[guess.column.name], count);
    if ('why' in inferred) excluded.push(inferred);
    else columns.push(inferred);
  }
  if (columns.length === 0) {
    const why = excluded.map((column) => `${column.name} (${column.why})`).join(', ');
    throw new DataError(`${table.path}: no column is left to learn from: ${why}`);
  }
  return { count, columns, label, excluded };
}

/** Infers what a column is for. Throws a {@link DataError} if a value does not fit its kind. */
async function inferColumn(
  table: Table,
  guess: Guess,
  summary: Summary,
  given: ColumnKind | undefined,
  count: number,
): Promise<InferredColumn | ExcludedColumn> {
  const { column, freeText, words = ['0', '1'] } = guess;
  const { name } = column;
  const { values, constant, strays, origin } = summary;
  if (values === 0) {
    throw new DataError(
      `${table.path}: column ${name}: every value is missing: leave it out with --exclude ${JSON.stringify(name)}`,
    );
  }
  const uninformative = constant && explainConstant(values, count);
  if (uninformative) return { name, why: uninformative };
  if (!given && ID.test(name) && (await isDistinct(table, column, values, count))) {
    return { name, why: 'an id by its name' };
  }
  const kind = given ?? settleKind(guess, summary);
  if (freeText && kind === 'category') return { name, why: 'a text that is another in nearly every row' };
  if (kind !== 'category' && strays[kind] > 0) {
    throw await strayValueError(table, column, kind, strays[kind]);
  }
  return { column, kind, words, origin };
}

/** Throws a {@link ConfigurationError} if an option names a column that the table does not have. */
function assertOptionColumns(
  { path, columns, unreadable }: Table,
  { label, types = {}, exclude = [] }: Configuration,
): void {
  const known = [...columns, ...unreadable].map((column) => column.name);
  const given = { label: label === undefined ? [] : [label], types: Object.keys(types), exclude };
  for (const [option, names] of Object.entries(given)) {
    const unknown = names.find((name) => !known.includes(name));
    if (unknown === undefined) continue;
    const found = findNearestName(unknown, known);
    const more = known.length > NAMED ? ` and ${known.length - NAMED} more` : '';
    const hint = found.near
      ? `; did you mean ${found.name}?`
      : `: it has ${known.slice(0, NAMED).join(', ')}${more}`;
    throw new ConfigurationError(`${option}: ${path} has no column ${unknown}${hint}`);
  }
}

/** Throws a {@link DataError} if a column cannot be read, unless it is excluded. */
function assertReadable({ path, unreadable }: Table, exclude: readonly string[]): void {
  const column = unreadable.find(({ name }) => !exclude.includes(name));
  if (!column) return;
  const { name, why } = column;
  throw new DataError(
    `${path}: column ${name}: ${why}: expected numbers, true or false, texts, or dates; leave it out with ` +
      `--exclude ${JSON.stringify(name)}, or spread it over columns of its own`,
  );
}

/** Explains why a column with a single value tells nothing, unless whether it is missing does. */
function explainConstant(values: number, count: number): string | undefined {
  if (values === count) return 'constant';
  const missing = count - values;
  if (missing < FEW_ROWS) return `constant, and missing in only ${missing} of ${count} rows`;
  if (values < FEW_ROWS) return `missing in all but ${values} of ${count} rows, which have the same value`;
  return undefined;
}

async function countRows(table: Table): Promise<number> {
  const [[found]] = await table.query(`SELECT count(*) FROM ${table.source}`);
  const count = Number(found);
  if (count < 2) {
    throw new DataError(
      `${table.path}: there ${count === 0 ? 'are no rows' : 'is one row'}: at least 2 are needed, and some hundred to learn from`,
    );
  }
  return count;
}

/** Whether every row has another value. */
async function isDistinct(
  table: Table,
  { text }: FileColumn,
  values: number,
  count: number,
): Promise<boolean> {
  if (values < count) return false;
  const [[found]] = await table.query(`SELECT count(DISTINCT ${text}) FROM ${table.source}`);
  return Number(found) === count;
}
