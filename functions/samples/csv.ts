import { describeAccepted } from '../../bundle/column-display.ts';
import { columnName } from '../../bundle/column-names.ts';
import { parseValue } from '../../bundle/column-parsing.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import {
  assertNamesFirst,
  assertNoNul,
  CsvError,
  CsvParser,
  countMark,
  findDelimiter,
  readTexts,
} from '../../bundle/csv-parser.ts';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import { findMisspelt } from '../../bundle/misspelling.ts';
import { listNames, shorten } from '../http/names.ts';
import { type FieldError, MAX_ERRORS, Problem } from '../http/problem.ts';
import { decodeText } from './decode-text.ts';
import { ignoredFields } from './fields.ts';
import type { SampleFormat } from './format.ts';
import { MAX_INSTANCES } from './limits.ts';

/**
 * A table as CSV: a header with the names of the columns, in any order and among others, then one line per instance. The
 * first lines tell the delimiter.
 */
export const csv: SampleFormat = {
  type: 'text/csv',
  refusal: (data) => (kindOf(data) === 'table' ? undefined : 'this model’s values have no names'),
  read(body, { data }) {
    const columns = tableColumns(data);
    const { names, rows, count } = parseCsv(body);
    const ignored = ignoredFields(data);
    const places = locateColumns(columns, names, ignored);
    const known = new Set([...columns.map(({ name }) => name), ...ignored]);
    const unused = names.filter((name) => !known.has(name));
    if (count === 0 || count > MAX_INSTANCES) {
      const detail = `expected 1 to ${MAX_INSTANCES} lines after the header, got ${count}`;
      throw new Problem('invalid-body', detail);
    }
    const errors: FieldError[] = [];
    const values = new Float32Array(rows.length * columns.length).fill(Number.NaN);
    const errorAt = (i: number, j: number, detail: string) => ({
      detail: `line ${rows[i]!.line}, column ${columns[j]!.name}: ${detail}`,
    });
    for (const [i, { line, fields }] of rows.entries()) {
      if (errors.length >= MAX_ERRORS) break;
      if (fields.length !== names.length) {
        const detail = `expected ${names.length} values, as in the header, got ${fields.length}`;
        errors.push({ detail: `line ${line}: ${detail}` });
        continue;
      }
      for (const [j, column] of columns.entries()) {
        const place = places[j]!;
        const raw = place < 0 ? Number.NaN : parseValue(column, fields[place]!);
        if (typeof raw === 'number') values[i * columns.length + j] = raw;
        else errors.push(errorAt(i, j, raw));
      }
    }
    if (errors.length > 0) throw new Problem('invalid-body', errors);
    return { values, unused, errorAt };
  },
};

interface CsvRow {
  /** The line on which it begins, counted from 1. */
  line: number;
  fields: string[];
}

/** Parses the names, and no more rows than are accepted, but counts them all. Throws a {@link Problem} if a quote is out of place, or the body is not text. */
function parseCsv(body: Uint8Array): { names: string[]; rows: CsvRow[]; count: number } {
  decodeText(body, 'CSV');
  const bytes = body.subarray(countMark(body));
  try {
    assertNamesFirst(bytes);
    assertNoNul(bytes, 1);
    const parser = new CsvParser(findDelimiter(bytes, { whole: true }));
    parser.continueWith(bytes);
    if (!parser.next(0, true)) {
      throw new Problem('invalid-body', 'the body is blank, expected a header with the names of the columns');
    }
    const names = readTexts(parser).map(columnName);
    const rows: CsvRow[] = [];
    let count = 0;
    while (parser.next(names.length, true)) {
      if (count++ >= MAX_INSTANCES) continue;
      rows.push({ line: parser.line, fields: readTexts(parser) });
    }
    return { names, rows, count };
  } catch (error) {
    if (error instanceof CsvError) throw new Problem('invalid-body', `line ${error.line}: ${error.message}`);
    throw error;
  }
}

/** Finds the field of each column; −1 for an absent column that may be missing. */
function locateColumns(
  columns: readonly TableColumn[],
  names: readonly string[],
  ignored: readonly string[],
): number[] {
  const errors: FieldError[] = [];
  const placeOf = new Map<string, number>();
  for (const [place, name] of names.entries()) {
    if (placeOf.has(name) && errors.length < MAX_ERRORS) {
      errors.push({ detail: `header: duplicate name ${JSON.stringify(shorten(name))}` });
    }
    placeOf.set(name, place);
  }
  const misspelt = new Map(findMisspelt(columns, names, ignored).map(({ field, column }) => [column, field]));
  const places = columns.map((column) => {
    const { name, missing_share } = column;
    const place = placeOf.get(name) ?? -1;
    const near = misspelt.get(name);
    if (place < 0 && (near !== undefined || missing_share === 0)) {
      const instead = near === undefined ? '' : `; ${JSON.stringify(shorten(near))} is not a column`;
      const detail = `header: expected the column ${name} (${describeAccepted(column)})${instead}`;
      errors.push({ detail: names.length === 1 ? `${detail}; separate names with commas` : detail });
    }
    return place;
  });
  if (errors.length === 0 && places.every((place) => place < 0)) {
    errors.push({
      detail: `header: no name is a column: expected ${listNames(columns)}, separated by commas`,
    });
  }
  if (errors.length > 0) throw new Problem('invalid-body', errors);
  return places;
}
