import { stat } from 'node:fs/promises';
import { decode } from '../../../bundle/csv-parser.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import { DataError } from '../datasets/error.ts';
import { append, assertUtf8, estimateLines, readBytes } from './bytes.ts';
import type { Batch, Cells, FileColumn, Table, UnreadableColumn } from './table.ts';

type JsonRecord = Record<string, unknown>;

/** Records in a batch. */
const BATCH = 2048;

/** Numbers beyond it are not carried as whole ones: they do not fit 64 bits. */
const LARGEST_WHOLE = 9e18;

/** The largest record, in bytes. */
const LARGEST = 2 ** 26;

/** Longest value of a list or a record in a message. */
const SHOWN = 40;

/** A file of records: an array of objects, or one object after the other, as in NDJSON. */
export class JsonTable implements Table {
  readonly path: string;
  readonly columns: readonly FileColumn[];
  readonly unreadable: readonly UnreadableColumn[];
  /** Whether there are whole numbers that a float64 does not hold: their texts stand for them. */
  readonly #exact: boolean;

  /** Reads all records once, for the fields that they have. Throws a {@link DataError} if they are no records. */
  static async open(path: string): Promise<JsonTable> {
    const fields = new Map<string, FieldTypes>();
    for await (const records of readRecords(path, false)) {
      for (const record of records) {
        for (const name of Object.keys(record)) {
          const types = fields.get(name) ?? new FieldTypes();
          fields.set(name, types);
          types.add(record[name]);
        }
      }
    }
    return new JsonTable(path, fields);
  }

  private constructor(path: string, fields: ReadonlyMap<string, FieldTypes>) {
    this.path = path;
    const columns: FileColumn[] = [];
    const unreadable: UnreadableColumn[] = [];
    let exact = false;
    for (const [name, types] of fields) {
      if (types.nested !== undefined) {
        const shown = sketch(types.nested);
        unreadable.push({ name, why: `it holds lists or records (${shown})` });
      } else columns.push({ name, ...types.describe() });
      exact ||= types.unsafe;
    }
    this.columns = columns;
    this.unreadable = unreadable;
    this.#exact = exact;
  }

  async *read(columns: readonly FileColumn[]): AsyncGenerator<Batch> {
    let records: readonly JsonRecord[] = [];
    const cells = columns.map(({ name, type, whole }): Cells => {
      const exact = (i: number): RecordValue => {
        const record = records[i];
        return Object.hasOwn(record, name) ? (record[name] as RecordValue) : null;
      };
      const value = (i: number): RecordValue => {
        const found = exact(i);
        return type === 'number' && typeof found === 'string' ? Number(found) : found;
      };
      return {
        exact: whole ? exact : value,
        value,
        number: (i) => {
          const found = value(i);
          return typeof found === 'number' ? found : Number.NaN;
        },
      };
    });
    for await (const found of readRecords(this.path, this.#exact)) {
      records = found;
      yield { count: records.length, cells };
    }
  }

  async estimateRows(): Promise<number | undefined> {
    if (/\.json(\.gz)?$/i.test(this.path)) return undefined;
    return estimateLines(this.path, (await stat(this.path)).size);
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

/** The types of a field's values. */
class FieldTypes {
  #texts = false;
  #numbers = false;
  #booleans = false;
  #whole = true;
  unsafe = false;
  /** The first value that is a list or a record. */
  nested: unknown;

  add(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#texts = true;
        break;
      case 'number':
        this.#numbers = true;
        if (!Number.isInteger(value) || Math.abs(value) > LARGEST_WHOLE) this.#whole = false;
        else if (!Number.isSafeInteger(value)) this.unsafe = true;
        break;
      case 'boolean':
        this.#booleans = true;
        break;
      default:
        if (value !== null) this.nested ??= value;
    }
  }

  describe(): Pick<FileColumn, 'type' | 'whole'> {
    const several = Number(this.#texts) + Number(this.#numbers) + Number(this.#booleans) > 1;
    if (several || this.#texts) return { type: 'text', whole: false };
    if (this.#booleans) return { type: 'boolean', whole: false };
    return this.#numbers ? { type: 'number', whole: this.#whole } : { type: 'text', whole: false };
  }
}

const [SPACE, TAB, LINE_FEED, CARRIAGE_RETURN] = [32, 9, 10, 13];
const [QUOTE, BACKSLASH, COMMA] = [34, 92, 44];
const [OPEN_LIST, CLOSE_LIST, OPEN_RECORD, CLOSE_RECORD] = [91, 93, 123, 125];

/** Yields the records of a file, some at a time. With `exact`, whole numbers beyond 2⁵³ are given as texts. */
async function* readRecords(path: string, exact: boolean): AsyncGenerator<JsonRecord[]> {
  const scanner = new RecordScanner(path, exact);
  for await (const chunk of readBytes(path)) {
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
  readonly #exact: boolean;
  #rest: Uint8Array = new Uint8Array(0);
  /** How many bytes of the rest are scanned. */
  #scanned = 0;
  #start = -1;
  #depth = 0;
  #quoted = false;
  #escaped = false;
  #line = 1;
  #startLine = 1;
  /** Whether all records are in one array; undefined before the first letter. */
  #list: boolean | undefined;
  #closed = false;
  #needsComma = false;

  constructor(path: string, exact: boolean) {
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
    if (this.#list === undefined) {
      this.#list = byte === OPEN_LIST;
      if (this.#list) return;
    }
    if (this.#list && byte === CLOSE_LIST && !this.#closed) {
      this.#closed = true;
      return;
    }
    if (this.#list && byte === COMMA && this.#needsComma) {
      this.#needsComma = false;
      return;
    }
    if (byte !== OPEN_RECORD && !this.#closed && !(this.#list && this.#needsComma)) {
      const plain = byte === OPEN_LIST || byte === QUOTE || /[\d\-tfn]/.test(String.fromCharCode(byte));
      if (plain) {
        throw new DataError(
          `${this.#path}: the values are not records: expected an array of objects, or an object on each line`,
        );
      }
    }
    if (byte !== OPEN_RECORD || this.#closed || (this.#list && this.#needsComma)) {
      throw this.#invalid(this.#line, `unexpected ${JSON.stringify(String.fromCharCode(byte))}`);
    }
    this.#start = at;
    this.#startLine = this.#line;
    this.#depth = 1;
  }

  #parse(bytes: Uint8Array): void {
    assertUtf8(this.#path, bytes, this.#startLine);
    const text = decode(bytes, 0, bytes.length);
    try {
      this.records.push(this.#exact ? JSON.parse(text, keepDigits) : JSON.parse(text));
    } catch (error) {
      throw this.#invalid(this.#startLine, (error as Error).message);
    }
    this.#needsComma = true;
  }

  /** Throws a {@link DataError} if the text ends in the middle. */
  finish(): void {
    if (this.#start >= 0 || (this.#list && !this.#closed)) {
      throw this.#invalid(this.#start >= 0 ? this.#startLine : this.#line, 'the text ends in the middle');
    }
    if (this.#list === undefined) throw new DataError(`${this.#path}: there are no records`);
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

/** Whole numbers that a float64 does not hold become texts. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const unsafe = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return unsafe && /^-?\d+$/.test(context?.source ?? '') ? context!.source : value;
}
