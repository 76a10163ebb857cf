import { UNFIT } from '../../../bundle/column-reading.ts';
import type { TableColumn } from '../../../bundle/column-schema.ts';
import type { RawValues } from '../../../bundle/npy/dtype.ts';
import { makeCellReader } from '../../../bundle/tables/cell-reader.ts';
import { invalidValueError } from '../../../bundle/tables/invalid.ts';
import type { Table } from '../../../bundle/tables/table.ts';
import type { Configuration } from '../../config/schema.ts';
import { type Closable, makeClosable } from '../datasets/closable.ts';
import { type Dataset, MemoryDataset } from '../datasets/dataset.ts';
import { DISK_MEMORY, DiskDataset } from '../datasets/disk.ts';
import { DataError } from '../datasets/error.ts';
import { NpyFile } from '../datasets/npy.ts';
import { MEMORY_LIMIT, type OpenOptions } from '../datasets/open.ts';
import { type HeldOut, listExcluded, listRemaining, type RowSplit } from '../datasets/split.ts';
import { explainSpread } from '../datasets/spread.ts';
import { openTable } from '../readers/open-table.ts';
import { excludeOption, type Inferred, inferTable, joinColumnNames } from './infer.ts';
import type { ExcludedColumn, Label } from './label.ts';
import type { ColumnPair } from './label-values.ts';
import type { NumberScaling } from './number-scaling.ts';
import { ColumnProfile, isSampled } from './profile.ts';
import { makeReading } from './reading.ts';
import { FileRowBuffer, MemoryRowBuffer, type RowBuffer } from './row-buffer.ts';

/** A table with known columns and split rows. */
export interface TrainingTable extends Closable {
  readonly count: number;
  readonly columns: readonly TableColumn[];
  readonly excluded: readonly ExcludedColumn[];
  readonly label: Label | undefined;
  /** The columns with two values, and how many rows have each. */
  readonly pairs: readonly ColumnPair[];
  /** For each row, 1 if the label says anomalous, else 0; undefined without a label. */
  readonly anomalous: Uint8Array | undefined;
  readonly inMemory: boolean;
  readonly heldOut: HeldOut;
  readonly train: Dataset;
  /** Reads the raw values of these rows: rows × columns. */
  rows(indices: Uint32Array): Promise<Float32Array>;
}

/**
 * Reads a table: infers the columns, splits the rows, then reads all of them once. They stay in memory if the raw
 * values take at most `memoryLimit`, else in a temporary file. Scales and categories are those of the training rows.
 * Throws a {@link DataError} with file, row and column.
 */
export async function openTrainingTable(
  path: string,
  configuration: Configuration,
  splitRows: (count: number) => RowSplit,
  { memoryLimit = MEMORY_LIMIT, diskMemory = DISK_MEMORY, onProgress }: OpenOptions = {},
): Promise<TrainingTable> {
  const { scaling = 'auto' } = configuration;
  if (scaling === 'range') {
    throw new DataError(
      `${path}: scaling range is for images and matrices: expected auto, standard, robust or quantile`,
    );
  }
  await using table = await openTable(path, configuration);
  const inferred = await inferTable(table, configuration);
  const { count, label, excluded } = inferred;
  const split = splitRows(count);
  const notTrained = listExcluded(split);
  const width = inferred.columns.length;
  const inMemory = 4 * count * width <= memoryLimit;
  await using resources = new AsyncDisposableStack();
  const buffer = inMemory
    ? new MemoryRowBuffer(count, width)
    : resources.use(await FileRowBuffer.create(width));
  const { profiles, anomalous } = await readRows(
    table,
    inferred,
    configuration.na,
    notTrained,
    buffer,
    onProgress,
  );
  const columns = chooseColumns(path, inferred, profiles, scaling);
  await buffer.finish(planRemapping(columns, profiles));
  const pairs = inferred.columns.flatMap(({ column: { name }, pair }) => (pair ? [{ name, pair }] : []));
  const known = { count, columns, excluded, label, pairs, anomalous, inMemory, heldOut: split.heldOut };
  if (buffer instanceof MemoryRowBuffer) {
    const { values } = buffer;
    return {
      ...known,
      train: new MemoryDataset(values, [width], listRemaining(count, notTrained)),
      rows: async (indices) => gatherRows(values, width, indices),
      ...makeClosable(resources.move()),
    };
  }
  const file = resources.use(await NpyFile.open(buffer.path, { missing: true }));
  return {
    ...known,
    train: resources.use(new DiskDataset(file, { heldOut: notTrained, memory: diskMemory })),
    rows: async (indices) => toFloat32(await file.readRows(indices)),
    ...makeClosable(resources.move()),
  };
}

