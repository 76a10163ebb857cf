import { displayValue, type TableColumn } from './columns.ts';

/** A value of a record, as JSON has it; null is missing. */
export type RecordValue = number | string | boolean | null;
export type TableRecord = Record<string, RecordValue>;

const shortest = (value: number) => Number(value.toPrecision(4));

/** A row with nothing special in it, raw: of a number and a date the middle, else what is most frequent. */
export function typicalRow(columns: readonly TableColumn[]): Float32Array {
  return Float32Array.from(columns, (column) => {
    switch (column.kind) {
      case 'number':
        return shortest(column.missing);
      case 'flag':
        return column.missing;
      case 'category':
        return 0;
      case 'date':
        return column.time ? column.missing : Math.round(column.missing);
    }
  });
}

/** A text that is none of a column's categories. */
export function unknownCategory(categories: readonly string[]): string {
  let text = 'unknown';
  while (categories.includes(text)) text += '?';
  return text;
}

/** The record of a raw row, one number a column: `rawRow` makes the same raw row of it. */
export function recordOf(columns: readonly TableColumn[], raw: ArrayLike<number>): TableRecord {
  return Object.fromEntries(columns.map((column, j) => [column.name, recordValue(column, raw[j]!)]));
}

function recordValue(column: TableColumn, raw: number): RecordValue {
  if (Number.isNaN(raw)) return null;
  switch (column.kind) {
    case 'number':
      return shortestFloat(raw);
    case 'flag':
      return raw >= 0.5;
    case 'category':
      return column.categories[raw] ?? unknownCategory(column.categories);
    case 'date':
      return displayValue(column, column.time ? raw : Math.round(raw));
  }
}

/** The shortest decimal that is the same in 32 bits: 0.1 for 0.10000000149011612. */
export function shortestFloat(value: number): number {
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** How many fields that are no columns are looked at: more are a table of something else. */
const MOST_OTHERS = 50;

/**
 * The columns that a record leaves out although a field of it that nobody knows has nearly their name: a
 * misspelt field would be passed over, and its column taken for missing.
 */
export function misspelt(
  columns: readonly TableColumn[],
  fields: readonly string[],
  known: readonly string[] = [],
): { field: string; column: string }[] {
  const names = new Set([...columns.map(({ name }) => name), ...known]);
  const given = new Set(fields);
  const absent = columns.filter(({ name }) => !given.has(name)).map(({ name }) => name);
  return fields
    .filter((field) => !names.has(field))
    .slice(0, MOST_OTHERS)
    .flatMap((field) => {
      const column = absent.find((name) => plain(name) === plain(field) || oneEditApart(name, field));
      return column === undefined ? [] : [{ field, column }];
    });
}

const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Whether one letter more, less or other, or two that change places, makes one name of the other. */
function oneEditApart(a: string, b: string): boolean {
  if (Math.min(a.length, b.length) < 3 || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return Math.max(left.length, right.length) <= 1 || (left.length === 2 && left === right[1] + right[0]);
}
