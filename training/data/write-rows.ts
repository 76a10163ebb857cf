import { rmSync } from 'node:fs';
import { access, constants, type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { reason } from '../../bundle/system.ts';
import { DataError } from './datasets/error.ts';
import { STDOUT, WRITTEN } from './names.ts';
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

const FORMATS = /\.(csv|ndjson|jsonl|parquet)$/i;

/**
 * Opens a file to write rows to, in the format that its name ends in: CSV, NDJSON or Parquet; CSV on standard output
 * for `-`. The rows go to a temporary file beside it, which takes its name when it is whole, and which the end of
 * the process, unless it is killed, removes. Throws a {@link DataError} that says why a file cannot be written.
 */
export async function openWriter(out: string, columns: readonly OutputColumn[]): Promise<RowWriter> {
  if (out === STDOUT) return new StdoutWriter(columns);
  await assertWritable(out);
  const root = resolve(out);
  const partial = join(dirname(root), `.${basename(root)}.${process.pid}.partial`);
  const remove = () => rmSync(partial, { force: true });
  process.on('exit', remove);
  const forget = () => process.off('exit', remove);
  try {
    const inner = await (/\.parquet$/i.test(out)
      ? new ParquetRows(partial, columns)
      : TextRows.open(partial, /\.csv$/i.test(out) ? csv(columns) : ndjson(columns)));
    return {
      async write(values, count) {
        try {
          await inner.write(values, count);
        } catch (error) {
          throw unwritable(out, error);
        }
      },
      async finish() {
        try {
          await inner.finish();
          await rename(partial, root);
        } catch (error) {
          throw unwritable(out, error);
        }
        forget();
      },
      async abort() {
        await inner.close();
        await rm(partial, { force: true });
        forget();
      },
    };
  } catch (error) {
    remove();
    forget();
    throw unwritable(out, error);
  }
}

/** Throws a {@link DataError} if a file cannot be written: what it names is a folder, is in none, or of no format. */
export async function assertWritable(out: string): Promise<void> {
  if (out === STDOUT) return;
  const found = await stat(out).catch(() => undefined);
  if (found?.isDirectory()) throw new DataError(`${out} is a folder: expected ${WRITTEN}`);
  if (!FORMATS.test(out)) throw new DataError(`${out}: no such format is written: expected ${WRITTEN}`);
  await access(dirname(resolve(out)), constants.W_OK).catch((error) => {
    throw unwritable(out, error);
  });
}

/** What the system says, with the name of the file; other errors as they are. */
function unwritable(out: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error : new DataError(`${out} cannot be written: ${reason(error)}`);
}

/** How rows become text: what comes before all of them, and some of them. */
interface TextFormat {
  readonly head: string;
  text(columns: readonly Values[], count: number): string;
}

/** RFC 4180, with a line feed. */
function csv(columns: readonly OutputColumn[]): TextFormat {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const write = columns.map(({ type }) => cellText(type, quoted, ''));
  return {
    head: `${columns.map(({ name }) => quoted(name)).join(',')}\n`,
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
      return (value: Cell) => (Number.isFinite(value) ? shortest(value as number) : missing);
    case 'number':
      return (value: Cell) => (Number.isFinite(value) ? String(value) : missing);
    case 'text':
      return (value: Cell) => (value === null ? missing : quoted(String(value)));
    default:
      return (value: Cell) => (value === null ? missing : String(value));
  }
}

/** The shortest decimal that is the same number in 32 bits. */
export function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
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
    await this.#file.sync();
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
