import { Problem } from '../http/problem.ts';

export interface CsvRecord {
  /** The line on which it begins, counted from 1. */
  line: number;
  fields: string[];
}

/**
 * Parses CSV (RFC 4180). Skips empty lines, unless there is only one column: then an empty line is a missing value.
 * Throws a {@link Problem} if a quote is out of place or there are no records.
 */
export function parseCsv(text: string): [CsvRecord, ...CsvRecord[]] {
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
        throw new Problem(
          'invalid-body',
          `line ${line}: expected a comma or the end of the line after a quote`,
        );
      }
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line++;
    const empty = record.fields.length === 1 && record.fields[0] === '';
    if (!empty || records[0]?.fields.length === 1) records.push(record);
  }
  const [header, ...rows] = records;
  if (header) return [header, ...rows];
  throw new Problem('invalid-body', 'the body is blank, expected a header with the names of the columns');
}

const STOP = /[,\r\n]/g;

function endOfPlain(text: string, at: number): number {
  STOP.lastIndex = at;
  return STOP.exec(text)?.index ?? text.length;
}

/** The index after the closing quote. Within the value, a quote is written twice. */
function endOfQuoted(text: string, at: number, line: number): number {
  let end = text.indexOf('"', at + 1);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end < 0) throw new Problem('invalid-body', `line ${line}: a value in quotes has no closing quote`);
  return end + 1;
}
