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
  const { values, shape, labels, classes, reducedFrom } = await readImages(
    folder,
    configuration.shape,
    onProgress,
  );
  const known = labels && { labels, classes };
  return { ...(await openMatrix(values, shape, configuration, dataName(folder), known)), reducedFrom };
}
