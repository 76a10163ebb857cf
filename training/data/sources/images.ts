import type { Configuration } from '../../config/schema.ts';
import type { OpenOptions } from '../datasets/open.ts';
import { dataName } from '../readers/formats.ts';
import { readImages } from '../readers/images.ts';
import type { Source } from './description.ts';
import { openMatrix } from './matrix.ts';

/** Opens a folder of images, with the names of its subfolders as classes. */
export async function openImages(
  folder: string,
  configuration: Configuration,
  { onProgress }: OpenOptions,
): Promise<Source> {
  const { values, shape, labels, classes, reducedFrom, files, sizes } = await readImages(
    folder,
    configuration.shape,
    onProgress,
  );
  const known = labels && { labels, classes };
  const source = await openMatrix(values, shape, configuration, dataName(folder), known);
  const readIds = async (rows: Uint32Array) => [
    { name: 'file', values: Array.from(rows, (row) => files[row]) },
    { name: 'height', values: Array.from(rows, (row) => String(sizes[row][0])) },
    { name: 'width', values: Array.from(rows, (row) => String(sizes[row][1])) },
  ];
  return { ...source, reducedFrom, readIds };
}
