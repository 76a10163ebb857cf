import { nameColumns } from '../column-names.ts';
import { decode } from '../csv-parser.ts';
import { DataError } from '../error.ts';
import { keepDigits } from '../json-digits.ts';
import type { RecordValue } from '../record.ts';
import { append, assertUtf8, estimateLines, type TextFile } from './bytes.ts';
import { FieldTypes } from './field-types.ts';
import type { Batch, Cells, FileColumn, Table, UnreadableColumn } from './table.ts';

type JsonRecord = Record<string, unknown>;

/** Records in a batch. */
const BATCH = 2048;

/** The largest record, in bytes. */
const LARGEST = 2 ** 26;

/** Longest value of a list or a record in a message. */
const SHOWN = 40;

/** A file of records: an array of objects, or one object after the other, as in NDJSON. */
export class JsonTable implements Table {
  readonly path: string;
  readonly columns: readonly FileColumn[];
  readonly unreadable: readonly UnreadableColumn[];
  readonly sparse = true;
  readonly #file: TextFile;
  /** The field of each column, by the column's name. */
  readonly #fields: ReadonlyMap<string, string>;
  /** The fields with whole numbers that a float64 does not hold: their texts stand for them. */
  readonly #exact: ReadonlySet<string>;

  /** Reads all records once, for the fields that they have. Throws a {@link DataError} if they are no records. */
  static async open(file: TextFile): Promise<JsonTable> {
    const fields = new Map<string, FieldTypes>();
    let count = 0;
    for await (const records of readRecords(file, new Set())) {
      for (const record of records) {
        for (const name of Object.keys(record)) {
          const types = fields.get(name) ?? new FieldTypes();
          fields.set(name, types);
          types.add(record[name], count);
        }
        count++;
      }
    }
    if (count > 0 && fields.size === 0) throw new DataError(`${file.path}: the records have no fields`);
    return new JsonTable(file, fields);
  }

  private constructor(file: TextFile, fields: ReadonlyMap<string, FieldTypes>) {
    this.path = file.path;
    this.#file = file;
    const columns: FileColumn[] = [];
    const unreadable: UnreadableColumn[] = [];
    const exact = new Set<string>();
    const names = nameColumns(file.path, [...fields.keys()]);
    this.#fields = new Map([...fields.keys()].map((field, i) => [names[i], field]));
    for (const [i, [field, types]] of [...fields].entries()) {
      const name = names[i];
      if (types.nested !== undefined) {
        const shown = sketch(types.nested);
        unreadable.push({ name, why: `it holds lists or records (${shown})`, row: types.row });
        continue;
      }
      const column = { name, ...types.describe() };
      columns.push(column);
      if (types.unsafe) exact.add(field);
    }
    this.columns = columns;
    this.unreadable = unreadable;
    this.#exact = exact;
  }

