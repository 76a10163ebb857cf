import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '../../../../training/config/schema.ts';
import type { OpenOptions } from '../../../../training/data/datasets/open.ts';
import { openTable, type SplitRows, type TableData } from '../../../../training/data/tables/table.ts';

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
const allButLast: SplitRows = (count) => ({
  held: {
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
  use: (table: TableData) => T | Promise<T>,
  open: OpenOptions = {},
): Promise<T> {
  const table = await openTable(path, options, allButLast, open);
  try {
    return await use(table);
  } finally {
    await table.train.close();
    await table.close();
  }
}

/** All training rows in their order: rows × columns. */
export async function trainRows({ train }: TableData): Promise<number[][]> {
  const { count, features } = train;
  const values = new Float32Array(count * features);
  await train.read(0, count, values);
  return Array.from({ length: count }, (_, i) =>
    Array.from(values.subarray(i * features, (i + 1) * features)),
  );
}
