import type { Configuration } from '../../config/schema.ts';
import { plural } from '../../console/plural.ts';
import { DataError } from '../datasets/error.ts';
import type { OpenOptions } from '../datasets/open.ts';
import { dataName } from '../readers/formats.ts';
import { readImages } from '../readers/images.ts';
import { findSpellings } from '../tables/label-classes.ts';
import type { Source } from './description.ts';
import { openMatrix } from './matrix.ts';

/**
 * Opens a folder of images, with the names of its subfolders as classes. Throws a {@link DataError} if `anomalous` names
 * none of these.
 */
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
  const { anomalous: word } = configuration;
  const anomalous = word === undefined ? undefined : findClasses(folder, word, classes);
  const known = labels && { labels, classes };
  const source = await openMatrix(values, shape, configuration, dataName(folder), known);
  const readIds = async (rows: Uint32Array) => [
    { name: 'file', values: Array.from(rows, (row) => files[row]) },
    { name: 'height', values: Array.from(rows, (row) => String(sizes[row][0])) },
    { name: 'width', values: Array.from(rows, (row) => String(sizes[row][1])) },
  ];
  return {
    ...source,
    reducedFrom,
    readIds,
    summary: describeImages(sizes, shape[2], labels, classes),
    ...(anomalous !== undefined && {
      anomalous: source.labels?.map((label) => Number(anomalous.includes(label))),
    }),
  };
}

/** The places of the classes that a word means among the subfolders. */
function findClasses(folder: string, word: string, classes: readonly string[]): number[] {
  const found = findSpellings(classes, word).map((name) => classes.indexOf(name));
  if (found.length > 0) return found;
  const why =
    classes.length === 0
      ? 'the images have no classes: put all of them into subfolders, one for each class'
      : `no subfolder is ${word}: there are ${classes.join(', ')}`;
  throw new DataError(`${folder}: --anomalous ${word} is given, but ${why}`);
}

/** How many images there are, how large, and of which classes. */
function describeImages(
  sizes: readonly (readonly [number, number])[],
  channels: number,
  labels: Uint8Array | undefined,
  classes: readonly string[],
): string {
  const [first] = sizes;
  const alike = sizes.every(([height, width]) => height === first[0] && width === first[1]);
  const counts = classes.map((name, c) => `${name} (${labels!.filter((label) => label === c).length})`);
  const parts = [
    `${plural(sizes.length, 'image')} ${alike ? `of ${first.join(' × ')}` : 'of several sizes'}, ${channels === 1 ? 'grey' : 'in colour'}`,
    ...(counts.length > 0 ? [`classes: ${counts.join(', ')}`] : []),
  ];
  return parts.join('; ');
}
