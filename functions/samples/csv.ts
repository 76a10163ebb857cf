import { describeAccepted } from '../../bundle/column-display.ts';
import { parseText } from '../../bundle/column-parsing.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import { findMisspelt } from '../../bundle/misspelling.ts';
import { listNames, shorten } from '../http/names.ts';
import { type FieldError, MAX_ERRORS, Problem } from '../http/problem.ts';
import { type CsvRecord, parseCsv } from './csv-parser.ts';
import { decodeText } from './decode-text.ts';
import { ignoredFields } from './fields.ts';
import type { SampleFormat } from './format.ts';
import { MAX_INSTANCES } from './limits.ts';

/**
 * A table as CSV: a header with the names of the columns, in any order and among others, then one line per instance. An
 * empty value, or a missing-value word, is missing.
 */
export const csv: SampleFormat = {
  type: 'text/csv',
  refusal: (data) => (kindOf(data) === 'table' ? undefined : 'this model’s values have no names'),
  read(body, { data }) {
    const columns = tableColumns(data);
    const [header, ...rows] = parseCsv(decodeText(body, 'CSV'));
    const ignored = ignoredFields(data);
    const places = locateColumns(columns, header, ignored);
    const known = new Set([...columns.map(({ name }) => name), ...ignored]);
    const unused = header.fields.filter((name) => !known.has(name));
    if (rows.length === 0 || rows.length > MAX_INSTANCES) {
      const detail = `expected 1 to ${MAX_INSTANCES} lines after the header, got ${rows.length}`;
      throw new Problem('invalid-body', detail);
    }
    const errors: FieldError[] = [];
    const values = new Float32Array(rows.length * columns.length).fill(Number.NaN);
    const errorAt = (i: number, j: number, detail: string) => ({
      detail: `line ${rows[i]!.line}, column ${columns[j]!.name}: ${detail}`,
    });
    for (const [i, { line, fields }] of rows.entries()) {
      if (errors.length >= MAX_ERRORS) break;
      if (fields.length !== header.fields.length) {
        const detail = `expected ${header.fields.length} values, as in the header, got ${fields.length}`;
        errors.push({ detail: `line ${line}: ${detail}` });
        continue;
      }
      for (const [j, column] of columns.entries()) {
        const place = places[j]!;
        const raw = place < 0 ? Number.NaN : parseText(column, fields[place]!);
        if (typeof raw === 'number') values[i * columns.length + j] = raw;
        else errors.push(errorAt(i, j, raw));
      }
    }
    if (errors.length > 0) throw new Problem('invalid-body', errors);
    return { values, unused, errorAt };
  },
};

/** Finds the field of each column; −1 for an absent column that may be missing. */
function locateColumns(
  columns: readonly TableColumn[],
  { fields }: CsvRecord,
  ignored: readonly string[],
): number[] {
  const errors: FieldError[] = [];
  const placeOf = new Map<string, number>();
  for (const [place, name] of fields.entries()) {
    if (placeOf.has(name) && errors.length < MAX_ERRORS) {
      errors.push({ detail: `header: duplicate name ${JSON.stringify(shorten(name))}` });
    }
    placeOf.set(name, place);
  }
  const misspelt = new Map(
    findMisspelt(columns, fields, ignored).map(({ field, column }) => [column, field]),
  );
  const places = columns.map((column) => {
    const { name, missing_share } = column;
    const place = placeOf.get(name) ?? -1;
    const near = misspelt.get(name);
    if (place < 0 && (near !== undefined || missing_share === 0)) {
      const instead = near === undefined ? '' : `; ${JSON.stringify(shorten(near))} is not a column`;
      const detail = `header: expected the column ${name} (${describeAccepted(column)})${instead}`;
      errors.push({ detail: fields.length === 1 ? `${detail}; separate names with commas` : detail });
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
