import type { Configuration } from '../../config/schema.ts';
import { dataName } from '../readers/formats.ts';
import { readIdx } from '../readers/idx.ts';
import type { Source } from './description.ts';
import { openMatrix } from './matrix.ts';

/** Opens the images in an IDX file, with their classes if the file of labels is in the same folder. */
export async function openIdx(path: string, configuration: Configuration): Promise<Source> {
  const { images, labels } = await readIdx(path);
  const [, ...shape] = images.shape;
  if (!labels) return openMatrix(images.data, shape, configuration, dataName(path));
  const most = labels.data.reduce((a, b) => Math.max(a, b), 0);
  const classes = Array.from({ length: most + 1 }, (_, i) => String(i));
  return openMatrix(images.data, shape, configuration, dataName(path), { labels: labels.data, classes });
}
