import { DataError } from '../../bundle/error.ts';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import { assertRange, assertWidth, describeSamples } from '../../bundle/samples.ts';
import type { Cell } from '../../bundle/tables/cell.ts';
import { isTable } from '../../bundle/tables/formats.ts';
import { describeCarried, readModelRows } from '../../bundle/tables/model-rows.ts';
import type { OutputColumn } from '../../bundle/tables/text.ts';
import { isNpy, openNpy } from '../files/npy-file.ts';
import { openTable } from '../files/open-table.ts';
import { decodePhoto } from '../files/photo.ts';
import type { NamedFile } from '../files/text-file.ts';
import type { Data } from './rows.ts';

/** Receives raw rows in the order of the file (count × features), and the values of each carried column. */
type OnRows = (rows: Float32Array, count: number, cells: readonly (readonly Cell[])[]) => Promise<void>;

/** The rows of dropped files, as a model reads them. */
export interface FileRows {
  readonly name: string;
  /** About how many rows there are; undefined if it is not known before reading. */
  readonly expected: number | undefined;
  readonly carried: readonly OutputColumn[];
  /** Reads all rows; the array of rows is used again for the next ones. */
  read(onRows: OnRows): Promise<void>;
}

/** Rows that are handed on at a time. */
const BATCH = 1024;

/** Images that are handed on at a time. */
const IMAGES = 32;

/** The most columns that are carried through. */
const MOST_CARRIED = 8;

const IMAGE = /\.(png|jpe?g|webp)$/i;

/**
 * Opens dropped files for a model: one table for a model of a table, images or an array of NumPy for a
 * model of images, an array for one of rows of numbers. `taken` are the names
 * of columns that the table of scores has. Throws a {@link DataError} that says what is expected instead.
 */
export async function openFileRows(
  files: readonly NamedFile[],
  data: Data,
  taken: readonly string[],
): Promise<FileRows> {
  if (kindOf(data) === 'table') return openTableRows(files, data, taken);
  const [file] = files;
  if (file && files.length === 1 && isNpy(file.path)) return openArray(file, data);
  if (kindOf(data) === 'matrix') {
    throw new DataError(`${nameFiles(files)}: the model expects one .npy file of ${describeSamples(data)}`);
  }
  const images = files.filter(({ path }) => IMAGE.test(path));
  if (images.length > 0) return openImages(images, data);
  throw new DataError(
    `${nameFiles(files)}: the model expects images: PNG, JPEG or WebP files, or one .npy file of ${describeSamples(data)}`,
  );
}

/** One file by its name, several by their number. */
const nameFiles = (files: readonly NamedFile[]): string =>
  files.length === 1 ? files[0]!.path : `${files.length} files`;

async function openTableRows(
  files: readonly NamedFile[],
  data: Data,
  taken: readonly string[],
): Promise<FileRows> {
  const columns = tableColumns(data);
  const expected = columns.map(({ name }) => name);
  const [file] = files;
  if (!file || files.length > 1 || !isTable(file.path)) {
    throw new DataError(
      `${nameFiles(files)}: the model expects one table (.csv, .tsv, .json, .ndjson or .parquet) with the columns ${expected.join(', ')}`,
    );
  }
  // A model of such columns may have been trained on a file without a header.
  const header = !expected.every((name) => /^column \d+$/.test(name));
  const table = await openTable(file, { header, expected });
  const others = table.columns.filter(({ name }) => !expected.includes(name) && !taken.includes(name));
  const names = others.slice(0, MOST_CARRIED).map(({ name }) => name);
  const carried = describeCarried(table, names, 'is carried through');
  return {
    name: file.path,
    expected: await table.estimateRows(),
    carried,
    async read(onRows) {
      const count = await readModelRows(table, columns, (rows, size, _, cells) => onRows(rows, size, cells), {
        batch: BATCH,
        carried,
      });
      if (count === 0) throw new DataError(`${file.path}: there are no rows`);
    },
  };
}

async function openArray(file: NamedFile, data: Data): Promise<FileRows> {
  const array = await openNpy(file);
  assertWidth(file.path, array.features, data);
  return {
    name: file.path,
    expected: array.count,
    carried: [],
    read: (onRows) =>
      array.read(BATCH, async (rows, count, start) => {
        assertRange(file.path, rows, start, data);
        await onRows(rows, count, []);
      }),
  };
}

function openImages(files: readonly NamedFile[], { shape, range, features }: Data): FileRows {
  const [height, width, channels] = shape as [number, number, number];
  const [low, high] = range!;
  return {
    name: nameFiles(files),
    expected: files.length,
    carried: [{ name: 'file', type: 'text' }],
    async read(onRows) {
      for (let start = 0; start < files.length; start += IMAGES) {
        const some = files.slice(start, start + IMAGES);
        const rows = new Float32Array(some.length * features);
        for (const [i, file] of some.entries()) {
          const light = await decodePhoto(file, { height, width, channels });
          rows.set(
            light.map((value) => low + (value / 255) * (high - low)),
            i * features,
          );
        }
        await onRows(rows, some.length, [some.map(({ path }) => path)]);
      }
    },
  };
}