/** Reads all rows into the buffer, the training rows into a profile of each column, and the label. */
async function readRows(
  table: Table,
  { count, columns, label }: Inferred,
  na: readonly string[] | undefined,
  notTrained: readonly Uint32Array[],
  buffer: RowBuffer,
  onProgress: OpenOptions['onProgress'],
): Promise<{ profiles: ColumnProfile[]; anomalous: Uint8Array | undefined }> {
  const width = columns.length;
  const profiles = columns.map((column) => new ColumnProfile(column, na));
  const anomalous = label && new Uint8Array(count);
  const addProfiles = makeProfiler(profiles, count, notTrained);
  const readers = columns.map((inferred, j) => {
    const reading = makeReading(inferred.kind, inferred, na, (value) => profiles[j].indexOf(String(value)));
    return makeCellReader(inferred.column, reading);
  });
  const wanted = columns.map(({ column }) => column);
  let done = 0;
  let rows = new Float32Array(0);
  for await (const { count: size, cells } of table.read(label ? [...wanted, label.column] : wanted)) {
    if (done + size > count) {
      done += size;
      break;
    }
    if (rows.length < size * width) rows = new Float32Array(size * width);
    for (const [j, read] of readers.entries()) {
      for (let i = 0; i < size; i++) {
        const raw = read(cells[j], i);
        rows[i * width + j] = raw;
        if (raw === UNFIT) {
          const { column, kind } = columns[j];
          throw invalidValueError(table, done + i, column.name, cells[j].value(i), `a ${kind}`);
        }
      }
    }
    if (anomalous) {
      for (let i = 0; i < size; i++) anomalous[done + i] = Number(label.isAnomalous(cells[width].value(i)));
    }
    addProfiles(rows, done, size);
    await buffer.write(rows.subarray(0, size * width));
    done += size;
    onProgress?.(done, count);
  }
  if (done !== count) {
    throw new DataError(
      `${table.path} was changed while it was read: ${count} rows before, ${done} now; start again`,
    );
  }
  return { profiles, anomalous };
}

/** Adds the training rows among rows start … start + size to the profiles. */
function makeProfiler(
  profiles: readonly ColumnProfile[],
  count: number,
  notTrained: readonly Uint32Array[],
): (rows: Float32Array, start: number, size: number) => void {
  const width = profiles.length;
  const training = new Uint8Array(count).fill(1);
  for (const rows of notTrained) for (const row of rows) training[row] = 0;
  const trained = training.reduce((sum, one) => sum + one, 0);
  let seen = 0;
  return (rows, start, size) => {
    for (let i = 0; i < size; i++) {
      if (!training[start + i]) continue;
      const sampled = isSampled(seen++, trained, width);
      for (let j = 0; j < width; j++) profiles[j].add(rows[i * width + j], sampled);
    }
  };
}

/** Chooses each column's scaling and categories. Throws a {@link DataError} if the training rows have no value of it. */
function chooseColumns(
  path: string,
  inferred: Inferred,
  profiles: readonly ColumnProfile[],
  scaling: NumberScaling,
): TableColumn[] {
  const found = profiles.map((profile) => profile.column(scaling));
  const isEmpty = (column: TableColumn | undefined) =>
    !column || (column.kind === 'category' && column.categories.length === 0);
  const empty = inferred.columns.filter((_, j) => isEmpty(found[j])).map(({ column }) => column.name);
  if (empty.length > 0) {
    const of = empty.length === 1 ? 'it' : 'them';
    throw new DataError(
      `${path}: ${joinColumnNames(empty)}: the training rows have no value of ${of}: leave ${excludeOption(empty)}`,
    );
  }
  const columns = found.filter((column) => column !== undefined);
  for (const column of columns) {
    const why = column.kind === 'number' ? explainSpread('has a deviation', column.scale) : undefined;
    if (why !== undefined) throw new DataError(`${path}: ${joinColumnNames([column.name])} ${why} (--na)`);
  }
  return columns;
}

/** Replaces the provisional indices of categories by the final ones; undefined if there are no categories. */
function planRemapping(
  columns: readonly TableColumn[],
  profiles: readonly ColumnProfile[],
): ((rows: Float32Array) => void) | undefined {
  const maps = columns.flatMap((column, j) =>
    column.kind === 'category' ? [{ j, final: profiles[j].remapping(column) }] : [],
  );
  if (maps.length === 0) return undefined;
  const width = columns.length;
  return (rows) => {
    for (const { j, final } of maps) {
      for (let p = j; p < rows.length; p += width) if (rows[p] >= 0) rows[p] = final[rows[p]];
    }
  };
}

const toFloat32 = (values: RawValues): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values);

function gatherRows(values: Float32Array, width: number, indices: Uint32Array): Float32Array {
  const rows = new Float32Array(indices.length * width);
  for (const [i, row] of indices.entries())
    rows.set(values.subarray(row * width, (row + 1) * width), i * width);
  return rows;
}
