import { access, constants, type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { quoteCsv } from '../../bundle/csv.ts';
import { shortestFloat } from '../../bundle/float.ts';
import { AtomicFile } from '../../bundle/node/atomic.ts';
import { reason } from '../../bundle/system-error.ts';
import { DataError } from './datasets/error.ts';
import type { Cell } from './tables/table.ts';

/** A column that is written: `float` are 32 bits, `number` 64. */
export interface OutputColumn {
  readonly name: string;
  readonly type: 'float' | 'number' | 'integer' | 'boolean' | 'text';
}

/** The values of one column of some rows. */
export type Values = Float32Array | Float64Array | readonly Cell[];

/** Writes rows in order; nothing is at the place where they go before `finish`. */
export interface RowWriter {
  write(columns: readonly Values[], count: number): void | Promise<void>;
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/** Standard output, as a name for a file. */
export const STDOUT = '-';

const FORMATS = /\.(csv|ndjson|jsonl|parquet)$/i;

/** The formats that are written, in words. */
export const WRITTEN = 'a .csv, .ndjson, .jsonl or .parquet file, or - for CSV on standard output';

/**
 * Opens a file to write rows to, in the format that its name ends in: CSV, NDJSON or Parquet; CSV on standard output
 * for `-`. The file appears when it is complete, see {@link AtomicFile}. Throws a {@link DataError} or a WriteError
 * that says why a file cannot be written.
 */
export async function openWriter(out: string, columns: readonly OutputColumn[]): Promise<RowWriter> {
  if (out === STDOUT) return new StdoutWriter(columns);
  await assertWritable(out);
  const file = new AtomicFile(out);
  const explained = async (work: () => void | Promise<void>) => {
    try {
      await work();
    } catch (error) {
      throw file.explain(error);
    }
  };
  try {
    const inner = await (/\.parquet$/i.test(out)
      ? new ParquetRows(file.temporary, columns)
      : TextRows.open(file.temporary, /\.csv$/i.test(out) ? csv(columns) : ndjson(columns)));
    return {
      write: (values, count) => explained(() => inner.write(values, count)),
      async finish() {
        await explained(() => inner.finish());
        await file.commit();
      },
      async abort() {
        await inner.close();
        file.abort();
      },
    };
  } catch (error) {
    file.abort();
    throw file.explain(error);
  }
}

/** Throws a {@link DataError} if a file cannot be written: what it names is a folder, is in none, or of no format. */
export async function assertWritable(out: string): Promise<void> {
  if (out === STDOUT) return;
  const found = await stat(out).catch(() => undefined);
  if (found?.isDirectory()) throw new DataError(`${out} is a folder: expected ${WRITTEN}`);
  if (!FORMATS.test(out)) throw new DataError(`${out}: no such format is written: expected ${WRITTEN}`);
  await access(dirname(resolve(out)), constants.W_OK).catch((error) => {
    throw new DataError(`${out} cannot be written: ${reason(error)}`);
  });
}

/** How rows become text: what comes before all of them, and some of them. */
interface TextFormat {
  readonly head: string;
  text(columns: readonly Values[], count: number): string;
}

/** RFC 4180, with a line feed. */
function csv(columns: readonly OutputColumn[]): TextFormat {
  const write = columns.map(({ type }) => cellText(type, quoteCsv, ''));
  return {
    head: `${columns.map(({ name }) => quoteCsv(name)).join(',')}\n`,
    text(values, count) {
      let text = '';
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < write.length; j++) {
          if (j > 0) text += ',';
          text += write[j](values[j][i]);
        }
        text += '\n';
      }
      return text;
    },
  };
}

function ndjson(columns: readonly OutputColumn[]): TextFormat {
  const write = columns.map(({ type }) => cellText(type, JSON.stringify, 'null'));
  const keys = columns.map(({ name }, j) => `${j === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  return {
    head: '',
    text(values, count) {
      let text = '';
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < write.length; j++) text += keys[j] + write[j](values[j][i]);
        text += '}\n';
      }
      return text;
    },
  };
}

/** How a value of a column is written; `quoted` is of texts. What is no number is as good as missing. */
function cellText(type: OutputColumn['type'], quoted: (text: string) => string, missing: string) {
  switch (type) {
    case 'float':
      return (value: Cell) => (Number.isFinite(value) ? String(shortestFloat(value as number)) : missing);
    case 'number':
      return (value: Cell) => (Number.isFinite(value) ? String(value) : missing);
    case 'text':
      return (value: Cell) => (value === null ? missing : quoted(String(value)));
    default:
      return (value: Cell) => (value === null ? missing : String(value));
  }
}

class TextRows {
  readonly #file: FileHandle;
  readonly #format: TextFormat;
  #begun = false;

  static async open(path: string, format: TextFormat): Promise<TextRows> {
    return new TextRows(await open(path, 'w'), format);
  }

  private constructor(file: FileHandle, format: TextFormat) {
    this.#file = file;
    this.#format = format;
  }

  async write(columns: readonly Values[], count: number): Promise<void> {
    await this.#begin();
    await this.#file.appendFile(this.#format.text(columns, count));
  }

  async finish(): Promise<void> {
    await this.#begin();
    await this.#file.close();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #begin(): Promise<void> {
    if (!this.#begun) await this.#file.appendFile(this.#format.head);
    this.#begun = true;
  }
}

class StdoutWriter implements RowWriter {
  readonly #format: TextFormat;
  #begun = false;

  constructor(columns: readonly OutputColumn[]) {
    this.#format = csv(columns);
    // Whoever reads it, `head` say, has had enough.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }

  async write(columns: readonly Values[], count: number): Promise<void> {
    const head = this.#begun ? '' : this.#format.head;
    this.#begun = true;
    const text = head + this.#format.text(columns, count);
    await new Promise<void>((done) => {
      process.stdout.write(text, () => done());
    });
  }

  async finish(): Promise<void> {
    if (!this.#begun) await this.write([], 0);
  }

  async abort(): Promise<void> {}
}

/** Rows of a group, of which a reader takes one at a time. */
const GROUP = 131_072;

const PARQUET = {
  float: { type: 'FLOAT' },
  number: { type: 'DOUBLE' },
  integer: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
} as const;

class ParquetRows {
  readonly #columns: readonly OutputColumn[];
  readonly #writer: ParquetWriter;
  #group: (number | bigint | boolean | string | null)[][];

  constructor(path: string, columns: readonly OutputColumn[]) {
    this.#columns = columns;
    this.#group = columns.map(() => []);
    const each = columns.map(
      ({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...PARQUET[type] }),
    );
    const schema: SchemaElement[] = [{ name: 'rows', num_children: columns.length }, ...each];
    this.#writer = new ParquetWriter({ writer: fileWriter(path), schema });
  }

  write(columns: readonly Values[], count: number): void {
    for (const [j, values] of columns.entries()) {
      const group = this.#group[j];
      for (let i = 0; i < count; i++) group.push(values[i]);
    }
    if (this.#group[0].length >= GROUP) this.#flush();
  }

  async finish(): Promise<void> {
    this.#flush();
    await this.#writer.finish();
  }

  async close(): Promise<void> {}

  #flush(): void {
    const columnData = this.#columns.map(({ name }, j) => ({ name, data: this.#group[j] }));
    if (this.#group[0].length > 0) void this.#writer.write({ columnData, rowGroupSize: GROUP * 2 });
    this.#group = this.#columns.map(() => []);
  }
}
