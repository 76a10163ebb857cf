import { FLAG_WORDS, isMissing } from '../../../bundle/column-parsing.ts';
import { parseDate } from '../../../bundle/date.ts';
import { DataError } from '../datasets/error.ts';
import type { Table } from '../readers/duckdb.ts';
import type { FileColumn } from '../readers/file-column.ts';
import { type ColumnKind, NUMBER } from './sql.ts';
import type { Summary } from './summary.ts';

/** What the first rows suggest about a column. */
export interface Guess {
  readonly column: FileColumn;
  readonly kind: ColumnKind;
  /** What a flag's false and true are called. */
  readonly words: readonly [string, string] | undefined;
  /** Whether nearly every row has another text. */
  readonly freeText: boolean;
  /** How large a share of the values may not fit the kind. */
  readonly stray: number;
}

/** Number of rows from which the kind of a text column is guessed; all rows then confirm it. */
const SAMPLE = 10_000;

/** Most columns in one query: more would need more memory than DuckDB has. */
const AT_ONCE = 128;

/**
 * Largest share of a column's values that may not fit its kind, or one value. It is larger for columns with more than
 * {@link MANY} different values: these are hardly categories.
 */
const STRAY = { few: 0.01, many: 0.2 };

/** Also: a text column with more different values than this, and in more than half of its rows, is free text. */
const MANY = 100;

/** Numbers and dates in forms that are not supported: hardly ever meant as categories. */
const UNSUPPORTED_FORMS = [
  {
    pattern: /^[+-]?\d*,\d+$/,
    what: 'has a comma',
    expected: 'numbers with a decimal point and no commas, such as 1234.5',
  },
  {
    pattern: /^(\d{1,2}([./-])\d{1,2}\2\d{4}|\d{1,2}\/\d{1,2}\/\d\d|\d{4}([./])\d{1,2}\3\d{1,2})(?!\d)/,
    what: 'is a date in a form that is not supported',
    expected: 'ISO 8601, such as 2024-05-31 or 2024-05-31T16:30:00',
  },
];

/** Guesses the kind of each column by its type in the file, and for texts by the first rows. `given` kinds win. */
export async function guessKinds(
  table: Table,
  columns: readonly FileColumn[],
  given: Readonly<Record<string, ColumnKind>>,
): Promise<Guess[]> {
  const guesses: Guess[] = [];
  for (let first = 0; first < columns.length; first += AT_ONCE) {
    const part = columns.slice(first, first + AT_ONCE);
    const texts = part.map(({ text }) => text).join(', ');
    const rows = await table.query(`SELECT ${texts} FROM ${table.source} LIMIT ${SAMPLE}`);
    for (const [j, column] of part.entries()) {
      const values = rows.flatMap((row) =>
        row[j] === null || isMissing(String(row[j])) ? [] : [String(row[j])],
      );
      const guess = guessKind(column, values);
      if (!given[column.name] && guess.kind === 'category') assertSupportedForm(table, column, values);
      guesses.push({ column, ...guess, kind: given[column.name] ?? guess.kind });
    }
  }
  return guesses;
}

function guessKind({ type }: FileColumn, values: readonly string[]): Omit<Guess, 'column'> {
  const plain = { words: undefined, freeText: false, stray: STRAY.few };
  if (type === 'boolean') return { ...plain, kind: 'flag', words: ['false', 'true'] };
  if (type === 'date') return { ...plain, kind: 'date' };
  const distinct = new Set(values.map((value) => value.trim().toLowerCase()));
  const words = FLAG_WORDS.find(
    (pair) => distinct.size > 0 && [...distinct].every((word) => pair.includes(word)),
  );
  if (words) return { ...plain, kind: 'flag', words };
  if (type === 'number') return { ...plain, kind: 'number' };
  const stray = distinct.size > MANY ? STRAY.many : STRAY.few;
  const mostly = (is: (value: string) => boolean) =>
    values.filter((value) => !is(value)).length <= allowedStrays(values.length, stray);
  if (mostly((value) => NUMBER.test(value.trim()))) return { ...plain, stray, kind: 'number' };
  if (mostly((value) => parseDate(value) !== undefined)) return { ...plain, stray, kind: 'date' };
  const freeText = distinct.size > Math.max(MANY, values.length / 2);
  return { ...plain, kind: 'category', freeText };
}

/** Throws if most values of a text column are numbers or dates in a form that is not supported. */
function assertSupportedForm({ path }: Table, { name }: FileColumn, values: readonly string[]): void {
  for (const { pattern, what, expected } of UNSUPPORTED_FORMS) {
    const found = values.filter((value) => pattern.test(value.trim()));
    if (found.length <= values.length / 2) continue;
    throw new DataError(
      `${path}: column ${name}: ${JSON.stringify(found[0])} ${what}: expected ${expected}; if it is meant as a text, say so: --types ${name}=category`,
    );
  }
}

/** How many of `count` values may not fit the kind. */
const allowedStrays = (count: number, share: number) => (count < 4 ? 0 : Math.max(1, share * count));

/**
 * Settles a column's kind: the guessed one if nearly all rows confirm it, else another one that they do, or a category.
 * Numbers stay numbers however many are too large.
 */
export function settleKind({ kind, stray }: Guess, { values, strays, words }: Summary): ColumnKind {
  if (kind === 'category') return kind;
  if (kind === 'flag' && strays.flag === 0) return kind;
  if (kind === 'date') return strays.date <= allowedStrays(values, stray) ? kind : 'category';
  return words <= allowedStrays(values, stray) ? 'number' : 'category';
}
