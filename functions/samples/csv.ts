import { describeAccepted } from '../../bundle/column-display.ts';
import { parseText } from '../../bundle/column-parsing.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import { findMisspelt } from '../../bundle/misspelling.ts';
import { namesOf, shortened } from '../http/names.ts';
import { type FieldError, MAX_ERRORS, Problem } from '../http/problem.ts';
import type { SampleFormat } from './format.ts';
import { MAX_INSTANCES } from './limits.ts';
import { textOf } from './text.ts';

/**
 * A table as CSV (RFC 4180): a line of column names, in any order and with others besides, then a line for each
 * instance. What is empty, or a word for missing, is missing.
 */
export const csv: SampleFormat = {
  type: 'text/csv',
  refusal: ({ scaling }) => (scaling.kind === 'columns' ? undefined : 'this model’s values have no names'),
  read(body, { data: { scaling, label, excluded } }) {
    const columns = scaling.kind === 'columns' ? scaling.columns : [];
    const [header, ...rows] = recordsOf(textOf(body, 'CSV'));
    const others = [label ?? '', ...excluded.map(({ name }) => name)];
    const places = placesOf(columns, header!, others);
    const known = new Set([...columns.map(({ name }) => name), ...others]);
    const unused = header!.fields.filter((name) => name !== '' && !known.has(name));
    if (rows.length === 0 || rows.length > MAX_INSTANCES) {
      throw new Problem(
        'invalid-body',
        `${rows.length} lines after the one of names, 1 to ${MAX_INSTANCES} expected`,
      );
    }
    const errors: FieldError[] = [];
    const values = new Float32Array(rows.length * columns.length).fill(Number.NaN);
    const wrong = (i: number, j: number, detail: string) => ({
      detail: `line ${rows[i]!.line}, column ${columns[j]!.name}: ${detail}`,
    });
    for (const [i, { line, fields }] of rows.entries()) {
      if (errors.length >= MAX_ERRORS) break;
      if (fields.length !== header!.fields.length) {
        const detail = `line ${line} has ${fields.length} values, the line of names has ${header!.fields.length}`;
        errors.push({ detail });
        continue;
      }
      for (const [j, column] of columns.entries()) {
        const place = places[j]!;
        const raw = place < 0 ? Number.NaN : parseText(column, fields[place]!);
        if (typeof raw === 'number') values[i * columns.length + j] = raw;
        else errors.push(wrong(i, j, raw));
      }
    }
    if (errors.length > 0) throw new Problem('invalid-body', errors.slice(0, MAX_ERRORS));
    return { values, unused, wrong };
  },
};

interface CsvRecord {
  /** The line that it begins on, from 1. */
  line: number;
  fields: string[];
}

/** In which field each column is, −1 for one that is absent and may be missing. */
function placesOf(
  columns: readonly TableColumn[],
  { fields }: CsvRecord,
  others: readonly string[],
): number[] {
  const errors: FieldError[] = [];
  const placeOf = new Map<string, number>();
  for (const [place, name] of fields.entries()) {
    if (placeOf.has(name) && errors.length < MAX_ERRORS) {
      errors.push({ detail: `line 1 names ${JSON.stringify(shortened(name))} twice` });
    }
    placeOf.set(name, place);
  }
  const meant = new Map(findMisspelt(columns, fields, others).map(({ field, column }) => [column, field]));
  const places = columns.map((column) => {
    const { name, missing_share } = column;
    const place = placeOf.get(name) ?? -1;
    const near = meant.get(name);
    if (place < 0 && (near !== undefined || missing_share === 0)) {
      const instead = near === undefined ? '' : `; ${JSON.stringify(shortened(near))} is no column`;
      const detail = `line 1 does not name the column ${name} (${describeAccepted(column)})${instead}`;
      errors.push({ detail: `${detail}; names are separated by commas` });
    }
    return place;
  });
  if (errors.length === 0 && places.every((place) => place < 0)) {
    errors.push({ detail: `line 1 names no column; ${namesOf(columns)} expected, separated by commas` });
  }
  if (errors.length > 0) throw new Problem('invalid-body', errors.slice(0, MAX_ERRORS));
  return places;
}

const STOP = /[,\r\n]/g;

/**
 * Splits a text into records, without those of empty lines unless there is one column, of which an empty line is a
 * missing value. Throws a {@link Problem} on a quote out of place.
 */
function recordsOf(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const record: CsvRecord = { line, fields: [] };
    for (let more = true; more; ) {
      const end = text[at] === '"' ? endOfQuoted(text, at, line) : endOfPlain(text, at);
      const field = text.slice(at, end);
      record.fields.push(field[0] === '"' ? field.slice(1, -1).replaceAll('""', '"') : field);
      line += field.split('\n').length - 1;
      at = end;
      more = text[at] === ',';
      if (more) at++;
      else if (at < text.length && text[at] !== '\r' && text[at] !== '\n') {
        throw new Problem('invalid-body', `line ${line}: there is more after a value in quotes`);
      }
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line++;
    const empty = record.fields.length === 1 && record.fields[0] === '';
    if (!empty || records[0]?.fields.length === 1) records.push(record);
  }
  if (records.length > 0) return records;
  throw new Problem('invalid-body', 'the body is blank: a line of column names expected');
}

function endOfPlain(text: string, at: number): number {
  STOP.lastIndex = at;
  return STOP.exec(text)?.index ?? text.length;
}

/** Past the quote that ends a value; two quotes are one within it. */
function endOfQuoted(text: string, at: number, line: number): number {
  let end = text.indexOf('"', at + 1);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end < 0) throw new Problem('invalid-body', `line ${line}: a quote that begins a value has no end`);
  return end + 1;
}
