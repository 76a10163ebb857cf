import { FLAG_WORDS, isMissing } from '../../../bundle/column-parsing.ts';
import type { TableColumn } from '../../../bundle/column-schema.ts';
import { parseDate } from '../../../bundle/date.ts';
import { findNearestName } from '../../../bundle/misspelling.ts';
import { type Configuration, ConfigurationError } from '../../config/schema.ts';
import { DataError } from '../datasets/error.ts';
import { type FileColumn, isOneOf, literal, missingSql, type Table } from '../readers/duckdb.ts';
import { type Label, labelOf } from './label.ts';

export type Kind = TableColumn['kind'];

/** A column that the model is to see. */
export interface InferredColumn {
  readonly column: FileColumn;
  readonly kind: Kind;
  /** Of a flag: what false and true are. */
  readonly words: readonly [string, string];
  /** Of a date: the day, from 1970-01-01, in the middle of all. */
  readonly origin: number;
}

/** What a table is found to be. */
export interface Inferred {
  readonly count: number;
  readonly columns: readonly InferredColumn[];
  readonly label: Label | undefined;
  readonly excluded: readonly { name: string; why: string }[];
}

/** Rows from which the kind of a text column is guessed; all rows then say whether that is so. */
const SAMPLE = 10_000;

/** Columns that are looked at in one query: more take more memory than DuckDB has. */
const AT_ONCE = 128;

/** So many columns are named in a message. */
const NAMED = 20;

/** Of a column of one value, whether it is missing is learned from only if at least so many rows have it and do not. */
const FEW_ROWS = 10;

/** A column is of a kind if at most this share of its values, or one value, is not: a larger one of columns with … */
const STRAY = { few: 0.01, many: 0.2 };

/** … more different values than this, which are no categories if more than half of the rows have one of their own. */
const MANY = 100;

const ID =
  /^(id|uuid|guid|key|index|idx|unnamed.*|column 1|row[ _]?(id|number|num|no)?|(no|nr|seq|sequence|number|counter)|(record|sample|line)[ _]?(number|num|no|nr)|.*[ _](id|uuid|guid|key|no|nr|seq)|.*[a-z](Id|ID|Uuid|UUID))$/i;

/**
 * Finds the kind of each column, those that the model is not to see, and the label. Throws a {@link DataError}
 * that names row and column if the data are not what they seem to be, a {@link ConfigurationError} if
 * an option names a column that is not there.
 */
export async function inferTable(table: Table, options: Configuration): Promise<Inferred> {
  const { path } = table;
  const { types = {}, exclude = [] } = options;
  for (const [option, names] of Object.entries({
    label: options.label === undefined ? [] : [options.label],
    types: Object.keys(types),
    exclude,
  })) {
    for (const name of names) assertColumn(table, option, name);
  }
  for (const { name, why } of table.unreadable) {
    if (exclude.includes(name)) continue;
    throw new DataError(
      `${path}: column ${name}: ${why}: expected numbers, true or false, texts, or dates; leave it out with ` +
        `--exclude ${JSON.stringify(name)}, or spread it over columns of its own`,
    );
  }
  const count = await rowsOf(table);
  const excluded = exclude.map((name) => ({ name, why: 'by --exclude' }));
  const { label, excluded: labels } = await labelOf(table, options);
  excluded.push(...labels);
  const out = new Set([...excluded.map(({ name }) => name), label?.name]);
  const left = table.columns.filter(({ name }) => !out.has(name));
  const guesses = await guess(table, left, types);
  const summaries = await summarise(table, guesses);
  const columns: InferredColumn[] = [];
  for (const [i, guess] of guesses.entries()) {
    const { column, freeText } = guess;
    const summary = summaries[i];
    const { name } = column;
    const given = types[name];
    if (summary.values === 0) {
      throw new DataError(
        `${path}: column ${name}: every value is missing: leave it out with --exclude ${JSON.stringify(name)}`,
      );
    }
    const kind = given ?? settled(guess, summary);
    const constant = summary.constant && constancy(summary.values, count);
    if (constant) excluded.push({ name, why: constant });
    else if (!given && ID.test(name) && (await isDistinct(table, column, summary.values, count))) {
      excluded.push({ name, why: 'an id by its name' });
    } else if (freeText && kind === 'category') {
      excluded.push({ name, why: 'a text that is another in nearly every row' });
    } else {
      if (kind !== 'category' && summary.strays[kind] > 0) {
        await refuse(table, column, kind, summary.strays[kind]);
      }
      columns.push({ column, kind, words: guesses[i].words ?? ['0', '1'], origin: summary.origin });
    }
  }
  if (columns.length === 0) {
    const why = excluded.map((column) => `${column.name} (${column.why})`).join(', ');
    throw new DataError(`${path}: no column is left to learn from: ${why}`);
  }
  return { count, columns, label, excluded };
}

