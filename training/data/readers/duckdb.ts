import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance, type JS } from '@duckdb/node-api';
import { MISSING_WORDS } from '../../../bundle/column-parsing.ts';
import { reason } from '../../../bundle/system-error.ts';
import { DataError } from '../datasets/error.ts';
import { readHeader } from './header.ts';

/** What DuckDB holds of a table while it reads it; what does not fit goes to a temporary folder. */
const MEMORY = '512MB';
const THREADS = '2';
const WIDE = 500;

/** The formats of tables, by the end of the file's name. */
const FORMAT = /\.(csv|tsv|json|ndjson|jsonl)(\.gz)?$|\.(parquet)$/i;

export const isTable = (path: string): boolean => FORMAT.test(path);

/** A column as the file has it. */
export interface FileColumn {
  readonly name: string;
  readonly type: 'number' | 'boolean' | 'date' | 'text';
  /** Its values in SQL: numbers, booleans, timestamps, or texts. */
  readonly value: string;
  /** Its values as texts, in SQL. */
  readonly text: string;
}

/** A column that cannot be read: a list, a record in a record, a type that stands for none of the kinds. */
export interface UnreadableColumn {
  readonly name: string;
  readonly why: string;
}

/** A file of rows and named columns, read by DuckDB in the order of the file. */
export class Table {
  readonly path: string;
  readonly columns: readonly FileColumn[];
  readonly unreadable: readonly UnreadableColumn[];
  /** What follows FROM. */
  readonly source: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  /**
   * Opens a .csv, .tsv, .json, .ndjson or .jsonl file, also with .gz, or a .parquet file. Throws a
   * {@link DataError} for one that cannot be read or has no columns.
   */
  static async open(path: string): Promise<Table> {
    await access(path, constants.R_OK).catch((error) => {
      throw new DataError(`${path} cannot be read: ${reason(error)}`);
    });
    if (/\.gz$/i.test(path)) await assertWhole(path);
    const { source, names } = await sourceOf(path);
    const instance = await DuckDBInstance.create(':memory:', {
      threads: THREADS,
      memory_limit: MEMORY,
      temp_directory: join(tmpdir(), `offmanifold-duckdb-${randomUUID()}`),
    });
    const connection = await instance.connect();
    try {
      await connection.run(`SET TimeZone = 'UTC'`);
      // The one takes seconds for a thousand columns; for the other see isOneOf.
      await connection.run(`SET disabled_optimizers = 'common_subexpressions,in_clause'`);
      const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
      const found = described.getRowsJS().map(([name, type]) => ({ name: String(name), type: String(type) }));
      // What one thread has in hand of so wide a table takes much of the memory.
      if (found.length > WIDE) await connection.run('SET threads = 1');
      return new Table(path, source, instance, connection, found, names);
    } catch (error) {
      connection.closeSync();
      instance.closeSync();
      throw error instanceof DataError ? error : explained(path, error);
    }
  }

  private constructor(
    path: string,
    source: string,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    found: readonly { name: string; type: string }[],
    names: readonly string[] | undefined,
  ) {
    this.path = path;
    this.source = source;
    this.#instance = instance;
    this.#connection = connection;
    const columns: FileColumn[] = [];
    const unreadable: UnreadableColumn[] = [];
    if (found.length === 1 && found[0].name === 'json' && /json/i.test(path)) {
      throw new DataError(
        `${path}: the values are no records: expected an array of objects, or an object on each line`,
      );
    }
    for (const [i, { name: inFile, type }] of found.entries()) {
      const name = names?.[i] ?? inFile;
      const column = fileColumn(name, identifier(inFile), type);
      if ('why' in column) unreadable.push(column);
      else columns.push(column);
    }
    this.columns = columns;
    this.unreadable = unreadable;
  }

  /** Rows of a query, as JavaScript has their values. */
  async query(sql: string): Promise<JS[][]> {
    try {
      return (await this.#connection.runAndReadAll(sql)).getRowsJS();
    } catch (error) {
      throw explained(this.path, error);
    }
  }

  /** Runs a statement that gives nothing. */
  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  /** Reads these expressions of all rows, in the order of the file, some two thousand rows at a time. */
  async *stream(expressions: readonly string[]): AsyncGenerator<DuckDBDataChunk> {
    const list = expressions.map((expression, i) => `${expression} AS e${i}`).join(', ');
    try {
      const result = await this.#connection.stream(`SELECT ${list} FROM ${this.source}`);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) return;
        yield chunk;
      }
    } catch (error) {
      throw error instanceof DataError ? error : explained(this.path, error);
    }
  }

