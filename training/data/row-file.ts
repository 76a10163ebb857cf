import { open, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Manifest } from '../../bundle/manifest.ts';
import { DataError } from './datasets/error.ts';
import { NpyFile } from './datasets/npy.ts';
import { ACCEPTED, MNIST } from './names.ts';
import { isTable, Table } from './readers/duckdb.ts';
import { readImages } from './readers/images.ts';
import { loadMnist } from './readers/mnist.ts';
import { isIdx, readIdx } from './source.ts';
import { type Beside, besideOf, type Cell, type OnBatch, readColumns } from './tables/table.ts';

/** The rows of a file, as a model reads them, in the order of the file. */
export interface RowFile {
  readonly path: string;
  /** How many rows there are, about; undefined if it is not known before they are read. */
  readonly expected: number | undefined;
  /** The columns that are handed on beside those of the model. */
  readonly beside: readonly Pick<Beside, 'name' | 'type'>[];
  /** Reads all rows, some at a time. Returns how many there are. */
  read(onBatch: OnBatch, batch: number): Promise<number>;
  close(): Promise<void>;
}

/** What a model takes. */
type Taken = Pick<Manifest['data'], 'shape' | 'features' | 'names' | 'range' | 'scaling'>;

/** What is known of each image, beside its pixels. */
const FILE = 'file';
const CLASS = 'class';

/**
 * Opens a file of rows for a model that takes such data: a table for one of named columns; an array, images or
 * `mnist` (its test images) for another. `columns` are handed on beside the rows: any of a table; of a folder
 * of images `file` and, if each is in a sub-folder, `class`; of IDX files `class`, if there are labels. Unless
 * columns are given, it is `file` of a folder. Throws a {@link DataError} that says what does not fit.
 */
export async function openRows(path: string, model: Taken, columns?: readonly string[]): Promise<RowFile> {
  if (model.scaling.kind !== 'columns') return openMatrix(path, model, columns);
  if (!isTable(path)) {
    const found = await stat(path).catch(() => undefined);
    throw new DataError(
      `${path}${found ? '' : ' is not there, and'} is no table, which the model takes: expected .csv, .tsv, .json, .ndjson or .parquet with the columns ${model.names!.join(', ')}`,
    );
  }
  const known = model.scaling.columns;
  const table = await Table.open(path);
  try {
    const beside: Beside[] = [];
    for (const name of columns ?? []) beside.push(await besideOf(table, name));
    return {
      path,
      expected: await expectedRows(table),
      beside,
      async read(onBatch, batch) {
        const count = await readColumns(table, known, onBatch, { batch, beside });
        if (count === 0) throw new DataError(`${path}: there are no rows`);
        return count;
      },
      close: async () => table.close(),
    };
  } catch (error) {
    table.close();
    throw error;
  }
}

/** Bytes at the start of a text file that tell how long a line is. */
const HEAD = 2 ** 18;

async function expectedRows(table: Table): Promise<number | undefined> {
  const { path } = table;
  if (/\.parquet$/i.test(path)) {
    const [[count]] = await table.query(`SELECT count(*) FROM ${table.source}`);
    return Number(count);
  }
  if (!/\.(csv|tsv|ndjson|jsonl)$/i.test(path)) return undefined;
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD));
    const lines = buffer.subarray(0, bytesRead).reduce((sum, byte) => sum + Number(byte === 10), 0);
    return lines > 1 ? Math.round((size * lines) / bytesRead) : undefined;
  } finally {
    await file.close();
  }
}

/** Samples in memory or in a file, without named columns. */
interface Samples {
  readonly count: number;
  readonly features: number;
  /** Copies the rows from `start` on into `target`, as many as it takes. */
  copy(start: number, target: Float32Array): void | Promise<void>;
  /** What is known of each beside its values, by name. */
  readonly beside: ReadonlyMap<string, readonly string[]>;
  close?(): Promise<void>;
}