function assertColumn({ path, columns, unreadable }: Table, option: string, name: string): void {
  const names = [...columns, ...unreadable].map((column) => column.name);
  if (names.includes(name)) return;
  const found = findNearestName(name, names);
  const rest = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const hint = found.near
    ? `; did you mean ${found.name}?`
    : `: it has ${names.slice(0, NAMED).join(', ')}${rest}`;
  throw new ConfigurationError(`${option}: ${path} has no column ${name}${hint}`);
}

/** Why a column of one value tells nothing, unless whether it is missing does. */
function constancy(values: number, count: number): string | undefined {
  if (values === count) return 'constant';
  const missing = count - values;
  if (missing < FEW_ROWS) return `constant, and missing in only ${missing} of ${count} rows`;
  if (values < FEW_ROWS) return `missing in all but ${values} of ${count} rows, which have the same value`;
  return undefined;
}

async function rowsOf(table: Table): Promise<number> {
  const [[found]] = await table.query(`SELECT count(*) FROM ${table.source}`);
  const count = Number(found);
  if (count < 2) {
    throw new DataError(
      `${table.path}: there ${count === 0 ? 'are no rows' : 'is one row'}: at least 2 are needed, and some hundred to learn from`,
    );
  }
  return count;
}

interface Guess {
  column: FileColumn;
  kind: Kind;
  words: readonly [string, string] | undefined;
  freeText: boolean;
  /** How large a share of the values may be of another kind. */
  stray: number;
}

/** The kind of each column by its type in the file, and of texts by the first rows. */
async function guess(
  table: Table,
  columns: readonly FileColumn[],
  types: Readonly<Record<string, Kind>>,
): Promise<Guess[]> {
  const found: Guess[] = [];
  for (let first = 0; first < columns.length; first += AT_ONCE) {
    const part = columns.slice(first, first + AT_ONCE);
    const texts = part.map(({ text }) => text).join(', ');
    const rows = await table.query(`SELECT ${texts} FROM ${table.source} LIMIT ${SAMPLE}`);
    for (const [j, column] of part.entries()) {
      const values = rows.flatMap((row) =>
        row[j] === null || isMissing(String(row[j])) ? [] : [String(row[j])],
      );
      const guess = guessed(column, values);
      if (!types[column.name] && guess.kind === 'category') assertWritten(table, column, values);
      found.push({ column, ...guess, kind: types[column.name] ?? guess.kind });
    }
  }
  return found;
}