  /** The text in a row, counted from 0. */
  async textAt(row: number, { text }: FileColumn): Promise<string> {
    const [[found]] = await this.query(`SELECT ${text} FROM ${this.source} LIMIT 1 OFFSET ${row}`);
    return String(found);
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/** A text as SQL has it, and a name. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Whether a text is one of some words, in SQL. Not by IN, which DuckDB answers by a join if the words are many, and a
 * join on several threads does not keep the order of the rows.
 */
export const isOneOf = (text: string, words: readonly string[]): string =>
  `list_contains([${words.map(literal).join(', ')}], ${text})`;

/** Whether a text stands for a missing value, in SQL. */
export const missingSql = (text: string): string =>
  `(${text} IS NULL OR ${isOneOf(`lower(trim(${text}))`, MISSING_WORDS)})`;

/** Throws a {@link DataError} if a gzip file is damaged or cut, of which DuckDB reads what is there. */
async function assertWhole(path: string): Promise<void> {
  const nowhere = new Writable({ write: (_part, _encoding, done) => done() });
  await pipeline(createReadStream(path), createGunzip(), nowhere).catch((error: Error) => {
    throw new DataError(`${path} is no whole gzip file: ${error.message}`);
  });
}

/** What to read in SQL, and what text tables call their columns: there DuckDB is told, and guesses nothing. */
async function sourceOf(path: string): Promise<{ source: string; names?: readonly string[] }> {
  const [, format, , parquet] = FORMAT.exec(path) ?? [];
  // Letters that DuckDB would take for a pattern.
  const file = literal(path.replaceAll(/[*?[]/g, '[$&]'));
  if (parquet) return { source: `read_parquet(${file})` };
  if (format.toLowerCase() === 'json') {
    return {
      source: `read_json(${file}, format = 'auto', sample_size = -1, maximum_object_size = 67108864)`,
    };
  }
  if (/json/i.test(format)) {
    return { source: `read_json(${file}, format = 'newline_delimited', sample_size = -1)` };
  }
  const { delimiter, names } = await readHeader(path);
  const columns = names.map((_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  const options = [
    'auto_detect = false',
    `delim = ${literal(delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    'header = true',
    'strict_mode = true',
    `nullstr = ''`,
    `columns = {${columns}}`,
  ];
  return { source: `read_csv(${file}, ${options.join(', ')})`, names };
}

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const DATE = /^(DATE|TIMESTAMP.*)$/;
const TEXT = /^(VARCHAR|UUID|ENUM\(.*\))$/;
const NESTED = /^(STRUCT|MAP|UNION)\(|\[\d*\]$/;

function fileColumn(name: string, sql: string, type: string): FileColumn | UnreadableColumn {
  if (NESTED.test(type)) {
    return { name, why: `it holds lists or records (${type.length > 40 ? `${type.slice(0, 39)}…` : type})` };
  }
  if (type === 'JSON') return { name, type: 'text', value: `(${sql} ->> '$')`, text: `(${sql} ->> '$')` };
  const text = `CAST(${sql} AS VARCHAR)`;
  if (NUMBER.test(type)) return { name, type: 'number', value: sql, text };
  if (type === 'BOOLEAN') return { name, type: 'boolean', value: sql, text };
  if (DATE.test(type)) return { name, type: 'date', value: `CAST(${sql} AS TIMESTAMP)`, text };
  if (TEXT.test(type))
    return {
      name,
      type: 'text',
      value: type === 'VARCHAR' ? sql : text,
      text: type === 'VARCHAR' ? sql : text,
    };
  return { name, why: `its values are of type ${type}` };
}

/** What DuckDB says, in a sentence that names the file and the line. */
function explained(path: string, error: unknown): DataError {
  const message = error instanceof Error ? error.message : String(error);
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const at = line ? `${path}: line ${line}` : path;
  const [, expected, found] = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message) ?? [];
  if (found) {
    return new DataError(
      `${at} has ${found} values, the first line names ${expected} columns: each row needs a value, or nothing ` +
        'between two delimiters, for each of them, and quotes around texts with a delimiter in them',
    );
  }
  if (/Invalid unicode|not utf-8|Invalid UTF|UTF8/i.test(message)) {
    return new DataError(`${at} is not UTF-8: save the file as UTF-8`);
  }
  if (/unterminated quote/i.test(message)) {
    return new DataError(`${at}: a quote is opened and not closed: write a quote within a text twice ("")`);
  }
  const json = /Malformed JSON .*?in line (\d+): ([^.\n]*)/.exec(message);
  if (json) {
    // Of an object on each line, DuckDB counts one too many.
    const number = Number(json[1]) - Number(!/\.json(\.gz)?$/i.test(path));
    return new DataError(
      `${path}: line ${number} is not JSON (${json[2].trim()}): expected an array of objects, or an object on each line`,
    );
  }
  const [first] = message.replace(/^[\w ]+ Error: /, '').split('\n');
  return new DataError(`${at} cannot be read as a table: ${first}`);
}