  async *read(columns: readonly FileColumn[]): AsyncGenerator<Batch> {
    let records: readonly JsonRecord[] = [];
    const cells = columns.map(({ name, type }): Cells => {
      const field = this.#fields.get(name)!;
      const exact = (i: number): RecordValue => {
        const record = records[i];
        return Object.hasOwn(record, field) ? (record[field] as RecordValue) : null;
      };
      const value = (i: number): RecordValue => {
        const found = exact(i);
        return type === 'number' && typeof found === 'string' ? Number(found) : found;
      };
      return {
        exact,
        value,
        number: (i) => {
          const found = value(i);
          return typeof found === 'number' ? found : Number.NaN;
        },
      };
    });
    for await (const found of readRecords(this.#file, this.#exact)) {
      records = found;
      yield { count: records.length, cells };
    }
  }

  async *readNested(name: string): AsyncGenerator<unknown[]> {
    const field = this.#fields.get(name)!;
    for await (const records of readRecords(this.#file, new Set())) {
      yield records.map((record) => (Object.hasOwn(record, field) ? record[field] : null));
    }
  }

  async estimateRows(): Promise<number | undefined> {
    if (/\.json(\.gz)?$/i.test(this.path)) return undefined;
    return estimateLines(this.#file);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A list or a record as it stands in a message, without what is in it in turn. */
function sketch(nested: unknown): string {
  const outer = Array.isArray(nested) ? nested.slice(0, SHOWN) : nested;
  const text = JSON.stringify(outer, (key, value) =>
    key !== '' && typeof value === 'object' && value !== null ? '…' : value,
  );
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
}

const [SPACE, TAB, LINE_FEED, CARRIAGE_RETURN] = [32, 9, 10, 13];
const [QUOTE, BACKSLASH, COMMA] = [34, 92, 44];
const [OPEN_LIST, CLOSE_LIST, OPEN_RECORD, CLOSE_RECORD] = [91, 93, 123, 125];

/** Yields the records of a file, some at a time. In `exact` fields, whole numbers beyond 2⁵³ are given as texts. */
async function* readRecords(file: TextFile, exact: ReadonlySet<string>): AsyncGenerator<JsonRecord[]> {
  const scanner = new RecordScanner(file.path, exact);
  for await (const chunk of file.read()) {
    scanner.scan(chunk);
    if (scanner.records.length >= BATCH) yield scanner.take();
  }
  scanner.finish();
  if (scanner.records.length > 0) yield scanner.take();
}

/** Finds where each record of a text begins and ends, and parses it. */
class RecordScanner {
  records: JsonRecord[] = [];
  readonly #path: string;
  readonly #exact: ReadonlySet<string>;
  #rest: Uint8Array = new Uint8Array(0);
  /** How many bytes of the rest are scanned. */
  #scanned = 0;
  #start = -1;
  #depth = 0;
  #quoted = false;
  #escaped = false;
  #line = 1;
  #startLine = 1;
  /** Where in the text it is, between two records: in an array, or with one record after the other. */
  #place: 'start' | 'opened' | 'record' | 'comma' | 'closed' | 'lines' = 'start';

  constructor(path: string, exact: ReadonlySet<string>) {
    this.#path = path;
    this.#exact = exact;
  }

  scan(chunk: Uint8Array): void {
    const bytes = append(this.#rest, chunk);
    for (let at = this.#scanned; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === LINE_FEED) this.#line++;
      if (this.#start < 0) this.#between(byte, at);
      else if (this.#quoted) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#quoted = false;
      } else if (byte === QUOTE) this.#quoted = true;
      else if (byte === OPEN_RECORD || byte === OPEN_LIST) this.#depth++;
      else if (byte === CLOSE_RECORD || byte === CLOSE_LIST) {
        if (--this.#depth === 0) {
          this.#parse(bytes.subarray(this.#start, at + 1));
          this.#start = -1;
        }
      }
    }
    const from = this.#start < 0 ? bytes.length : this.#start;
    this.#rest = bytes.subarray(from);
    this.#scanned = bytes.length - from;
    if (this.#start >= 0) this.#start = 0;
    if (this.#scanned > LARGEST)
      throw this.#invalid(this.#startLine, `a record of more than ${LARGEST} bytes`);
  }

  /** A byte between two records. */
  #between(byte: number, at: number): void {
    if (byte === SPACE || byte === TAB || byte === LINE_FEED || byte === CARRIAGE_RETURN) return;
    if (this.#place === 'start') {
      this.#place = byte === OPEN_LIST ? 'opened' : 'lines';
      if (byte === OPEN_LIST) return;
    }
    if (this.#place === 'record' && byte === COMMA) {
      this.#place = 'comma';
      return;
    }
    if ((this.#place === 'opened' || this.#place === 'record') && byte === CLOSE_LIST) {
      this.#place = 'closed';
      return;
    }
    const expected = this.#place !== 'record' && this.#place !== 'closed';
    if (expected && (byte === OPEN_LIST || byte === QUOTE || /[\d\-tfn]/.test(String.fromCharCode(byte)))) {
      throw new DataError(
        `${this.#path}: the values are not records: expected an array of objects, or an object on each line`,
      );
    }
    if (!expected || byte !== OPEN_RECORD) {
      const found = byte < 128 ? JSON.stringify(String.fromCharCode(byte)) : 'letter';
      throw this.#invalid(
        this.#line,
        `unexpected ${found}${this.#place === 'comma' ? ' after a comma' : ''}`,
      );
    }
    this.#start = at;
    this.#startLine = this.#line;
    this.#depth = 1;
  }

  #parse(bytes: Uint8Array): void {
    assertUtf8(this.#path, bytes, this.#startLine);
    const text = decode(bytes, 0, bytes.length);
    try {
      this.records.push(
        this.#exact.size > 0
          ? JSON.parse(
              text,
              keepDigits((field) => this.#exact.has(field)),
            )
          : JSON.parse(text),
      );
    } catch (error) {
      const word = /: *(-?(?:NaN|Infinity)|None|undefined)\b/.exec(text)?.[1];
      throw this.#invalid(
        this.#startLine,
        word ? `${word} is not JSON: write null for a missing value` : (error as Error).message,
      );
    }
    if (this.#place !== 'lines') this.#place = 'record';
  }

  /** Throws a {@link DataError} if the text ends in the middle. */
  finish(): void {
    if (this.#start >= 0 || ['opened', 'record', 'comma'].includes(this.#place)) {
      throw this.#invalid(this.#start >= 0 ? this.#startLine : this.#line, 'the text ends in the middle');
    }
    if (this.#place === 'start') throw new DataError(`${this.#path}: there are no records`);
  }

  take(): JsonRecord[] {
    const { records } = this;
    this.records = [];
    return records;
  }

  #invalid(line: number, why: string): DataError {
    return new DataError(
      `${this.#path}: line ${line} is not JSON (${why}): expected an array of objects, or an object on each line`,
    );
  }
}