function guessed({ type }: FileColumn, values: readonly string[]): Omit<Guess, 'column'> {
  const found = { words: undefined, freeText: false, stray: STRAY.few };
  if (type === 'boolean') return { ...found, kind: 'flag', words: ['false', 'true'] };
  if (type === 'date') return { ...found, kind: 'date' };
  const distinct = new Set(values.map((value) => value.trim().toLowerCase()));
  const words = FLAG_WORDS.find(
    (pair) => distinct.size > 0 && [...distinct].every((word) => pair.includes(word)),
  );
  if (words) return { ...found, kind: 'flag', words };
  if (type === 'number') return { ...found, kind: 'number' };
  const stray = distinct.size > MANY ? STRAY.many : STRAY.few;
  const mostly = (is: (value: string) => boolean) =>
    values.filter((value) => !is(value)).length <= allowed(values.length, stray);
  if (mostly((value) => NUMBER.test(value.trim()))) return { ...found, stray, kind: 'number' };
  if (mostly((value) => parseDate(value) !== undefined)) return { ...found, stray, kind: 'date' };
  const freeText = distinct.size > Math.max(MANY, values.length / 2);
  return { ...found, kind: 'category', freeText };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?inf(inity)?$/i;

/** Numbers and dates in forms that are not read: categories they are hardly ever meant to be. */
const OTHER_FORMS = [
  {
    pattern: /^[+-]?\d*,\d+$/,
    what: 'has a comma',
    expected: 'numbers with a decimal point and no commas, such as 1234.5',
  },
  {
    pattern: /^(\d{1,2}([./-])\d{1,2}\2\d{4}|\d{1,2}\/\d{1,2}\/\d\d|\d{4}([./])\d{1,2}\3\d{1,2})(?!\d)/,
    what: 'is a date in a form that is not read',
    expected: 'ISO 8601, such as 2024-05-31 or 2024-05-31T16:30:00',
  },
];

/** Throws if most values of a text column are numbers or dates in a form that is not read. */
function assertWritten({ path }: Table, { name }: FileColumn, values: readonly string[]): void {
  for (const { pattern, what, expected } of OTHER_FORMS) {
    const found = values.filter((value) => pattern.test(value.trim()));
    if (found.length <= values.length / 2) continue;
    throw new DataError(
      `${path}: column ${name}: ${JSON.stringify(found[0])} ${what}: expected ${expected}; if it is meant as a text, say so: --types ${name}=category`,
    );
  }
}

/** How many of so many values may be of another kind. */
const allowed = (values: number, stray: number) => (values < 4 ? 0 : Math.max(1, stray * values));

/** What all rows say of a column. */
interface Summary {
  /** How many values are not missing. */
  values: number;
  constant: boolean;
  /** How many of them are no value of a kind. */
  strays: Record<Exclude<Kind, 'category'>, number>;
  /** How many are no number, not even one that is too large. */
  words: number;
  origin: number;
}

/** What all rows say of each column. */
async function summarise(table: Table, guesses: readonly Guess[]): Promise<Summary[]> {
  const found: Summary[] = [];
  for (let first = 0; first < guesses.length; first += AT_ONCE) {
    found.push(...(await summarisePart(table, guesses.slice(first, first + AT_ONCE))));
  }
  return found;
}

async function summarisePart(table: Table, guesses: readonly Guess[]): Promise<Summary[]> {
  const inner: string[] = [];
  const outer: string[] = [];
  for (const [i, { column, kind, words }] of guesses.entries()) {
    const { text } = column;
    const code = (valid: string) => `CASE WHEN ${valid} THEN 0 WHEN ${missingSql(text)} THEN 1 ELSE 2 END`;
    const number = finiteSql(column);
    const date = dateSql(column);
    const large = `regexp_matches(trim(${text}), ${literal(NUMBER.source)}, 'i')`;
    const flag = `${flagSql(column, words ?? ['0', '1'])} IS NOT NULL`;
    // A column that is none of the guessed kind may still be of numbers.
    const numeric = kind === 'number' || kind === 'flag';
    const codes = {
      number: numeric ? code(`${number} IS NOT NULL`) : '2',
      words: numeric ? code(`${number} IS NOT NULL OR ${large}`) : '2',
      date: kind === 'date' ? code(`${date} IS NOT NULL`) : '2',
      flag: kind === 'flag' ? code(flag) : '2',
    };
    const value =
      kind === 'number'
        ? number
        : kind === 'date'
          ? date
          : `CASE WHEN ${missingSql(text)} THEN NULL ELSE ${text} END`;
    inner.push(`${value} AS v${i}`, ...Object.entries(codes).map(([name, sql]) => `${sql} AS ${name}${i}`));
    outer.push(
      `count(v${i})`,
      `min(v${i}) = max(v${i})`,
      ...['number', 'words', 'date', 'flag'].map((name) => `count_if(${name}${i} = 2)`),
      kind === 'date' ? `epoch(min(v${i})) / 86400, epoch(max(v${i})) / 86400` : '0, 0',
    );
  }
  const [row] = await table.query(
    `SELECT ${outer.join(', ')} FROM (SELECT ${inner.join(', ')} FROM ${table.source})`,
  );
  return guesses.map(({ kind }, i) => {
    const [values, constant, number, words, date, flag, first, last] = row.slice(8 * i, 8 * i + 8);
    const strays = { number: Number(number), date: Number(date), flag: Number(flag) };
    const own = kind === 'category' ? 0 : kind === 'flag' ? 0 : strays[kind];
    return {
      values: Number(values) + own,
      constant: constant === true && own === 0,
      strays,
      words: Number(words),
      origin: Math.floor((Number(first) + Number(last)) / 2),
    };
  });
}

/**
 * The guessed kind if nearly all rows bear it out, else another one that they do, or a category. Numbers stay numbers
 * however many are too large.
 */
function settled({ kind, stray }: Guess, { values, strays, words }: Summary): Kind {
  if (kind === 'category') return kind;
  if (kind === 'flag' && strays.flag === 0) return kind;
  if (kind === 'date') return strays.date <= allowed(values, stray) ? kind : 'category';
  return words <= allowed(values, stray) ? 'number' : 'category';
}

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

/** Throws what is wrong with the first value of a column that is not of its kind, of so many. */
async function refuse(
  table: Table,
  column: FileColumn,
  kind: Exclude<Kind, 'category'>,
  strays: number,
): Promise<never> {
  const valid = { number: finiteSql(column), date: dateSql(column), flag: flagSql(column, ['0', '1']) }[kind];
  const [found] = await table.query(
    `SELECT row, value FROM (SELECT row_number() OVER () AS row, ${column.text} AS value, ${valid} AS valid ` +
      `FROM ${table.source}) WHERE valid IS NULL AND NOT ${missingSql('value')} LIMIT 1`,
  );
  const { name } = column;
  const [row, value] = found ?? ['?', '?'];
  const text = JSON.stringify(String(value).slice(0, 40));
  const expected = {
    number: 'a finite number of at most 3.4e38 in size',
    date: 'a date, such as 2024-05-31 or 2024-05-31T16:30:00',
    flag: 'true or false, yes or no, t or f, y or n, 1 or 0, the same two throughout',
  }[kind];
  const more = strays > 1 ? ` (the first of ${strays} such values)` : '';
  throw new DataError(
    `${table.path}: row ${row} (counted from 1, without the header), column ${name}: ${text}${more}, expected ${expected}, ` +
      `or nothing or NA if it is missing; if the column is of another kind, say so: --types ${name}=category`,
  );
}

/** A column's values as float32: NULL, or NaN, where one is missing; NULL, or infinite, where it is no number. */
export function numberSql({ type, value, text }: FileColumn): string {
  return `TRY_CAST(${type === 'date' ? text : value} AS FLOAT)`;
}

/** The same, NULL unless it is a finite number. */
function finiteSql(column: FileColumn): string {
  const number = numberSql(column);
  return `CASE WHEN isfinite(${number}) THEN ${number} END`;
}

/** A column's values as timestamps, NULL where one is missing or none. */
export const dateSql = ({ type, value, text }: FileColumn): string =>
  type === 'date' ? value : `TRY_CAST(${text} AS TIMESTAMP)`;

/** A column's values as 0 and 1, NULL where one is missing or neither. */
export function flagSql({ type, value, text }: FileColumn, [no, yes]: readonly [string, string]): string {
  if (type === 'boolean') return `CAST(${value} AS FLOAT)`;
  if (type === 'number') return `CASE ${value} WHEN 0 THEN 0::FLOAT WHEN 1 THEN 1::FLOAT END`;
  const word = `lower(trim(${text}))`;
  const is = (known: string, other: string) => isOneOf(word, [known.toLowerCase(), other]);
  return `CASE WHEN ${is(no, 'false')} THEN 0::FLOAT WHEN ${is(yes, 'true')} THEN 1::FLOAT END`;
}
