import { stat } from 'node:fs/promises';
import { isTable } from '../../bundle/tables/formats.ts';
import type { Configuration } from '../config/schema.ts';
import { DataError } from './datasets/error.ts';
import type { OpenOptions } from './datasets/open.ts';
import { isIdx, isNpy, MNIST, unsupportedError } from './readers/formats.ts';
import type { Source } from './sources/description.ts';
import { openIdx } from './sources/idx.ts';
import { openImages } from './sources/images.ts';
import { openMnist } from './sources/mnist.ts';
import { openNpy } from './sources/npy.ts';
import { openTable } from './sources/table.ts';

export type { Source } from './sources/description.ts';

/** Opens one kind of data and makes it ready for a training run. */
type Opener = (data: string, configuration: Configuration, options: OpenOptions) => Promise<Source>;

/** Options for tables only. */
const TABLE_OPTIONS = ['label', 'anomalous', 'types', 'exclude', 'na', 'decimal', 'header'] as const;

/**
 * Opens mnist, a table, a .npy or IDX file, or a folder of images. Throws a {@link DataError} that says what is wrong
 * with it.
 */
export async function openSource(
  data: string,
  configuration: Configuration,
  options: OpenOptions | OpenOptions['onProgress'] = {},
): Promise<Source> {
  const open = await chooseOpener(data);
  if (open !== openTable) {
    const given = TABLE_OPTIONS.find((key) => configuration[key] !== undefined);
    // The classes of a folder are its subfolders.
    if (given && !(given === 'anomalous' && open === openImages)) {
      throw new DataError(`${given} is given, but ${data} has no named columns`);
    }
  }
  return open(data, configuration, typeof options === 'function' ? { onProgress: options } : options);
}

async function chooseOpener(data: string): Promise<Opener> {
  if (isTable(data)) return openTable;
  if (data === MNIST) return openMnist;
  if (isNpy(data)) return openNpy;
  if (isIdx(data)) return openIdx;
  const found = await stat(data).catch(() => undefined);
  if (found?.isDirectory()) return openImages;
  throw unsupportedError(data, found !== undefined);
}
