import { columnName, nameColumns } from '../column-names.ts';
import {
  assertNamesFirst,
  CsvParser,
  decode,
  findDelimiter,
  parseDecimal,
  readTexts,
} from '../csv-parser.ts';
import { DataError } from '../error.ts';
import { append, assertUtf8, estimateLines, type TextFile, withPath } from './bytes.ts';
import { assertHeader } from './csv-header.ts';
import { findTableFormat } from './formats.ts';
import type { Batch, Cells, FileColumn, Table } from './table.ts';

/** Bytes from which the delimiter is found, if the first line is no longer. */
const SAMPLED = 2 ** 16;

/** The longest header that is read, in bytes. */
const LONGEST = 2 ** 20;

/** The longest record, in bytes. */
const LONGEST_RECORD = 2 ** 24;

/** A table of texts: .csv or .tsv. Lines end in any way, and the first lines tell the delimiter. */
export class CsvTable implements Table {
  readonly path: string;
  readonly columns: readonly FileColumn[];
  readonly unreadable = [];
  readonly #file: TextFile;
  readonly #delimiter: string;
  readonly #header: boolean;

  /**
   * Opens a table. Without a `header`, columns are called column 1, column 2 and so on; a header with just these `expected`
   * names is one nevertheless. Throws a {@link DataError} for a
   * file that cannot be read, is empty, is not UTF-8, or has two columns with the same name.
   */
  static async open(file: TextFile, header = true, expected: readonly string[] = []): Promise<CsvTable> {
    const { path } = file;
    let head: Uint8Array = new Uint8Array(0);
    let lines = false;
    let whole = true;
    for await (const chunk of file.read()) {
      head = append(head, chunk);
      lines ||= chunk.includes(10) || chunk.includes(13);
      whole = head.length < LONGEST && !(lines && head.length >= SAMPLED);
      if (!whole) break;
    }
    withPath(path, () => assertNamesFirst(head));
    const delimiter = findDelimiter(head, { whole, tabs: findTableFormat(path) === 'tsv' });
    const parser = new CsvParser(delimiter);
    parser.continueWith(head);
    if (!nextRecord(path, parser, 0, true)) {
      throw new DataError(`${path}: the file is empty: expected a line that names the columns`);
    }
    if (parser.at >= LONGEST) {
      throw new DataError(`${path}: the first line has more than ${LONGEST} bytes: is it a text table?`);
    }
    assertUtf8(path, head.subarray(0, parser.at), 1);
    const texts = readTexts(parser);
    const names = texts.map(columnName);
    const named = expected.length > 0 && expected.every((name) => names.includes(name));
    if (!header && !named) {
      const numbered = names.map((_, i) => columnName('', i));
      return new CsvTable(file, numbered, delimiter, false);
    }
    if (!named) assertHeader(path, names, parser, whole);
    return new CsvTable(file, nameColumns(path, texts), delimiter, true);
  }

  private constructor(file: TextFile, names: readonly string[], delimiter: string, header: boolean) {
    this.path = file.path;
    this.#file = file;
    this.columns = names.map((name) => ({ name, type: 'text', whole: false }));
    this.#delimiter = delimiter;
    this.#header = header;
  }

  async *read(columns: readonly FileColumn[]): AsyncGenerator<Batch> {
    const parser = new CsvParser(this.#delimiter);
    const fields = columns.map((column) => this.columns.indexOf(column));
    const rows = new RowFields(parser, fields);
    const batch = { count: 0, cells: columns.map((_, j) => new TextCells(rows, j, columns.length)) };
    const width = this.columns.length;
    let skip = this.#header;
    let rest: Uint8Array = new Uint8Array(0);
    const parse = (last: boolean): number => {
      parser.continueWith(rest);
      const first = parser.nextLine;
      rows.clear();
      while (nextRecord(this.path, parser, skip ? 0 : width, last)) {
        if (skip) skip = false;
        else {
          this.#assertWidth(parser);
          rows.add();
        }
      }
      assertUtf8(this.path, rest.subarray(0, parser.at), first);
      return rows.count;
    };
    for await (const chunk of this.#file.read()) {
      rest = append(rest, chunk);
      batch.count = parse(false);
      if (batch.count > 0) yield batch;
      rest = rest.subarray(parser.at);
      if (rest.length > LONGEST_RECORD) {
        throw new DataError(
          `${this.path}: line ${parser.nextLine}: a record of more than ${LONGEST_RECORD} bytes: is a quote opened and not closed?`,
        );
      }
    }
    batch.count = parse(true);
    if (batch.count > 0) yield batch;
  }

  #assertWidth({ width, line }: CsvParser): void {
    const expected = this.columns.length;
    if (width === expected) return;
    throw new DataError(
      `${this.path}: line ${line} has ${width.toLocaleString('en')} value${width === 1 ? '' : 's'}, but the first line ` +
        `${this.#header ? 'names' : 'has'} ${expected} columns: each row needs a value for each ` +
        'column, or nothing between two delimiters, and quotes around texts that contain a delimiter',
    );
  }

  /** CSV has no lists. */
  async *readNested(): AsyncGenerator<unknown[]> {}

  async estimateRows(): Promise<number | undefined> {
    return estimateLines(this.#file);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const nextRecord = (path: string, parser: CsvParser, columns: number, last: boolean): boolean =>
  withPath(path, () => parser.next(columns, last), ': write a quote within a text twice ("")');

/** Where the fields of some columns are, row by row. */
class RowFields {
  readonly #parser: CsvParser;
  readonly #fields: readonly number[];
  bytes: Uint8Array = new Uint8Array(0);
  /** Where each field begins and ends, row by row; the end is negative if quotes within are written twice. */
  starts: Int32Array = new Int32Array(4096);
  ends: Int32Array = new Int32Array(4096);
  count = 0;

  constructor(parser: CsvParser, fields: readonly number[]) {
    this.#parser = parser;
    this.#fields = fields;
  }

  clear(): void {
    this.count = 0;
    this.bytes = this.#parser.bytes;
  }

  add(): void {
    const { starts, ends, doubled } = this.#parser;
    const width = this.#fields.length;
    const at = this.count++ * width;
    if (at + width > this.starts.length) {
      this.starts = grow(this.starts, at + width);
      this.ends = grow(this.ends, at + width);
    }
    for (let j = 0; j < width; j++) {
      const field = this.#fields[j];
      this.starts[at + j] = starts[field];
      this.ends[at + j] = doubled[field] ? -ends[field] : ends[field];
    }
  }
}

function grow(values: Int32Array, length: number): Int32Array {
  const longer = new Int32Array(Math.max(length, 2 * values.length));
  longer.set(values);
  return longer;
}

class TextCells implements Cells {
  readonly #rows: RowFields;
  readonly #column: number;
  readonly #width: number;

  constructor(rows: RowFields, column: number, width: number) {
    this.#rows = rows;
    this.#column = column;
    this.#width = width;
  }

  number(i: number): number {
    const { bytes, starts, ends } = this.#rows;
    const at = i * this.#width + this.#column;
    // With quotes within, it is no number.
    return ends[at] < 0 ? Number.NaN : parseDecimal(bytes, starts[at], ends[at]);
  }

  value(i: number): string {
    const { bytes, starts, ends } = this.#rows;
    const at = i * this.#width + this.#column;
    const end = ends[at];
    return end < 0 ? decode(bytes, starts[at], -end).replaceAll('""', '"') : decode(bytes, starts[at], end);
  }

  exact(i: number): string {
    return this.value(i);
  }
}