async function openMatrix(path: string, model: Taken, columns?: readonly string[]): Promise<RowFile> {
  if (isTable(path)) {
    throw new DataError(
      `${path} is a table of named columns, which the model does not take: expected samples of ${shapeText(model)}, as a .npy or IDX file${model.shape.length === 3 ? ', or a folder of images' : ''}`,
    );
  }
  const samples = await samplesOf(path, model);
  const names = columns ?? (samples.beside.has(FILE) ? [FILE] : []);
  const { count, features } = samples;
  try {
    if (features !== model.features) {
      throw new DataError(
        `${path}: a sample has ${features} values, the model takes ${model.features}: ${shapeText(model)}`,
      );
    }
    if (count === 0) throw new DataError(`${path}: there are no rows`);
    const known = names.map((name) => {
      const values = samples.beside.get(name);
      if (values) return values;
      const all = [...samples.beside.keys()].join(', ');
      throw new DataError(`${path}: there is no column ${name}: ${all ? `there are ${all}` : 'it has none'}`);
    });
    return {
      path,
      expected: count,
      beside: names.map((name) => ({ name, type: 'text' })),
      async read(onBatch, batch) {
        const rows = new Float32Array(Math.min(batch, count) * features);
        for (let start = 0; start < count; start += batch) {
          const size = Math.min(batch, count - start);
          const part = rows.subarray(0, size * features);
          await samples.copy(start, part);
          if (model.range) assertRange(path, part, start, model.range, features);
          const cells: Cell[][] = known.map((values) => values.slice(start, start + size));
          await onBatch(part, size, start, cells);
        }
        return count;
      },
      close: async () => samples.close?.(),
    };
  } catch (error) {
    await samples.close?.();
    throw error;
  }
}

async function samplesOf(path: string, model: Taken): Promise<Samples> {
  if (path === MNIST) {
    const { data, count, height, width, labels } = await loadMnist('test');
    return inMemory(data, count, height * width, new Map([[CLASS, Array.from(labels, String)]]));
  }
  if (extname(path) === '.npy') {
    const file = await NpyFile.open(path);
    const buffers = new Map<number, ArrayBuffer>();
    return {
      count: file.count,
      features: file.features,
      beside: new Map(),
      async copy(start, target) {
        const size = target.length / file.features;
        const buffer = buffers.get(size) ?? new ArrayBuffer(size * file.rowBytes);
        buffers.set(size, buffer);
        const values = file.values(size);
        await file.read(start, size, values, buffer);
        target.set(values);
      },
      close: () => file.close(),
    };
  }
  if (isIdx(path)) {
    const { images, labels } = await readIdx(path);
    const [count, ...each] = images.shape;
    const features = each.reduce((a, b) => a * b, 1);
    const beside = new Map(labels ? [[CLASS, Array.from(labels.data, String)]] : []);
    return inMemory(images.data, count, features, beside);
  }
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new DataError(`${path}${found ? '' : ' is not there, and'} is not data that are read: ${ACCEPTED}`);
  }
  if (model.shape.length !== 3) {
    throw new DataError(`${path} is a folder of images, the model takes ${shapeText(model)}`);
  }
  const { values, count, files, labels, classes } = await readImages(path, model.shape);
  const beside = new Map([[FILE, files]]);
  if (labels)
    beside.set(
      CLASS,
      Array.from(labels, (label) => classes[label]),
    );
  return inMemory(values, count, values.length / count, beside);
}

const inMemory = (data: Uint8Array, count: number, features: number, beside: Samples['beside']): Samples => ({
  count,
  features,
  beside,
  copy: (start, target) => target.set(data.subarray(start * features, start * features + target.length)),
});

const shapeText = ({ shape }: Taken) =>
  shape.length === 1 ? `rows of ${shape[0]} numbers` : shape.join(' × ');

/** Throws a {@link DataError} that names row and column of a value which the model does not take. */
function assertRange(
  path: string,
  rows: Float32Array,
  start: number,
  [low, high]: readonly [number, number],
  features: number,
): void {
  for (let p = 0; p < rows.length; p++) {
    if (rows[p] >= low && rows[p] <= high) continue;
    throw new DataError(
      `${path}: row ${start + Math.floor(p / features)}, column ${p % features} (counted from 0) is ${rows[p]}: the model takes values from ${low} to ${high}`,
    );
  }
}
