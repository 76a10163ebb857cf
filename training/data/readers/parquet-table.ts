import {
  DuckDBArrayValue,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  DuckDBListValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import { nameColumns } from '../../../bundle/column-names.ts';
import { shortestFloat } from '../../../bundle/float.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import type { Batch, Cells, FileColumn, Table, UnreadableColumn } from '../../../bundle/tables/table.ts';
import { DataError } from '../datasets/error.ts';
import { TemporaryFolder } from '../datasets/temporary-folder.ts';

/** Memory that DuckDB may use for a table; what does not fit goes to a temporary folder. */
const MEMORY = '512MB';
const THREADS = '2';

/** With more columns than this, a single thread reads the table: each thread holds much of the memory. */
const WIDE = 500;

const DAY_MICROSECONDS = 86_400_000_000;

const WHOLE = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const DATE = /^(DATE|TIMESTAMP.*)$/;
const TEXT = /^(VARCHAR|UUID|ENUM\(.*\))$/;
const NESTED = /^(STRUCT|MAP|UNION)\(|\[\d*\]$/;

/** Longest name of a type in a message. */
const SHOWN = 40;

/** A .parquet file, read by DuckDB. Its values have types. */
export class ParquetTable implements Table {
  readonly path: string;
  readonly columns: readonly FileColumn[];
  readonly unreadable: readonly UnreadableColumn[];
  readonly #source: string;
  /** The type and the place of each column that can be read. */
  readonly #types: ReadonlyMap<FileColumn, string>;
  readonly #places: ReadonlyMap<string, number>;
  readonly #connection: DuckDBConnection;
  readonly #resources: AsyncDisposableStack;

  /** Opens a file. Throws a {@link DataError} if it is no Parquet file. */
  static async open(path: string): Promise<ParquetTable> {
    await using resources = new AsyncDisposableStack();
    const folder = resources.use(await TemporaryFolder.create('offmanifold-duckdb-'));
    const settings = { threads: THREADS, memory_limit: MEMORY, temp_directory: folder.path };
    const instance = resources.adopt(await DuckDBInstance.create(':memory:', settings), (it) =>
      it.closeSync(),
    );
    const connection = resources.adopt(await instance.connect(), (it) => it.closeSync());
    // DuckDB takes these characters for a pattern, and the names of folders for columns.
    const file = `'${path.replaceAll(/[*?[]/g, '[$&]').replaceAll("'", "''")}'`;
    const source = `read_parquet(${file}, hive_partitioning = false)`;
    try {
      await connection.run(`SET TimeZone = 'UTC'`);
      // It takes seconds for a thousand columns.
      await connection.run(`SET disabled_optimizers = 'common_subexpressions'`);
      const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
      const types = described.getRowsJS().map((row) => String(row[1]));
      if (types.length > WIDE) await connection.run('SET threads = 1');
      const schema = await connection.runAndReadAll(
        `SELECT name, coalesce(num_children, 0)::INTEGER, precision > 38 FROM parquet_schema(${file})`,
      );
      const elements = listColumns(schema.getRowsJS());
      const names = nameColumns(
        path,
        elements.map(({ name }) => name),
      );
      const found = types.map((type, i) => ({ name: names[i], type, wide: elements[i].wide }));
      // DuckDB renames a column whose name differs from another one in case alone, and one without a name.
      const places = `${source} AS t(${names.map((_, i) => nameOfPlace(i)).join(', ')})`;
      return new ParquetTable(path, places, found, connection, resources.move());
    } catch (error) {
      throw explainError(path, error);
    }
  }

  private constructor(
    path: string,
    source: string,
    found: readonly { name: string; type: string; wide: boolean }[],
    connection: DuckDBConnection,
    resources: AsyncDisposableStack,
  ) {
    this.path = path;
    this.#source = source;
    this.#connection = connection;
    this.#resources = resources;
    const columns: FileColumn[] = [];
    const unreadable: UnreadableColumn[] = [];
    const types = new Map<FileColumn, string>();
    for (const { name, type, wide } of found) {
      const kind = wide ? 'it holds decimals of more than 38 digits' : describeType(type);
      if (typeof kind === 'string') unreadable.push({ name, why: kind });
      else {
        const column = { name, ...kind };
        columns.push(column);
        types.set(column, type);
      }
    }
    this.columns = columns;
    this.unreadable = unreadable;
    this.#types = types;
    this.#places = new Map(found.map(({ name }, i) => [name, i]));
  }

  async *read(columns: readonly FileColumn[]): AsyncGenerator<Batch> {
    const expressions: string[] = [];
    const plans = columns.map((column) => {
      const name = nameOfPlace(this.#places.get(column.name)!);
      const type = this.#types.get(column)!;
      const first = expressions.length;
      if (column.type === 'date') {
        expressions.push(`epoch_us(CAST(${name} AS TIMESTAMP)) / ${DAY_MICROSECONDS}.0`);
        expressions.push(`CAST(${name} AS VARCHAR)`);
      } else if (/^DECIMAL/.test(type)) {
        expressions.push(`CAST(${name} AS DOUBLE)`, `CAST(${name} AS VARCHAR)`);
      } else if (/^(BIGINT|DOUBLE|FLOAT|BOOLEAN|VARCHAR)$/.test(type)) expressions.push(name);
      else if (/^U?(TINY|SMALL)INT$|^U?INTEGER$/.test(type)) expressions.push(`CAST(${name} AS BIGINT)`);
      else expressions.push(`CAST(${name} AS VARCHAR)`);
      return { first, type, kind: column.type };
    });
    // The number of rows is that of any column.
    const list = expressions.length === 0 ? ['0'] : expressions;
    const selected = list.map((expression, i) => `${expression} AS e${i}`).join(', ');
    try {
      const result = await this.#connection.stream(`SELECT ${selected} FROM ${this.#source}`);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) return;
        yield { count: chunk.rowCount, cells: plans.map((plan) => makeCells(chunk, plan)) };
      }
    } catch (error) {
      throw explainError(this.path, error);
    }
  }

  async *readNested(name: string): AsyncGenerator<unknown[]> {
    const column = nameOfPlace(this.#places.get(name)!);
    try {
      const result = await this.#connection.stream(`SELECT ${column} FROM ${this.#source}`);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) return;
        const vector = chunk.getColumnVector(0);
        yield Array.from({ length: chunk.rowCount }, (_, i) => {
          const value: unknown = vector.getItem(i);
          const listed = value instanceof DuckDBListValue || value instanceof DuckDBArrayValue;
          return listed ? value.items : value;
        });
      }
    } catch (error) {
      throw explainError(this.path, error);
    }
  }

  async estimateRows(): Promise<number | undefined> {
    const counted = await this.#connection.runAndReadAll(`SELECT count(*) FROM ${this.#source}`);
    return Number(counted.getRowsJS()[0][0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

const nameOfPlace = (place: number): string => `c${place}`;

/** The columns among the elements of a schema: the children of its root, each before its own children. */
function listColumns(rows: readonly (readonly unknown[])[]): { name: string; wide: boolean }[] {
  const elements = rows.map(([name, children, wide]) => ({
    name: String(name),
    children: Number(children),
    wide: wide === true,
  }));
  const columns: { name: string; wide: boolean }[] = [];
  for (let at = 1; at < elements.length; ) {
    columns.push(elements[at]);
    for (let open = 1; open > 0; at++) open += elements[at].children - 1;
  }
  return columns;
}

/** What a column of DuckDB's type `type` holds, or why it cannot be read. */
function describeType(type: string): Omit<FileColumn, 'name'> | string {
  if (NESTED.test(type)) {
    const shown = type.length > SHOWN ? `${type.slice(0, SHOWN - 1)}…` : type;
    return `it holds lists or records (${shown})`;
  }
  const whole = WHOLE.test(type);
  if (NUMBER.test(type)) return { type: 'number', whole, wide: /^UBIGINT$|HUGEINT$/.test(type) };
  if (type === 'BOOLEAN') return { type: 'boolean', whole };
  if (DATE.test(type)) return { type: 'date', whole };
  if (TEXT.test(type)) return { type: 'text', whole };
  return `its values are of type ${type}`;
}

/** The values of a column in a chunk. */
function makeCells(
  chunk: DuckDBDataChunk,
  { first, type, kind }: { first: number; type: string; kind: FileColumn['type'] },
): Cells {
  const vector = chunk.getColumnVector(first) as DuckDBVector<RecordValue | bigint>;
  if (kind === 'date') {
    const texts = chunk.getColumnVector(first + 1) as DuckDBVector<string>;
    return {
      number: (i) => (vector.getItem(i) as number | null) ?? Number.NaN,
      value: (i) => texts.getItem(i),
      exact: (i) => texts.getItem(i),
    };
  }
  if (kind !== 'number') {
    const value = (i: number) => vector.getItem(i) as string | boolean | null;
    return { number: () => Number.NaN, value, exact: value };
  }
  const number = (i: number): number => {
    const found = vector.getItem(i);
    return found === null ? Number.NaN : Number(found);
  };
  const value = (i: number): RecordValue => {
    const found = number(i);
    if (Number.isNaN(found)) return null;
    return type === 'FLOAT' && Number.isFinite(found) ? shortestFloat(found) : found;
  };
  const decimals = type.startsWith('DECIMAL') ? chunk.getColumnVector(first + 1) : undefined;
  return {
    number,
    value,
    exact: (i) => {
      if (decimals) return decimals.getItem(i) as string | null;
      const found = vector.getItem(i);
      return typeof found === 'bigint' || typeof found === 'string' ? String(found) : value(i);
    },
  };
}

/** Turns an error of DuckDB into a sentence that names the file. */
function explainError(path: string, error: unknown): DataError {
  if (error instanceof DataError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const [first] = message
    .replace(/^[\w ]+ Error: /, '')
    .replace(/^Failed to read file "[^"]*": /, '')
    .split('\n');
  return new DataError(
    `${path} cannot be read as a table: it is damaged, or not a Parquet file that DuckDB reads (${first})`,
  );
}
