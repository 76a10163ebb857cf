import type { KeyValue, SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { Cell } from '../../../bundle/tables/cell.ts';
import type { OutputColumn, Values } from '../../../bundle/tables/text.ts';
import type { RowWriter } from './row-writer.ts';

/** Rows in a group, the unit that a reader loads. */
const GROUP = 131_072;

const TYPES = {
  float: { type: 'FLOAT' },
  number: { type: 'DOUBLE' },
  integer: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
} as const;

/** Writes rows to a Parquet file. */
export class ParquetFileWriter implements RowWriter {
  readonly #columns: readonly OutputColumn[];
  readonly #writer: ParquetWriter;
  #group: Cell[][];

  /** @param about what the file says about itself, in its own metadata */
  constructor(path: string, columns: readonly OutputColumn[], about?: KeyValue) {
    this.#columns = columns;
    this.#group = columns.map(() => []);
    const each = columns.map(
      ({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...TYPES[type] }),
    );
    const schema: SchemaElement[] = [{ name: 'rows', num_children: columns.length }, ...each];
    this.#writer = new ParquetWriter({
      writer: fileWriter(path),
      schema,
      kvMetadata: about && [about],
    });
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

  /** Nothing to release: the file is open only while a part is written. */
  async abort(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  #flush(): void {
    const columnData = this.#columns.map(({ name }, j) => ({ name, data: this.#group[j] }));
    if (this.#group[0].length > 0) void this.#writer.write({ columnData, rowGroupSize: GROUP * 2 });
    this.#group = this.#columns.map(() => []);
  }
}
