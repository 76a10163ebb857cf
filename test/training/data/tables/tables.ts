import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableColumn } from '../../../../bundle/column-schema.ts';
import { type OnBatch, readModelRows } from '../../../../bundle/tables/model-rows.ts';
import type { Configuration } from '../../../../training/config/schema.ts';
import type { OpenOptions } from '../../../../training/data/datasets/open.ts';
import type { RowSplit } from '../../../../training/data/datasets/split.ts';
import { openTable } from '../../../../training/data/readers/open-table.ts';
import { openTrainingTable, type TrainingTable } from '../../../../training/data/tables/training-table.ts';

/** Writes a text file and returns its path. */
export async function written(folder: string, name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** A row a line, from what a row's number makes of it. */
export const lines = (header: string, count: number, row: (i: number) => string): string =>
  `${[header, ...Array.from({ length: count }, (_, i) => row(i))].join('\n')}\n`;

/** No row but the last is held out. */
const allButLast = (count: number): RowSplit => ({
  heldOut: {
    validation: new Uint32Array(0),
    calibration: new Uint32Array(0),
    test: Uint32Array.of(count - 1),
  },
  unused: new Uint32Array(0),
});

/** Opens a table, hands it on, and closes it. */
export async function withTable<T>(
  path: string,
  options: Configuration,
  use: (table: TrainingTable) => T | Promise<T>,
  open: OpenOptions = {},
): Promise<T> {
  await using table = await openTrainingTable(path, options, allButLast, open);
  return await use(table);
}

/** What is made of the columns of a table. */
export const kindsOf = (path: string, options: Configuration = {}) =>
  withTable(path, options, ({ columns, excluded, label }) => ({
    kinds: Object.fromEntries(columns.map(({ name, kind }) => [name, kind])),
    excluded: Object.fromEntries(excluded.map(({ name, why }) => [name, why])),
    label: label?.name,
    classes: label?.classes,
  }));

/** Reads a table through a model's columns. Returns the number of rows. */
export async function readTable(
  path: string,
  columns: readonly TableColumn[],
  onBatch: OnBatch,
  { batch = 8192 } = {},
): Promise<number> {
  await using table = await openTable(path);
  return await readModelRows(table, columns, onBatch, { batch, carried: [] });
}

/** All training rows in their order: rows × columns. */
export async function trainRows({ train }: TrainingTable): Promise<number[][]> {
  const { count, features } = train;
  const values = new Float32Array(count * features);
  await train.read(0, count, values);
  return Array.from({ length: count }, (_, i) =>
    Array.from(values.subarray(i * features, (i + 1) * features)),
  );
}
