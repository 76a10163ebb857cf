import { describeAccepted } from './column-display.ts';
import type { ColumnOf, TableColumn } from './column-schema.ts';
import { parseDate } from './date.ts';

/** Texts that stand for a missing value, in lower case and trimmed. */
export const MISSING_WORDS: readonly string[] = ['', 'na', 'n/a', 'nan', 'null', 'none', '?'];

/** The words of flags, false and true, in lower case. */
export const FLAG_WORDS: readonly (readonly [string, string])[] = [
  ['false', 'true'],
  ['no', 'yes'],
  ['f', 't'],
  ['n', 'y'],
  ['0', '1'],
];

export const isMissing = (text: string): boolean => MISSING_WORDS.includes(text.trim().toLowerCase());

/** Why a value of a record is invalid. */
export interface ColumnError {
  /** The name of the column; empty if the error is about the whole record. */
  column: string;
  detail: string;
}

/**
 * Parses a record into `target`, one raw value per column, starting at `offset`. A record is an object with the
 * column names as keys (other keys are ignored) or an array in column order. Its values are JSON: numbers, booleans,
 * strings, ISO 8601 dates. Null means missing; a column that was missing in some training rows may also be absent.
 * Returns all errors; an empty array if the record is valid.
 */
export function parseRecord(
  columns: readonly TableColumn[],
  record: Readonly<Record<string, unknown>> | readonly unknown[],
  target: Float32Array,
  offset = 0,
): ColumnError[] {
  const listed = Array.isArray(record);
  if (listed && record.length !== columns.length) {
    const names = columns.map(({ name }) => name).join(', ');
    return [{ column: '', detail: `expected ${columns.length} values (${names}), got ${record.length}` }];
  }
  const errors: ColumnError[] = [];
  for (const [j, column] of columns.entries()) {
    const { name, missing_share } = column;
    const has = listed || Object.hasOwn(record, name);
    const value = listed ? record[j] : (record as Readonly<Record<string, unknown>>)[name];
    if (value === null || (!has && missing_share > 0)) target[offset + j] = Number.NaN;
    else if (!has || value === undefined) {
      const detail = `absent: expected ${describeAccepted(column)}, or null for a missing value`;
      errors.push({ column: name, detail });
    } else {
      const raw = parseValue(column, value);
      if (typeof raw === 'string') errors.push({ column: name, detail: raw });
      else target[offset + j] = raw;
    }
  }
  return errors;
}

/**
 * Parses a text from a CSV file or a form to a raw value: NaN for a missing-value word, −1 for an unknown category.
 * Returns a sentence about what is wrong if the column does not accept it.
 */
export function parseText(column: TableColumn, text: string): number | string {
  if (column.kind === 'category' && column.categories.includes(text)) return column.categories.indexOf(text);
  if (isMissing(text)) return Number.NaN;
  return parseValue(column, column.kind === 'number' && text.trim() !== '' ? (toNumber(text) ?? text) : text);
}

/** The raw value of a JSON value, or a sentence about what is wrong with it. */
function parseValue(column: TableColumn, value: unknown): number | string {
  const refuse = () => `expected ${describeAccepted(column)}, got ${quote(value)}`;
  switch (column.kind) {
    case 'number': {
      if (typeof value === 'number') {
        return Number.isFinite(Math.fround(value)) ? value : `expected a number within ±3.4e38, got ${value}`;
      }
      const numeric = typeof value === 'string' && !isMissing(value) && Number.isFinite(Number(value));
      return numeric ? `${refuse()}: write it without quotes` : refuse();
    }
    case 'flag': {
      if (value === false || value === 0) return 0;
      if (value === true || value === 1) return 1;
      return (typeof value === 'string' ? parseFlag(column, value) : undefined) ?? refuse();
    }
    case 'category':
      if (typeof value === 'object') return refuse();
      return findCategory(column, String(value));
    case 'date': {
      const days = typeof value === 'string' ? parseDate(value) : undefined;
      return days === undefined ? refuse() : days - column.origin;
    }
  }
}

/** The index of a category, −1 if it is unknown. A whole number may be written with or without `.0`. */
function findCategory({ categories }: ColumnOf<'category'>, text: string): number {
  const at = categories.indexOf(text);
  if (at >= 0 || !/^-?\d+(\.0)?$/.test(text)) return at;
  return categories.indexOf(text.endsWith('.0') ? text.slice(0, -2) : `${text}.0`);
}

function toNumber(text: string): number | undefined {
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

/** 0 or 1 for the words of a flag, in any case; undefined for other texts. */
function parseFlag({ words }: ColumnOf<'flag'>, text: string): number | undefined {
  const word = text.trim().toLowerCase();
  const at = words.findIndex((known) => known.toLowerCase() === word);
  if (at >= 0) return at;
  return word === 'false' ? 0 : word === 'true' ? 1 : undefined;
}

/** A value as it stands in an error, cut if it is long. */
const quote = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
};
