import type { Configuration } from '../../config/schema.ts';
import { type OpenOptions, openData } from '../datasets/open.ts';
import { dataName } from '../readers/formats.ts';
import type { Source } from './description.ts';
import { fingerprintFile } from './fingerprint.ts';
import { splitData } from './matrix.ts';

/** Opens a .npy file: a matrix, or images of one size. */
export async function openNpy(
  path: string,
  configuration: Configuration,
  options: OpenOptions,
): Promise<Source> {
  await using resources = new AsyncDisposableStack();
  const data = resources.use(await openData(path, options));
  const fingerprint = await fingerprintFile(path);
  resources.move();
  return splitData(data, dataName(path), fingerprint, configuration);
}
