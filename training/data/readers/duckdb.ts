import { access, constants } from 'node:fs/promises';
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance, type JS } from '@duckdb/node-api';
import { reason } from '../../../bundle/system-error.ts';
import { DataError } from '../datasets/error.ts';
import { TemporaryFolder } from '../datasets/temporary-folder.ts';
import { describeColumn, type FileColumn, type UnreadableColumn } from './file-column.ts';
import { planScan, type Scan } from './scan.ts';
import { quoteName } from './sql.ts';
import { explainError } from './table-error.ts';

/** Memory that DuckDB may use for a table; what does not fit goes to a temporary folder. */
const MEMORY = '512MB';
const THREADS = '2';

/** With more columns than this, a single thread reads the table: each thread holds much of the memory. */
const WIDE = 500;

/** A file of rows and named columns, read by DuckDB in the order of the file. */
export class Table implements AsyncDisposable {
  readonly path: string;
  readonly columns: readonly FileColumn[];
  readonly unreadable: readonly UnreadableColumn[];
  /** The SQL after FROM. */
  readonly source: string;
  readonly #connection: DuckDBConnection;
  readonly #resources: AsyncDisposableStack;

  /**
   * Opens a .csv, .tsv, .json, .ndjson or .jsonl file, also with .gz, or a .parquet file. Throws a
   * {@link DataError} if it cannot be read or has no columns.
   */
  static async open(path: string): Promise<Table> {
    await access(path, constants.R_OK).catch((error) => {
      throw new DataError(`${path} cannot be read: ${reason(error)}`);
    });
    const scan = await planScan(path);
    await using resources = new AsyncDisposableStack();
    const folder = resources.use(await TemporaryFolder.create('offmanifold-duckdb-'));
    const settings = { threads: THREADS, memory_limit: MEMORY, temp_directory: folder.path };
    const instance = resources.adopt(await DuckDBInstance.create(':memory:', settings), (it) =>
      it.closeSync(),
    );
    const connection = resources.adopt(await instance.connect(), (it) => it.closeSync());
    try {
      await connection.run(`SET TimeZone = 'UTC'`);
      // The first takes seconds for a thousand columns; for the second see isOneOf.
      await connection.run(`SET disabled_optimizers = 'common_subexpressions,in_clause'`);
      const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${scan.source}`);
      const found = described.getRowsJS().map(([name, type]) => ({ name: String(name), type: String(type) }));
      assertRecords(path, found);
      if (found.length > WIDE) await connection.run('SET threads = 1');
      return new Table(path, scan, found, connection, resources.move());
    } catch (error) {
      throw explainError(path, error);
    }
  }

  private constructor(
    path: string,
    { source, names }: Scan,
    found: readonly { name: string; type: string }[],
    connection: DuckDBConnection,
    resources: AsyncDisposableStack,
  ) {
    this.path = path;
    this.source = source;
    this.#connection = connection;
    this.#resources = resources;
    const columns: FileColumn[] = [];
    const unreadable: UnreadableColumn[] = [];
    for (const [i, { name, type }] of found.entries()) {
      const column = describeColumn(names?.[i] ?? name, quoteName(name), type);
      if ('why' in column) unreadable.push(column);
      else columns.push(column);
    }
    this.columns = columns;
    this.unreadable = unreadable;
  }

  /**
   * Explains an error. Of text that is not UTF-8, DuckDB tells the place only if the query reads every column up to it;
   * otherwise an index is out of range.
   */
  async #explain(error: unknown): Promise<DataError> {
    if (error instanceof Error && error.message.includes('Attempted to access index')) {
      await using table = await Table.open(this.path);
      const counts = table.columns.map(({ text }) => `count(${text})`);
      const again = table.#connection.runAndReadAll(`SELECT ${counts.join(', ')} FROM ${table.source}`);
      const thrown: unknown = await again.then(
        () => undefined,
        (found: unknown) => found,
      );
      if (thrown !== undefined) return explainError(this.path, thrown);
    }
    return explainError(this.path, error);
  }

  /** Runs a query and returns its rows as JavaScript values. */
  async query(sql: string): Promise<JS[][]> {
    try {
      return (await this.#connection.runAndReadAll(sql)).getRowsJS();
    } catch (error) {
      throw await this.#explain(error);
    }
  }

  /** Runs a statement that returns nothing. */
  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  /** Reads these expressions for all rows, in the order of the file, some two thousand rows at a time. */
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
      throw explainError(this.path, error);
    }
  }

  /** Reads a column's text in a row, counted from 0. */
  async readText(row: number, { text }: FileColumn): Promise<string> {
    const [[found]] = await this.query(`SELECT ${text} FROM ${this.source} LIMIT 1 OFFSET ${row}`);
    return String(found);
  }

  async close(): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Throws a {@link DataError} if a JSON file holds values that are not records. */
function assertRecords(path: string, found: readonly { name: string }[]): void {
  if (found.length !== 1 || found[0].name !== 'json' || !/json/i.test(path)) return;
  throw new DataError(
    `${path}: the values are not records: expected an array of objects, or an object on each line`,
  );
}
